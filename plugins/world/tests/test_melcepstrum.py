# SPDX-License-Identifier: Apache-2.0
"""Mel-cepstrum by matrix products, against pysptk (SPTK's own recursions)."""

import tracemalloc
import warnings

import numpy as np
import pytest

from synthkit.dsp import melcepstrum
from synthkit.dsp.melcepstrum import default_alpha, mc2sp, sp2mc


@pytest.fixture(scope="module")
def pysptk():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it imports pkg_resources
        return pytest.importorskip("pysptk")


@pytest.mark.parametrize(
    ("bins", "order", "alpha"), [(513, 24, 0.41), (1025, 34, 0.455), (257, 13, 0.65), (513, 39, 0.466)]
)
def test_equal_to_sptk(pysptk, bins, order, alpha):
    power = np.exp(3 * np.random.default_rng(0).normal(size=(10, bins)))
    mcep = sp2mc(power, order, alpha)
    assert np.allclose(mcep, pysptk.sp2mc(power, order, alpha), rtol=0, atol=1e-12)
    n_fft = 2 * (bins - 1)
    assert np.allclose(mc2sp(mcep, alpha, n_fft), pysptk.mc2sp(mcep, alpha, n_fft), rtol=1e-12, atol=0)


@pytest.mark.parametrize(
    # pysptk 1.0.1, util.mcepalpha
    ("rate", "alpha"),
    [(8000, 0.312), (16000, 0.41), (22050, 0.455), (24000, 0.466), (44100, 0.544), (48000, 0.554)],
)
def test_alpha_by_rate(rate, alpha):
    assert default_alpha(rate) == alpha


def test_flat_spectrum_is_c0_alone():
    mcep = sp2mc(np.full((1, 513), 4.0), 24, 0.41)[0]
    assert mcep[0] == pytest.approx(np.log(2))  # c0 is the logarithm of the gain, half that of the power
    assert np.abs(mcep[1:]).max() < 1e-12


def test_there_and_back():
    mcep = np.random.default_rng(1).normal(size=(5, 25)) * 0.5 ** np.arange(25)
    assert np.allclose(sp2mc(mc2sp(mcep, 0.41, 1024), 24, 0.41), mcep, atol=1e-6)


@pytest.mark.parametrize("bins", [3, 65, 1025])
def test_recordings_of_high_rates_take_another_way_to_the_same_numbers(bins, monkeypatch):
    whole = melcepstrum.analysis_matrix.__wrapped__(bins, 24, 0.5)
    monkeypatch.setattr(melcepstrum, "LARGEST_DFT", 0)
    assert np.allclose(melcepstrum.analysis_matrix.__wrapped__(bins, 24, 0.5), whole, rtol=0, atol=1e-15)


def test_a_spectrum_of_half_a_megahertz_fits_into_memory():
    tracemalloc.start()
    try:
        melcepstrum.analysis_matrix.__wrapped__(32769, 24, 0.9)
        assert tracemalloc.get_traced_memory()[1] < 150e6  # with a whole DFT 17 GB
    finally:
        tracemalloc.stop()
