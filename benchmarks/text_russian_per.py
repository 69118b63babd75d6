# SPDX-License-Identifier: Apache-2.0
"""Russian text to phones, against the phone labels of msu-ru-nsh: phone error rate, printed with its
confusions.

    python benchmarks/text_russian_per.py [CORPUS]

The text, with the ``+`` stress marks the corpus gives, goes through the segmenter ``text``; its phones are
aligned with the labels by edit distance, pauses left out on both sides. Three figures:

raw      no mapping at all
mapped   differences of notation taken out: first and second degree of reduction count as one vowel
         (``a ay`` after hard, ``i ae e`` after soft, ``y ay``, ``u ur``); stress and palatalisation still
         count
blind    raw, with the stress marks removed from the text (what a plain text would get)

The every-10th utterances (62) are the ones no rule was fitted on; they are reported alone as well.
"""

from __future__ import annotations

import sys
from collections import Counter

from synthkit.corpora import open_corpus
from synthkit.labels import read_alignment
from synthkit.plugins import registry
from synthkit.types import PAUSE

TARGET = 0.05
MAPPING = {"ay": "a", "y": "a", "ae": "i", "e": "i", "ur": "u"}


def edits(ours: list[str], theirs: list[str]) -> list[tuple[str, str]]:
    """Aligned pairs that differ; "" stands for a missing phone."""
    n, m = len(ours), len(theirs)
    table = [list(range(m + 1))] + [[i] + [0] * m for i in range(1, n + 1)]
    for i in range(1, n + 1):
        for j in range(1, m + 1):
            table[i][j] = min(
                table[i - 1][j - 1] + (ours[i - 1] != theirs[j - 1]), table[i - 1][j] + 1, table[i][j - 1] + 1
            )
    out = []
    i, j = n, m
    while i or j:
        here = table[i][j]
        if i and j and here == table[i - 1][j - 1] + (ours[i - 1] != theirs[j - 1]):
            i, j = i - 1, j - 1
            if ours[i] != theirs[j]:
                out.append((ours[i], theirs[j]))
        elif i and here == table[i - 1][j] + 1:
            i -= 1
            out.append((ours[i], ""))
        else:
            j -= 1
            out.append(("", theirs[j]))
    return out


def report(name: str, pairs: list[tuple[list[str], list[str]]]) -> tuple[float, Counter[tuple[str, str]]]:
    """Print one line of figures; return the rate and the confusions."""
    total = sum(len(theirs) for _, theirs in pairs)
    confusions = Counter(pair for ours, theirs in pairs for pair in edits(ours, theirs))
    substituted = sum(c for (a, b), c in confusions.items() if a and b)
    deleted = sum(c for (a, b), c in confusions.items() if not a)
    inserted = sum(c for (a, b), c in confusions.items() if not b)
    rate = (substituted + deleted + inserted) / total
    print(
        f"{name:34s} {100 * rate:6.3f} %   S {substituted:5d}  D {deleted:4d}  I {inserted:4d}  of {total} "
        "phones"
    )
    return rate, confusions


def main() -> None:
    """Measure and print."""
    corpus = open_corpus(sys.argv[1] if len(sys.argv) > 1 else "msu-ru-nsh")
    segmenter = registry().load("segmentation", "text")()
    rows = []
    for utterance in corpus.utterances:
        if utterance.labels is None:
            continue
        labels = [p.label for p in read_alignment(utterance.labels).phones if p.label != PAUSE]
        marked = [p.symbol for p in segmenter.segment(utterance.text, "ru").phones()]
        blind = [p.symbol for p in segmenter.segment(utterance.text.replace("+", ""), "ru").phones()]
        rows.append((labels, marked, blind))
    print(f"{corpus.name}: {len(rows)} utterances; target {100 * TARGET:.0f} % after mapping")
    parts = [("all", rows)]
    if len(rows) == 620:
        parts += [("every 10th (62, held out)", rows[::10])]
    confusions: Counter[tuple[str, str]] = Counter()
    for name, part in parts:
        _, found = report(f"{name}, raw", [(m, t) for t, m, _ in part])
        confusions = confusions or found
        report(
            f"{name}, mapped",
            [([MAPPING.get(p, p) for p in m], [MAPPING.get(p, p) for p in t]) for t, m, _ in part],
        )
        report(f"{name}, raw, stress marks removed", [(b, t) for t, _, b in part])
    print("most frequent confusions (ours → label, raw, all):")
    for (ours, theirs), count in confusions.most_common(15):
        print(f"  {ours or '-':>4s} → {theirs or '-':4s} {count}")


if __name__ == "__main__":
    main()
