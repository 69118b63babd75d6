# SPDX-License-Identifier: Apache-2.0
"""Fit `synthkit_text.russian.pauses` to the labels of msu-ru-nsh and say how good it is.

    python tools/fit_ru_pauses.py [CORPUS]

Every 10th utterance is held out. Prints the weights to write into the module, and precision, recall and
accuracy on the held-out commas beside "every comma is a pause".
"""

import sys

import numpy as np
from synthkit_text.clean import clean
from synthkit_text.foreign import latin_in_russian
from synthkit_text.lexicon import UserLexicon
from synthkit_text.russian.frontend import VOWELS, Russian
from synthkit_text.russian.pauses import WEIGHTS, commas, features
from synthkit_text.scan import scan

from synthkit.corpora import open_corpus
from synthkit.labels import read_alignment
from synthkit.types import PAUSE

RIDGE = 3.0


def rows(utterance) -> list[tuple[list[float], bool]]:  # type: ignore[no-untyped-def]
    """Features of each comma of an utterance, and whether its labels have a pause there."""
    front = Russian(UserLexicon(), latin_in_russian)
    notes: list[str] = []
    tokens = scan(front.normalise(clean(utterance.text)[0], notes), notes)
    words = front.words(tokens, notes)
    pauses, count = set(), 0
    for phone in read_alignment(utterance.labels).phones:
        if phone.label == PAUSE:
            pauses.add(count)
        else:
            count += 1
    if count != sum(len(w.phones) for w in words) or len(words) != len(tokens):
        return []
    ends = np.cumsum([len(w.phones) for w in words])
    syllables = [sum(p.symbol in VOWELS for p in w.phones) for w in words]
    out = []
    for index, before, after, number in commas(tokens, syllables):
        named = features(
            before, after, number, words[index].function, tokens[index].after, tokens[index + 1].text.lower()
        )
        out.append(([named[name] for name in WEIGHTS], int(ends[index]) in pauses))
    return out


def main() -> None:
    """Fit and print."""
    utterances = open_corpus(sys.argv[1] if len(sys.argv) > 1 else "msu-ru-nsh").utterances
    parts = {False: [], True: []}
    for number, utterance in enumerate(utterances):
        parts[number % 10 == 0] += rows(utterance)
    x, y = (np.array([r[i] for r in parts[False]], float) for i in (0, 1))
    weights = np.zeros(x.shape[1])
    for _ in range(50):
        p = 1 / (1 + np.exp(-x @ weights))
        hessian = (x.T * (p * (1 - p))) @ x + RIDGE * np.eye(len(weights))
        weights -= np.linalg.solve(hessian, x.T @ (p - y) + RIDGE * weights)
    for name, value in zip(WEIGHTS, weights, strict=True):
        print(f'    "{name}": {value:.2f},')
    for name, part in (("trained on", parts[False]), ("held out", parts[True])):
        x, y = np.array([r[0] for r in part], float), np.array([r[1] for r in part])
        said = x @ np.array(list(WEIGHTS.values())) > 0
        print(
            f"{name}: {len(y)} commas; accuracy {np.mean(said == y):.3f} (all pauses: {y.mean():.3f}), "
            f"precision {y[said].mean():.3f}, recall {said[y].mean():.3f}"
        )


if __name__ == "__main__":
    main()
