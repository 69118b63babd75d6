# SPDX-License-Identifier: Apache-2.0
"""The lab in a real Chromium: speaking, swapping the vocoder, weights, units, all by the keyboard."""

import base64
import contextlib
import json
import subprocess
import sys

import httpx
import numpy as np
import pytest

from synthkit import audio
from synthkit.cli import run
from synthkit.pipeline.voice import Voice
from synthkit.stages import Request

TEXT = "Сегодня хорошая погода."


@pytest.fixture(scope="module")
def voice(voice_folder):
    with Voice.open(voice_folder) as opened:
        yield opened


def ask(lab, **wanted):
    reply = httpx.post(f"{lab}api/speak", json={"text": TEXT, **wanted}, timeout=60)
    first = reply.text.splitlines()[0] if reply.status_code == 200 else reply.text
    return reply.status_code, json.loads(first)  # a text of one piece is one line, and one that says so


def test_what_is_told_is_what_the_voice_says(lab, voice):
    status, told = ask(lab)
    spoken = voice.speak(TEXT)
    assert status == 200
    assert base64.b64decode(told["audio"]) == audio.encode(spoken.waveform)
    path = spoken.predictions[0]
    assert [u["index"] for u in told["units"]] == [u.index for u in path.units]
    assert told["cost"] == pytest.approx(path.cost) and told["joins"] == path.joins
    assert told["units"][-1]["end"] == pytest.approx(told["seconds"], abs=1e-3)
    assert [w[2] for w in told["words"]] == ["Сегодня", "хорошая", "погода"]
    assert told["phones"][-1][1] == pytest.approx(told["seconds"], abs=1e-3)
    voiced = [v for _, v in told["f0"] if v]
    assert voiced and min(voiced) > 50 and max(voiced) < 500


def test_weights_and_forbidden_and_forced_units_are_options_of_the_request(lab, voice):
    _, plain = ask(lab)
    unit = plain["units"][5]
    _, without = ask(lab, options={"forbid": [unit["index"]]})
    assert unit["index"] not in [u["index"] for u in without["units"]]
    wanted = {"target": {"f0": 2.5}, "guidance": 0.8}
    _, told = ask(lab, options=wanted)
    expected = voice.speak(TEXT, options=wanted).predictions[0]
    assert [u["index"] for u in told["units"]] == [u.index for u in expected.units]
    _, forced = ask(lab, options={**wanted, "force": {"5": unit["index"]}})
    assert forced["units"][5]["index"] == unit["index"]


def test_parts_say_which_fit_and_why_others_do_not(lab, voice):
    parts = httpx.get(f"{lab}api/voices/demo-ru/parts", timeout=60).json()
    vocoders = httpx.get(f"{lab}api/voices/demo-ru/vocoders", timeout=60).json()
    by_name = {v["name"]: v for v in vocoders}
    assert vocoders[0]["name"] == "overlap-add" and by_name["overlap-add"]["own"]
    assert by_name["world"]["fits"] and by_name["world"]["adapters"] == ["units-to-frames"]
    unfit = next(v for v in vocoders if not v["fits"])
    assert unfit["why"]
    sliders = {s["name"]: s for s in parts["sliders"]}
    own = voice.acoustic_model.asked({})  # as its recipe has it
    assert sliders["guidance"]["value"] == own.guidance and sliders["guidance"]["high"] == 1
    assert sliders["target.f0"]["value"] == own.target.f0 and sliders["join.f0"]["low"] == 0
    assert sliders["phrases"]["kind"] == "switch" and sliders["window"]["step"] == 1
    assert parts["forbid"]


def test_a_unit_is_heard_in_its_recording(lab, voice, tmp_path):
    reply = httpx.post(f"{lab}api/units/5", json={"text": TEXT}, timeout=60)
    (tmp_path / "unit.wav").write_bytes(reply.content)
    heard = audio.read(tmp_path / "unit.wav")
    path = voice.speak(TEXT).predictions[0]
    unit, rate, around = path.units[5], path.audio.sample_rate, int(0.35 * path.audio.sample_rate)
    inside = heard.samples[around : len(heard.samples) - around]
    assert np.allclose(inside, path.audio.read(unit.source, unit.start, unit.end), atol=1e-4)
    assert heard.sample_rate == rate
    assert httpx.post(f"{lab}api/units/9999", json={"text": TEXT}).status_code == 400


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({"text": " "}, "no text"),
        ({"text": "а" * 2001}, "2000 characters"),
        ({"txt": "a"}, "did you mean 'text'"),
        ({"options": {"target": {"spectum": 1}}}, "spectrum"),
        ({"options": {"guidance": 7}}, "guidance"),
        ({"options": {"force": {"5": -1}}}, "force"),
        ({"voice": "nobody"}, "demo-ru"),
    ],
)
def test_what_cannot_be_done_is_said(lab, wanted, words):
    status, told = ask(lab, **wanted)
    assert status in (400, 404) and words in f"{told['error']} {told['hint']}"


