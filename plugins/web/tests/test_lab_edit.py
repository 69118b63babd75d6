# SPDX-License-Identifier: Apache-2.0
"""The lab's panel *Edit* in a real Chromium: phones, stress, durations, F0, by keyboard and by pointer."""

import base64
import json
import subprocess
import sys

import httpx
import pytest

from synthkit import audio
from synthkit.cli import run
from synthkit.pipeline.voice import Voice

TEXT = "Сегодня хорошая погода."


@pytest.fixture(scope="module")
def lab(voice_folder):
    command = [sys.executable, "-m", "synthkit", "lab", str(voice_folder), "--port", "0", "--no-open"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        process.stdout.readline()
        yield process.stdout.readline().split()[1]
    finally:
        process.kill()
        process.wait()


def ask(lab, **edit):
    reply = httpx.post(f"{lab}api/edit", json={"text": TEXT, "edit": edit}, timeout=60)
    return reply.status_code, reply.json()


def test_what_is_told_is_what_say_speaks_with_that_edit(lab, voice_folder, tmp_path):
    edit = {"durations": {"1.3": 0.3}, "f0": {"1.3": 150}, "pauses": {"0": 0.2}, "stress": {"2": 1}}
    status, told = ask(lab, **edit)
    assert status == 200
    path = tmp_path / "edit.json"
    path.write_text(json.dumps(edit), "utf-8")
    with Voice.open(voice_folder) as voice:
        assert base64.b64decode(told["audio"]) == audio.encode(voice.say(TEXT, edit=path))
    rows = {tuple(row["place"]): row for row in told["rows"]}
    longer = rows[1, 3]
    assert longer["end"] - longer["start"] == pytest.approx(0.3, abs=0.004)
    assert longer["f0"] == pytest.approx(150, rel=0.05)
    assert rows[0, -1]["end"] - rows[0, -1]["start"] == pytest.approx(0.2, abs=0.004)
    assert told["spelt"][2]["phones"].split()[1] == "ˈoo" and told["spelt"][2]["stress"] == 1
    assert {"durations", "f0"} <= set(told["takes"]) and "oo" in told["inventory"]


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        ({"phnes": {}}, "did you mean 'phones'"),
        ({"phones": {"0": "z oe"}}, "unknown phone 'oe'"),
        ({"durations": {"9.0": 1}}, "no word 9"),
        ({"f0": {"0.1": 9000}}, "9000"),
    ],
)
def test_what_cannot_be_done_is_said(lab, edit, words):
    status, told = ask(lab, **edit)
    assert status == 400 and words in f"{told['error']} {told['hint']}"


def spoken(page, count):
    page.wait_for_selector(f"body[data-spoken='{count}']")


def edit_of(page):
    return json.loads(page.evaluate("sessionStorage.getItem('synthkit-lab-edit')"))["edit"]


