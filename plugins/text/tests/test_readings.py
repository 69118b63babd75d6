# SPDX-License-Identifier: Apache-2.0
"""Tables of what is written and how it is read, one row a case: `data/readings_en.tsv`,
`data/readings_ru.tsv`."""

import csv
import re
from pathlib import Path

import pytest
from synthkit_text.grammar import Rule, classify, spoken
from synthkit_text.pattern import lazy
from synthkit_text.russian.governed import case_of

from synthkit.plugins import registry

DATA = Path(__file__).parent / "data"


def table(language):
    with (DATA / f"readings_{language}.tsv").open(encoding="utf-8") as file:
        return [
            pytest.param(language, row["text"], row["read"], id=f"{language}-{row['class']}-{row['text']}")
            for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        ]


@pytest.fixture(scope="module")
def segmenter():
    return registry().load("segmentation", "text")()


def plain(text):
    return re.sub(r"[^\w' ]", " ", text.lower().replace("-", " ").replace("ё", "е")).split()


@pytest.mark.parametrize(
    ("language", "text", "read"), [row for language in ("en", "ru") for row in table(language)]
)
def test_reading(segmenter, language, text, read):
    assert plain(" ".join(w.text for w in segmenter.segment(text, language).words)) == plain(read)


@pytest.mark.parametrize(
    ("text", "word", "phones"), [("COVID-19", 0, "k ow v ih d"), ("SSN", 0, "eh s eh s eh n")]
)
def test_sounds_of_capitals(segmenter, text, word, phones):
    said = [p.symbol for p in segmenter.segment(text, "en").words[word].phones]
    assert " ".join(said).startswith(phones)


@pytest.mark.parametrize("text", ["Łódź", "œuvre", "Þór", "straße"])
def test_letters_with_plain_forms_are_spoken(segmenter, text):
    assert len(segmenter.segment(text, "en").words) == 1


def test_no_sentence_ends_inside_an_address_or_an_abbreviation(segmenter):
    for text in (
        "see bit.ly/abc now",
        "call ext. 5 now",
        "add 12 oz. of milk",
        "on Elm St. yesterday",
        "at 5 p.m. today",
    ):
        assert [w.break_after for w in segmenter.segment(text, "en").words].count(3) == 1


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "He weighs 80 kg. 10 people saw him."),
        ("en", "It took 5 min. 10 people left."),
        ("en", "Add 1/2 tsp. Then stir."),
        ("en", "He is 6 ft 2 in. Then he grew."),
        ("ru", "Проехали 2 тыс. км. Потом остановились."),
        ("ru", "Моего друга зовут Макс. Он врач."),
    ],
)
def test_a_sentence_ends_at_the_dot_of_a_unit_or_a_name_that_another_follows(segmenter, language, text):
    assert [w.break_after for w in segmenter.segment(text, language).words].count(3) == 2


def test_a_rule_sees_the_text_as_written_and_not_what_another_said():
    rules = (
        Rule("digit", lazy(r"\d"), lambda m: "five"),
        Rule("word", lazy(r"five"), lambda m: "5"),
        Rule("none", lazy(r"six"), lambda m: None),
    )
    found = classify("5five six", rules)
    assert [(r.start, r.end, r.kind) for r in found] == [(0, 1, "digit"), (1, 5, "word")]
    assert spoken("5five six", found) == "five 5 six"


def test_each_reading_is_told_with_its_class(segmenter):
    found = segmenter.explain("В XVIII веке 200 г муки.", "ru")
    assert found == [("XVIII веке", "roman", "восемнадцатом веке"), ("200 г", "measure", "двести граммов")]
    assert segmenter.explain("It cost $20.", "en") == [("$20", "money", "twenty dollars")]
    assert segmenter.explain("мама мыла раму", "ru") == []


def test_what_passes_for_words_alone_has_nothing_to_read():
    """The short way past the rules never passes by what a rule would have claimed."""
    from synthkit_text.russian.normalise import readings
    from synthkit_text.russian.rules import rules

    for row in table("ru"):
        text = row.values[1]
        if not readings(text)[1]:
            assert classify(text, rules(True)) == [], text


def test_every_abbreviation_is_looked_for():
    from synthkit_text.russian.abbreviations import _DOTTED
    from synthkit_text.russian.normalise import SHORT

    heads = {head for pattern in _DOTTED for head in re.findall(r"([а-яё]+)\\\.", pattern)}
    assert heads <= SHORT, sorted(heads - SHORT)


def test_parts_listed_without_end_are_in_a_case():
    """As in an index: each looked back over all before it, deeper than Python goes."""
    listed = ", ".join(f"рис. {number}" for number in range(1, 1501))
    assert case_of(listed, listed.rindex("рис"), "masc") == "nomn"
    seen = "см. " + ", ".join(f"рис. {number}" for number in range(1, 21))
    assert case_of(seen, seen.rindex("рис"), "masc") == "accs"