def spoken(page, count):
    page.wait_for_selector(f"body[data-spoken='{count}']")


@pytest.mark.parametrize(("width", "dark"), [(1400, False), (390, True)])
def test_by_keyboard_alone(lab, open_page, width, dark):
    page = open_page(lab, width=width, dark=dark)
    spoken(page, 1)  # the page speaks as it opens
    page.wait_for_selector("body[data-parts=demo-ru]")
    assert page.evaluate("document.documentElement.scrollWidth") == width
    # Every control is reached by Tab.
    seen = set()
    page.focus("#language")
    for _ in range(60):
        seen.add(page.evaluate("document.activeElement.id || document.activeElement.dataset?.name"
                               " || document.activeElement.closest?.('.units')?.className"))  # fmt: skip
        page.keyboard.press("Tab")
    controls = (
        "language text voice vocoder speed speak play save farther nearer hear-b lanes lattice hear-unit "
        "forbid force leave reset"
    )
    assert {*controls.split(), "strip tier units", "guidance", "target.f0", "join.join"} <= seen
    page.focus("#text")
    page.keyboard.press("Control+a")
    page.keyboard.type("Доброе утро!")
    page.keyboard.press("Control+Enter")
    spoken(page, 2)
    page.wait_for_selector("body[data-playing=now]")
    assert page.locator("[data-lane=words] span").all_text_contents() == ["Доброе", "утро"]
    page.focus("#lanes")
    page.keyboard.press("1")
    page.wait_for_selector("#hear-a[aria-pressed=true]")
    page.keyboard.press("2")
    page.wait_for_selector("#hear-b[aria-pressed=true]")
    costs = page.text_content("#costs")
    page.focus('input[data-name="guidance"]')
    page.keyboard.press("End")
    spoken(page, 3)
    assert page.text_content("#costs") != costs
    page.focus(".units button[tabindex='0']")
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    chosen = page.get_attribute(".units button[aria-current=true]", "aria-label")
    page.keyboard.press("Enter")
    page.wait_for_selector("body[data-unit]")
    assert page.get_attribute("body", "data-unit").split()[0] in chosen
    page.keyboard.press("f")
    spoken(page, 4)
    number = chosen.split(",")[0]
    labels = page.eval_on_selector_all(".units button", "all => all.map((b) => b.ariaLabel)")
    assert not [label for label in labels if label.startswith(f"{number},")]
    assert "1 forbidden" in page.text_content("#kept")
    page.wait_for_function("document.activeElement.closest('.units')")  # the keyboard goes on where it was
    page.keyboard.press("l")
    spoken(page, 5)
    assert "recordings left out: 1" in page.text_content("#kept")


def test_a_speed_that_there_is_not_is_shown_as_it_is_spoken(lab, open_page):
    page = open_page(lab)
    spoken(page, 1)
    for count, (typed, said) in enumerate(
        (("0", "0.5"), ("7", "2"), ("1.3", "1.3"), ("", "1.3"), ("0,7", "0.7")), 2
    ):
        page.fill("#speed", typed)
        page.press("#speed", "Tab")
        spoken(page, count)
        assert page.input_value("#speed") == said
        assert (f"{typed} cannot be" in page.text_content("#limited")) == (typed in {"0", "7"})


def test_the_unit_that_is_looked_at_is_of_the_path_that_is_drawn(lab, open_page):
    """It stays with a weight that moves, in the language of the page, and goes with the text."""
    page = open_page(lab)
    spoken(page, 1)
    page.locator(".units button").nth(3).click()
    page.wait_for_selector("#unit #forbid")
    was = page.text_content("#unit")
    page.select_option("#language", "ru")
    page.wait_for_function("was => document.querySelector('#unit').textContent !== was", arg=was)
    slider = page.locator("#sliders input[type=range]").first
    slider.focus()
    slider.press("ArrowRight")
    spoken(page, 2)
    assert page.locator("#unit #forbid").count() == 1
    slider.press("1")
    page.wait_for_selector("#hear-a[aria-pressed=true]")
    slider.press("2")
    page.wait_for_selector("#hear-b[aria-pressed=true]")
    page.fill("#text", "Раз, два, три.")
    page.press("#text", "Control+Enter")
    spoken(page, 3)
    assert page.text_content("#unit") == ""