@pytest.mark.parametrize(("width", "dark"), [(1400, False), (390, True)])
def test_by_keyboard_alone(lab, open_page, width, dark):
    page = open_page(f"{lab}edit/", width=width, dark=dark)
    spoken(page, 1)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.focus("#phones button[data-row='4']")
    page.keyboard.press("Shift+ArrowRight")  # longer
    spoken(page, 2)
    assert list(edit_of(page)["durations"]) == ["0.3"]
    page.keyboard.press("Shift+ArrowUp")  # higher: the focus has stayed
    spoken(page, 3)
    assert list(edit_of(page)["f0"]) == ["0.3"]
    page.keyboard.press("s")
    spoken(page, 4)
    assert edit_of(page) == {"stress": {"0": 3}}  # what was fixed of the word was of its old phones
    assert "old phones is gone" in page.text_content("#limited")
    page.keyboard.press("u")
    spoken(page, 5)
    page.focus("#edges button[data-row='10']")
    page.keyboard.press("ArrowRight")
    spoken(page, 6)
    durations = edit_of(page)["durations"]
    assert {"1.2", "1.3"} <= set(durations)
    page.focus("#contour button[data-row='11']")
    before = float(page.get_attribute("#contour button[data-row='11']", "aria-valuenow"))
    page.keyboard.press("Shift+ArrowUp")
    spoken(page, 7)
    assert edit_of(page)["f0"]["1.3"] == pytest.approx(1.1 * before, rel=0.02)
    now = float(page.get_attribute("#contour button[data-row='11']", "aria-valuenow"))
    assert now == pytest.approx(1.1 * before, rel=0.05)
    page.keyboard.press("1")
    page.wait_for_selector("#hear-a[aria-pressed=true]")
    page.keyboard.press("Space")
    page.wait_for_selector("body[data-playing=own]")
    # Every control is reached by Tab.
    seen = set()
    page.focus("#language")
    for _ in range(40):
        seen.add(page.evaluate("document.activeElement.id || document.activeElement.parentElement.id"))
        page.keyboard.press("Tab")
    controls = (
        "language text voice vocoder speak play hear-a hear-b undo contour words phones edges phone seconds "
        "hertz own spelt stress pause reset save open"
    )
    assert set(controls.split()) <= seen
    names = page.eval_on_selector_all(
        "main button, main input, main select, main textarea",
        "all => all.filter((n) => !(n.ariaLabel || n.textContent || n.labels[0].textContent)).length",
    )
    assert not names


def test_by_the_fields(lab, open_page):
    page = open_page(f"{lab}edit/")
    spoken(page, 1)
    page.focus("#phones button[data-row='12']")
    assert page.input_value("#spelt") == "h a r ˈoo sh ay j a" and page.input_value("#stress") == "2"
    page.fill("#spelt", "h a r ii sh")
    page.keyboard.press("Enter")
    spoken(page, 2)
    assert edit_of(page) == {"phones": {"1": "h a r ii sh"}}
    assert page.locator("#phones button").all_text_contents()[8:13] == ["h", "a", "r", "ii", "sh"]
    page.select_option("#phone", "yy")
    spoken(page, 3)
    assert "yy" in edit_of(page)["phones"]["1"]
    page.fill("#pause", "0.3")
    page.keyboard.press("Enter")
    spoken(page, 4)
    assert edit_of(page)["pauses"] == {"1": 0.3}
    assert "0.3" in page.text_content("#changes")
    page.click("#reset")
    spoken(page, 5)
    assert edit_of(page) == {} and page.is_disabled("#save")


def test_by_the_pointer(lab, open_page):
    page = open_page(f"{lab}edit/", height=1400)
    spoken(page, 1)
    page.wait_for_selector("body[data-vocoders]")
    box = page.locator("#edges button[data-row='4']").bounding_box()
    page.mouse.move(box["x"] + 6, box["y"] + 12)
    page.mouse.down()
    page.mouse.move(box["x"] + 46, box["y"] + 12, steps=4)
    page.mouse.up()
    spoken(page, 2)
    after = page.locator("#edges button[data-row='4']").bounding_box()
    assert after["x"] == pytest.approx(box["x"] + 40, abs=3)  # it stays where it was put
    box = page.locator("#contour button[data-row='4']").bounding_box()
    page.mouse.move(box["x"] + 9, box["y"] + 9)
    page.mouse.down()
    page.mouse.move(box["x"] + 9, box["y"] - 6, steps=4)
    page.mouse.up()
    spoken(page, 3)
    assert page.locator("#contour button[data-row='4']").bounding_box()["y"] < box["y"] - 8
    assert set(edit_of(page)) == {"durations", "f0"}


