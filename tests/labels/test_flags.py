# SPDX-License-Identifier: Apache-2.0
"""Which phones are implausible: far from their like, and no further than labels are right."""

from __future__ import annotations

from synthkit.corpora import open_corpus
from synthkit.labels import flags, read_alignment
from synthkit.types import Interval


def tier(*steps: int) -> tuple[Interval, ...]:
    """Phones of so many frames of 10 ms."""
    ends = [sum(steps[: k + 1]) / 100 for k in range(len(steps))]
    return tuple(Interval(e - n / 100, e, "a") for e, n in zip(ends, steps, strict=True))


def test_one_frame_more_than_the_usual_three_is_no_fault() -> None:
    usual = [tier(3, 3, 3, 4) for _ in range(10)]
    doubted = flags.flags(tier(4, 40), flags.usual(usual))
    assert [k for k, _ in doubted] == [0, 1]  # most are alike, so that every other would be doubted
    doubted = flags.flags(tier(4, 40), flags.usual(usual, 0.010))
    assert doubted == ((1, "a is long: 400 ms, usually 30"),)


def test_long_phones_are_told_apart_as_before() -> None:
    usual = [tier(20, 22, 18, 21, 19) for _ in range(10)]
    assert flags.usual(usual, 0.010) == flags.usual(usual)


def test_few_utterances_of_a_corpus_with_labels_are_in_doubt() -> None:
    found = [read_alignment(u.labels, id=u.id) for u in open_corpus("bundled-ru") if u.labels]
    known = flags.usual((a.phones for a in found), 0.010)
    doubted = sum(bool(flags.flags(a.phones, known)) for a in found)
    assert len(found) == 124 and 10 < doubted < 31
