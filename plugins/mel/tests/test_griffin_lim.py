# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest
from synthkit_mel.features import PRESETS, MelFeatures, MelSettings
from synthkit_mel.griffin_lim import GriffinLim, GriffinLimSettings

from synthkit.dsp.mel import linear_magnitudes, mel_spectrum
from synthkit.dsp.specs import MelSpec
from synthkit.errors import AudioError
from synthkit.testing import sample_waveform
from synthkit.types import Frames


def off(frames, sound):
    """Relative distance of the sound's mel spectrum from the one it was made from."""
    a = mel_spectrum(sound.samples.astype(np.float64), MelSpec.of(frames.spec))
    n = min(len(a), len(frames))
    a, b = np.exp(a[:n]), np.exp(frames["mel"][:n])
    return np.linalg.norm(a - b) / np.linalg.norm(b)


@pytest.mark.parametrize("preset", sorted(PRESETS))
def test_contract(conformance, preset):
    extractor = MelFeatures(MelSettings(preset=preset))
    conformance("vocoder", "griffin-lim", item=extractor.extract(sample_waveform(extractor.spec.sample_rate)))


@pytest.mark.parametrize("padding", ["reflect", "none", "center-reflect"])
def test_sound_has_the_spectrum_it_was_made_from(padding):
    frames = MelFeatures(MelSettings(padding=padding)).extract(sample_waveform(22050))
    assert off(frames, GriffinLim().render(frames)) < 0.12


def test_iterations_and_momentum_help():
    frames = MelFeatures().extract(sample_waveform(22050))

    def distance(**settings):
        return off(frames, GriffinLim(GriffinLimSettings(**settings)).render(frames))

    none, plain, fast = distance(iterations=0), distance(iterations=40, momentum=0), distance(iterations=40)
    assert fast < plain < none


def test_length_is_that_of_the_frames():
    frames = MelFeatures().extract(sample_waveform(22050))
    assert len(GriffinLim().render(frames).samples) == len(frames) * 256


@pytest.mark.parametrize("count", [1, 2, 3])
def test_few_frames(count):
    frames = MelFeatures().extract(sample_waveform(22050))
    few = Frames({"mel": frames["mel"][40 : 40 + count]}, frames.spec)
    assert len(GriffinLim().render(few).samples) == count * 256


def test_no_frame_is_refused():
    frames = MelFeatures().extract(sample_waveform(22050))
    with pytest.raises(AudioError, match="no frame"):
        GriffinLim().render(Frames({"mel": frames["mel"][:0]}, frames.spec))


def test_linear_magnitudes_are_not_negative_and_have_the_mel_spectrum():
    from synthkit.dsp.mel import filterbank

    spec = MelSettings().view()
    truth = np.abs(np.random.default_rng(0).normal(size=(4, 513)))
    mel = truth @ filterbank(spec).T
    found = linear_magnitudes(mel, spec, 100)
    assert (found >= 0).all()
    assert np.linalg.norm(found @ filterbank(spec).T - mel) < 0.02 * np.linalg.norm(mel)
