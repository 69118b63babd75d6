# SPDX-License-Identifier: Apache-2.0
"""What the server says is translated where the page is Russian, and no translation outlives its message."""

import ast
import json
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
MESSAGES = ROOT / "plugins" / "web" / "synthkit_web" / "static" / "lab" / "messages.js"
PUT_TOGETHER = {
    "unknown phone {} of {}", "did you mean {}? known: {}", "known: {}", "cut every 0.1 s",
    "{} at {} Hz, {} frames", "pulses of {} phase", "the recording's phases", "{} is long: {} ms, usually {}",
    "{} is short: {} ms, usually {}", "this voice cannot change its {}: {}", "{} is not a number of seconds",
    "{} is not an F0 in Hz", "{} is not a part of the phone", "acoustic model {} and vocoder {}: {}",
    "acoustic model {} cannot be trained on features {}", "features {} are not what vocoder {} takes",
    "add to the [vocoder] table: adapters = [{}]", "the answer was broken off", "not readable as audio ({})",
}  # fmt: skip
"""Messages that more than one piece of the sources makes; one of what stands between what is filled in (or
after ``is not``) is looked for."""
OWN = ("lab", "voices.py", "streaming.py")
"""Of the plugin, whose every message is translated."""
ONLY_AT_START = {
    "no voice was named, and there is none here",
    "`make demo` builds three; `synthkit voices list` shows what can be had",
    "is no configuration, no folder of recordings with a voice.toml and no training's folder",
    "`synthkit init {}` writes a voice.toml", "name a VOICE.toml", "--labels are of one --corpus",
    "name one corpus", "two corpora are called {}", "open one of them", "two voices are called {}: {} and {}",
    "serve them on two ports",
}  # fmt: skip
"""Said in the terminal before there is a page."""


def text_of(node):
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(p.value if isinstance(p, ast.Constant) else "{}" for p in node.values)
    return None


@cache
def sources():
    """Every text of the program, with {} for what is filled in."""
    found = set()
    for folder in (ROOT / "synthkit", *ROOT.glob("plugins/*/synthkit_*")):
        for path in folder.rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if (text := text_of(node)) is not None:
                    found.add(text)
    return found


@cache
def translations():
    """Messages in English and Russian, as the page reads them."""
    body = MESSAGES.read_text(encoding="utf-8").split("export const ru = {")[1].split("\n};")[0]
    string = r'"((?:[^"\\]|\\.)*)"'
    pairs = re.findall(rf"{string}: {string}", body)
    return {json.loads(f'"{a}"'): json.loads(f'"{b}"') for a, b in pairs}


def test_no_translation_outlives_its_message():
    there = sources()
    assert len(translations()) > 120
    for english in translations():
        if english in PUT_TOGETHER:
            whole = "\n".join(there) + MESSAGES.with_name("api.js").read_text(encoding="utf-8")
            assert any(piece in whole for piece in re.split(r"\{\}|is not ", english) if len(piece) > 3), (
                english
            )
        else:
            assert english in there, f"nothing says {english!r} any more"


def test_translations_fill_in_what_their_messages_do():
    for english, russian in translations().items():
        assert english.count("{}") == russian.count("{}"), english
        assert english != russian


def raised(path):
    """Messages and hints of the errors that a module makes."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            kind = re.search(r"(Error|Mismatch|Gone|WrongTime|NoBuild|NoVoice|NoAlignment|Labels)$", name)
            said = [*node.args[:1], *(k.value for k in node.keywords if k.arg == "hint")]
            for value in said if kind else ():
                for part in (value.body, value.orelse) if isinstance(value, ast.IfExp) else (value,):
                    text = (text_of(part) or "").split("\n")[0]
                    if " " in text:
                        yield text


def test_every_message_of_the_lab_is_translated():
    folder = ROOT / "plugins" / "web" / "synthkit_web"
    paths = [
        p
        for name in OWN
        for p in ([folder / name] if name.endswith(".py") else (folder / name).rglob("*.py"))
    ]
    said = {text for path in paths for text in raised(path)}
    assert len(said) > 40
    assert sorted(said - translations().keys() - ONLY_AT_START) == []


@pytest.fixture(scope="module")
def lab(voice_folder):
    """Address of `synthkit lab` as a user runs it."""
    command = [sys.executable, "-m", "synthkit", "lab", str(voice_folder), "--port", "0", "--no-open"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        process.stdout.readline()
        yield process.stdout.readline().split()[1]
    finally:
        process.kill()
        process.wait()


def test_the_page_says_it_in_its_language(lab, open_page):
    page = open_page(lab, complains=True)
    page.wait_for_selector("body[data-spoken='1']")
    page.fill("#text", "…")
    page.click("#speak")
    page.wait_for_selector("#trouble:not([hidden])")
    english = page.text_content("#trouble")
    assert english.startswith("nothing in the text can be spoken")
    page.select_option("#language", "ru")  # what is shown changes with the language
    russian = page.text_content("#trouble")
    assert russian.startswith("в тексте нечего сказать") and "→" in russian
    page.select_option("#language", "en")
    assert page.text_content("#trouble") == english
    page.select_option("#language", "ru")
    found = page.evaluate("""async () => {
      const { translated } = await import("./errors.js");
      return [
        "unknown option 'guidence'", "did you mean 'guidance'? known: a, b",
        "acoustic model 'parametric' and vocoder 'psola': no installed adapter bridges them",
        "world at 16000 Hz, 893 frames → pulses of min phase → the recording's phases",
        "this voice cannot change its speed: acoustic model 'x' cannot",
        "'погода' was not spoken: nothing in it has a sound", "something that nobody has heard of",
      ].map((text) => translated(text, "Программа говорит: "));
    }""")
    assert found == [
        "неизвестно: настройка «guidence»", "может быть, «guidance»? Известны: a, b",
        "акустическая модель «parametric» и вокодер «psola»: ни один установленный переходник их не "
        "соединяет",
        "world на 16000 Гц, кадров: 893 → импульсы, фаза: min → фазы записи",
        "этот голос не может изменить темп: акустическая модель «x» не умеет",
        "«погода» не сказано: в нём нечему звучать", "Программа говорит: something that nobody has heard of",
    ]  # fmt: skip


def test_the_bench_says_how_in_its_language(lab, open_page):
    page = open_page(f"{lab}bench/")
    page.wait_for_selector("body[data-copied='1']")
    english = page.text_content("#how")
    assert " frames → " in english
    page.select_option("#language", "ru")
    russian = page.text_content("#how")
    assert "кадров: " in russian and "frames" not in russian
