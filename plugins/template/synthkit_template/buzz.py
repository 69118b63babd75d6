"""Vocoder `buzz`: the oldest parametric vocoder there is, a pulse train or noise through the envelope.

What a channel vocoder of 1939 did with knobs (H. Dudley, "Remaking speech", JASA 11(2), 1939), done with a
minimum-phase filter from the mel-cepstrum. It buzzes because every harmonic of a voiced sound is in phase
and none is noisy; hear it against `world`, which mixes noise in by band aperiodicity.
"""

from __future__ import annotations

import numpy as np

from synthkit.dsp.melcepstrum import synthesis_matrix
from synthkit.errors import AudioError
from synthkit.settings import Field, Settings
from synthkit.stages import Vocoder
from synthkit.types import FeatureSpec, Frames, Waveform


class BuzzSettings(Settings):
    """Settings of the `buzz` vocoder: what a user may write in the ``[vocoder]`` table."""

    robot_hz: float | None = Field(default=None, gt=20, lt=500, description="speak on this one note, Hz")
    whisper: bool = Field(default=False, description="noise everywhere: a voice without its larynx")


class BuzzVocoder(Vocoder):
    """World frames to a waveform: pulses where voiced, noise where not, one filter per frame."""

    Config = BuzzSettings

    def accepts(self) -> tuple[FeatureSpec, ...]:
        """Any ``world`` spec: what it needs to know stands in the spec that comes with the frames."""
        return (FeatureSpec.accepting("world"),)

    def render(self, item: Frames) -> Waveform:
        """The waveform of `item`, float32 ``(T * hop,)``.

        Raises
        ------
        AudioError
            There are no frames.
        """
        if not len(item):
            raise AudioError("there are no frames to render")
        spec = item.spec
        hop, rate, n_fft = int(spec.hop_length), int(spec.sample_rate), int(spec.n_fft)
        excitation = self._excitation(item, hop, rate)
        responses = minimum_phase(item["mcep"], float(spec.alpha), n_fft)
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
        samples = out[hop : hop + len(item) * hop]
        peak = np.abs(samples).max()
        return Waveform((samples * min(1.0, 0.99 / peak) if peak else samples).astype(np.float32), rate)

    def _excitation(self, item: Frames, hop: int, rate: int) -> np.ndarray:
        """Pulses one period apart where voiced, noise elsewhere, both of power one per sample, ``(T * hop,)``."""
        f0 = np.exp(np.repeat(item["lf0"].astype(np.float64), hop))
        voiced = np.repeat(item["vuv"] > 0.5, hop) & (not self.config.whisper)
        if self.config.robot_hz:
            f0[:] = self.config.robot_hz
        phase = np.cumsum(f0 / rate)
        pulse = np.diff(np.floor(phase), prepend=0.0) > 0
        noise = np.random.default_rng(0).standard_normal(len(f0))
        return np.where(voiced, np.where(pulse, np.sqrt(rate / f0), 0.0), noise)


def minimum_phase(mcep: np.ndarray, alpha: float, n_fft: int) -> np.ndarray:
    """Minimum-phase impulse responses of mel-cepstra ``(T, order + 1)``, float64 ``(T, n_fft)``.

    A cepstrum that is zero at negative quefrencies is that of a minimum-phase signal: fold the real
    cepstrum over and exponentiate (A. V. Oppenheim, R. W. Schafer, "Discrete-Time Signal Processing", ch. 13).
    """
    log_power = mcep.astype(np.float64) @ synthesis_matrix(mcep.shape[1] - 1, alpha, n_fft)
    cepstrum = np.fft.irfft(0.5 * log_power, n_fft)
    cepstrum[:, 1 : n_fft // 2] *= 2.0
    cepstrum[:, n_fft // 2 + 1 :] = 0.0
    return np.fft.irfft(np.exp(np.fft.rfft(cepstrum, n_fft)), n_fft)
