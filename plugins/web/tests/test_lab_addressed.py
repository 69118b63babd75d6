# SPDX-License-Identifier: Apache-2.0
"""What the address of a panel asks for: done once, told where it cannot be, and gone from the address."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import pytest

from synthkit.corpora import open_corpus

TEXT = "Доброе утро."


def opened(open_page, lab, path, **asked):
    """The panel at an address, when it has done what that asks for, and the address that is left."""
    page = open_page(f"{lab}{path}?{urlencode(asked)}")
    done = {"bench/": "copied", "labels/": "opened"}.get(path, "spoken")
    page.wait_for_selector(f"body[data-{done}]")
    assert "?" not in page.url
    return page


def trouble(page):
    """What the panel's own line says."""
    page.wait_for_selector("#trouble:not([hidden])")
    return page.text_content("#trouble")


def test_speak_says_what_the_address_has_and_a_reload_what_was_typed_since(lab, open_page):
    page = opened(open_page, lab, "", panel="why", text=TEXT, voice="demo-ru", vocoder="world", speed="1.5")
    page.wait_for_selector("body[data-vocoders=demo-ru]")
    assert page.input_value("#text") == TEXT and page.input_value("#speed") == "1.5"
    assert page.input_value("#vocoder") == "world" and page.is_hidden("#trouble")
    assert "world" in page.text_content("[data-lane=samples], #lanes")
    page.wait_for_function("document.getElementById('why').getBoundingClientRect().top < innerHeight")
    page.fill("#text", "Добрый день.")
    page.reload()
    page.wait_for_selector("body[data-spoken]")
    assert page.input_value("#text") == "Добрый день." and page.input_value("#vocoder") == "world"


def test_what_is_not_there_is_told_and_the_rest_is_done(lab, open_page):
    page = opened(open_page, lab, "", text=TEXT, voice="nobody", vocoder="no such", speed="9", colour="red")
    told = trouble(page)
    assert page.input_value("#text") == TEXT and page.input_value("#voice") == "demo-ru"
    for word in ("“nobody”", "There is: demo-ru", "“no such”, which does not fit", "from 0.5 to 2", "colour"):
        assert word in told, told
    page.select_option("#language", "ru")
    page.fill("#speed", "1.2")
    page.press("#speed", "Tab")
    page.wait_for_selector("#trouble", state="hidden")


def test_a_panel_is_named_by_its_word_too(lab, open_page):
    page = open_page(f"{lab}?{urlencode({'panel': 'edit', 'text': TEXT})}")
    page.wait_for_url("**/lab/edit/")
    page.wait_for_selector("body[data-spoken]")
    assert page.input_value("#text") == TEXT


def test_bench_opens_the_recording_with_its_changes(lab, open_page):
    asked = {
        "corpus": "bundled-ru",
        "id": "ru_0063",
        "vocoder": "world",
        "f0": "flat",
        "cepstra": 12,
        "b": "dio",
    }
    page = opened(open_page, lab, "bench/", **asked)
    assert page.is_hidden("#trouble")
    assert page.input_value("#utterance") == "ru_0063" and page.input_value("#f0") == "flat"
    assert page.text_content("#cepstra + output") == "12" and page.input_value("#tracker-b") == "dio"
    kept = json.loads(page.evaluate("sessionStorage.getItem('synthkit-lab-bench')"))
    assert kept["id"] == "ru_0063" and kept["changes"]["cepstra"] == 12


def test_bench_says_what_a_voice_says_and_what_does_not_fit(lab, open_page):
    page = opened(open_page, lab, "bench/", text=TEXT, voice="demo-ru", vocoder="psola", noise=1, a="no such")
    assert page.input_value("#kind") == "voice" and page.input_value("#text") == TEXT
    told = trouble(page)
    assert "noise “1”, which does not fit" in told and "“no such”" in told and "yin" in told
    assert page.input_value("#noise") == "0"


def test_edit_forgets_edits_of_another_text_and_keeps_those_of_its_own(lab, open_page):
    page = opened(open_page, lab, "edit/", text=TEXT)
    page.evaluate(
        """() => { const key = "synthkit-lab-edit", kept = JSON.parse(sessionStorage.getItem(key));
        sessionStorage.setItem(key, JSON.stringify({ ...kept, edit: { durations: { "1.1": 0.3 } } })); }"""
    )
    edits = "JSON.stringify(JSON.parse(sessionStorage.getItem('synthkit-lab-edit')).edit)"
    for text, left in ((TEXT, '{"durations":{"1.1":0.3}}'), ("Да.", "{}")):
        page.goto(f"{lab}edit/?{urlencode({'text': text})}")
        page.wait_for_selector("body[data-spoken]")
        assert page.input_value("#text") == text and page.evaluate(edits) == left


@pytest.mark.parametrize("known", [True, False])
def test_labels_open_at_an_utterance(lab, open_page, known):
    id = open_corpus("bundled-ru").utterances[7].id if known else "ru_none"  # the voice has twelve
    page = opened(open_page, lab, "labels/", corpus="demo-ru", id=id)
    if known:
        page.wait_for_selector(f"body[data-opened={id}]")
        assert page.is_hidden("#trouble")
    else:
        assert "“ru_none”" in trouble(page) and page.get_attribute("body", "data-opened")
