# SPDX-License-Identifier: Apache-2.0
"""Predicted frames are means: they stray too little, and change too slowly. Speaking as natural ones do.

What is measured at the end of a training, of recordings and of what is predicted in their own time, is how
strongly each coefficient changes at each frequency of change (the modulation spectrum); the ratio of the two
is a filter over time that gives predicted frames what they lack (Takamichi et al. 2014, "A postfilter to
modify the modulation spectrum in HMM-based speech synthesis"; here one filter for all sentences instead of a
transformation of each one's logarithm). One factor for all frequencies restores the spread alone ("global
variance", Toda and Tokuda 2007).

Bands of a mel spectrum change nearly as they should; what they lack is the contrast between neighbours, the
harmonics. So mel spectra are taken apart into cepstral coefficients along the bands, where it shows.
"""

from __future__ import annotations

import numpy as np

from synthkit.errors import ConfigError

LEAST, MOST = 1.0, 2.0
"""Factors; more would raise what is the analysis's noise, not speech."""
WINDOW = 64
"""Frames in which changes are measured."""


def cosines(bands: int) -> np.ndarray:
    """Orthonormal cosines (DCT-II): ``values @ cosines.T`` are cepstra, ``cepstra @ cosines`` the values.

    Parameters
    ----------
    bands : int

    Returns
    -------
    ndarray, shape (bands, bands), float32
    """
    out = np.cos(np.arange(bands)[:, None] * (np.arange(bands) + 0.5) * np.pi / bands) * np.sqrt(2 / bands)
    out[0] /= np.sqrt(2)
    return out.astype(np.float32)


def apart(frames: np.ndarray, where: dict[str, slice]) -> np.ndarray:
    """`frames` (T, outputs) in natural units, mel spectra in cepstral coefficients and all else as it is.

    Parameters
    ----------
    frames : ndarray
    where : dict of str to slice
        Columns of each stream.

    Returns
    -------
    ndarray, shape (T, outputs)
        A copy.
    """
    out = np.array(frames)
    if "mel" in where:
        part = where["mel"]
        out[:, part] = out[:, part] @ cosines(part.stop - part.start).T
    return out


class Variation:
    """How strongly frames change at each frequency, summed over utterances.

    Parameters
    ----------
    outputs : int
        Columns of the frames.

    Attributes
    ----------
    power : ndarray, shape (WINDOW // 2 + 1, outputs)
        Squared magnitudes, from no change to one each second frame.
    """

    def __init__(self, outputs: int) -> None:
        self.power = np.zeros((WINDOW // 2 + 1, outputs))

    def add(self, frames: np.ndarray, speech: np.ndarray) -> None:
        """Those of an utterance.

        Parameters
        ----------
        frames : ndarray, shape (T, outputs)
            As `apart` gives them.
        speech : ndarray, shape (T,), bool
            True somewhere.
        """
        (spoken,) = np.nonzero(speech)
        window = np.hanning(WINDOW)[:, None]
        for start in range(spoken[0], spoken[-1] + 1 - WINDOW, WINDOW // 2):
            piece = frames[start : start + WINDOW]
            self.power += np.abs(np.fft.rfft((piece - piece.mean(axis=0)) * window, axis=0)) ** 2


def ratio(natural: Variation, predicted: Variation) -> np.ndarray | None:
    """How many times as strongly natural frames change; None where no utterance was as long as a window.

    Parameters
    ----------
    natural, predicted : Variation
        Of the same utterances.

    Returns
    -------
    ndarray, shape (M, outputs), float32, or None
    """
    if not natural.power.any():
        return None
    changes = np.sqrt(natural.power / np.maximum(predicted.power, 1e-9)).clip(LEAST, MOST)
    return changes.astype(np.float32)


def sharpen(frames: np.ndarray, where: dict[str, slice], spread: np.ndarray, sharpness: float) -> None:
    """Give the spectra of `frames`, in place, what is between their own spread (0) and the natural one (1).

    Parameters
    ----------
    frames : ndarray, shape (T, outputs)
        In natural units.
    where : dict of str to slice
    spread : ndarray, shape (outputs,)
        As `Scales.spread`.
    sharpness : float
    """
    spectra = slice(where["mcep"].start + 1, where["mcep"].stop) if "mcep" in where else where["mel"]
    part = frames[:, spectra]
    mean = part.mean(axis=0)
    frames[:, spectra] = mean + (part - mean) * (1 + sharpness * (spread[spectra] - 1))


def modulate(
    frames: np.ndarray, where: dict[str, slice], modulation: np.ndarray | None, amount: float
) -> None:
    """Let the spectra of `frames`, in place, change between as they do (0) and as natural ones do (1); what
    tells how loud a frame is stays.

    Parameters
    ----------
    frames : ndarray, shape (T, outputs)
        In natural units.
    where : dict of str to slice
    modulation : ndarray, shape (M, outputs), or None
        As `Scales.modulation`.
    amount : float

    Raises
    ------
    ConfigError
        `modulation` is None.
    """
    if modulation is None:
        raise ConfigError(
            "these weights do not say how natural spectra change: they were learned before it was measured",
            hint="leave modulation at 0; sharpness can be set",
        )
    part = where["mcep"] if "mcep" in where else where["mel"]
    cepstra = apart(frames, where)[:, part]
    changed = filtered(cepstra - cepstra.mean(axis=0), amount * (modulation[:, part] - 1))
    changed[:, 0] = 0
    frames[:, part] += changed if "mcep" in where else changed @ cosines(part.stop - part.start)


def filtered(values: np.ndarray, gains: np.ndarray) -> np.ndarray:
    """`values` over time through filters without delay.

    Parameters
    ----------
    values : ndarray, shape (T, D)
    gains : ndarray, shape (M, D)
        At M frequencies, in equal steps from none to one change a frame.

    Returns
    -------
    ndarray, shape (T, D), float32
    """
    count = len(values)
    padded = np.pad(values, ((WINDOW, WINDOW), (0, 0)), mode="edge")
    spectrum = np.fft.rfft(padded, axis=0)
    at = np.linspace(0, len(gains) - 1, len(spectrum))
    below = np.minimum(at.astype(np.int64), len(gains) - 2)
    share = (at - below)[:, None]
    spectrum *= gains[below] * (1 - share) + gains[below + 1] * share
    return np.fft.irfft(spectrum, len(padded), axis=0)[WINDOW : WINDOW + count].astype(np.float32)
