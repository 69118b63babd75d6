# SPDX-License-Identifier: Apache-2.0
"""The fast Harvest against pyworld's, on recordings."""

import numpy as np
import pytest

from synthkit import audio
from synthkit.corpora import open_corpus
from synthkit.dsp.harvest import harvest
from synthkit.dsp.world import load_pyworld
from synthkit.types import Waveform


def recording(corpus, k, rate, seconds=3.0):
    w = audio.read(open_corpus(corpus).utterances[k].audio)
    return audio.resample(
        Waveform(w.samples[: round(seconds * w.sample_rate)], w.sample_rate), rate
    ).samples.astype(float)


@pytest.mark.parametrize("rate", [8000, 16000, 22050, 24000, 44100, 48000])
@pytest.mark.parametrize(("corpus", "k"), [("bundled-ru", 1), ("bundled-en", 0)])
def test_the_contour_is_pyworlds(corpus, k, rate):
    x = recording(corpus, k, rate)
    expected, times = load_pyworld().harvest(x, rate, f0_floor=40, f0_ceil=800, frame_period=5)
    f0, at = harvest(x, rate, f0_floor=40, f0_ceil=800, frame_period=5)
    assert (f0 > 0).sum() > 100
    np.testing.assert_allclose(f0, expected, rtol=1e-6)
    np.testing.assert_array_equal(at, times)


def test_other_frame_periods_and_ranges():
    x = recording("bundled-ru", 0, 16000)
    options = {"f0_floor": 71.0, "f0_ceil": 500.0, "frame_period": 16.0}
    np.testing.assert_allclose(
        harvest(x, 16000, **options)[0], load_pyworld().harvest(x, 16000, **options)[0], rtol=1e-6
    )


def test_silence_between_words_and_at_the_edges():
    x = recording("bundled-ru", 2, 16000, 1.5)
    x = np.concatenate([np.zeros(4000), x, np.zeros(8000), x, np.zeros(4000)])
    expected, _ = load_pyworld().harvest(x, 16000, f0_floor=40, f0_ceil=800)
    np.testing.assert_allclose(harvest(x, 16000, f0_floor=40, f0_ceil=800)[0], expected, rtol=1e-6)


def test_no_voice_has_no_pitch():
    assert not harvest(np.zeros(16000), 16000)[0].any()
    assert len(harvest(np.ones(200), 16000)[0]) == 3
