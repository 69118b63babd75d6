# SPDX-License-Identifier: Apache-2.0
"""Steps at joins and over-smoothing, on signals whose figures are known."""

from dataclasses import replace

import numpy as np
import pytest
from synthkit_metrics_world.seams import Seams, steps
from synthkit_metrics_world.smoothness import Smoothness, modulation

from synthkit.eval import Clip
from synthkit.eval.metric import Undefined, measure
from synthkit.eval.sample import PathRecord, Place, SpeechRecord
from synthkit.testing.samples import sample_speech
from synthkit.types import Waveform


@pytest.fixture(scope="module")
def sample():
    return sample_speech()


def figures(metric, sample):
    return {m.key: m for m in measure(metric, sample)}


@pytest.mark.parametrize("name", ["seams", "smoothness"])
def test_contract(conformance, name):
    conformance("metric", name)


def test_steps_of_what_is_known():
    n = 60
    f0 = np.full(n, 100.0)
    f0[30:] = 100 * 2 ** (3 / 12)
    f0[45:] = 0
    energy = np.where(np.arange(n) < 30, -20.0, -14.0)
    cepstra = np.zeros((n, 4))
    cepstra[30:, 1] = 0.5
    pitch, spectrum, power = steps(f0, energy, cepstra, [0.15, 0.05, 0.225, 0.0])
    assert pitch[:2] == pytest.approx([3.0, 0.0], abs=1e-6)
    assert np.isnan(pitch[2])
    assert len(pitch) == 3  # there is nothing before the beginning
    # The frame in the middle belongs to neither side.
    assert spectrum == pytest.approx([10 * np.sqrt(2) / np.log(10) * 0.5, 0, 0])
    assert power == pytest.approx([6.0, 0, 0])


def jumped(sample, semitones):
    """A tone of many harmonics that jumps half way, as two units joined there, and each halved unjoined."""
    rate = 16000
    f0 = np.where(np.arange(rate) < rate // 2, 120.0, 120.0 * 2 ** (semitones / 12))
    phase = 2 * np.pi * np.cumsum(f0) / rate
    tone = sum(np.cos(k * phase) / k for k in range(1, 30))
    places = (Place(0.25, False, True), Place(0.5, True, True), Place(0.75, False, True))
    path = PathRecord(4, 1, (2, 2), 0.0, 0.0, 0, 1.0, places)
    clip = Clip(Waveform((0.05 * tone).astype(np.float32), rate))
    return replace(sample, test=clip, record=SpeechRecord(path=path))


def test_a_jump_is_found_at_the_join_and_not_at_its_neighbours(sample):
    found = figures(Seams(), jumped(sample, 5))
    assert found["seam-jumps-boundary/synthkit"].value == 100
    assert found["seam-f0-boundary/synthkit"].value == pytest.approx(5, abs=0.5)
    assert found["seam-jumps-boundary/neighbours"].value == 0
    assert found["seam-f0-boundary/neighbours"].value < 0.2
    assert found["seam-jumps-mid-phone/synthkit"].value is None
    assert figures(Seams(), jumped(sample, 1))["seam-jumps-boundary/synthkit"].value == 0


def test_what_a_path_says_of_its_places_is_kept(sample):
    path = sample.record.path
    assert len(path.places) == path.units - 1
    assert sum(p.joined for p in path.places) == path.joins
    assert SpeechRecord.from_dict(sample.record.to_dict()) == sample.record


def test_a_recording_is_as_lively_as_itself(sample):
    found = figures(Smoothness(), replace(sample, test=sample.reference))
    assert [found[f"{name}/synthkit"].value for name in ("global-variance", "modulation", "f0-spread")] == (
        pytest.approx([1, 0, 1])
    )


def test_smoothed_trajectories_have_less_modulation_and_spread():
    random = np.random.default_rng(0)
    rough = random.standard_normal((400, 6))
    smooth = np.stack([np.convolve(c, np.hanning(21) / np.hanning(21).sum(), "same") for c in rough.T], 1)
    assert (10 * np.log10(modulation(smooth) / modulation(rough)) < -3).all()
    assert 10 * np.log10(modulation(0.5 * rough) / modulation(rough)) == pytest.approx(
        np.full(6, 10 * np.log10(0.25))
    )
    with pytest.raises(Undefined, match="shorter than"):
        modulation(rough[:30])