def test_an_edit_is_saved_opened_and_survives_a_reload_in_its_tab(lab, open_page, tmp_path):
    page = open_page(f"{lab}edit/")
    spoken(page, 1)
    page.select_option("#language", "ru")
    page.focus("#phones button[data-row='4']")
    page.keyboard.press("Shift+ArrowRight")
    spoken(page, 2)
    with page.expect_download() as loading:
        page.click("#save")
    path = tmp_path / "edit.json"
    loading.value.save_as(path)
    saved = json.loads(path.read_text("utf-8"))
    assert list(saved) == ["durations"]
    other = page.context.new_page()
    other.goto(f"{lab}edit/")
    spoken(other, 1)
    assert edit_of(other) == {} and other.text_content("#speak") == "Speak"
    other.set_input_files("#open", path)
    spoken(other, 2)
    assert edit_of(other) == saved
    page.reload()
    spoken(page, 1)
    assert edit_of(page) == saved and page.text_content("h1") == "Правка"
    assert page.get_attribute("body", "data-changes") == "1"


def test_what_no_request_takes_is_not_made_another_value_without_a_word(lab, open_page):
    page = open_page(f"{lab}edit/")
    spoken(page, 1)
    page.click("#phones button[data-row='4']")
    page.fill("#seconds", "99")
    page.keyboard.press("Enter")
    spoken(page, 2)
    assert page.text_content("#limited") == "99 s cannot be: 0.01 to 10 s. Taken: 10 s."
    assert list(edit_of(page)["durations"].values()) == [10]
    page.fill("#seconds", "0.2")
    page.keyboard.press("Enter")
    spoken(page, 3)
    assert page.text_content("#limited") == ""


def test_what_goes_wrong_is_shown_and_can_be_undone(lab, open_page):
    page = open_page(f"{lab}edit/", complains=True)
    spoken(page, 1)
    page.fill("#spelt", "q q q")
    page.keyboard.press("Enter")
    page.wait_for_selector("#trouble:not([hidden])")
    assert "'q'" in page.text_content("#trouble")
    page.click("#undo")
    page.wait_for_selector("#trouble", state="hidden")


def test_say_writes_how_a_text_was_spoken_and_speaks_it_again(voice_folder, tmp_path, capsys):
    path, out = tmp_path / "edit.json", tmp_path / "out.wav"
    say = ["say", "-v", str(voice_folder), TEXT, "-o", str(out)]
    assert run([*say, "--write-edit", str(path)]) == 0
    first, edit = audio.read(out), json.loads(path.read_text("utf-8"))
    assert set(edit) == {"phones", "pauses", "durations", "f0"} and edit["phones"]["2"] == "p a g ˈoo d a"
    edit["durations"]["2.3"] += 0.2
    path.write_text(json.dumps(edit), "utf-8")
    assert run([*say, "--edit", str(path)]) == 0
    assert audio.read(out).duration == pytest.approx(first.duration + 0.2, abs=0.03)
    assert run([*say, "--edit", str(path), "--speed", "2"]) == 2
    assert "speed cannot be changed where durations are given" in capsys.readouterr().err
    assert run([*say[:3], "-f", str(path), "--lines", "--edit", str(path)]) == 2
    assert "--lines" in capsys.readouterr().err


def test_a_file_that_is_no_edit_is_refused_by_name_and_what_was_changed_stays(lab, open_page, tmp_path):
    page = open_page(f"{lab}edit/")
    spoken(page, 1)
    page.focus("#phones button[data-row='4']")
    page.keyboard.press("Shift+ArrowRight")
    spoken(page, 2)
    before = edit_of(page)
    for language, text, said in (
        ("en", "{", "is no edit: it is not valid JSON"),
        ("en", "", "not valid JSON"),
        ("en", "[1]", "an edit is tables"),
        ("en", '{"strss": {"0": 1}}', "no table “strss”"),
        ("ru", '{"stress": 1}', "это таблицы изменений"),
        ("ru", "{", "это не JSON"),
    ):
        page.select_option("#language", language)
        path = tmp_path / "mine.json"
        path.write_text(text, encoding="utf-8")
        page.set_input_files("#open", path)
        page.wait_for_function(
            "said => document.getElementById('trouble').textContent.includes(said)", arg=said
        )
        assert page.text_content("#trouble").startswith("mine.json")
        assert edit_of(page) == before
