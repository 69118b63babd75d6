# SPDX-License-Identifier: Apache-2.0
"""Tuning: the figures of a path, the search over folds, the words of a recogniser, the picture."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
from synthkit_unit_selection import words
from synthkit_unit_selection.figures import TERMS, figures, joins, unit_path
from synthkit_unit_selection.front import draw_front
from synthkit_unit_selection.select import Search
from synthkit_unit_selection.tune import Judge, front, told, tune
from synthkit_unit_selection.words import Words

from synthkit.cli import run
from synthkit.errors import ConfigError, CorpusError, PluginError
from synthkit.eval import EvalSample
from synthkit.pipeline.voice import Voice
from synthkit.settings import Settings

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def voice(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tuned")
    patch = pytest.MonkeyPatch()
    patch.setenv("SYNTHKIT_CACHE", str(folder / "cache"))
    recipe = ROOT / "corpora/recipes/demo-ru.toml"
    assert run(["build", str(recipe), "-o", str(folder / "voice"), "--set", "voice.limit=12"]) == 0
    opened = Voice.open(folder / "voice")
    yield opened
    opened.close()
    patch.undo()


def test_steps_are_those_of_joins_and_of_nothing_else():
    # Four edges of F0 (log Hz), voicing, power and one cepstrum.
    up = np.log(2) / 12  # a semitone
    edges = np.array([[5, 1, 0, 0], [5, 1, 0, 1], [5, 0, 0, 2], [5 + 2 * up, 1, 0, 3], [5 + up, 1, 0, 3]])
    speech = np.zeros(2, bool)
    dB = 10 * np.sqrt(2) / np.log(10)
    assert joins(edges, np.array([0, 1]), speech) == (0.0, 0.0)  # neighbours
    # Unit 0 ends as unit 1 begins: from there to the beginning of unit 3.
    assert joins(edges, np.array([0, 3]), speech) == pytest.approx((2.0, 2 * dB))
    # Unit 1 ends without voice: the spectrum steps, F0 does not.
    assert joins(edges, np.array([1, 3]), speech) == pytest.approx((0.0, dB))
    assert joins(edges, np.array([0, 3]), np.ones(2, bool)) == (0.0, 0.0)  # inside a pause


def test_a_recording_spoken_with_its_own_units_errs_by_nothing(voice, monkeypatch):
    model = voice.acoustic_model
    search = Search(window=24, keep=20)
    without, path = figures(model, 3, model.weights(), search)
    assert (without[[0, 1, 3, 4]] > 0).all()
    low, high = model.store.span(3)
    assert not ((path >= low) & (path < high)).any()
    monkeypatch.setattr(model.store, "span", lambda recording: (low, high) if recording == 3 else (0, 0))
    forced = Search(window=24, keep=20, forced={k: low + k for k in range(high - low)})
    from synthkit_unit_selection import figures as module

    monkeypatch.setattr(module, "Search", lambda **_: forced)
    own, path = figures(model, 3, model.weights(), search)
    np.testing.assert_array_equal(path, np.arange(low, high))
    np.testing.assert_allclose(own, 0, atol=1e-9)


def test_every_figure_is_told_with_its_interval(voice):
    result = tune(voice.acoustic_model, count=8, trials=2, folds=2)
    assert result.recordings == 8
    assert len(result.tried) == 3
    assert set(result.change) == {*TERMS, "objective"}
    for name, change in result.change.items():
        assert change.low <= change.mean <= change.high
        assert change.mean == pytest.approx(result.after[name] - result.before[name], abs=1e-9)
    prices = {name: term.price for name, term in TERMS.items()}
    worth = sum(prices[name] * result.before[name] for name in TERMS)
    assert result.before["objective"] == pytest.approx(worth)
    text = told(result)
    assert "8 recordings in 2 folds" in text
    assert all(f"# {name}: " in text for name in TERMS)


def test_weights_that_were_kept_are_ever_better(voice):
    result = tune(voice.acoustic_model, count=4, trials=6, seed=1)
    worth = [result.tried[k]["objective"] for k in result.kept]
    assert worth == sorted(worth, reverse=True)
    assert result.kept[0] == 0


def test_what_cannot_be_judged_is_refused(voice):
    with pytest.raises(CorpusError, match="folds"):
        tune(voice.acoustic_model, count=3, trials=1, folds=4)
    with pytest.raises(ConfigError, match="no figure 'joins'"):
        tune(voice.acoustic_model, count=4, trials=1, prices={"joins": 1.0})
    with pytest.raises(ConfigError, match="recogniser"):
        Judge(voice.acoustic_model, {"words": 1.0})


def test_the_front_is_what_no_other_beats():
    rows = [{"a": a, "b": b} for a, b in ((3, 1), (1, 3), (2, 2), (2, 3), (3, 3), (1, 4))]
    assert front(rows, "a", "b") == [1, 2, 0]


class Ear:
    """A recogniser that hears as many words as there are seconds, and counts how often it is asked."""

    class Config(Settings):
        model: str = ""

    asked: ClassVar[list[float]] = []

    def __init__(self, config: Settings) -> None:
        self.config = config

    def prepare(self) -> None:
        pass

    def fingerprint(self) -> str:
        return "ear"

    def transcribe(self, sample: EvalSample) -> str:
        self.asked.append(sample.test.duration)
        return " ".join(f"слово{chr(1072 + k)}" for k in range(1 + int(4 * sample.test.duration)))


def test_words_are_wrong_that_are_heard_in_the_recording_alone(voice, monkeypatch):
    class Plugins:
        def load(self, stage: str, name: str) -> type:
            return Ear

    monkeypatch.setattr(words, "registry", Plugins)
    ears = Words(voice, "ear", {"model": "x"})
    model = voice.acoustic_model
    low, high = model.store.span(2)
    whole = np.arange(low, high)
    assert ears.wrong(2, whole) == 0
    short = np.concatenate([whole[::2], whole[::2]])[: len(whole)]  # half of it, twice: other lengths
    assert ears.wrong(2, short) >= 0
    count = len(Ear.asked)
    again = Words(voice, "ear", {"model": "x"})
    again.wrong(2, whole)
    again.wrong(2, short)
    assert len(Ear.asked) == count  # kept by the waveform's hash
    for damaged in (b'{"heard": "\xd1', b"[]", b'{"heard": 3}'):
        for kept in (words.default_root() / "heard").glob("*.json"):
            kept.write_bytes(damaged)
        count = len(Ear.asked)
        Words(voice, "ear", {"model": "x"}).wrong(2, short)
        assert len(Ear.asked) == count + 2  # damaged, it is heard again
    rows = Judge(model, words=ears).rows([2, 3], model.weights())
    assert rows.shape == (2, len(TERMS) + 1)
    assert voice.render(unit_path(model, 2, whole)).duration > 1


def test_a_metric_that_hears_no_words_is_refused(voice):
    with pytest.raises(PluginError, match="no recogniser"):
        Words(voice, "world", {})


def test_the_command_draws_what_was_tried(voice, tmp_path, capsys):
    pytest.importorskip("matplotlib")
    picture = tmp_path / "front.svg"
    command = [
        "tune",
        "-v",
        str(voice.folder),
        "--utterances",
        "4",
        "--trials",
        "2",
        "--picture",
        str(picture),
    ]
    assert run([*command, "--price", "steps=0.3"]) == 0
    said = capsys.readouterr().out
    assert "# steps: " in said
    assert "[acoustic_model.join]" in said
    assert picture.read_text(encoding="utf-8").startswith("<?xml")
    assert run([*command, "--price", "steps=much"]) != 0
    assert "not FIGURE=DB" in capsys.readouterr().err


@pytest.mark.parametrize("option", ["--utterances=0", "--utterances=-4", "--trials=0"])
def test_amounts_of_nothing_are_refused(voice, option, capsys):
    """Of two recordings weights were printed, with intervals of nothing."""
    assert run(["tune", "-v", str(voice.folder), option]) == 2
    assert option.partition("=")[0] in capsys.readouterr().err


def test_the_picture_has_a_panel_for_each_pair(voice, tmp_path):
    pytest.importorskip("matplotlib")
    result = tune(voice.acoustic_model, count=4, trials=3)
    draw_front(result, tmp_path / "front.png")
    assert (tmp_path / "front.png").read_bytes()[:4] == b"\x89PNG"
