# SPDX-License-Identifier: Apache-2.0
"""Every kind of text that makes other front ends fall over is spoken sensibly or refused by name."""

import time

import pytest

from synthkit.errors import TextError
from synthkit.plugins import registry


@pytest.fixture(scope="module")
def segmenter():
    return registry().load("segmentation", "text")()


def read(segmentation):
    return " ".join(word.text for word in segmentation.words)


@pytest.mark.parametrize(
    ("text", "russian", "english"),
    [
        ("3,14", "три целых четырнадцать сотых", "three point one four"),
        ("%", "процент", "percent"),
        ("№", "номер", "number"),
        ("7000", "семь тысяч", "seven thousand"),
        ("-5", "минус пять", "minus five"),
        ("−5", "минус пять", "minus five"),
    ],
)
def test_numbers_and_signs_are_read(segmenter, text, russian, english):
    assert read(segmenter.segment(text, "ru")) == russian
    assert read(segmenter.segment(text, "en")) == english


def test_a_year_is_an_ordinal_in_the_case_of_its_noun(segmenter):
    assert read(segmenter.segment("2024 году", "ru")) == "две тысячи двадцать четвёртом году"
    assert read(segmenter.segment("2024 год", "ru")) == "две тысячи двадцать четвёртый год"


def test_an_acronym_is_spelt(segmenter):
    got = segmenter.segment("СССР", "ru")
    assert [p.symbol for p in got.phones()] == ["ee", "s", "ee", "s", "ee", "s", "ee", "r"]


def test_a_latin_word_in_russian_text_is_read(segmenter):
    got = segmenter.segment("Это iPhone.", "ru")
    assert [p.symbol for p in got.words[-1].phones] == ["a", "j", "f", "oo", "n"]
    assert any("iPhone" in note for note in got.notes)


def test_a_russian_word_in_english_text_is_read(segmenter):
    got = segmenter.segment("Say привет now.", "en")
    assert {p.symbol for p in got.phones()} <= set(segmenter.phones("en"))
    assert [w.text for w in got.words] == ["Say", "привет", "now"]


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("🙂", "SLIGHTLY SMILING FACE"),
        ("你好", "CJK UNIFIED IDEOGRAPH-4F60"),
        ("\u0301", "COMBINING ACUTE ACCENT"),
        ("...!?", "FULL STOP"),
        ("", "empty"),
        (" \n ", "empty"),
        ("\0", "NUL"),
        ("\udcff\udcfe", "byte 0xFF"),
        ("ъ", "HARD SIGN"),
    ],
)
def test_what_cannot_be_spoken_is_refused_by_name(segmenter, language, text, named):
    with pytest.raises(TextError) as caught:
        segmenter.segment(text, language)
    assert named in str(caught.value)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("мама 🙂 папа", "SLIGHTLY SMILING FACE"),
        ("мама 你好 папа", "CJK"),
        ("мама\0папа", "NUL"),
        ("мама \udcff папа", "byte 0xFF"),
        ("ма\u0331ма папа", "COMBINING MACRON BELOW"),
        ("мiма папа", "мiма"),
    ],
)
def test_what_is_left_out_is_noted(segmenter, text, named):
    got = segmenter.segment(text, "ru")
    assert [w.text for w in got.words][-1] == "папа"
    assert len(got.words) == 2
    assert any(named in note for note in got.notes)


@pytest.mark.parametrize(
    ("language", "piece"),
    [
        ("ru", "Мама мыла раму в 2024 году. "),
        ("ru", "мама и "),
        ("ru", "А"),
        ("ru", "1"),
        ("ru", "а@"),
        ("en", "The cat has 5 lives. "),
        ("en", "a."),
        ("en", "x"),
    ],
)
def test_a_hundred_thousand_characters_take_linear_time(segmenter, language, piece):
    """Ten times the text takes about ten times the time; a quadratic step would take a hundred."""
    times = []
    for size in (10_000, 100_000):
        begin = time.process_time()
        segmenter.segment((piece * (size // len(piece) + 1))[:size], language)
        times.append(time.process_time() - begin)
    assert times[1] < 35 * times[0] + 1.0


def test_a_language_nobody_owns_names_the_plugins(segmenter):
    from synthkit.errors import PluginError

    kind = type(segmenter)
    with pytest.raises(PluginError, match="Russian and English") as caught:
        kind(kind.Config(fallback="none")).segment("olá", "pt")
    assert "synthkit-gruut" in str(caught.value)
    assert "synthkit-espeak" in str(caught.value)
