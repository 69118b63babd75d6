# SPDX-License-Identifier: Apache-2.0
"""Hibari's voice "heart": two parts with frames of their own between them."""

import numpy as np
import pytest
from synthkit_hibari.frames import SPEC
from synthkit_hibari.segmenter import engine, spelling
from synthkit_hibari.voices import Heart

from synthkit.errors import SpecMismatch, TextError
from synthkit.pipeline.voice import Voice
from synthkit.plugins import registry
from synthkit.types import Frames

TEXT = "Good morning, Mr. Smith. How are you?"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return Heart().make("heart", tmp_path_factory.mktemp("hibari") / "heart")


@pytest.fixture(scope="module")
def voice(folder):
    with Voice.open(folder) as opened:
        yield opened


def pitch_of(waveform):
    import pyworld

    f0, _ = pyworld.harvest(waveform.samples.astype(np.float64), waveform.sample_rate)
    return float(np.median(f0[f0 > 0]))


def test_it_speaks_the_same_each_time(voice):
    first, second = voice.say(TEXT), voice.say(TEXT)
    assert first.sample_rate == 24000
    assert 1.5 < first.duration < 6.0
    assert np.array_equal(first.samples, second.samples)


def test_what_the_network_is_given_is_what_the_package_gives_it(voice):
    text = "Mr. Smith paid 20 dollars; he wasn't happy!"
    assert spelling(voice.segment(text)) == " ".join(engine().phonemize(text))


def test_frames_keep_their_spec(voice):
    frames = voice.predict(voice.segment("Yes."))
    assert isinstance(frames, Frames)
    assert frames.check().spec == SPEC


@pytest.mark.parametrize("how", [{"pitch": 4.0}, {"options": {"pitch": 4.0}}])
def test_f0_can_be_changed_between_the_two(voice, how):
    raised = pitch_of(voice.say(TEXT, **how)) / pitch_of(voice.say(TEXT))
    assert raised == pytest.approx(2 ** (4 / 12), rel=0.03)


def test_another_vocoder_is_refused_with_the_table(folder):
    with pytest.raises(SpecMismatch) as error:
        Voice.open(folder, overrides=["vocoder.plugin=griffin-lim"])
    assert "harmonic-noise" in str(error.value)


def test_nothing_to_speak_is_told():
    with pytest.raises(TextError):
        registry().load("segmentation", "hibari")().segment("  ", "en")


def test_the_kit(conformance):
    conformance("segmentation", "hibari", texts={"en": (TEXT,)})


def test_the_kit_on_the_renderer(conformance, voice):
    conformance("vocoder", "hibari", item=voice.predict(voice.segment("Yes, of course.")))
