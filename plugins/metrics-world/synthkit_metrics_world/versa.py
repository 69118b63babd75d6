# SPDX-License-Identifier: Apache-2.0
"""VERSA's ``mcd_f0``."""

from __future__ import annotations

import numpy as np
from scipy.signal import firwin, lfilter

from synthkit.dsp.melcepstrum import sp2mc
from synthkit.eval import Clip, Definition, EvalSample, Measurement, Undefined
from synthkit.eval.dtw import fastdtw_path
from synthkit.eval.mcep import distortion
from synthkit.eval.prosody import pearson
from synthkit.eval.resampling import librosa_resample
from synthkit_metrics_world.analysis import WorldMetric, harvest

_ANALYSIS = (
    "First channel, samples × 32767, 255-tap FIR high-pass at 70 Hz, Harvest 40-800 Hz and CheapTrick with "
    "1024 points every 5 ms, sp2mc of order 39 and α 0.466 at every sample rate, c0 included. Of two rates, "
    "the higher is resampled to the lower (soxr HQ)."
)
_SOURCE = "VERSA versa/sequence_metrics/mcd_f0.py"
_PARITY = (
    "For parity with VERSA only: it counts unvoiced frames as 0 Hz, so that it is no measure of intonation; "
    "read f0-rmse/synthkit."
)


class Versa(WorldMetric):
    """VERSA's default: frame by frame, no alignment."""

    gives = (
        Definition(
            "mcd", "versa", "dB", "lower", "MCD (VERSA)",
            f"{_ANALYSIS} Frame by frame without alignment, cut to the shorter; undefined where the numbers "
            "of "
            "frames differ by 10 % of their sum or more. Mean of K·‖Δc‖ over all frames.", _SOURCE,
        ),
        Definition(
            "f0-rmse", "versa", "Hz", "lower", "F0 RMSE (VERSA)",
            f"{_ANALYSIS} Root mean square difference over all frames, voiced or not. {_PARITY}", _SOURCE,
            group="prosody",
        ),
        Definition(
            "f0-correlation", "versa", "", "higher", "F0 correlation (VERSA)",
            f"{_ANALYSIS} Pearson's correlation over all frames, voiced or not. {_PARITY}", _SOURCE,
            group="prosody", range=(-1.0, 1.0),
        ),
    )  # fmt: skip
    compatible = True
    packages = ("pyworld", "soxr")
    version = "2"

    def measure(self, sample: EvalSample) -> list[Measurement]:
        """See the definitions."""
        c_ref, f_ref, _, c_test, f_test, _ = _both(sample)
        n, m = len(f_ref), len(f_test)
        shorter = min(n, m)
        if (n + m - 2 * shorter) / (n + m) >= 0.1:
            raise Undefined(f"VERSA refuses lengths that differ this much ({n} and {m} frames)")
        a, b = f_test[:shorter], f_ref[:shorter]
        distances = distortion(c_test[:shorter], c_ref[:shorter])
        correlation = pearson(a, b)
        return [
            self.value("mcd", float(distances.mean()), n=shorter),
            self.value("f0-rmse", float(np.sqrt(np.mean((a - b) ** 2))), n=shorter),
            self.value("f0-correlation", correlation, n=shorter)
            if correlation is not None
            else self.undefined("f0-correlation", "a contour is constant"),
        ]


class VersaDtw(WorldMetric):
    """VERSA with ``dtw=True``."""

    gives = (
        Definition(
            "mcd", "versa-dtw", "dB", "lower", "MCD (VERSA, DTW)",
            f"{_ANALYSIS} Frames whose envelope power is above -20 dB of the mean power; FastDTW (radius 1, "
            "Euclidean); mean of K·‖Δc‖ along the path.", _SOURCE,
        ),
        Definition(
            "f0-rmse", "versa-dtw", "Hz", "lower", "F0 RMSE (VERSA, DTW)",
            f"{_ANALYSIS} Voiced frames of each signal, aligned by FastDTW over their mel-cepstra; root mean "
            "square difference along that path.", _SOURCE, group="prosody",
        ),
        Definition(
            "f0-correlation", "versa-dtw", "", "higher", "F0 correlation (VERSA, DTW)",
            f"{_ANALYSIS} Pearson's correlation along the path of f0-rmse/versa-dtw.", _SOURCE,
            group="prosody", range=(-1.0, 1.0),
        ),
    )  # fmt: skip
    compatible = True
    packages = ("pyworld", "soxr")
    version = "2"

    def measure(self, sample: EvalSample) -> list[Measurement]:
        """See the definitions."""
        c_ref, f_ref, p_ref, c_test, f_test, p_test = _both(sample)
        loud_test, loud_ref = c_test[p_test > -20.0], c_ref[p_ref > -20.0]
        i, j = fastdtw_path(loud_test, loud_ref)
        out = [self.value("mcd", float(distortion(loud_test[i], loud_ref[j]).mean()), n=len(i))]
        test, ref = f_test > 0, f_ref > 0
        if not test.any() or not ref.any():
            why = "one of the signals has no voiced frame"
            return [*out, self.undefined("f0-rmse", why), self.undefined("f0-correlation", why)]
        i, j = fastdtw_path(c_test[test], c_ref[ref])
        a, b = f_test[test][i], f_ref[ref][j]
        correlation = pearson(a, b)
        return [
            *out,
            self.value("f0-rmse", float(np.sqrt(np.mean((a - b) ** 2))), n=len(i)),
            self.value("f0-correlation", correlation, n=len(i))
            if correlation is not None
            else self.undefined("f0-correlation", f"undefined over {len(i)} pairs"),
        ]


def _both(sample: EvalSample) -> tuple[np.ndarray, ...]:
    assert sample.reference is not None
    rate = min(sample.test.rate, sample.reference.rate)
    return (*analyse(sample.reference, rate), *analyse(sample.test, rate))


def analyse(clip: Clip, rate: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """VERSA's mel-cepstra ``(T, 40)``, F0 ``(T,)`` Hz and power ``(T,)`` dB of the mean power."""

    def compute() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        taps = firwin(255, 70 / (rate // 2), pass_zero=False)
        samples = lfilter(taps, 1, librosa_resample(clip.first_channel(), clip.rate, rate) * 32767.0)
        f0, envelope = harvest(clip, "versa", samples, rate, 5.0, 1024)
        power = (2.0 * envelope.sum(1) - envelope[:, 0] - envelope[:, -1]) / (2 * (envelope.shape[1] - 1))
        return sp2mc(envelope, 39, 0.466), f0, 10.0 * np.log10(power / power.mean())

    return clip.memo(("versa", rate), compute)
