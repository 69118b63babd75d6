# SPDX-License-Identifier: Apache-2.0
"""Mel spectra under a `MelSpec`: framing, filterbanks, logarithm and normalisation, and the way back.

Every step is numpy and follows the fields of the spec to the letter, so that a spec is all one needs to know
to make the same numbers elsewhere. The values agree with librosa's to rounding (see ``plugins/mel/tests``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

import numpy as np

from synthkit.dsp.specs import MelSpec
from synthkit.errors import ConfigError

BLOCK = 1024
"""Frames transformed at once: a long recording costs no more memory than a short one."""


def hz_to_mel(hz: np.ndarray | float, scale: str) -> np.ndarray:
    """Frequency in Hz on the mel scale ``"htk"`` or ``"slaney"``.

    HTK: ``2595 log10(1 + f / 700)`` (O'Shaughnessy 1987). Slaney (Auditory Toolbox, 1998): linear to 1 kHz,
    200/3 Hz to the mel, then logarithmic with 27 mels from 1 to 6.4 kHz.

    Parameters
    ----------
    hz : ndarray or float
        Hz, from 0.
    scale : str

    Returns
    -------
    ndarray
    """
    f = np.asarray(hz, dtype=np.float64)
    if scale == "htk":
        return 2595.0 * np.log10(1.0 + f / 700.0)
    if scale != "slaney":
        raise ConfigError(f"mel scale {scale!r} is not known", hint="use 'htk' or 'slaney'")
    log_part = 15.0 + np.log(np.maximum(f, 1e-10) / 1000.0) * 27.0 / np.log(6.4)
    return np.where(f >= 1000.0, log_part, f * 3.0 / 200.0)


def mel_to_hz(mel: np.ndarray | float, scale: str) -> np.ndarray:
    """Inverse of `hz_to_mel`.

    Parameters
    ----------
    mel : ndarray or float
    scale : str

    Returns
    -------
    ndarray
        Hz.
    """
    m = np.asarray(mel, dtype=np.float64)
    if scale == "htk":
        return 700.0 * (10.0 ** (m / 2595.0) - 1.0)
    if scale != "slaney":
        raise ConfigError(f"mel scale {scale!r} is not known", hint="use 'htk' or 'slaney'")
    return np.where(m >= 15.0, 1000.0 * np.exp((m - 15.0) * np.log(6.4) / 27.0), m * 200.0 / 3.0)


def filterbank(spec: MelSpec) -> np.ndarray:
    """Triangular mel filters of a spec, shape ``(n_mels, n_fft // 2 + 1)``, float64, read-only.

    ``mel_norm="slaney"`` gives every triangle the same area (2 / bandwidth in Hz); ``"none"`` peaks of 1.

    Parameters
    ----------
    spec : MelSpec

    Returns
    -------
    ndarray, shape (n_mels, n_fft // 2 + 1)

    Raises
    ------
    ConfigError
        The scale or the norm is not known.
    """
    return triangles(
        spec.sample_rate, spec.n_fft, spec.n_mels, spec.fmin, spec.fmax, spec.mel_scale, spec.mel_norm
    )


@lru_cache(maxsize=16)
def triangles(
    sample_rate: int, n_fft: int, n_mels: int, fmin: float, fmax: float, scale: str, norm: str
) -> np.ndarray:
    """The filters of `filterbank`, from the numbers that fix them."""
    if norm not in ("slaney", "none"):
        raise ConfigError(f"mel norm {norm!r} is not known", hint="use 'slaney' or 'none'")
    bins = np.arange(n_fft // 2 + 1) * sample_rate / n_fft
    low, high = hz_to_mel(fmin, scale), hz_to_mel(fmax, scale)
    edges = mel_to_hz(np.linspace(low, high, n_mels + 2), scale)
    widths = np.diff(edges)
    slopes = edges[:, None] - bins
    rising = -slopes[:-2] / widths[:-1, None]
    falling = slopes[2:] / widths[1:, None]
    filters = np.maximum(0.0, np.minimum(rising, falling))
    if norm == "slaney":
        filters *= (2.0 / (edges[2:] - edges[:-2]))[:, None]
    filters.setflags(write=False)
    return filters


def window(spec: MelSpec) -> np.ndarray:
    """The analysis window (n_fft,), float64: periodic, ``win_length`` samples centred between zeros.

    Parameters
    ----------
    spec : MelSpec

    Returns
    -------
    ndarray, shape (n_fft,)
    """
    return _window(spec.window, spec.win_length, spec.n_fft)


@lru_cache(maxsize=16)
def _window(name: str, length: int, n_fft: int) -> np.ndarray:
    phase = 2 * np.pi * np.arange(length) / length
    if name == "hann":
        shape = 0.5 - 0.5 * np.cos(phase)
    elif name == "hamming":
        shape = 0.54 - 0.46 * np.cos(phase)
    elif name == "blackman":
        shape = 0.42 - 0.5 * np.cos(phase) + 0.08 * np.cos(2 * phase)
    else:
        raise ConfigError(f"window {name!r} is not known", hint="use 'hann', 'hamming' or 'blackman'")
    left = (n_fft - length) // 2
    shape = np.pad(shape, (left, n_fft - length - left))
    shape.setflags(write=False)
    return shape


def edge(spec: MelSpec) -> int:
    """Samples added at each end before framing.

    Parameters
    ----------
    spec : MelSpec

    Returns
    -------
    int
    """
    if spec.padding in ("center-reflect", "center-constant"):
        return spec.n_fft // 2
    if spec.padding in ("reflect", "constant"):
        return (spec.n_fft - spec.hop_length) // 2
    if spec.padding == "none":
        return 0
    raise ConfigError(
        f"padding {spec.padding!r} is not known",
        hint="use 'center-reflect', 'center-constant', 'reflect', 'constant' or 'none'",
    )


def shortest(spec: MelSpec) -> int:
    """Fewest samples that give a frame.

    Parameters
    ----------
    spec : MelSpec

    Returns
    -------
    int
    """
    added = edge(spec)
    reflected = added + 1 if "reflect" in spec.padding else 1
    return max(reflected, spec.n_fft - 2 * added)


def magnitudes(samples: np.ndarray, spec: MelSpec) -> Iterator[np.ndarray]:
    """STFT magnitudes to the power of the spec, in blocks of shape ``(≤ BLOCK, n_fft // 2 + 1)``, float64.

    Parameters
    ----------
    samples : ndarray, shape (N,)
        At the spec's rate.
    spec : MelSpec

    Yields
    ------
    ndarray
    """
    added = edge(spec)
    if added:
        samples = np.pad(samples, added, mode="reflect" if "reflect" in spec.padding else "constant")
    framed = np.lib.stride_tricks.sliding_window_view(samples, spec.n_fft)[:: spec.hop_length]
    shape = window(spec)
    for start in range(0, len(framed), BLOCK):
        magnitude = np.abs(np.fft.rfft(framed[start : start + BLOCK] * shape, axis=-1))
        yield magnitude if spec.power == 1 else magnitude**spec.power


def mel_spectrum(samples: np.ndarray, spec: MelSpec) -> np.ndarray:
    """Compressed mel frames of `samples` (N,) under `spec`, shape ``(T, n_mels)``, float32.

    Parameters
    ----------
    samples : ndarray, shape (N,)
        At the spec's rate, full scale being 1.
    spec : MelSpec

    Returns
    -------
    ndarray
    """
    filters = filterbank(spec).T
    return np.concatenate([compress(block @ filters, spec) for block in magnitudes(samples, spec)])


def compress(mel: np.ndarray, spec: MelSpec) -> np.ndarray:
    """Mel values (T, n_mels), linear, to floor, logarithm and normalisation of the spec; float32.

    Parameters
    ----------
    mel : ndarray, shape (T, n_mels)
    spec : MelSpec

    Returns
    -------
    ndarray, shape (T, n_mels)
    """
    x = np.maximum(mel, spec.floor) if spec.floor is not None else mel
    if spec.log_base == "e":
        x = np.log(x)
    elif spec.log_base == "10":
        x = np.log10(x)
    elif spec.log_base == "db":
        x = 20.0 / spec.power * np.log10(x)
    elif spec.log_base != "none":
        raise ConfigError(f"log base {spec.log_base!r} is not known", hint="use 'e', '10', 'db' or 'none'")
    rule = _rule(spec.normalisation)
    if rule:
        symmetric, top, least, reference = rule
        x = (x - reference - least) / -least
        x = np.clip(2 * top * x - top, -top, top) if symmetric else np.clip(top * x, 0, top)
    compressed: np.ndarray = x.astype(np.float32)
    return compressed


def expand(frames: np.ndarray, spec: MelSpec) -> np.ndarray:
    """Inverse of `compress` down to the floor and the clipping: linear mel values (T, n_mels), float64.

    Parameters
    ----------
    frames : ndarray, shape (T, n_mels)
        As `compress` gives them.
    spec : MelSpec

    Returns
    -------
    ndarray, shape (T, n_mels)
    """
    x = np.asarray(frames, dtype=np.float64)
    rule = _rule(spec.normalisation)
    if rule:
        symmetric, top, least, reference = rule
        x = (x + top) / (2 * top) if symmetric else x / top
        x = np.clip(x, 0, 1) * -least + least + reference
    if spec.log_base == "e":
        return np.exp(x)
    if spec.log_base == "10":
        return 10.0**x
    if spec.log_base == "db":
        return 10.0 ** (x * spec.power / 20.0)
    return np.maximum(x, 0.0)


def linear_magnitudes(mel: np.ndarray, spec: MelSpec, rounds: int) -> np.ndarray:
    """Magnitudes (T, bins) that are not negative and whose mel spectrum is near `mel` (T, n_mels), linear.

    Multiplicative updates of D. D. Lee, H. S. Seung, "Algorithms for non-negative matrix factorization"
    (NIPS 2000) with the filterbank held fixed, from the mel values spread over their bands: unlike the
    pseudo-inverse it gives no negative energy, and the spectrum between the band centres stays smooth.

    Parameters
    ----------
    mel : ndarray, shape (T, n_mels)
        Linear, as `expand` gives it.
    spec : MelSpec
    rounds : int
        Updates.

    Returns
    -------
    ndarray, shape (T, n_fft // 2 + 1)
    """
    filters = filterbank(spec)
    weight = filters.sum(1)
    x = (mel / weight) @ filters / np.maximum(filters.sum(0), 1e-12)
    target = mel @ filters
    for _ in range(rounds):
        x *= target / np.maximum((x @ filters.T) @ filters, 1e-12)
    magnitudes: np.ndarray = x if spec.power == 1 else x ** (1.0 / spec.power)
    return magnitudes


def _rule(normalisation: str | None) -> tuple[bool, float, float, float] | None:
    """Symmetric or not, largest value, least level and reference level of a named rule.

    ``"symmetric-4"`` maps levels from 100 dB under the reference of 20 dB up to the reference onto -4 to 4
    and clips there; ``"range-1"`` maps them onto 0 to 1. Other levels are written out:
    ``"symmetric-4:-80:0"``.
    """
    if normalisation in (None, "none"):
        return None
    found = re.fullmatch(r"(symmetric|range)-([\d.]+)(?::(-[\d.]+):(-?[\d.]+))?", str(normalisation))
    if not found:
        raise ConfigError(
            f"normalisation {normalisation!r} is not known",
            hint="use 'none', 'symmetric-4', 'range-1' or with least and reference level "
            "'symmetric-4:-100:20'",
        )
    kind, top, least, reference = found.groups()
    return kind == "symmetric", float(top), float(least or -100), float(reference or 20)
