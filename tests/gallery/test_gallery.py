# SPDX-License-Identifier: Apache-2.0
"""The gallery: a stranger's plugin is in it by itself, what is missing is named, a second run takes up the
first, and the page, the table and the picture say what was measured."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

from synthkit import plugins
from synthkit.cli import run
from synthkit.corpora import open_corpus
from synthkit.errors import ConfigError
from synthkit.eval.analysis import analyse
from synthkit.eval.metric import Definition
from synthkit.eval.results import Row
from synthkit.gallery import page as pages
from synthkit.gallery.making import Maker
from synthkit.gallery.picture import picture
from synthkit.gallery.running import Gallery, run_gallery
from synthkit.gallery.table import Cell, Line, Room, alone, best_of, verdict
from synthkit.gallery.wanted import Wanted, programme
from synthkit.progress import Progress

STRANGER = Path(__file__).parents[1] / "open_contract"
QUIET = Progress(enabled=False)


@pytest.fixture(scope="module", autouse=True)
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A plugin of somebody else's, as pip leaves it: here and in the processes that build."""
    site = tmp_path_factory.mktemp("site")
    info = site / "synthkit_mulaw-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: synthkit-mulaw\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[synthkit]\nmulaw = synthkit_mulaw\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(site))
        patch.syspath_prepend(str(STRANGER))
        patch.setenv("PYTHONPATH", os.pathsep.join([str(STRANGER), str(site)]))
        patch.setenv("SYNTHKIT_CACHE", str(tmp_path_factory.mktemp("cache")))
        plugins.registry.cache_clear()
        yield
    plugins.registry.cache_clear()


def wanted(language: str = "ru", **more):
    return programme(plugins.registry(), language, open_corpus(f"bundled-{language}"), 16000, **more)


def test_whatever_registers_is_in_it():
    found = wanted()
    names = {w.name for w in found.voices}
    assert {
        "sampler",
        "unit-selection",
        "unit-selection-hybrid",
        "parametric",
        "deepvoice3",
        "glowtts",
    } <= names
    assert {"mulaw", "world", "griffin-lim", "overlap-add"} <= set(found.copies)
    assert "parametric+syrinx" in names
    assert "deepvoice3+syrinx" in names  # it has weights for either kind of frames
    assert "deepvoice3+wavenet" not in names  # its weights are for WORLD frames
    tables = {w.name: w.tables for w in found.voices}
    weights = {"pretrained": "nsh", "modulation": 1.0}
    assert tables["parametric"]["acoustic_model"] == {"plugin": "parametric", **weights}
    assert tables["deepvoice3"]["features"]["preset"] == "htk-16k"
    assert tables["sampler"]["features"]["plugin"] == "mulaw"
    assert names.isdisjoint(w.name for w in wanted("en").voices if w.pretrained)


def test_what_is_missing_is_named_with_what_to_do():
    missing = {m.name: m for m in wanted().missing}
    assert {"tacotron2", "vits"} <= missing.keys()
    assert "--voice" in missing["vits"].mend
    assert "no installed features" in missing["copy:hibari"].why
    assert {"piper", "hibari", "external"}.isdisjoint(missing)  # their voices are there by their own names


def test_a_voice_comes_after_those_that_it_needs():
    names = [w.name for w in wanted().voices]
    assert names.index("parametric") < names.index("unit-selection-hybrid")
    assert names.index("parametric") < names.index("parametric+syrinx")
    assert "parametric" in next(w for w in wanted().voices if w.name == "parametric+syrinx").needs()
    only = [w.name for w in wanted(only=["*-hybrid"]).voices]
    assert only == ["parametric", "unit-selection-hybrid"]


def test_a_built_voice_stands_beside_the_others_under_a_name_of_its_own(tmp_path):
    found = wanted(given=[tmp_path / "mine", tmp_path / "parametric"])
    assert [w.folder for w in found.voices if w.folder] == [tmp_path / "mine"]
    assert any("is called 'parametric'" in m.why for m in found.missing)


