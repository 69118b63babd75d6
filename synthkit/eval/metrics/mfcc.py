# SPDX-License-Identifier: Apache-2.0
"""The distance of the package ``mel-cepstral-distance``, over mel-frequency cepstra."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from synthkit.eval.dtw import fastdtw_path
from synthkit.eval.mcep import frame_signal
from synthkit.eval.metric import Definition, Measurement, Metric, Undefined
from synthkit.eval.sample import Clip, EvalSample

BANDS = 20


class MelCepstralDistance(Metric):
    """``compare_audio_files`` of mel-cepstral-distance with its defaults."""

    gives = (
        Definition(
            "mcd", "mel-cepstral-distance", "", "lower", "Mel-cepstral distance (the package)",
            "At the lower sample rate of the two (scipy.signal.resample), peak 1; symmetric Hann frames of "
            "32 ms every 8 ms; energy in 20 triangular mel bands (O'Shaughnessy) up to half the rate "
            "(rounded down to 1 Hz), log10; FastDTW (radius 10, Euclidean) over the bands; cosine "
            "coefficients 2-16 of the 20; mean along the path of ‖Δ‖, without the factor K of the other "
            "definitions: not decibels. Files of several channels are undefined.",
            "mel-cepstral-distance 0.0.4; Kubichek 1993",
        ),
    )  # fmt: skip
    compatible = True
    needs = ("reference", "synthesis")

    def measure(self, sample: EvalSample) -> list[Measurement]:
        """See the definition."""
        assert sample.reference is not None
        rate = min(sample.reference.rate, sample.test.rate)
        a, b = _mel_spectrogram(sample.reference, rate), _mel_spectrogram(sample.test, rate)
        i, j = fastdtw_path(a, b, radius=10)
        order = np.arange(2, 17)[:, None]
        cosines = np.cos(order * (np.arange(1, BANDS + 1) - 0.5) * np.pi / BANDS)
        distance = np.linalg.norm((a[i] - b[j]) @ cosines.T, axis=1)
        return [self.value("mcd", float(distance.mean()), n=len(i))]


def _mel_spectrogram(clip: Clip, rate: int) -> np.ndarray:
    """Log energies ``(T, 20)``."""
    from scipy.signal import resample

    if clip.channels is not None:
        raise Undefined(f"the package refuses a file of {clip.channels.shape[1]} channels")
    samples = clip.samples()
    if clip.rate != rate:
        samples = resample(samples, int(len(samples) * rate / clip.rate))
    peak = np.abs(samples).max()
    if peak == 0:
        raise Undefined("the signal is digital silence")
    size = int(0.032 * rate)
    # The package's last frame ends before the last sample.
    frames = frame_signal(samples[:-1] / peak, size, int(0.008 * rate))
    if not len(frames):
        raise Undefined("shorter than one frame of 32 ms")
    energy = np.abs(np.fft.rfft(frames * np.hanning(size))) ** 2
    bands: np.ndarray = np.log10(energy @ _bands(size, rate).T + np.finfo(float).eps)
    return bands


@lru_cache(maxsize=8)
def _bands(size: int, rate: int) -> np.ndarray:
    """Triangles ``(20, size // 2 + 1)`` between whole bins; read-only."""
    top = 2595.0 * np.log10(1.0 + rate // 2 / 700.0)
    hertz = 700.0 * (10.0 ** (np.linspace(0.0, top, BANDS + 2) / 2595.0) - 1.0)
    edges = np.floor((size + 1) * hertz / rate).astype(int)
    out = np.zeros((BANDS, size // 2 + 1))
    for row, left, centre, right in zip(out, edges, edges[1:], edges[2:], strict=False):
        row[left:centre] = (np.arange(left, centre) - left) / max(centre - left, 1)
        row[centre:right] = (right - np.arange(centre, right)) / max(right - centre, 1)
    out.flags.writeable = False
    return out
