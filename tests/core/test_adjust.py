# SPDX-License-Identifier: Apache-2.0
"""Speed and pitch reach the part that can change them, or are refused; they are never ignored."""

from __future__ import annotations

import numpy as np
import pytest

from synthkit import audio
from synthkit.cli import run
from synthkit.errors import ConfigError, MissingDependency
from synthkit.pipeline.adjust import adjust
from synthkit.pipeline.voice import Voice
from synthkit.plugins import registry
from synthkit.types import FeatureSpec

NAMES = ("the model", "the vocoder")
WORLD = registry().load("features", "world")().spec


def part(stage: str, name: str, **settings):
    kind = registry().load(stage, name)
    return kind(kind.Config(**settings))


def test_nothing_asked_changes_nothing():
    vocoder = part("vocoder", "world")
    options, same = adjust(part("acoustic_model", "parametric"), vocoder, WORLD, NAMES, speed=1, pitch=0)
    assert options == {}
    assert same is vocoder


def test_the_acoustic_model_is_asked_first():
    vocoder = part("vocoder", "world")
    options, same = adjust(part("acoustic_model", "parametric"), vocoder, WORLD, NAMES, speed=1.2, pitch=2)
    assert options == {"speed": 1.2, "pitch": 2}
    assert same is vocoder


def test_the_vocoder_does_what_the_model_cannot():
    model = part("acoustic_model", "unit-selection")
    options, vocoder = adjust(
        model,
        part("vocoder", "overlap-add", speed=2.0),
        FeatureSpec("units", 16000),
        NAMES,
        speed=0.75,
        pitch=12,
    )
    assert options == {}
    assert vocoder.config.speed == 1.5
    assert vocoder.config.pitch == pytest.approx(2)
    assert vocoder.config.fade_ms == 6


def test_what_nobody_can_do_is_refused_with_what_could():
    mel = registry().load("features", "mel")().spec
    with pytest.raises(
        ConfigError, match="cannot change its pitch: neither acoustic model 'the model' nor vocoder"
    ):
        adjust(
            part("acoustic_model", "parametric-mel"),
            part("vocoder", "griffin-lim"),
            mel,
            NAMES,
            speed=1.2,
            pitch=2,
        )
    with pytest.raises(ConfigError, match="cannot change its speed") as caught:
        adjust(
            part("acoustic_model", "unit-selection"),
            part("vocoder", "griffin-lim"),
            WORLD,
            NAMES,
            speed=2,
            pitch=0,
        )
    assert "world" in caught.value.hint
    with pytest.raises(ConfigError, match="cannot change its speed"):
        waveform = FeatureSpec("waveform", 16000)
        adjust(
            part("acoustic_model", "unit-selection"),
            part("vocoder", "world"),
            waveform,
            NAMES,
            speed=2,
            pitch=0,
        )


def test_too_far_is_refused_with_the_range():
    with pytest.raises(ConfigError, match=r"speed 9.*less than or equal to 3"):
        units = FeatureSpec("units", 16000)
        adjust(
            part("acoustic_model", "unit-selection"),
            part("vocoder", "overlap-add"),
            units,
            NAMES,
            speed=9,
            pitch=0,
        )


@pytest.mark.parametrize("name", [r.name for r in registry().of_stage("vocoder")])
def test_vocoders_have_the_settings_they_say_they_adjust(name):
    try:
        kind = registry().load("vocoder", name)
    except MissingDependency as error:
        pytest.skip(str(error))
    neutral = {field: kind.Config.model_fields[field].default for field in kind.adjusts}
    assert set(neutral) <= {"speed", "pitch"}
    assert all(value == 1 for value in neutral.values())


def f0_ratio(plain: np.ndarray, changed: np.ndarray, rate: int, speed: float = 1.0) -> float:
    """Median F0 ratio of the same moments, where both are voiced, by Harvest (which the change knows nothing
    of)."""
    import pyworld

    one, other = (
        pyworld.harvest(x.astype(np.float64), rate, f0_floor=60, f0_ceil=400)[0] for x in (plain, changed)
    )
    one = one[np.minimum(np.rint(np.arange(len(other)) * speed).astype(int), len(one) - 1)]
    both = (one > 0) & (other > 0)
    return float(np.median(other[both] / one[both]))


def test_a_voice_says_it_faster_and_higher(demo_voice, tmp_path):
    text = "Добрый вечер, дорогие друзья."
    made = {}
    for name, more in (("plain", []), ("fast", ["--speed", "1.25"]), ("high", ["--pitch", "+3"])):
        out = tmp_path / f"{name}.wav"
        assert run(["say", "-v", str(demo_voice), text, "-o", str(out), *more]) == 0
        made[name] = audio.read(out)
    rate = made["plain"].sample_rate
    assert made["fast"].duration == pytest.approx(made["plain"].duration / 1.25, rel=0.03)
    assert made["high"].duration == pytest.approx(made["plain"].duration, rel=0.01)
    plain = made["plain"].samples
    assert f0_ratio(plain, made["high"].samples, rate) == pytest.approx(2 ** (3 / 12), rel=0.03)
    assert f0_ratio(plain, made["fast"].samples, rate, 1.25) == pytest.approx(1, rel=0.03)
    assert run(["say", "-v", str(demo_voice), text, "-o", str(out), "--speed", "0"]) != 0
    voice = Voice.open(demo_voice)
    np.testing.assert_array_equal(
        voice.speak(text, speed=1, pitch=0).waveform.samples, voice.speak(text).waveform.samples
    )


def test_smoothing_bad_joins_leaves_the_rest_of_a_voice_as_recorded(demo_voice):
    import pyworld

    plain, smooth = Voice.open(demo_voice), Voice.open(demo_voice, overrides=["vocoder.smooth_joins_above=1"])
    before, after = [], []
    for text in ("Сегодня мы поедем в деревню к друзьям.", "Никто не заметил, как она ушла."):
        path = plain.predict(plain.segment(text))
        one, other = plain.render(path), smooth.render(path)
        rate = one.sample_rate
        assert len(one.samples) == len(other.samples)
        joins = np.array([join.at for join in plain.vocoder.joined(path)[1]])
        changed = np.flatnonzero(one.samples != other.samples)
        assert len(changed)
        assert np.abs(changed[:, None] - joins).min(1).max() <= 0.04 * rate
        f0 = [
            pyworld.harvest(w.samples.astype(np.float64), rate, f0_floor=60, f0_ceil=400)[0]
            for w in (one, other)
        ]
        for at in joins:
            if np.abs(changed - at).min() < 16:
                frame = round(at / rate / 0.005)
                near = [f[max(frame - 8, 0) : frame + 9] for f in f0]
                if all((f > 0).all() for f in near):
                    steps = [np.abs(np.diff(np.log(f))).max() for f in near]
                    before.append(steps[0])
                    after.append(steps[1])
    assert len(before) >= 3
    assert np.mean(after) < 0.9 * np.mean(before)
