# SPDX-License-Identifier: Apache-2.0
"""Vocoder `griffin-lim`: a waveform whose mel spectrum comes near to the one that is given.

Three steps: the linear magnitudes that the mel values most likely stand for, a first guess of the phases,
and fast Griffin-Lim. All of it is deterministic.
"""

from __future__ import annotations

import numpy as np

from synthkit.dsp.mel import edge, expand, linear_magnitudes, window
from synthkit.dsp.specs import MelSpec
from synthkit.errors import AudioError
from synthkit.settings import Field, Settings
from synthkit.stages import Vocoder
from synthkit.types import Demand, Item, Waveform, frames_of


class GriffinLimSettings(Settings):
    """Settings of the `griffin-lim` vocoder."""

    iterations: int = Field(default=60, ge=0, le=1000, description="rounds of fast Griffin-Lim")
    momentum: float = Field(default=0.99, ge=0, le=1, description="0 is plain Griffin-Lim")
    inversion_rounds: int = Field(
        default=30, ge=0, le=1000, description="rounds of the search for non-negative linear magnitudes"
    )


class GriffinLim(Vocoder):
    """Fast Griffin-Lim from a mel spectrum under any spec whose frames overlap."""

    Config = GriffinLimSettings
    version = "1"

    def accepts(self) -> tuple[Demand, ...]:
        """Any mel frames."""
        return (MelSpec.demand(),)

    def render(self, item: Item) -> Waveform:
        """The waveform of `item`, ``len(item) * hop_length`` samples where frames were padded.

        Raises
        ------
        AudioError
            There is no frame.
        """
        frames = frames_of(item, "vocoder 'griffin-lim'")
        if not len(frames):
            raise AudioError(
                "vocoder 'griffin-lim' was given no frame", hint="the acoustic model predicted nothing"
            )
        spec = MelSpec.of(frames.spec)
        magnitude = linear_magnitudes(expand(frames["mel"], spec), spec, self.config.inversion_rounds)
        samples = griffin_lim(magnitude, spec, self.config.iterations, self.config.momentum)
        first = edge(spec)
        length = len(frames) * spec.hop_length if first else len(samples)
        samples = samples[first : first + length]
        samples = np.pad(samples, (0, length - len(samples)))
        return Waveform(np.clip(samples, -1, 1).astype(np.float32), spec.sample_rate)


def griffin_lim(magnitude: np.ndarray, spec: MelSpec, iterations: int, momentum: float) -> np.ndarray:
    """Samples ``((T - 1) * hop + n_fft,)`` whose STFT magnitudes come near to `magnitude` (T, bins).

    N. Perraudin, P. Balazs, P. L. Søndergaard, "A fast Griffin-Lim algorithm", WASPAA 2013, equation 5.
    """
    frames = _Overlap(len(magnitude), spec.n_fft, spec.hop_length, window(spec))
    magnitude = magnitude.astype(np.float32)
    estimate = magnitude * first_phases(magnitude, spec.n_fft, spec.hop_length)
    before = None
    for _ in range(iterations):
        consistent = frames.analyse(frames.synthesise(estimate))
        ahead = consistent if before is None else consistent + momentum * (consistent - before)
        estimate = magnitude * (ahead / np.maximum(np.abs(ahead), 1e-12))
        before = consistent
    return frames.synthesise(estimate)


def first_phases(magnitude: np.ndarray, n_fft: int, hop: int) -> np.ndarray:
    """Unit complex numbers (T, bins): every spectral peak's phase goes on at its own frequency.

    Single pass spectrogram inversion: G. T. Beauregard, M. Harish, L. Wyse, DSP 2015. Each bin follows the
    peak it belongs to; the frequency of the peak comes from a parabola through its three bins.
    """
    count, bins = magnitude.shape
    phases = np.zeros((count, bins))
    running = np.zeros(bins)
    index = np.arange(bins)
    for t in range(count):
        m = magnitude[t].astype(np.float64)
        peaks = 1 + np.flatnonzero((m[1:-1] > m[:-2]) & (m[1:-1] >= m[2:]))
        if len(peaks):
            left, top, right = m[peaks - 1], m[peaks], m[peaks + 1]
            offset = 0.5 * (left - right) / (left - 2 * top + right)
            owner = np.searchsorted(0.5 * (peaks[1:] + peaks[:-1]), index)
            nearest = peaks[owner]
            step = 2 * np.pi * hop / n_fft * (peaks + offset)
            running = running[nearest] + step[owner]
            # Neighbouring bins of one peak stand in opposite phase when the window starts at time 0.
            phases[t] = running + np.pi * ((index - nearest) % 2)
        else:
            running = running + 2 * np.pi * hop / n_fft * index
            phases[t] = running
    return np.exp(1j * phases).astype(np.complex64)


class _Overlap:
    """Windowed frames to samples and back, least squares (D. Griffin, J. Lim, 1984, equation 6)."""

    def __init__(self, count: int, n_fft: int, hop: int, shape: np.ndarray) -> None:
        self.count, self.n_fft, self.hop = count, n_fft, hop
        self.shape = shape.astype(np.float32)
        power = self._add(np.broadcast_to(self.shape**2, (count, n_fft)))
        # Where hardly any window reaches (the outermost samples) the quotient would be noise.
        self.weight = np.where(power > 1e-3 * power.max(), power, np.inf).astype(np.float32)

    def synthesise(self, spectrum: np.ndarray) -> np.ndarray:
        frames = np.fft.irfft(spectrum, self.n_fft, axis=-1).astype(np.float32)
        return self._add(frames * self.shape) / self.weight

    def analyse(self, samples: np.ndarray) -> np.ndarray:
        framed = np.lib.stride_tricks.sliding_window_view(samples, self.n_fft)[:: self.hop]
        return np.fft.rfft(framed * self.shape, axis=-1)

    def _add(self, frames: np.ndarray) -> np.ndarray:
        # Hop-long columns of all frames are added at once: a loop over n_fft / hop, not over frames.
        parts = -(-self.n_fft // self.hop)
        padded = np.zeros((self.count, parts * self.hop), dtype=np.float32)
        padded[:, : self.n_fft] = frames
        out = np.zeros((self.count + parts - 1, self.hop), dtype=np.float32)
        for i in range(parts):
            out[i : i + self.count] += padded[:, i * self.hop : (i + 1) * self.hop]
        return out.reshape(-1)[: (self.count - 1) * self.hop + self.n_fft]