def maker(tmp_path: Path, **more) -> Maker:
    given = {
        "plugins": plugins.registry(), "corpus": "bundled-ru", "held_out": ["ru_0012"], "rate": 16000,
        "labels": True, "root": tmp_path / "voices", "minutes": 10.0, "workers": 1, "log": lambda line: None,
    }  # fmt: skip
    return Maker(**{**given, **more})


def test_a_build_that_takes_too_long_or_fails_is_named_and_the_rest_is_made(tmp_path):
    sampler = next(w for w in wanted().voices if w.name == "sampler")
    made, missing = maker(tmp_path, minutes=1e-6).make_all([sampler])
    assert not made
    assert "is not built within" in missing[0].why
    assert "synthkit build" in missing[0].mend
    wrong = Wanted("wrong", {"features": {}, "acoustic_model": {"plugin": "parametric", "pretrained": "nix"}})
    needy = Wanted("needy", {"features": {}, "acoustic_model": {"plugin": "unit-selection", "x": "{gone}"}})
    (tmp_path / "damaged").mkdir()
    (tmp_path / "damaged" / "manifest.json").write_text("{}")
    damaged = Wanted("damaged", folder=tmp_path / "damaged")
    made, missing = maker(tmp_path).make_all([wrong, needy, damaged])
    assert not made
    assert "nix" in missing[0].why
    assert "'gone'" in missing[1].why
    assert missing[2].name == "damaged"


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory):
    out = tmp_path_factory.mktemp("gallery")
    asked = Gallery(
        out / "g",
        languages=("ru",),
        corpora={"ru": "bundled-ru"},
        sentences=2,
        only=("sampler*", "copy:mulaw", "copy:world"),
        workers=1,
        metrics=("whisper",),
        docs=out / "docs" / "gallery.md",
        metric_settings={"whisper": {"model": str(out / "no-model")}},
    )
    return asked, run_gallery(asked, QUIET)


def test_a_strangers_parts_speak_beside_the_recordings(shown):
    asked, done = shown
    (room,) = done.rooms
    assert [(line.name, line.kind) for line in room.lines] == [
        ("natural", "natural"), ("copy:mulaw", "copy"), ("copy:world", "copy"), ("sampler", "voice"),
    ]  # fmt: skip
    voice = room.lines[-1]
    assert voice.vocoder == "mulaw"
    assert voice.figures["rtf"].value > 0
    assert room.sentences == 2
    assert not any(line.failed for line in room.lines)
    whisper = [m for m in room.missing if m["name"] == "whisper"]
    assert whisper and "no-model" in whisper[0]["why"]
    kept = json.loads((asked.out / "gallery.json").read_text())
    assert kept["rooms"][0]["verdict"] == room.verdict
    text = (asked.out / "index.html").read_text()
    assert "sampler" in text and "ru/report/index.html" in text
    assert (asked.out / "ru" / "report" / "index.html").is_file()


def test_the_docs_have_a_row_for_each_system(shown):
    asked, done = shown
    text = asked.docs.read_text()
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    assert len(rows) == 1 + len(done.rooms[0].lines)
    assert len({row.count("|") for row in rows}) == 1
    assert "- whisper: " in text


def test_a_second_run_goes_on_from_the_first(shown):
    asked, _ = shown
    root = Path(os.environ["SYNTHKIT_CACHE"])

    def kept() -> dict[str, int]:
        return {str(p): p.stat().st_mtime_ns for p in root.rglob("*.wav")}

    before = kept()
    assert before
    again = run_gallery(asked, QUIET)
    assert kept() == before
    assert [line.name for line in again.rooms[0].lines][-1] == "sampler"


def test_a_language_without_recordings_is_refused_by_name(tmp_path, capsys):
    with pytest.raises(ConfigError, match="no recordings in 'xx'"):
        run_gallery(Gallery(tmp_path / "g", languages=("xx",)), QUIET)
    assert run(["gallery", "-o", str(tmp_path / "h"), "--corpus", "ru"]) == 2
    assert "LANGUAGE=NAME" in capsys.readouterr().err
    with pytest.raises(ConfigError, match="nothing to show"):
        nothing = Gallery(tmp_path / "i", ("ru",), {"ru": "bundled-ru"}, only=("no-such-*",))
        run_gallery(nothing, QUIET)


