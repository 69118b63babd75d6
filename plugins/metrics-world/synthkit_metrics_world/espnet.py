# SPDX-License-Identifier: Apache-2.0
"""ESPnet's log F0 RMSE and V/UV error."""

from __future__ import annotations

import numpy as np

from synthkit.dsp.melcepstrum import sp2mc
from synthkit.eval import Clip, Definition, EvalSample, Measurement
from synthkit.eval.dtw import fastdtw_path
from synthkit.eval.metrics.espnet import ESPNET, espnet_samples
from synthkit_metrics_world.analysis import WorldMetric, harvest

_HOW = (
    "Samples on the int16 scale, Harvest 40-800 Hz and CheapTrick with 1024 points every 256 samples, sp2mc "
    "with ESPnet's (order, α) by sample rate, the recording at the test's rate as in mcd/espnet, FastDTW "
    "(radius 1, Euclidean, c0 included)."
)


class EspnetF0(WorldMetric):
    """F0 figures exactly as ESPnet's TTS recipes compute them."""

    gives = (
        Definition(
            "log-f0-rmse", "espnet", "", "lower", "Log F0 RMSE (ESPnet)",
            f"{_HOW} Root mean square difference of natural log F0 over pairs of the path that are voiced in "
            "both. Undefined where there is none.", "ESPnet egs2/TEMPLATE evaluate_f0.py", group="prosody",
        ),
        Definition(
            "vuv-error", "espnet", "%", "lower", "V/UV error (ESPnet)",
            f"{_HOW} Share of pairs of the path voiced in one and not in the other.",
            "ESPnet egs2/TEMPLATE evaluate_vuv.py", group="prosody",
        ),
    )  # fmt: skip
    compatible = True
    packages = ("pyworld", "soxr")
    version = "2"

    def measure(self, sample: EvalSample) -> list[Measurement]:
        """See the definitions."""
        assert sample.reference is not None
        test, reference, rate = espnet_samples(sample)
        c_test, f_test = analyse(sample.test, test, rate)
        c_ref, f_ref = analyse(sample.reference, reference, rate)
        i, j = fastdtw_path(c_test, c_ref)
        a, b = f_test[i], f_ref[j]
        out = [self.value("vuv-error", 100.0 * float(np.mean((a > 0) != (b > 0))), n=len(i))]
        both = (a > 0) & (b > 0)
        if not both.any():
            return [*out, self.undefined("log-f0-rmse", "no frame is voiced in both signals")]
        difference = np.log(a[both]) - np.log(b[both])
        return [*out, self.value("log-f0-rmse", float(np.sqrt(np.mean(difference**2))), n=int(both.sum()))]


def analyse(clip: Clip, samples: np.ndarray, rate: int) -> tuple[np.ndarray, np.ndarray]:
    """ESPnet's mel-cepstra ``(T, order + 1)`` and F0 ``(T,)`` Hz of the clip's `samples` at `rate`."""

    def compute() -> tuple[np.ndarray, np.ndarray]:
        f0, envelope = harvest(clip, "int16", samples, rate, 256 / rate * 1000, 1024)
        return sp2mc(envelope, *ESPNET[rate]), f0

    return clip.memo(("espnet world", rate), compute)
