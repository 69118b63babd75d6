# SPDX-License-Identifier: Apache-2.0
"""Source and filter with a phase of one's choice: pulses through a spectral envelope, noise beside them."""

from __future__ import annotations

from typing import Literal

import numpy as np

from synthkit.errors import AudioError

Phase = Literal["min", "zero", "random"]


def render(
    power: np.ndarray, noise: np.ndarray, f0: np.ndarray, hop: int, rate: int, phase: Phase = "min"
) -> np.ndarray:
    """The sound of an envelope at a pitch.

    Parameters
    ----------
    power : ndarray, shape (T, K)
        Power spectra at ``K = n_fft // 2 + 1`` frequencies.
    noise : ndarray, shape (T, K)
        How much of the amplitude is noise, 0 to 1 (WORLD's aperiodicity); where F0 is 0 all is.
    f0 : ndarray, shape (T,)
        Hz, 0 where unvoiced.
    hop, rate : int
        Samples from one frame to the next; Hz.
    phase : {"min", "zero", "random"}
        Of every pulse: the least delay that its spectrum allows, symmetric in time, or one draw of random
        phases for all pulses, which spreads each over time and leaves the sound periodic.

    Returns
    -------
    ndarray, shape (T * hop,), float32

    Raises
    ------
    AudioError
        There is no frame.
    """
    frames, bins = power.shape
    if not frames:
        raise AudioError("there are no frames to render")
    size, count = 2 * (bins - 1), frames * hop
    at, periods = _pulses(f0, hop, rate)
    share = np.where(f0[:, None] > 0, np.clip(noise, 0, 1) ** 2, 1.0)
    out = np.zeros(count + 2 * size + 2 * hop)
    frame = np.minimum(at // hop, frames - 1)
    for start in range(0, len(at), 1024):  # so many at once as memory bears
        part = slice(start, start + 1024)
        amplitude = np.sqrt(power[frame[part]] * (1 - share[frame[part]]) * periods[part, None])
        responses = _responses(amplitude, phase)
        for place, response in zip(at[part].tolist(), responses, strict=True):
            first = place + size - (0 if phase == "min" else size // 2)
            out[first : first + size] += response
    out[size : size + count] += _noise(np.sqrt(power * share), hop)
    return np.clip(out[size : size + count], -1, 1).astype(np.float32)


def _pulses(f0: np.ndarray, hop: int, rate: int) -> tuple[np.ndarray, np.ndarray]:
    """Samples at which pulses are, and the period in samples at each."""
    hertz = np.repeat(f0.astype(np.float64), hop)
    cycles = np.cumsum(hertz / rate)
    at = np.flatnonzero(np.diff(np.floor(cycles), prepend=0.0) > 0)
    return at, rate / hertz[at]


def _responses(amplitude: np.ndarray, phase: Phase) -> np.ndarray:
    """Impulse responses ``(P, n_fft)`` of amplitudes ``(P, K)``; those that are not causal have their middle
    in the middle."""
    size = 2 * (amplitude.shape[1] - 1)
    if phase == "min":
        # The cepstrum folded over to positive quefrencies (Oppenheim and Schafer, ch. 13).
        cepstra = np.fft.irfft(np.log(np.maximum(amplitude, 1e-9)), size)
        cepstra[:, 1 : size // 2] *= 2.0
        cepstra[:, size // 2 + 1 :] = 0.0
        return np.asarray(np.fft.irfft(np.exp(np.fft.rfft(cepstra, size)), size))
    turned = np.ones(amplitude.shape[1], complex)
    if phase == "random":
        turned = np.exp(2j * np.pi * np.random.default_rng(0).random(amplitude.shape[1]))
        turned[[0, -1]] = 1.0
    return np.asarray(np.roll(np.fft.irfft(amplitude * turned, size), size // 2, axis=1))


def _noise(amplitude: np.ndarray, hop: int) -> np.ndarray:
    """White noise through amplitudes ``(T, K)``: each frame filters two hops of it under a triangle."""
    frames, bins = amplitude.shape
    size = 2 * (bins - 1)
    white = np.random.default_rng(1).standard_normal((frames + 1) * hop)
    window = np.concatenate([np.arange(hop), np.arange(hop, 0, -1)]) / hop
    room = 1 << (2 * hop + size - 1).bit_length()
    out = np.zeros((frames + 1) * hop + room)
    for t in range(frames):
        piece = white[t * hop : (t + 2) * hop]
        piece = piece * window[: len(piece)]
        response = np.roll(np.fft.irfft(amplitude[t], size), size // 2)
        out[t * hop : t * hop + room] += np.fft.irfft(
            np.fft.rfft(piece, room) * np.fft.rfft(response, room), room
        )
    return np.asarray(out[hop + size // 2 : hop + size // 2 + frames * hop])
