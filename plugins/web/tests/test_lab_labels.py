# SPDX-License-Identifier: Apache-2.0
"""The lab's panel Labels in a real Chromium: a corpus whose labels are in doubt, corrected by keys."""

import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import httpx
import numpy as np
import pytest
from synthkit_web.lab.labels.opening import label_sources
from synthkit_web.lab.labels.sources import NoAlignment

from synthkit import audio
from synthkit.atomic import sha256
from synthkit.corpora import open_corpus
from synthkit.errors import ConfigError
from synthkit.labels import read_alignment, write_alignment

SPOILT = "ru_0466"


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """The six shortest bundled recordings with TextGrids; of one of them a boundary is far off."""
    folder = tmp_path_factory.mktemp("corpora") / "mine"
    folder.mkdir()
    chosen = sorted(open_corpus("bundled-ru").utterances, key=lambda u: audio.info(u.audio)[1])[:6]
    for u in chosen:
        shutil.copy(u.audio, folder / u.audio.name)
        (folder / f"{u.id}.txt").write_text(u.text, encoding="utf-8")
        found = read_alignment(u.labels, id=u.id, duration=audio.info(u.audio)[1] / audio.info(u.audio)[0])
        if u.id == SPOILT:
            k = spoilt(found)
            a, b = found.phones[k - 1], found.phones[k]
            edge = b.end - 0.002
            phones = list(found.phones)
            phones[k - 1 : k + 1] = replace(a, end=edge), replace(b, start=edge)
            found = replace(found, phones=tuple(phones))
        write_alignment(folder / f"{u.id}.TextGrid", found)
    return folder


def spoilt(alignment):
    """A phone of the commonest kind, inside."""
    labels = alignment.symbols()
    return next(k for k in range(4, len(labels)) if labels[k] == "a" and labels[k - 1] != "pau")


@pytest.fixture
def lab(corpus, tmp_path):
    """``lab(*more)``: address of `synthkit lab --corpus` as a user runs it; corrections go to `tmp_path`."""
    running = []

    def start(*more):
        named = ["--corpus", str(corpus), "-l", "ru", "--corrections", str(tmp_path / "corrections")]
        command = [sys.executable, "-m", "synthkit", "lab", *named, "--port", "0", "--no-open", *more]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=tmp_path)
        running.append(process)
        assert process.stdout.readline().strip() == "voices: none"
        return process.stdout.readline().split()[1]

    yield start
    for process in running:
        process.kill()
        process.communicate()