def test_any_candidate_is_looked_at_heard_and_forced(lab, voice, open_page):
    page = open_page(lab)
    spoken(page, 1)
    page.fill("#text", TEXT)
    page.press("#text", "Control+Enter")
    spoken(page, 2)
    segmentation = voice.segment(TEXT)
    lattice = voice.acoustic_model.lattice(Request(segmentation))
    page.wait_for_selector(f"body[data-lattice='{len(lattice.units)}']")
    page.wait_for_selector("body[data-parts=demo-ru]")
    page.focus("#lattice")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    start, end = lattice.starts[1], lattice.starts[2]
    nearest = start + np.argsort(lattice.excess[start:end], kind="stable")[1]
    assert f"Unit {lattice.units[nearest]}:" in page.text_content("#unit")
    assert f"{lattice.excess[nearest]:.2f} more" in page.get_attribute("#lattice", "aria-label")
    page.keyboard.press("Enter")
    page.wait_for_selector(f"body[data-unit^='{lattice.units[nearest]} ']")
    page.keyboard.press("r")
    spoken(page, 3)
    label = page.get_attribute(".units button:nth-child(2)", "aria-label")
    assert label.startswith(f"unit {lattice.units[nearest]},")
    page.focus(".units button:nth-child(9)")
    source = voice.predict(segmentation).units[8].source
    page.keyboard.press("l")
    spoken(page, 4)
    assert "recordings left out: 1" in page.text_content("#kept")
    labels = page.eval_on_selector_all(".units button", "all => all.map((b) => b.ariaLabel)")
    assert not [label for label in labels[2:] if f" {source}," in label]


def test_another_vocoder_and_one_that_does_not_fit(lab, open_page):
    page = open_page(lab)
    spoken(page, 1)
    page.wait_for_selector("body[data-vocoders=demo-ru]")
    page.select_option("#vocoder", "world")
    spoken(page, 2)
    assert not page.is_disabled("#hear-a")
    page.reload()
    spoken(page, 1)
    assert page.input_value("#vocoder") == "world"
    unfit = page.eval_on_selector_all(
        "#vocoder option", "all => all.filter((o) => o.textContent.includes('not fit')).map((o) => o.value)"
    )
    page.select_option("#vocoder", unfit[0])
    page.wait_for_selector("#unfit:not([hidden])")
    assert unfit[0] in page.text_content("#unfit")
    assert page.get_attribute("#vocoder", "aria-invalid") == "true"
    page.select_option("#vocoder", "hibari")  # the fields that disagree, in a table
    table = page.locator("#unfit table").first
    assert table.locator("thead th").all_text_contents() == [
        "field",
        "unit-selection gives",
        "hibari accepts",
    ]
    kind = table.locator("tbody tr").first
    assert kind.locator("th").text_content() == "kind"
    assert kind.locator("td").all_text_contents()[0] == "units"


def test_a_reload_keeps_what_was_set_and_tabs_are_apart(lab, open_page):
    page = open_page(lab)
    spoken(page, 1)
    page.wait_for_selector("body[data-parts=demo-ru]")
    page.fill("#text", TEXT)
    page.select_option("#language", "ru")
    assert page.text_content("#speak") == "Сказать"
    page.focus('input[data-name="target.f0"]')
    page.keyboard.press("End")
    spoken(page, 2)
    reached = page.input_value('input[data-name="target.f0"]')
    assert reached == page.get_attribute('input[data-name="target.f0"]', "max")
    assert " мс" in page.text_content("#stages") and " ms" not in page.text_content("#stages")
    assert page.text_content("#position").endswith(" с")
    other = page.context.new_page()
    other.goto(lab)
    spoken(other, 1)
    assert other.input_value("#text") != TEXT and other.text_content("#speak") == "Speak"
    page.reload()
    spoken(page, 1)
    page.wait_for_selector("body[data-parts=demo-ru]")
    assert page.input_value("#text") == TEXT and page.text_content("#speak") == "Сказать"
    assert page.input_value('input[data-name="target.f0"]') == reached
    assert page.get_attribute("html", "lang") == "ru"


def test_what_goes_wrong_is_shown(lab, open_page):
    page = open_page(lab, complains=True)
    spoken(page, 1)
    page.fill("#text", "…")
    page.click("#speak")
    page.wait_for_selector("#trouble:not([hidden])")
    assert page.text_content("#trouble")
    page.fill("#text", TEXT)
    page.click("#speak")
    page.wait_for_selector("#trouble", state="hidden")


def test_without_a_voice_it_says_how_to_get_one(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    with contextlib.suppress(SystemExit):
        assert run(["lab", "--port", "0", "--no-open"]) == 2
    assert "make demo" in capsys.readouterr().err


def test_which_vocoders_fit_is_found_without_torch(voice_folder):
    code = (
        "import sys; from synthkit.pipeline.voice import Voice; from synthkit_web.lab.menus import vocoders;"
        f"print(len(vocoders(Voice.open({str(voice_folder)!r}))), 'torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    count, torch = done.stdout.split()
    assert int(count) >= 8 and torch == "False", done.stderr
