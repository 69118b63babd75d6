# SPDX-License-Identifier: Apache-2.0
"""gruut: words, phones of the inventory, breaks."""

import pytest

pytest.importorskip("gruut")

from synthkit.errors import TextError
from synthkit.plugins import registry


@pytest.fixture(scope="module")
def segmenter():
    return registry().load("segmentation", "gruut")()


def test_words_and_breaks(segmenter):
    got = segmenter.segment("Hello world, it cost $20.", "en")
    assert [w.text for w in got.words] == ["Hello", "world", "it", "cost", "twenty", "dollars"]
    assert [w.break_after for w in got.words] == [0, 2, 0, 0, 0, 3]
    assert [(p.symbol, p.stress) for p in got.words[1].phones] == [("w", 0), ("ɚ", 1), ("l", 0), ("d", 0)]
    assert got.phone_set == "ipa"


def test_phones_are_of_the_inventory(segmenter):
    got = segmenter.segment("The quick brown fox zorptastically jumps!", "en")
    phones = segmenter.phones("en")
    assert {p.symbol for p in got.phones()} <= set(phones)
    assert len(phones) < 90
    assert not any("=" in p for p in phones)


@pytest.mark.parametrize("text", ["", "  ", "..."])
def test_nothing_to_speak_is_refused(segmenter, text):
    with pytest.raises(TextError):
        segmenter.segment(text, "en")


def test_an_unknown_language_is_named(segmenter):
    with pytest.raises(TextError, match="xx"):
        segmenter.segment("hello", "xx")
