# SPDX-License-Identifier: Apache-2.0
"""Mel-frequency cepstra for alignment: what a frame is, and when."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from synthkit.types import Waveform


@dataclass(frozen=True)
class Cepstra:
    """How recordings become frames. Frame ``i`` is centred on ``i * hop`` seconds, exactly.

    Attributes
    ----------
    sample_rate : int
        Hz; recordings are resampled to it.
    hop, window : float
        Seconds.
    bands, order : int
        Mel bands, and cepstral coefficients kept (c0 included).
    delta : int
        Frames to each side of the regression that gives the first and second differences.
    """

    sample_rate: int = 16000
    hop: float = 0.010
    window: float = 0.025
    bands: int = 40
    order: int = 13
    delta: int = 2

    @property
    def dimension(self) -> int:
        """Values per frame."""
        return 3 * self.order

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)

    def frames(self, waveform: Waveform) -> np.ndarray:
        """Cepstra with first and second differences, the utterance's mean removed.

        Parameters
        ----------
        waveform : Waveform
            At `sample_rate`.

        Returns
        -------
        ndarray, float32, shape (T, 3 * order)
            ``T = floor(duration / hop) + 1``.
        """
        assert waveform.sample_rate == self.sample_rate
        x = waveform.samples
        hop, width = round(self.hop * self.sample_rate), round(self.window * self.sample_rate)
        count = len(x) // hop + 1
        half = width // 2
        padded = np.concatenate([np.zeros(half, np.float32), x, np.zeros(half + hop, np.float32)])
        padded[1:] -= np.float32(0.97) * padded[:-1]
        cut = np.lib.stride_tricks.sliding_window_view(padded, width)[::hop][:count]
        n_fft = 1 << (width - 1).bit_length()
        window = np.hamming(width).astype(np.float32)
        power = np.abs(np.fft.rfft(cut * window, n_fft)).astype(np.float32) ** 2
        mel = np.log(power @ self._filters(n_fft).T + np.float32(1e-9))
        cepstra = mel @ self._cosines().T
        first = _slope(cepstra, self.delta)
        out = np.concatenate([cepstra, first, _slope(first, self.delta)], axis=1)
        return np.ascontiguousarray(out - out.mean(axis=0), dtype=np.float32)

    def _filters(self, n_fft: int) -> np.ndarray:
        top = self.sample_rate / 2
        low, high = 1127 * np.log1p(60 / 700), 1127 * np.log1p(top / 700)
        edges = 700 * np.expm1(np.linspace(low, high, self.bands + 2) / 1127)
        f = np.arange(n_fft // 2 + 1) * self.sample_rate / n_fft
        rise = (f - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
        fall = (edges[2:, None] - f) / (edges[2:] - edges[1:-1])[:, None]
        return np.maximum(0, np.minimum(rise, fall)).astype(np.float32)

    def _cosines(self) -> np.ndarray:
        grid = np.outer(np.arange(self.order), np.arange(self.bands) + 0.5)
        return (np.cos(np.pi * grid / self.bands) * np.sqrt(2 / self.bands)).astype(np.float32)


def _slope(x: np.ndarray, reach: int) -> np.ndarray:
    padded = np.pad(x, ((reach, reach), (0, 0)), "edge")
    n = len(x)
    total = sum(
        k * (padded[reach + k : reach + k + n] - padded[reach - k : reach - k + n])
        for k in range(1, reach + 1)
    )
    return np.asarray(total, dtype=np.float32) / np.float32(2 * sum(k * k for k in range(1, reach + 1)))
