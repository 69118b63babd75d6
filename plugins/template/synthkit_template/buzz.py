# SPDX-License-Identifier: Apache-2.0
"""Vocoder `buzz`: the oldest parametric vocoder there is, a pulse train or noise through the envelope.

What a channel vocoder of 1939 did with knobs (H. Dudley, "Remaking speech", JASA 11(2), 1939), done with a
minimum-phase filter from the mel-cepstrum. It buzzes because every harmonic of a voiced sound is in phase
and none is noisy; hear it against `world`, which mixes noise in by band aperiodicity.
"""

from __future__ import annotations

import numpy as np

from synthkit.dsp.melcepstrum import synthesis_matrix
from synthkit.dsp.specs import WorldSpec
from synthkit.errors import AudioError
from synthkit.settings import Field, Settings
from synthkit.stages import Vocoder
from synthkit.types import Demand, Frames, Item, Waveform, frames_of


class BuzzSettings(Settings):
    """Settings of the `buzz` vocoder: what a user may write in the ``[vocoder]`` table."""

    robot_hz: float | None = Field(default=None, gt=20, lt=500, description="speak on this one note, Hz")
    whisper: bool = Field(default=False, description="noise everywhere: a voice without its larynx")


class BuzzVocoder(Vocoder):
    """World frames to a waveform: pulses where voiced, noise where not, one filter per frame."""

    Config = BuzzSettings

    def accepts(self) -> tuple[Demand, ...]:
        """WORLD frames with these streams; their numbers stand in the spec that comes with the frames."""
        return (WorldSpec.demand("mcep", "lf0", "vuv"),)

    def render(self, item: Item) -> Waveform:
        """The waveform of `item`, float32 ``(T * hop,)``.

        Raises
        ------
        AudioError
            There are no frames.
        """
        frames = frames_of(item, "vocoder 'buzz'")
        if not len(frames):
            raise AudioError("there are no frames to render")
        spec = WorldSpec.of(frames.spec)
        hop, rate, n_fft = spec.hop_length, spec.sample_rate, spec.n_fft
        excitation = self._excitation(frames, hop, rate)
        responses = minimum_phase(frames["mcep"], spec.alpha, n_fft)
        # Each frame filters its own two hops of excitation under a triangle: the sum of overlapping
        # triangles is one everywhere, so the filter glides from frame to frame.
        window = np.concatenate([np.arange(hop), np.arange(hop, 0, -1)]) / hop
        padded = np.concatenate([np.zeros(hop), excitation, np.zeros(hop + n_fft)])
        out = np.zeros(len(padded) + n_fft)
        size = 2 * hop + n_fft
        for frame, response in enumerate(responses):
            start = frame * hop
            piece = padded[start : start + 2 * hop] * window
            out[start : start + size] += np.fft.irfft(
                np.fft.rfft(piece, size) * np.fft.rfft(response, size), size
            )
        samples = out[hop : hop + len(frames) * hop]
        peak = np.abs(samples).max()
        return Waveform((samples * min(1.0, 0.99 / peak) if peak else samples).astype(np.float32), rate)

    def _excitation(self, frames: Frames, hop: int, rate: int) -> np.ndarray:
        """Pulses one period apart where voiced, noise elsewhere, both of power one per sample, ``(T *
        hop,)``."""
        f0 = np.exp(np.repeat(frames["lf0"].astype(np.float64), hop))
        voiced = np.repeat(frames["vuv"] > 0.5, hop) & (not self.config.whisper)
        if self.config.robot_hz:
            f0[:] = self.config.robot_hz
        phase = np.cumsum(f0 / rate)
        pulse = np.diff(np.floor(phase), prepend=0.0) > 0
        noise = np.random.default_rng(0).standard_normal(len(f0))
        return np.where(voiced, np.where(pulse, np.sqrt(rate / f0), 0.0), noise)


def minimum_phase(mcep: np.ndarray, alpha: float, n_fft: int) -> np.ndarray:
    """Minimum-phase impulse responses of mel-cepstra ``(T, order + 1)``, float64 ``(T, n_fft)``.

    A cepstrum that is zero at negative quefrencies is that of a minimum-phase signal: fold the real cepstrum
    over and exponentiate (A. V. Oppenheim, R. W. Schafer, "Discrete-Time Signal Processing", ch. 13).
    """
    log_power = mcep.astype(np.float64) @ synthesis_matrix(mcep.shape[1] - 1, alpha, n_fft)
    cepstrum = np.fft.irfft(0.5 * log_power, n_fft)
    cepstrum[:, 1 : n_fft // 2] *= 2.0
    cepstrum[:, n_fft // 2 + 1 :] = 0.0
    return np.fft.irfft(np.exp(np.fft.rfft(cepstrum, n_fft)), n_fft)
