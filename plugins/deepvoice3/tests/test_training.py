# SPDX-License-Identifier: Apache-2.0
"""It learns, says so, and goes on after a kill to the same bytes; minutes are planned."""

import json
from dataclasses import replace

import numpy as np
import pytest
from deepvoice3_toy import SMALL, mel
from synthkit_deepvoice3 import fitting
from synthkit_deepvoice3.examples import SILENCE_AFTER, SILENCE_BEFORE, path_of, prepare
from synthkit_deepvoice3.model import DeepVoice, DeepVoiceSettings

from synthkit.errors import ConfigError, CorpusError, VoiceError
from synthkit.stages import Request
from synthkit.testing.samples import context

torch = pytest.importorskip("torch")


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    found = mel(tmp_path_factory.mktemp("data"))
    # Looked at as if it were held out: of so few recordings no other has the phones of the rest.
    return replace(found, items=found.items[:3], held_out=found.items[:1])


def fit(data, folder, **more):
    (folder / "voice").mkdir(parents=True, exist_ok=True)
    model = DeepVoice(DeepVoiceSettings(**SMALL | more))
    model.fit(data, folder / "voice", context(folder / "work"))
    return (folder / "voice" / "deepvoice3.safetensors").read_bytes()


def test_the_path_is_that_of_the_alignment_without_the_silence_at_the_ends(data, tmp_path):
    prepared = prepare(data, context(tmp_path), reduction=2, watched=1)
    assert [e.id for e in prepared.held_out] == [data.held_out[0].utterance.id]
    period = 2 * data.spec.frame_period
    for item, e in zip(data.items, prepared.examples, strict=True):
        intervals = item.alignment.phones
        speech = intervals[-1].start - intervals[0].end
        assert len(e.path) * period <= speech + SILENCE_BEFORE + SILENCE_AFTER + 2 * period
        assert (np.diff(e.path) >= 0).all()
        seconds = np.bincount(e.path, minlength=len(intervals)) * period
        inner = np.array([i.duration for i in intervals])[1:-1]
        assert np.abs(seconds[1:-1] - inner).max() <= period + 1e-6
    assert list(path_of(np.array([1.0, 1.2, 1.4]), 4, 0.1)) == [0, 0, 1, 1]


def test_it_learns_and_every_look_is_kept(data, tmp_path):
    fit(data, tmp_path, steps=24, watch_every=12, rate=1e-2)
    lines = (tmp_path / "voice" / "training.jsonl").read_text().splitlines()
    first, last = (json.loads(line) for line in lines)
    assert (first["step"], last["step"]) == (12, 24)
    assert last["frames"] < first["frames"] and last["attention"] < first["attention"]
    assert last["held_out_frames"] < last["untrained"]
    assert 0 <= last["found"] <= 1 and 0 <= last["forward"] <= 1


def test_a_run_that_stops_half_way_goes_on_to_the_same_bytes(data, tmp_path, monkeypatch):
    from synthkit_deepvoice3 import training

    more = {"steps": 8, "own": 1.0}
    whole = fit(data, tmp_path / "whole", **more)
    assert fit(data, tmp_path / "other", seed=1, **more) != whole
    take = training.Trainer.take

    def stopping(self, examples):
        found = take(self, examples)
        if self.step == 5:
            self.save(tmp_path / "half" / "work" / fitting.STATE)
            raise KeyboardInterrupt
        return found

    monkeypatch.setattr(training.Trainer, "take", stopping)
    with pytest.raises(KeyboardInterrupt):
        fit(data, tmp_path / "half", **more)
    done = []
    monkeypatch.setattr(training.Trainer, "take", lambda self, e: (done.append(self.step), take(self, e))[1])
    assert fit(data, tmp_path / "half", **more) == whole
    assert done == [5, 6, 7]


def test_a_state_goes_on_with_more_steps_and_other_recordings(data, tmp_path):
    state = tmp_path / "state"
    fit(data, tmp_path / "first", state=str(state))
    less = replace(data, items=data.items[:1])
    fit(less, tmp_path / "second", state=str(state), steps=7)
    made = json.loads((tmp_path / "second" / "voice" / "deepvoice3.json").read_text())["made"]
    assert made["steps"] == 7
    assert made["heard"] == sorted(i.utterance.id for i in data.items)
    heard = (tmp_path / "second" / "voice" / "heard.txt").read_text().split()
    assert heard == sorted(i.utterance.id for i in data.items[1:])
    whole = (state / fitting.STATE).read_bytes()
    with pytest.raises(ConfigError, match="is of another training"):
        fit(less, tmp_path / "larger", state=str(state), channels=18)
    assert (state / fitting.STATE).read_bytes() == whole
    (state / fitting.KEPT).write_text("{}")
    with pytest.raises(VoiceError, match="take the folder away"):
        fit(less, tmp_path / "third", state=str(state))


def test_two_speakers_are_told_apart_and_mixed(data, tmp_path):
    other = replace(data.items[1], utterance=replace(data.items[1].utterance, speaker="anna"))
    two = replace(data, items=(data.items[0], other), speakers=("nsh", "anna"))
    fit(two, tmp_path, precision="bfloat16", rate=1e-2)
    model = DeepVoice(DeepVoiceSettings())
    model.open(tmp_path / "voice")
    segmentation = data.items[0].segmentation
    spoken = [
        model.predict(Request(segmentation, speaker=who, durations=np.full(len(segmentation.symbols()), 0.1)))
        for who in ("nsh", "anna", "0.5*nsh+0.5*anna")
    ]
    first, second, between = (s["mel"] for s in spoken)
    assert np.abs(first - second).max() > 1e-3
    assert np.abs(between - first).mean() < np.abs(second - first).mean()


def test_minutes_are_planned_and_too_few_are_refused():
    from synthkit_deepvoice3.training import Plan, rate

    work = context()
    plan = fitting.planned(Plan(10_000), 0, 10, 10.0, 20.0, work)
    assert plan.steps == 1080  # at a second each, nine tenths of the time
    assert rate(plan, plan.steps - 1) < 0.01 * plan.rate
    assert max(rate(plan, k) for k in range(plan.steps)) == plan.rate
    assert fitting.planned(Plan(100), 0, 10, 10.0, 20.0, work).steps == 100
    unlimited = fitting.planned(Plan(100), 0, 10, 10.0, float("inf"), work)
    assert (unlimited.steps, unlimited.minutes) == (100, float("inf"))
    with pytest.raises(ConfigError, match="nothing is learned in so few"):
        fitting.planned(Plan(10_000), 0, 10, 100.0, 1.0, work)


def test_what_does_not_learn_is_said_once():
    from types import SimpleNamespace

    from synthkit_deepvoice3.watching import Watch

    watch = Watch.__new__(Watch)
    watch.said = set()
    watch.looks = [{"step": 700, "held_out_frames": 0.8, "untrained": 0.8, "found": 0.2, "length": 3.0}]
    watch.trainer = SimpleNamespace(step=700)
    first = " ".join(watch.judge())
    assert "mean frame" in first and "attention finds 20%" in first and "3.00 times as long" in first
    assert watch.judge() == []


def test_recordings_of_other_texts_are_no_corpus(data, tmp_path):
    items = [
        replace(a, alignment=b.alignment, frames=b.frames)
        for a, b in zip(data.items, (*data.items[1:], data.items[0]), strict=True)
    ]
    with pytest.raises(CorpusError, match="do not belong together"):
        prepare(replace(data, items=tuple(items)), context(tmp_path), reduction=2, watched=0)
