# SPDX-License-Identifier: Apache-2.0
"""The converter of mixtures: spectrum and F0 move to the target's, as far as they are asked to."""

import numpy as np
import pytest
from synthkit_world.conversion import ConversionSettings, WorldMixture, analysed, in_step
from synthkit_world.mixture import fit

from synthkit.errors import AudioError
from synthkit.testing import sample_pairs
from synthkit.testing.samples import context
from synthkit.types import Waveform


@pytest.fixture(scope="module")
def learned(tmp_path_factory):
    folder = tmp_path_factory.mktemp("conversion")
    WorldMixture().learn(sample_pairs(), folder, context(folder / "work"))
    return folder


def opened(folder, **settings):
    made = WorldMixture(ConversionSettings(**settings))
    made.open(folder)
    return made


def log_f0(waveform):
    f0 = analysed(waveform).f0
    return np.log(f0[f0 > 0])


def test_contract(conformance):
    conformance("conversion", "world-mixture")


def test_f0_is_the_targets(learned):
    said, wanted = sample_pairs()[1]
    before, made, aim = (np.median(log_f0(w)) for w in (said, opened(learned).convert(said), wanted))
    assert abs(made - aim) < 0.06  # a semitone
    assert aim - before > 0.15


def test_spectra_come_near(learned):
    said, wanted = sample_pairs()[1]

    def distance(waveform):
        x, y = in_step([(analysed(waveform), analysed(wanted))], lambda mcep: mcep)
        return np.sqrt(((x[:, 1:] - y[:, 1:]) ** 2).sum(1)).mean()

    assert distance(opened(learned).convert(said)) < 0.75 * distance(said)


def test_half_of_the_way_lies_between(learned):
    said, _ = sample_pairs()[1]
    none, half, all_of_it = (
        np.median(log_f0(opened(learned, strength=s).convert(said))) for s in (0.0, 0.5, 1.0)
    )
    assert none < half - 0.05 < all_of_it - 0.1
    assert opened(learned, strength=0.0).convert(said).samples.tobytes() == said.samples.tobytes()


def test_too_little_is_refused(tmp_path):
    said, wanted = sample_pairs(1)[0]
    short = Waveform(said.samples[8000:12000], said.sample_rate), wanted
    with pytest.raises(AudioError, match="too little speech"):
        WorldMixture().learn([short], tmp_path, context(tmp_path / "work"))


def test_a_mixture_learns_a_line_in_each_place():
    chance = np.random.default_rng(1)
    x = np.concatenate([chance.normal(-4, 1, (3000, 1)), chance.normal(4, 1, (3000, 1))])
    x = np.concatenate([x, chance.normal(0, 1, (6000, 1))], axis=1)
    slope = np.where(x[:, :1] < 0, 2.0, -1.0)
    y = slope * x + chance.normal(0, 0.1, x.shape)
    made = fit(x, y, 2)
    at = np.array([[-4.0, 1.0], [4.0, 1.0], [-4.5, 0.0]])
    expected = np.array([[-8.0, 2.0], [-4.0, -1.0], [-9.0, 0.0]])
    np.testing.assert_allclose(made.expected(at), expected, atol=0.5)
    np.testing.assert_allclose(made.weights, 0.5, atol=0.02)
    assert fit(x, y, 2).expected(at).tobytes() == made.expected(at).tobytes()
