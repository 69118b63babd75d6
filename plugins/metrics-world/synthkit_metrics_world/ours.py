# SPDX-License-Identifier: Apache-2.0
"""synthkit's own definition: one WORLD analysis, one exact alignment, every figure from it."""

from __future__ import annotations

import numpy as np

from synthkit.dsp.melcepstrum import default_alpha, sp2mc
from synthkit.dsp.world import load_pyworld
from synthkit.eval import Clip, Definition, EvalSample, Measurement, Undefined
from synthkit.eval.dtw import Path, dtw_path
from synthkit.eval.mcep import distortion
from synthkit.eval.metrics.prosody import F0Metric, f0_definitions
from synthkit_metrics_world.analysis import WorldMetric, analysable, dio

ORDERS = ((16000, 24), (24000, 34), (48000, 39))
"""Highest sample rate, Hz, to mel-cepstrum order; above the last it stays."""

_HOW = (
    "F0 by DIO (60-400 Hz) and StoneMask, 5 ms, with noise of 1e-5 (RMS, seed 0) added to the signal; pairs "
    "along the exact DTW path over mel-cepstra as in mcd/synthkit."
)


def order_and_alpha(rate: int) -> tuple[int, float]:
    """Mel-cepstrum order and all-pass constant at `rate` (Hz): 24 and 0.41 at 16 kHz."""
    order = next((order for top, order in ORDERS if rate <= top), ORDERS[-1][1])
    return order, default_alpha(rate)


class World(WorldMetric, F0Metric):
    """MCD, F0, V/UV and aperiodicity from one analysis per file and one path per pair."""

    version = "2"

    gives = (
        Definition(
            "mcd", "synthkit", "dB", "lower", "MCD",
            "At the sample rate of the two, or at 9/10 of the lower where they differ. Noise of 1e-5 (RMS, "
            "seed 0) is added; F0 by DIO (60-400 "
            "Hz) and StoneMask, envelope by CheapTrick, 5 ms frames; mel-cepstrum (log envelope, all-pass "
            "warped) of order 24 up to 16 kHz, 34 up to 24 kHz, 39 above, α nearest the mel scale (0.312 at "
            "8 k, 0.41 at 16 k, 0.455 at 22.05 k, 0.466 at 24 k, 0.544 at 44.1 k, 0.554 at 48 k), c0 left "
            "out; exact DTW (Euclidean, steps of one frame); mean of K·‖Δc‖, K = 10·√2/ln 10, over pairs "
            "whose recording's frame has an envelope energy within 40 dB of its loudest.",
            "Kubichek 1993 for the distance", main=True,
        ),
        *f0_definitions("synthkit", _HOW, "Morise et al. 2009 (DIO), 2016 (WORLD)", main=True),
        Definition(
            "bap", "synthkit", "dB", "lower", "Band aperiodicity",
            "Root of the mean over bands of the squared difference of WORLD's coded band aperiodicities "
            "(D4C), "
            "mean over co-voiced pairs of the path of mcd/synthkit.", "Morise 2016 (D4C)", main=True,
        ),
    )  # fmt: skip

    def contours(self, sample: EvalSample) -> tuple[np.ndarray, np.ndarray, Path]:
        """See the definitions."""
        assert sample.reference is not None
        rate = common_rate(sample.reference.rate, sample.test.rate)
        f_ref, _, c_ref, _ = analyse(sample.reference, rate)
        f_test, _, c_test, _ = analyse(sample.test, rate)
        path = sample.memo(("world path", rate), lambda: dtw_path(c_ref, c_test))
        return f_ref, f_test, path

    def measure(self, sample: EvalSample) -> list[Measurement]:
        """See the definitions."""
        f_ref, f_test, (i, j) = self.contours(sample)
        assert sample.reference is not None
        rate = common_rate(sample.reference.rate, sample.test.rate)
        _, energy, c_ref, bap_ref = analyse(sample.reference, rate)
        _, _, c_test, bap_test = analyse(sample.test, rate)
        speech = (energy > energy.max() - 40.0)[i]
        distances = distortion(c_ref[i[speech]], c_test[j[speech]])
        out = [self.value("mcd", float(distances.mean()), n=len(distances)), *super().measure(sample)]
        both = (f_ref[i] > 0) & (f_test[j] > 0)
        if not both.any():
            return [*out, self.undefined("bap", "no frame is voiced in both signals")]
        if not load_pyworld().get_num_aperiodicities(rate):
            return [*out, self.undefined("bap", f"WORLD has no band of aperiodicity at {rate} Hz")]
        difference = np.asarray(bap_ref())[i[both]] - np.asarray(bap_test())[j[both]]
        return [*out, self.value("bap", float(np.sqrt((difference**2).mean(-1)).mean()), n=int(both.sum()))]


def common_rate(one: int, other: int) -> int:
    """Rate at which two signals are compared, Hz: their own, or 9/10 of the lower one where they differ.

    Resampling empties the top of the band, each program a little differently, and the logarithm of next to
    nothing would be most of the distance; below 9/10 of the band all of them leave the signal as it is.
    """
    return one if one == other else min(one, other) * 9 // 10


def analyse(clip: Clip, rate: int):  # type: ignore[no-untyped-def]
    """F0 ``(T,)`` Hz, envelope energy ``(T,)`` dB, mel-cepstra without c0 ``(T, order)``, and a function that
    gives coded band aperiodicities ``(T, bands)`` dB when called (they cost as much as the rest)."""

    def compute():  # type: ignore[no-untyped-def]
        pw = load_pyworld()
        samples = analysable(clip.samples(rate))
        x = samples + 1e-5 * np.random.RandomState(0).randn(len(samples))
        f0, times = dio(x, rate, 60.0, 400.0)
        envelope = pw.cheaptrick(x, f0, times, rate)
        if not np.isfinite(envelope).all() or not (envelope > 0).all():
            raise Undefined("WORLD found no envelope in some frame")
        cepstra = sp2mc(envelope, *order_and_alpha(rate))[:, 1:]

        def aperiodicity() -> np.ndarray:
            return clip.memo(
                ("world bap", rate), lambda: pw.code_aperiodicity(pw.d4c(x, f0, times, rate), rate)
            )

        return f0, 10.0 * np.log10(envelope.sum(1)), cepstra, aperiodicity

    return clip.memo(("world", rate), compute)
