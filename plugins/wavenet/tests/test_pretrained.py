# SPDX-License-Identifier: Apache-2.0
"""The bundled weights: whose they are, and what a copy of a recording that they never heard is like."""

import json

import numpy as np
import pytest
from synthkit_wavenet.stored import TrainedVocoder
from synthkit_wavenet.vocoder import WaveNetVocoder

from synthkit import audio
from synthkit.corpora import open_corpus
from synthkit.eval import Clip, EvalSample, measure
from synthkit.plugins import registry

FOLDER = WaveNetVocoder.bundled / "nsh"
HELD_OUT = "ru_0143"
"""Of the bundled recordings, one that the weights never heard."""


@pytest.fixture(scope="module")
def said():
    """A second and a half of the recording, its copy and the same copied without having learned anything."""
    item = open_corpus("bundled-ru").get(HELD_OUT)
    recording = audio.read(item.audio)
    recording = type(recording)(recording.samples[4000:28000], recording.sample_rate)
    vocoder = WaveNetVocoder()
    vocoder.open(FOLDER)
    trained = vocoder.trained
    spec = trained.spec
    kind = registry().load("features", "world")
    frames = kind.matching(vocoder.accepts()[0], spec.sample_rate).extract(recording)
    copy = vocoder.render(frames)
    rng = np.random.default_rng(0)
    noise = {k: rng.normal(0, 0.05, v.shape).astype(np.float32) for k, v in trained.weights.items()}
    vocoder.trained = TrainedVocoder(trained.shape, spec, trained.scales, noise)
    return recording, copy, vocoder.render(frames)


def test_whose_they_are_and_how_large():
    assert "Nickolay V. Shmyrev" in (FOLDER / "LICENCE.txt").read_text(encoding="utf-8")
    assert sum(f.stat().st_size for f in FOLDER.iterdir()) < 12e6


def test_they_never_heard_what_is_held_out_and_their_curve_falls():
    made = json.loads((FOLDER / "wavenet.json").read_text(encoding="utf-8"))["made"]
    assert HELD_OUT not in made["heard"] and len(made["heard"]) == 558
    nll = [row["held_out_nll"] for row in made["curve"]]
    assert all(after < before for before, after in zip(nll, nll[1:], strict=False)), nll


def test_a_copy_is_nearer_to_the_recording_than_that_of_a_network_that_learned_nothing(said):
    recording, copy, untaught = said
    distance = {}
    kind = registry().load("metric", "world")
    for name, wave in (("copy", copy), ("untaught", untaught)):
        sample = EvalSample(HELD_OUT, "", "ru", Clip(wave), Clip(recording))
        values = {m.key: m.value for m in measure(kind(), sample)}
        distance[name] = values["mcd/synthkit"]
    assert distance["copy"] < 0.8 * distance["untaught"], distance
