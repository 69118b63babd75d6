# SPDX-License-Identifier: Apache-2.0
"""espeak-ng: words, phones of the inventory, breaks."""

import subprocess
import sys

import pytest
from synthkit_espeak.library import library
from synthkit_espeak.segmenter import clauses, parse

from synthkit.errors import MissingDependency, TextError
from synthkit.plugins import registry

try:
    library()
except MissingDependency:
    pytest.skip("espeak-ng is not installed", allow_module_level=True)


@pytest.fixture(scope="module")
def segmenter():
    return registry().load("segmentation", "espeak")()


def test_words_and_breaks(segmenter):
    got = segmenter.segment("El perro corre, muy rápido.", "es")
    assert [w.text for w in got.words] == ["El", "perro", "corre", "muy", "rápido"]
    assert [w.break_after for w in got.words] == [0, 0, 2, 0, 3]
    assert [p.symbol for p in got.words[1].phones] == ["p", "e", "r", "o"]
    assert [p.stress for p in got.words[1].phones] == [0, 1, 0, 0]


def test_joined_words_and_numbers_stay_with_their_words(segmenter):
    got = segmenter.segment("one of the 20 cats", "en")
    assert [w.text for w in got.words] == ["one", "of", "the", "20", "cats"]
    assert [p.symbol for p in got.words[3].phones][:2] == ["t", "w"]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Straße nach München", "de"),
        ("Bonjour tout le monde", "fr"),
        ("Ciao a tutti", "it"),
        ("Olá mundo", "pt"),
    ],
)
def test_phones_are_of_the_inventory(segmenter, text, language):
    got = segmenter.segment(text, language)
    assert {p.symbol for p in got.phones()} <= set(segmenter.phones(language))
    assert not got.notes


@pytest.mark.parametrize("text", ["", "...", "\0"])
def test_nothing_to_speak_is_refused(segmenter, text):
    with pytest.raises(TextError):
        segmenter.segment(text, "es")


def test_an_unknown_language_is_named(segmenter):
    with pytest.raises(TextError, match="xx-none"):
        segmenter.segment("hello", "xx-none")


@pytest.mark.parametrize("language", ["", "-", "en\0x", "ен"])
def test_no_language_ends_no_process(language):
    """In a process of its own: espeak-ng that has no voice yet would end it."""
    code = (
        "from synthkit.errors import TextError\nfrom synthkit.plugins import registry\n"
        "try: registry().load('segmentation', 'espeak')().segment('hello', eval(input()))\n"
        "except TextError as error: print(error)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], input=ascii(language), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0 and "has no language" in done.stdout, done.stderr


def test_a_number_keeps_its_comma():
    assert clauses("cuesta 3,5 euros, sí") == [(["cuesta", "3,5", "euros"], ","), (["sí"], "")]


def test_stress_falls_on_the_vowel():
    phones, unknown = parse("h_ə_l_ˈoʊ")
    assert [(p.symbol, p.stress) for p in phones] == [("h", 0), ("ə", 0), ("l", 0), ("oʊ", 1)]
    assert not unknown


@pytest.mark.parametrize(("text", "language"), [("Hello Привет", "en"), ("Hola Привет", "es")])
def test_letters_of_another_script_are_told(segmenter, text, language):
    """Their names, spelled out, sound like a voice gone wrong."""
    notes = segmenter.segment(text, language).notes
    assert notes[0].startswith("'Привет': letters that ")
    assert not segmenter.segment("naïve café Łódź", language).notes