@pytest.mark.parametrize(("width", "dark"), [(1400, False), (390, True)])
def test_a_doubtful_boundary_is_corrected_by_keyboard_alone(lab, corpus, open_page, tmp_path, width, dark):
    before = {p: sha256(p) for p in corpus.iterdir()}
    page = open_page(lab(), width=width, dark=dark)
    page.wait_for_selector(f"body[data-opened={SPOILT}]")  # the doubtful one first
    assert page.evaluate("document.documentElement.scrollWidth") == width
    drawn_on_one_axis(page)
    original = read_alignment(corpus / f"{SPOILT}.TextGrid")
    # Every control is reached by Tab.
    seen = set()
    page.focus(".panels a")
    for _ in range(40):
        seen.add(page.evaluate("document.activeElement.id || document.activeElement.className"
                               " || document.activeElement.closest('#flags')?.id"
                               " || document.activeElement.getAttribute('href')"))  # fmt: skip
        page.keyboard.press("Tab")
    controls = "language source order utterances after play around doubt zero nearer farther"
    assert {*controls.split(), "/lab/", "/lab/labels/", "/lab/training/", "snap", "flags", "save"} <= seen
    assert any(name and name.startswith("edge") for name in seen)
    # The next doubtful boundary: heard, moved by 1 and by 10 ms, undone, done again, kept, saved.
    page.focus("#around")
    page.keyboard.press("n")
    edge = int(page.get_attribute(".edge:focus", "data-edge"))
    assert "doubt" in page.get_attribute(".edge:focus", "class")
    page.keyboard.press("Enter")
    page.wait_for_selector(f"body[data-heard='{edge}']")
    start = original.phones[edge].start

    def now():
        return float(page.get_attribute(f"[data-edge='{edge}']", "aria-valuenow"))

    for _ in range(3):
        page.keyboard.press("ArrowLeft")
    page.keyboard.press("Shift+ArrowLeft")
    assert now() == pytest.approx(start - 0.013, abs=2e-4)
    page.keyboard.press("u")
    assert now() == pytest.approx(start - 0.003, abs=2e-4)
    page.keyboard.press("r")
    assert now() == pytest.approx(start - 0.013, abs=2e-4)
    page.reload()  # what is not saved yet survives
    page.wait_for_selector("body[data-changes='4']")
    assert now() == pytest.approx(start - 0.013, abs=2e-4)
    page.focus(f"[data-edge='{edge}']")
    page.keyboard.press("z")
    zero = now()
    page.keyboard.press("s")
    page.wait_for_selector("body[data-saved]")
    saved = read_alignment(tmp_path / "corrections" / "mine" / f"{SPOILT}.TextGrid")
    assert saved.symbols() == original.symbols()
    counted = page.text_content("#counted")
    page.reload()  # what is corrected is not in doubt any more, whoever counts
    page.wait_for_selector(f"body[data-opened={SPOILT}]")
    assert page.text_content("#counted") == counted
    assert saved.phones[edge].start == pytest.approx(zero, abs=1e-4)
    assert [w.label for w in saved.words][:4] == ["Что", "же", "может", "быть"]  # found by the text
    wave = audio.read(next(corpus.glob(f"{SPOILT}.[fw]*")))
    at = saved.phones[edge].start * wave.sample_rate
    a, b = wave.samples[int(at)], wave.samples[int(at) + 1]
    assert a == 0 or b == 0 or np.sign(a) != np.sign(b)
    assert before == {p: sha256(p) for p in corpus.iterdir()}  # nothing of the corpus was touched
    written = {p.name for p in (tmp_path / "corrections" / "mine").iterdir()}
    assert written == {f"{SPOILT}.TextGrid", "saved.json", ".lock"}
    page.focus("#save")
    page.keyboard.press("PageDown")
    page.wait_for_selector(f"body:not([data-opened={SPOILT}])")
    page.focus("#language")
    page.select_option("#language", "ru")
    assert page.text_content("#save") == "Сохранить исправление (S)"


def drawn_on_one_axis(page):
    """Boundaries lie within the lanes, and each phone begins below the boundary that it begins with."""
    lanes = page.locator("#lanes").bounding_box()
    phones = {p.get_attribute("data-from"): p.bounding_box() for p in page.locator("#phones > span").all()}
    edges = page.locator(".edge").all()
    assert len(edges) > 3
    for edge in edges:
        box = edge.bounding_box()
        assert lanes["y"] <= box["y"] and box["y"] + box["height"] <= lanes["y"] + lanes["height"] + 1
        at = min(phones, key=lambda t: abs(float(t) - float(edge.get_attribute("aria-valuenow"))))
        assert phones[at]["x"] == pytest.approx(box["x"] + box["width"] / 2, abs=2)
        assert lanes["y"] < phones[at]["y"] < lanes["y"] + lanes["height"]


def test_a_boundary_is_dragged_and_two_tabs_do_not_undo_each_other(lab, open_page, tmp_path):
    url = lab()
    page = open_page(url, complains=True)  # one refusal is looked for below
    page.wait_for_selector(f"body[data-opened={SPOILT}]")
    other = page.context.new_page()
    other.goto(url)
    other.wait_for_selector(f"body[data-opened={SPOILT}]")
    page.focus("#play")
    page.keyboard.press("n")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    handle = page.locator(".edge:focus")
    before = float(handle.get_attribute("aria-valuenow"))
    box = handle.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2 - 15, box["y"] + 60, steps=4)
    page.mouse.up()
    assert float(handle.get_attribute("aria-valuenow")) < before - 0.01
    assert [p.get_attribute("body", "data-changes") for p in (page, other)] == ["1", "0"]
    page.click("#save")
    page.wait_for_selector("body[data-saved]")
    other.focus("#play")
    other.keyboard.press("n")
    other.keyboard.press("ArrowLeft")
    other.keyboard.press("s")
    other.wait_for_selector("#trouble:not([hidden])")
    assert "saved elsewhere meanwhile" in other.text_content("#trouble")
    saved = read_alignment(tmp_path / "corrections" / "mine" / f"{SPOILT}.TextGrid")
    assert min(abs(p.start - before) for p in saved.phones) > 0.005


