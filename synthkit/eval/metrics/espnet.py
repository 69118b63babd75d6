# SPDX-License-Identifier: Apache-2.0
"""ESPnet's mel-cepstral distortion."""

from __future__ import annotations

import numpy as np

from synthkit.eval import mcep as mc
from synthkit.eval.dtw import fastdtw_path
from synthkit.eval.metric import Definition, Measurement, Metric, Undefined
from synthkit.eval.resampling import librosa_resample
from synthkit.eval.sample import Clip, EvalSample

ESPNET = {16000: (23, 0.42), 22050: (34, 0.45), 24000: (34, 0.46), 44100: (39, 0.53), 48000: (39, 0.55)}
"""Sample rate, Hz, to (order, α) of ESPnet's evaluation scripts."""


class EspnetMcd(Metric):
    """Mel-cepstral distortion exactly as ESPnet's TTS recipes compute it."""

    gives = (
        Definition(
            "mcd", "espnet", "dB", "lower", "MCD (ESPnet)",
            "Samples on the int16 scale; Hamming frames of 1024 samples, power-normalised, hop 256, no "
            "padding; SPTK mel-cepstral analysis (eps 1e-6 added to the periodogram) with (order, α) by "
            "sample rate: 16 k (23, 0.42), 22.05 k (34, 0.45), 24 k (34, 0.46), 44.1 k (39, 0.53), 48 k (39, "
            "0.55), other rates undefined; FastDTW (radius 1, Euclidean) over all coefficients; mean over "
            "the path of K·‖Δc‖, K = 10·√2/ln 10, c0 included. A recording of another rate is resampled to "
            "that of the test (soxr HQ). Files of several channels are undefined.",
            "ESPnet egs2/TEMPLATE evaluate_mcd.py",
        ),
    )  # fmt: skip
    compatible = True
    needs = ("reference", "synthesis")
    packages = ("soxr",)
    version = "2"

    def measure(self, sample: EvalSample) -> list[Measurement]:
        """See the definition."""
        test, reference, rate = espnet_samples(sample)
        a = sample.test.memo(("espnet mcep", rate), lambda: _mcep(test, rate))
        assert sample.reference is not None
        b = sample.reference.memo(("espnet mcep", rate), lambda: _mcep(reference, rate))
        if not len(a) or not len(b):
            raise Undefined("shorter than one frame of 1024 samples")
        i, j = fastdtw_path(a, b)
        return [self.value("mcd", float(mc.distortion(a[i], b[j]).mean()), n=len(i))]


def espnet_samples(sample: EvalSample) -> tuple[np.ndarray, np.ndarray, int]:
    """The two signals as ESPnet's evaluation scripts read them: 16-bit values, the recording at the test's
    rate.

    Parameters
    ----------
    sample : EvalSample

    Returns
    -------
    test, reference : ndarray, shape (N,) and (M,)
        float64; resampled values stay real numbers.
    rate : int
        Hz, one of `ESPNET`.

    Raises
    ------
    Undefined
        The scripts would refuse them.
    """
    assert sample.reference is not None
    rate = sample.test.rate
    if rate not in ESPNET:
        raise Undefined(f"ESPnet has no order and α for {rate} Hz (it has {', '.join(map(str, ESPNET))})")

    def read(clip: Clip) -> np.ndarray:
        if clip.channels is not None:
            raise Undefined(f"ESPnet refuses a file of {clip.channels.shape[1]} channels")
        return clip.memo(("espnet", rate), lambda: librosa_resample(clip.int16(), clip.rate, rate))

    return read(sample.test), read(sample.reference), rate


def _mcep(samples: np.ndarray, rate: int) -> np.ndarray:
    window = np.hamming(1024)
    window /= np.sqrt(np.sum(window**2))
    return mc.mcep(mc.frame_signal(samples, 1024, 256) * window, *ESPNET[rate], eps=1e-6)
