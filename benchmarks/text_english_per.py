# SPDX-License-Identifier: Apache-2.0
"""English words to phones against cmudict on 2,000 words: gruut, espeak-ng, and ours.

    python benchmarks/text_english_per.py [--words N]

The words are a fixed sample (by hash) of cmudict. Every system's phones are put into ARPAbet without stress
by the table below; a word's errors are counted against the nearest of cmudict's pronunciations of it.

strict   the 39 phones as they are
folded   differences of notation taken out on both sides: unstressed ``ih`` and ``ah`` count as one (schwa),
         and ``ao`` counts as ``aa`` (the cot–caught merger, where the sources disagree)

Our lexicon *is* cmudict, so its own row is no more than a check of the packing; the fair row is our letter
model trained here without the sampled words (about two minutes). gruut's lexicon derives from cmudict too, so
the words it lacks are shown alone; espeak-ng has rules and its own exceptions.
"""

from __future__ import annotations

import argparse
import sys
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path

from synthkit.errors import SynthkitError
from synthkit.plugins import registry

sys.path.insert(0, str(Path(__file__).parents[1] / "plugins" / "text" / "tools"))
import train_en_letters as training
from synthkit_text.blob import Blob
from synthkit_text.english import letters
from synthkit_text.english.phones import decode
from synthkit_text.english.words import look_up

IPA = {
    "ɑ": "aa", "ɑː": "aa", "æ": "ae", "ʌ": "ah", "ə": "ah", "ɐ": "ah", "ɔ": "ao", "ɔː": "ao", "oː": "ao",
    "aʊ": "aw", "aɪ": "ay", "ɛ": "eh", "ɚ": "er", "ɝ": "er", "ɜː": "er", "ɜ": "er", "eɪ": "ey", "ɪ": "ih",
    "ᵻ": "ih", "i": "iy", "iː": "iy", "oʊ": "ow", "o": "ow", "ɔɪ": "oy", "ʊ": "uh", "u": "uw", "uː": "uw",
    "a": "aa", "e": "eh", "ɒ": "aa", "b": "b", "tʃ": "ch", "d": "d", "ð": "dh", "f": "f", "ɡ": "g", "g": "g",
    "h": "hh", "dʒ": "jh", "k": "k", "l": "l", "m": "m", "n": "n", "ŋ": "ng", "p": "p", "ɹ": "r", "r": "r",
    "s": "s", "ʃ": "sh", "t": "t", "θ": "th", "v": "v", "w": "w", "j": "y", "z": "z", "ʒ": "zh", "ɾ": "t",
    "ʔ": "t", "x": "k", "əl": "ah l", "ən": "ah n", "əm": "ah m", "n̩": "ah n", "l̩": "ah l", "iə": "iy ah",
    "ɪɹ": "ih r", "ɛɹ": "eh r", "ʊɹ": "uh r", "ɑːɹ": "aa r", "ɔːɹ": "ao r", "oːɹ": "ao r", "aɪɚ": "ay er",
    "aɪə": "ay ah", "aʊɚ": "aw er", "æː": "ae", "ɑ̃": "aa n", "ɔ̃": "ao n", "eː": "ey", "aː": "aa",
    "ɛː": "eh", "iɚ": "iy er", "ɪ̈": "ih", "ɫ": "l", "ʌɹ": "er", "əɹ": "er", "ɜːɹ": "er", "ɔː̃": "ao n",
}  # fmt: skip
Phones = Sequence[tuple[str, int]]


def arpabet(phones: Phones) -> list[tuple[str, int]]:
    """IPA symbols with stress, in ARPAbet; a symbol the table lacks stays as it is (and counts as wrong)."""
    return [(name, stress) for symbol, stress in phones for name in IPA.get(symbol, symbol).split()]


def folded(phones: Phones) -> list[str]:
    """Symbols with differences of notation taken out."""
    merge = {"ao": "aa"}
    return ["ah" if s == "ih" and not stress else merge.get(s, s) for s, stress in phones]


def distance(a: Sequence[str], b: Sequence[str]) -> int:
    """Edit distance."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        previous, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            previous, row[j] = row[j], min(previous + (x != y), row[j] + 1, row[j - 1] + 1)
    return row[-1]


def score(
    name: str, words: list[str], say: Callable[[str], Phones], only: Callable[[str], bool] | None = None
) -> None:
    """Print one row of figures."""
    said = [(w, list(say(w))) for w in words if only is None or only(w)]
    cells = []
    for view in (lambda phones: [s for s, _ in phones], folded):
        errors = total = wrong = 0
        for word, phones in said:
            candidates = [view([(p.symbol, p.stress) for p in v]) for v in look_up(word)]
            ours = view(phones)
            best = min(candidates, key=lambda c: distance(ours, c))
            errors += distance(ours, best)
            total += len(best)
            wrong += ours != best
        cells.append(f"PER {100 * errors / total:6.2f} %  words wrong {100 * wrong / len(said):6.2f} %")
    print(f"{name:46s} {len(said):5d}   strict {cells[0]}   folded {cells[1]}", flush=True)


def by_plugin(name: str) -> Callable[[str], Phones]:
    """A segmenter plugin as a function of a word."""
    segmenter = registry().load("segmentation", name)()

    def say(word: str) -> Phones:
        try:
            return arpabet([(p.symbol, p.stress) for p in segmenter.segment(word, "en-us").phones()])
        except SynthkitError:
            return []

    return say


def gruut_lacks() -> Callable[[str], bool]:
    """Whether gruut's lexicon lacks a word."""
    import sqlite3

    import gruut_lang_en

    path = Path(gruut_lang_en.__file__).parent / "lexicon.db"
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as database:
        known = {row[0] for row in database.execute("SELECT DISTINCT word FROM word_phonemes")}
    return lambda word: word not in known


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--words", type=int, default=2000)
    count = parser.parse_args().words
    data = training.rows()
    sample = sorted(
        (w for w, _ in data if training.held_out(w)), key=lambda w: zlib.crc32(b"s" + w.encode())
    )[:count]
    print(f"{len(sample)} words of cmudict's {len(data)}")
    for name in ("gruut", "espeak"):
        if name in registry().names("segmentation"):
            score(name, sample, by_plugin(name))
        else:
            print(f"{name}: not installed (pip install -e plugins/{name})")
    if "gruut" in registry().names("segmentation"):
        score("gruut, words its lexicon lacks", sample, by_plugin("gruut"), gruut_lacks())
    ours = registry().load("segmentation", "text")()
    score(
        "text (its lexicon is cmudict)",
        sample,
        lambda w: [(p.symbol, p.stress) for p in ours.segment(w, "en").phones()],
    )
    print("training our letter model without the sampled words …", file=sys.stderr, flush=True)
    model = letters.Model(Blob(training.train([row for row in data if not training.held_out(row[0])])))

    def by_letters(word: str) -> Phones:
        return [(p.symbol, p.stress) for p in decode(letters.decode_word(model, word))]

    score("text, letter model alone, words unseen", sample, by_letters)
    if "gruut" in registry().names("segmentation"):
        score("text, letter model, words gruut's lexicon lacks", sample, by_letters, gruut_lacks())


if __name__ == "__main__":
    main()