def test_what_may_not_be_saved_is_refused(lab, tmp_path):
    url = lab().replace("/labels/", "/api/labels/0")
    told = httpx.get(f"{url}/{SPOILT}").json()
    phones, words = told["first"]["phones"], told["first"]["words"]
    good = {"phones": phones, "words": words, "state": ""}

    def put(body, id=SPOILT):
        reply = httpx.put(f"{url}/{id}", json=body)
        return reply.status_code, reply.text

    gap = [[a, b - 0.004 if k == 3 else b, label] for k, (a, b, label) in enumerate(phones)]
    assert put({**good, "phones": gap})[0] == 422
    assert put({**good, "phones": phones[:-1]})[0] == 422
    assert put({**good, "phones": [["0", 1, "a"]]})[0] == 422
    assert put({**good, "words": [[0.0001, 0.2, "x"]]})[0] == 422
    assert put(good, "nobody")[0] == 404 and put(good, "..%2F..%2Fx")[0] in (404, 405)
    assert not (tmp_path / "corrections").exists()
    mine = tmp_path / "corrections" / "mine" / f"{SPOILT}.TextGrid"
    mine.parent.mkdir(parents=True)
    mine.write_text("somebody's own", encoding="utf-8")
    status, said = put({**good, "state": sha256(mine)})
    assert status == 409 and "--overwrite" in said and mine.read_text(encoding="utf-8") == "somebody's own"
    mine.unlink()
    status, said = put(good)
    assert status == 200
    assert put({**good, "state": sha256(mine)})[0] == 200  # its own is replaced


def test_what_is_somebodys_own_is_replaced_when_asked(lab, corpus, tmp_path):
    url = lab("--overwrite").replace("/labels/", "/api/labels/0")
    folder = tmp_path / "corrections" / "mine"
    folder.mkdir(parents=True)
    told = httpx.get(f"{url}/{SPOILT}").json()
    file = folder / f"{SPOILT}.TextGrid"
    write_alignment(file, read_alignment(corpus / file.name))
    body = {"phones": told["first"]["phones"], "words": [], "state": sha256(file)}
    assert httpx.put(f"{url}/{SPOILT}", json=body).status_code == 200


def test_a_corpus_without_labels_says_how_to_make_them(corpus, tmp_path):
    bare = tmp_path / "bare"
    shutil.copytree(corpus, bare, ignore=shutil.ignore_patterns("*.TextGrid"))
    labels = tmp_path / "labels"
    shutil.copytree(corpus, labels, ignore=shutil.ignore_patterns("*.flac", "*.txt"))
    (labels / f"{SPOILT}.TextGrid").write_text("no labels at all", encoding="utf-8")
    (source,) = label_sources([], [str(bare)], tmp_path / "c", language="ru")
    assert {row["why"] for row in source.listed()} == {"it has no labels"}
    with pytest.raises(NoAlignment, match="synthkit align"):
        source.told(SPOILT)
    (source,) = label_sources([], [str(bare)], tmp_path / "c", language="ru", labels=labels)
    rows = source.listed()
    assert rows[-1]["id"] == SPOILT and "not a Praat TextGrid" in rows[-1]["why"]
    assert not any(row["why"] for row in rows[:-1])
    with pytest.raises(ConfigError, match="one --corpus"):
        label_sources([], [], tmp_path, labels=labels)
    with pytest.raises(ConfigError, match="two corpora"):
        label_sources([], [str(bare), str(bare)], tmp_path, language="ru")


def test_labels_of_a_voice(voice_folder, tmp_path):
    (source,) = label_sources([voice_folder], [], tmp_path)
    rows = source.listed()
    assert len(rows) == 12 and source.kind == "voice"
    told = source.told(rows[0]["id"])
    assert told["first"]["phones"][-1][1] == pytest.approx(told["seconds"])
    assert source.waveform(rows[0]["id"]).duration == pytest.approx(told["seconds"])
    assert source.corrections.folder == Path(tmp_path) / "demo-ru"
