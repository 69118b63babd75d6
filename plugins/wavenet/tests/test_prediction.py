# SPDX-License-Identifier: Apache-2.0
"""Linear prediction against equations solved directly, and what it leaves of speech."""

import numpy as np
import pytest
from scipy.linalg import solve_toeplitz
from synthkit_wavenet import companding, examples, prediction
from synthkit_wavenet.fitting import shape_of
from synthkit_wavenet.vocoder import WaveNetSettings
from wavenet_toy import TINY, mel, world

from synthkit.testing.samples import context


def test_filters_solve_the_normal_equations():
    power = np.exp(np.random.default_rng(0).normal(size=(7, 257)))
    r = prediction.autocorrelation(power, 12, 16000)
    taps, level = prediction.levinson(r)
    for row, found, left in zip(r, taps, level, strict=True):
        wanted = solve_toeplitz(row[:-1], row[1:])
        assert np.allclose(found, wanted, rtol=1e-9, atol=1e-12)
        assert left**2 == pytest.approx(row[0] - wanted @ row[1:], rel=1e-9)


def test_filters_are_stable():
    power = np.exp(4 * np.random.default_rng(1).normal(size=(20, 257)))
    taps, _ = prediction.levinson(prediction.autocorrelation(power, 24, 16000))
    for row in taps:
        assert np.abs(np.roots(np.concatenate([[1], -row]))).max() < 1


@pytest.mark.parametrize("make", [world, mel])
def test_it_leaves_little_of_speech_and_at_one_level(make, tmp_path):
    data = make(tmp_path / "data", count=2)
    shape = shape_of(WaveNetSettings(**TINY), data.spec)
    prepared = examples.prepare(data.items, data.spec, shape, context(tmp_path), "train")
    found = examples.known(prepared, 0, 0, prepared.samples_at[1])
    assert np.square(found.left * found.level).sum() < 0.1 * np.square(found.samples).sum()
    loud = np.abs(found.samples) > np.quantile(np.abs(found.samples), 0.7)
    quiet = ~loud
    ratio = found.left[loud].std() / found.left[quiet].std()
    assert 0.3 < ratio < 4 < found.samples[loud].std() / found.samples[quiet].std()


def test_classes_hold_their_values():
    for limit in companding.LIMITS.values():
        values = companding.values(limit)
        assert values[128] == 0
        assert np.array_equal(companding.classes(values, limit), np.arange(256))
        assert companding.widths(limit).sum() == pytest.approx(2 * limit, rel=0.06)


def test_quantised_speech_is_predicted_from_what_was_said(tmp_path):
    data = world(tmp_path / "data", count=1)
    plain, coarse = (
        examples.prepare(
            data.items, data.spec, shape_of(WaveNetSettings(**TINY | {"output": output}), data.spec),
            context(tmp_path / output), "train",
        )
        for output in ("logistics", "softmax")
    )  # fmt: skip
    error = coarse.samples - plain.samples
    assert 0 < np.square(error).sum() < 1e-3 * np.square(plain.samples).sum()
    left = examples.known(coarse, 0, 0, len(coarse.samples)).left
    limit = companding.LIMITS["residual"]
    assert np.abs(companding.values(limit)[companding.classes(left, limit)] - left).max() < 0.02
