# SPDX-License-Identifier: Apache-2.0
"""The three modes of the package ``pymcd``."""

from __future__ import annotations

import numpy as np

from synthkit.dsp.world import load_pyworld
from synthkit.eval import Clip, Definition, EvalSample, Measurement
from synthkit.eval.dtw import fastdtw_path
from synthkit.eval.mcep import distortion, mcep_of_amplitude
from synthkit.eval.resampling import librosa_resample
from synthkit_metrics_world.analysis import WorldMetric, analysable, dio

RATE = 22050
_HOW = (
    "Channels averaged, resampled to 22.05 kHz (soxr HQ, float32); WORLD (DIO 71-800 Hz, StoneMask, "
    "CheapTrick with 512 points, 5 ms); SPTK mcep of order 13, α 0.65, eps 1e-8, taking the power envelope "
    "for an amplitude; "
)
_SOURCE = "pymcd 0.2.1"


class Pymcd(WorldMetric):
    """pymcd's ``plain``, ``dtw`` and ``dtw_sl``."""

    gives = (
        Definition(
            "mcd", "pymcd", "dB", "lower", "MCD (pymcd plain)",
            f"{_HOW}the shorter signal zero-padded, frame by frame; mean of K·‖Δc‖, c0 included.", _SOURCE,
        ),
        Definition(
            "mcd", "pymcd-dtw", "dB", "lower", "MCD (pymcd dtw)",
            f"{_HOW}FastDTW (radius 1, Euclidean) without c0, mean of K·‖Δc‖ along the path with c0.",
            _SOURCE,
        ),
        Definition(
            "mcd", "pymcd-dtw_sl", "dB", "lower", "MCD (pymcd dtw_sl)",
            "mcd/pymcd-dtw times the longer number of frames over the shorter.", _SOURCE,
        ),
    )  # fmt: skip
    compatible = True
    packages = ("pyworld", "soxr")

    def measure(self, sample: EvalSample) -> list[Measurement]:
        """See the definitions."""
        assert sample.reference is not None
        x, y = _samples(sample.reference), _samples(sample.test)
        a = sample.reference.memo("pymcd", lambda: _mcep(x))
        b = sample.test.memo("pymcd", lambda: _mcep(y))
        length = max(len(x), len(y))
        p = a if len(x) == length else _mcep(np.pad(x, (0, length - len(x))))
        q = b if len(y) == length else _mcep(np.pad(y, (0, length - len(y))))
        i, j = fastdtw_path(a[:, 1:], b[:, 1:])
        aligned = float(distortion(a[i], b[j]).mean())
        ratio = max(len(a), len(b)) / min(len(a), len(b))
        return [
            self.value("mcd/pymcd", float(distortion(p, q).mean()), n=len(p)),
            self.value("mcd/pymcd-dtw", aligned, n=len(i)),
            self.value("mcd/pymcd-dtw_sl", ratio * aligned, n=len(i)),
        ]


def _samples(clip: Clip) -> np.ndarray:
    return clip.memo("pymcd samples", lambda: librosa_resample(clip.waveform.samples, clip.rate, RATE))


def _mcep(samples: np.ndarray) -> np.ndarray:
    x = analysable(samples)
    f0, times = dio(x, RATE)
    envelope = load_pyworld().cheaptrick(x, f0, times, RATE, fft_size=512)
    return mcep_of_amplitude(envelope, 13, 0.65, 1e-8)
