# SPDX-License-Identifier: Apache-2.0
"""How much of what people write is read right, by class: ours, and what numerals and gruut alone make of it.

    python benchmarks/text_readings.py [--language en] [--table FILE] [--show]

The rows are those of ``plugins/text/tests/data/readings_*.tsv``, or of a file of the same columns (``class``,
``text``, ``read``; ``kind`` and ``right`` will do, and what ``right`` has in brackets is a remark or another
reading that is as good). Compared are words, without case, punctuation and hyphens. ``num2words`` stands for
a front end that says every run of digits as a numeral and nothing else; gruut's own reading is taken where it
is installed.

The rules were written with these rows in view: ours is what they hold, not what a text that nobody has seen
will get.
"""

from __future__ import annotations

import argparse
import csv
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from synthkit.errors import SynthkitError
from synthkit.plugins import registry

TABLES = Path(__file__).parents[1] / "plugins" / "text" / "tests" / "data"


def plain(text: str) -> list[str]:
    """Words as they are compared."""
    return re.sub(r"[^\w' ]", " ", text.lower().replace("-", " ").replace("ё", "е")).split()


def readings(right: str) -> list[list[str]]:
    """What is right: as it stands, without what is in brackets, and what is in brackets alone."""
    inside = re.findall(r"\(([^)]*)\)", right)
    outside = re.sub(r"\([^)]*\)", " ", right)
    alone = [plain(text) for text in (outside, *inside)]
    beside = [plain(re.sub(r"\w+ \(([^)]*)\)", r"\1", right))]
    return [plain(right), *alone, *beside]


def by_ours(language: str) -> Callable[[str], str]:
    """Ours."""
    segmenter = registry().load("segmentation", "text")()
    return lambda text: " ".join(w.text for w in segmenter.segment(text, language).words)


def by_numerals(language: str) -> Callable[[str], str]:
    """Digits as numerals, nothing else."""
    from num2words import num2words

    return lambda text: re.sub(r"\d{1,30}", lambda m: f" {num2words(int(m.group()), lang=language)} ", text)


def by_gruut(language: str) -> Callable[[str], str]:
    """gruut's normalised text."""
    import gruut

    code = {"en": "en-us", "ru": "ru-ru"}[language]
    return lambda text: " ".join(
        w.text for s in gruut.sentences(text, lang=code) for w in s.words if w.is_spoken
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--language", choices=("en", "ru"), action="append")
    parser.add_argument("--table", type=Path)
    parser.add_argument("--show", action="store_true", help="print what we read otherwise")
    args = parser.parse_args()
    for language in args.language or ("en", "ru"):
        path = args.table or TABLES / f"readings_{language}.tsv"
        with path.open(encoding="utf-8") as file:
            rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
        readers = {"ours": by_ours(language), "num2words": by_numerals(language)}
        try:
            readers["gruut"] = by_gruut(language)
            readers["gruut"]("a")
        except (ImportError, ValueError) as error:
            print(f"gruut is not measured: {error}")
            readers.pop("gruut", None)
        rows = [
            row | {"class": row.get("class") or row["kind"], "read": row.get("read") or row["right"]}
            for row in rows
        ]
        right: dict[str, Counter[str]] = {name: Counter() for name in readers}
        size = Counter(row["class"] for row in rows)
        for row in rows:
            for name, read in readers.items():
                try:
                    said = read(row["text"])
                except (SynthkitError, ArithmeticError) as error:
                    said = f"({error})"
                good = plain(said) in readings(row["read"])
                right[name][row["class"]] += good
                if name == "ours" and not good and args.show:
                    print(f"{row['class']}: {row['text']!r}: {said!r}, not {row['read']!r}")
        print(
            f"\n{language}: {len(rows)} texts\n{'class':<16}{'n':>5}" + "".join(f"{n:>12}" for n in readers)
        )
        for kind in sorted(size):
            print(
                f"{kind:<16}{size[kind]:>5}"
                + "".join(f"{right[n][kind] / size[kind]:>12.0%}" for n in readers)
            )
        print(
            f"{'all':<16}{len(rows):>5}"
            + "".join(f"{sum(right[n].values()) / len(rows):>12.1%}" for n in readers)
        )


if __name__ == "__main__":
    main()
