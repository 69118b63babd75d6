# SPDX-License-Identifier: Apache-2.0
"""What predicted frames lack is measured, and given back to them."""

import json
from dataclasses import replace

import numpy as np
import pytest
from synthkit_parametric.fitting import BUNDLED
from synthkit_parametric.parametric import ParametricModel, ParametricSettings
from synthkit_parametric.sharpening import (
    MOST,
    Variation,
    apart,
    cosines,
    filtered,
    modulate,
    ratio,
    sharpen,
)
from synthkit_parametric.voice import JSON, TrainedVoice

from synthkit.errors import ConfigError, VoiceError
from synthkit.plugins import registry
from synthkit.stages import Request

WHERE = {"mcep": slice(0, 4), "lf0": slice(4, 5)}


def moving(seed=0, count=4000):
    """Frames that change at every frequency alike, and the same smoothed over two neighbours."""
    natural = np.random.default_rng(seed).standard_normal((count, 5)).astype(np.float32)
    return natural, 0.25 * np.roll(natural, 1, axis=0) + 0.5 * natural + 0.25 * np.roll(natural, -1, axis=0)


def measured(frames):
    found = Variation(frames.shape[1])
    found.add(frames, np.ones(len(frames), bool))
    return found


def test_cosines_take_a_spectrum_apart_and_together_again():
    turn = cosines(80)
    assert turn @ turn.T == pytest.approx(np.eye(80), abs=1e-5)
    spectrum = np.random.default_rng(0).standard_normal((3, 80)).astype(np.float32)
    assert apart(spectrum, {"mel": slice(0, 80)}) @ turn == pytest.approx(spectrum, abs=1e-4)
    level = apart(np.ones((1, 80), np.float32), {"mel": slice(0, 80)})
    assert level[0, 0] == pytest.approx(80**0.5, rel=1e-5) and np.abs(level[0, 1:]).max() < 1e-4
    assert np.array_equal(apart(spectrum[:, :5], WHERE), spectrum[:, :5])


def test_the_ratio_is_that_of_the_filter_that_smoothed_them():
    """(1 + cos) / 2 passes at each frequency, so its inverse is lacking, up to the bound."""
    natural, smooth = (measured(f) for f in moving())
    modulation = ratio(natural, smooth)
    passes = (1 + np.cos(np.linspace(0, np.pi, len(modulation)))) / 2
    wanted = np.minimum(1 / np.maximum(passes, 1e-3), MOST)
    assert modulation[1:] == pytest.approx(np.repeat(wanted[1:, None], 5, axis=1), abs=0.2)


def test_sharpened_frames_change_as_natural_ones_do_and_are_as_loud():
    natural, smooth = moving()
    modulation = ratio(measured(natural), measured(smooth))
    said = smooth.copy()
    modulate(said, WHERE, modulation, 1.0)
    assert np.array_equal(said[:, [0, 4]], smooth[:, [0, 4]]), "c0 and what is no spectrum"
    third = slice(1, len(modulation) // 2)  # where the bound of the factors is not reached
    power, wanted, lacking = (measured(f).power[third, 1:4].sum() for f in (said, natural, smooth))
    assert power == pytest.approx(wanted, rel=0.05) and lacking < 0.75 * wanted
    half = smooth.copy()
    modulate(half, WHERE, modulation, 0.5)
    assert half == pytest.approx((smooth + said) / 2, abs=1e-4)


def test_sharpness_gives_the_spread_alone():
    _, smooth = moving(count=50)
    said, spread = smooth.copy(), np.array([2, 2, 1.5, 1, 2], np.float32)
    sharpen(said, WHERE, spread, 1.0)
    assert said.std(axis=0) == pytest.approx(smooth.std(axis=0) * [1, 2, 1.5, 1, 1], rel=1e-4)
    assert said.mean(axis=0) == pytest.approx(smooth.mean(axis=0), abs=1e-5)


def test_who_knows_no_modulation_says_so():
    natural, smooth = moving(count=40)
    assert ratio(measured(natural), measured(smooth)) is None, "shorter than a window"
    with pytest.raises(ConfigError, match="learned before it was measured"):
        modulate(smooth, WHERE, None, 1.0)
    model = ParametricModel(ParametricSettings(modulation=1.0))
    model.open(BUNDLED / "nsh")
    model.voice = replace(model.voice, scales=replace(model.voice.scales, modulation=None))
    segment = registry().load("segmentation", "text")().segment
    with pytest.raises(ConfigError, match="learned before it was measured"):
        model.predict(Request(segment("мама", "ru")))


def test_bands_that_are_alike_get_their_contrast_back():
    """Of mel spectra the harmonics are what is lacking: neighbouring bands that went up and down together."""
    random, where = np.random.default_rng(3), {"mel": slice(0, 16)}
    natural = random.standard_normal((3000, 16)).astype(np.float32)
    smooth = (np.roll(natural, 1, axis=1) + natural) / 2
    said = smooth.copy()
    modulate(said, where, ratio(measured(apart(natural, where)), measured(apart(smooth, where))), 1.0)
    contrast = [np.abs(np.diff(f, axis=1)).mean() for f in (natural, smooth, said)]
    assert contrast[1] < 0.75 * contrast[0] < contrast[2]


def test_a_filter_delays_nothing_and_keeps_what_stands_still():
    step = np.repeat([[0.0], [1.0]], 100, axis=0).astype(np.float32)
    gains = np.linspace(0, 1, 33)[:, None]
    out = filtered(step, gains)
    assert np.abs(out[:60]).max() < 0.01 and np.abs(out[-60:]).max() < 0.01
    assert out[100:110].sum() == pytest.approx(-out[90:100].sum(), rel=0.05)


def test_what_was_measured_is_kept_and_what_cannot_be_is_refused(tmp_path):
    voice = TrainedVoice.load(BUNDLED / "nsh")
    modulation = voice.scales.modulation
    assert modulation is not None and modulation.min() == 1.0 and modulation.max() == MOST
    voice.save(tmp_path, dtype="float16")
    assert TrainedVoice.load(tmp_path).scales.modulation == pytest.approx(modulation, abs=1e-3)
    before = replace(voice, scales=replace(voice.scales, modulation=None))
    before.save(tmp_path, dtype="float16")
    assert TrainedVoice.load(tmp_path).scales.modulation is None
    about = json.loads((tmp_path / JSON).read_text(encoding="utf-8"))
    for wrong in ([[1.0]], [[float("nan")] * 28] * 3, [modulation[0].tolist()], 1.0, "x"):
        about["scales"]["modulation"] = wrong
        (tmp_path / JSON).write_text(json.dumps(about), encoding="utf-8")
        with pytest.raises(VoiceError):
            TrainedVoice.load(tmp_path)