def room(lines: list[Line]) -> Room:
    return Room(
        "en",
        "a|b",
        "en/report/index.html",
        12,
        lines,
        verdict(lines, TESTS),
        [],
        [],
        dict.fromkeys(("wer", "predicted-mos"), "x"),
    )


def line(name: str, wer: float, mos: float, kind: str = "voice") -> Line:
    figures = {"wer": Cell(wer, wer - 1, wer + 1), "predicted-mos": Cell(mos, None, None)}
    return Line(name, kind, "what | it is", "world", figures)


LINES = [
    line("natural", 10.0, 4.0, "natural"),
    line("good", 12.0, 3.0),
    line("other", 20.0, 3.9),
    line("mumbles", 60.0, 2.0),
]
TESTS = {
    ("wer", frozenset(("good", "other"))): 0.02,  # not below 0.05 as one of the four tests with a best
    ("wer", frozenset(("good", "mumbles"))): 0.01,
    ("predicted-mos", frozenset(("other", "mumbles"))): 0.001,  # other and good: not tested
}


def test_the_verdict_counts_who_speaks_words_and_names_the_best_with_their_equals():
    said = verdict(LINES, TESTS)
    assert "2 of 3 speak words" in said
    assert "WER: best good, 12.0 %, not told apart from other;" in said
    assert "predicted MOS: best other, 3.90, not told apart from good." in said
    assert best_of(room(LINES)) == {"wer": "good", "predicted-mos": "other"}
    assert verdict(LINES[:1], TESTS) == "Nothing was measured of voices."


def test_a_voice_that_heard_the_sentences_is_shown_and_is_none_of_the_best():
    known = Line("known", "voice", "", "", {"wer": Cell(1.0, 0.0, 2.0)}, heard=True)
    whole = room([*LINES, known])
    assert "known" not in verdict(whole.lines, TESTS)
    assert best_of(whole)["wer"] == "good"
    assert "| known † |" in pages.docs([whole], [], {})


def test_tables_are_whole_whatever_names_hold():
    text = pages.docs([room(LINES)], ["a <fact>"], {})
    rows = [row.replace("\\|", "") for row in text.splitlines() if row.startswith("| ")]
    assert {row.count("|") for row in rows} == {6}
    assert "**12.0**" in text and "&lt;fact>" in text
    assert "<b>12.0</b>" in pages.page([room(LINES)], ["a <fact>"])
    assert "*12.0" in pages.terminal(room(LINES))


def test_the_picture_is_svg_with_a_dot_for_each_figure():
    drawn = ElementTree.fromstring(picture(room(LINES)))
    dots = [e for e in drawn.iter() if e.tag.endswith("circle")]
    assert len(dots) == 8
    wild = picture(room([*LINES, line("wild", 400.0, 1.0)]))
    drawn = ElementTree.fromstring(wild)
    assert "wild: 400" in wild
    assert len([e for e in drawn.iter() if e.tag.endswith("path")]) == 1
    assert max(float(e.get("cx")) for e in drawn.iter() if e.tag.endswith("circle")) < 700
    bare = [Line("natural", "natural", "", "", {})]
    assert picture(room(bare)) == ""


def test_tests_with_the_best_are_taken_where_those_of_all_pairs_have_no_power():
    rows = [
        Row(f"u{i}", f"v{k}", "predicted-mos", "distillmos", 2.0 + k * (1 + 0.01 * i), 1.0, "MOS")
        for i in range(7)
        for k in range(8)
    ]
    definition = Definition("predicted-mos", "distillmos", "MOS", "higher", "MOS", "predicted", main=True)
    analysis = analyse(rows, [definition], [f"v{k}" for k in range(8)])
    assert not any(p.tested for p in analysis.pairs)
    found = alone(analysis)
    assert len(found) == 28 and max(found.values()) == 2.0**-6
