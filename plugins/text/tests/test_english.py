# SPDX-License-Identifier: Apache-2.0
"""English: lexicon, normalisation, weak forms, unknown words."""

import pytest

from synthkit.plugins import registry


@pytest.fixture(scope="module")
def segmenter():
    return registry().load("segmentation", "text")()


def arpabet(word):
    return " ".join(p.symbol + (str(p.stress) if p.symbol[0] in "aeiou" else "") for p in word.phones)


def read(segmenter, text):
    return " ".join(w.text for w in segmenter.segment(text, "en").words)


@pytest.mark.parametrize(
    ("text", "expected"),
    [  # as cmudict 0.7b prints them
        ("cat", "k ae1 t"),
        ("pronunciation", "p r ow0 n ah2 n s iy0 ey1 sh ah0 n"),
        ("don't", "d ow1 n t"),
    ],
)
def test_the_lexicon(segmenter, text, expected):
    assert arpabet(segmenter.segment(text, "en").words[0]) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It cost $20.", "It cost twenty dollars"),
        ("$3.50", "three dollars and fifty cents"),
        ("May 5, 1984", "May fifth nineteen eighty four"),
        ("since 1906", "since nineteen oh six"),
        ("the 1990s", "the nineteen nineties"),
        ("the 21st", "the twenty first"),
        ("Dr. Smith", "doctor Smith"),
        ("50%", "fifty percent"),
        ("9:05", "nine oh five"),
        ("3/4", "three quarters"),
        ("2024-05-01", "May first twenty twenty four"),
        ("Henry VIII", "Henry the eighth"),
        ("1,234", "one thousand two hundred and thirty four"),
    ],
)
def test_normalisation(segmenter, text, expected):
    assert read(segmenter, text) == expected


def test_articles_and_to_follow_their_neighbour(segmenter):
    words = segmenter.segment("the pear, the apple. I want to go; where to?", "en").words
    the = [arpabet(w) for w in words if w.text == "the"]
    to = [arpabet(w) for w in words if w.text == "to"]
    assert the == ["dh ah0", "dh iy0"]
    assert to == ["t ah0", "t uw1"]


def test_homographs(segmenter):
    words = segmenter.segment("To record a record.", "en").words
    assert arpabet(words[1]).startswith("r ih0 k ao1")
    assert arpabet(words[3]).startswith("r eh1 k")


@pytest.mark.parametrize(("text", "count"), [("FBI", 3), ("XQZ", 3)])
def test_acronyms_are_spelt(segmenter, text, count):
    vowels = [p for p in segmenter.segment(text, "en").phones() if p.symbol[0] in "aeiou"]
    assert len(vowels) >= count


def test_camel_case(segmenter):
    assert arpabet(segmenter.segment("iPhone", "en").words[0]).startswith("ay1 f ow")


def test_unknown_words_come_from_letters_and_are_noted(segmenter):
    got = segmenter.segment("blorptastic", "en")
    symbols = [p.symbol for p in got.phones()]
    assert symbols[:2] == ["b", "l"]
    assert symbols[-1] == "k"
    assert sum(p.stress == 1 for p in got.phones()) == 1
    assert any("blorptastic" in note for note in got.notes)


def test_inflections_of_known_words(segmenter):
    assert arpabet(segmenter.segment("IBM's", "en").words[0]).endswith("m z")


def test_phones_in_braces(segmenter):
    got = segmenter.segment("{HH AH0 L OW1}", "en")
    assert arpabet(got.words[0]) == "hh ah0 l ow1"


def test_accents_are_no_obstacle(segmenter):
    assert segmenter.segment("café", "en").words[0].phones == segmenter.segment("cafe", "en").words[0].phones
