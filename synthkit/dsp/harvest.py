# SPDX-License-Identifier: Apache-2.0
"""Harvest, the F0 estimator of WORLD, in half of pyworld's time and with the same figures.

For 27 s of Russian and 15 s of English, pyworld took 2.0 to 2.3 times as long
(`benchmarks/features_speed.py`), and no frame differed by more than 1e-12 of its value: one implementation
serves the features and the metrics.

What costs pyworld its time is done at once here: all band-pass channels by overlap-save with filters that are
kept, and the refinement of all candidates of one window length as one matrix product that takes only the bins
it reads. "Harvest: A high-performance fundamental frequency estimator from speech signals", M. Morise,
Interspeech 2017; step by step as in WORLD's ``harvest.cpp`` (Morise, BSD licence), whose names the functions'
notes give.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from scipy import fft
from scipy.signal import lfilter

from synthkit.dsp.harvest_contour import contour, smooth

BLOCK = 8192
CHANNELS_IN_OCTAVE = 40.0
SPREAD = 3
"""Frames to each side whose candidates a frame also considers."""

_LOW_PASS = {
    12: (
        (2.4981398605924205, -2.1368928194784025, 0.62187513816221485),
        (0.0021097275904709001, 0.0063291827714127002),
    ),
    11: (
        (2.450743295230728, -2.06794904601978, 0.59574774438332101),
        (0.0026822508007163792, 0.0080467524021491377),
    ),
    10: (
        (2.3936475118069387, -1.9873904075111861, 0.5658879979027055),
        (0.0034818622251927556, 0.010445586675578267),
    ),
    9: (
        (2.3236003491759578, -1.8921545617463598, 0.53148928133729068),
        (0.0046331164041389372, 0.013899349212416812),
    ),
    8: (
        (2.2357462340187593, -1.7780899984041358, 0.49152555365968692),
        (0.0063522763407111993, 0.019056829022133598),
    ),
    7: (
        (2.1225239019534703, -1.6395144861046302, 0.44469707800587366),
        (0.0090366882681608418, 0.027110064804482525),
    ),
    6: (
        (1.9715352749512141, -1.4686795689225347, 0.3893908434965701),
        (0.013469181309343825, 0.040407543928031475),
    ),
    5: (
        (1.7610939654280557, -1.2554914843859768, 0.3237186507788215),
        (0.021334858522387423, 0.06400457556716227),
    ),
    4: (
        (1.4499664446880227, -0.98943497080950582, 0.24578252340690215),
        (0.036710750339322612, 0.11013225101796784),
    ),
    3: (
        (0.95039378983237421, -0.67429146741526791, 0.15412211621346475),
        (0.071221945171178636, 0.21366583551353591),
    ),
    2: (
        (0.041156734567757189, -0.42599112459189636, 0.041037215479961225),
        (0.16797464681802227, 0.50392394045406674),
    ),
}
"""WORLD's low-pass filters by decimation: recursive and direct coefficients."""


def harvest(
    x: np.ndarray, rate: int, *, f0_floor: float = 71.0, f0_ceil: float = 800.0, frame_period: float = 5.0
) -> tuple[np.ndarray, np.ndarray]:
    """F0 contour of a signal, as ``pyworld.harvest`` gives it.

    Parameters
    ----------
    x : ndarray, shape (N,), float64
    rate : int
        Hz.
    f0_floor, f0_ceil : float
        Hz.
    frame_period : float
        ms.

    Returns
    -------
    f0 : ndarray, shape (T,)
        Hz, 0 where unvoiced; ``T = floor(1000·N / rate / frame_period) + 1``.
    times : ndarray, shape (T,)
        Seconds.
    """
    ratio = max(min(int(rate / 8000.0 + 0.5), 12), 1)
    y = decimated(x, ratio)
    y = y - y.mean()
    slow = rate / ratio
    positions = np.arange(int(1000.0 * len(x) / rate) + 1) / 1000.0
    boundaries = _boundaries(f0_floor, f0_ceil)
    raw = _raw_candidates(y, slow, boundaries, f0_floor, f0_ceil, positions)
    candidates = _spread(_official(raw))
    f0s, scores = _refined(y, slow, positions, candidates, f0_floor, f0_ceil)
    f0s, scores = _reliable(f0s, scores)
    best = smooth(contour(f0s, scores))
    times = np.arange(int(1000.0 * len(x) / rate / frame_period) + 1) * frame_period / 1000.0
    return best[np.minimum(len(best) - 1, (times * 1000.0 + 0.5).astype(int))], times


def decimated(x: np.ndarray, ratio: int) -> np.ndarray:
    """Every `ratio`-th sample after a zero-phase low-pass (``GetWaveformAndSpectrumSub``, ``decimate``).

    Parameters
    ----------
    x : ndarray, shape (N,)
    ratio : int
        1 leaves it as it is.

    Returns
    -------
    ndarray, shape (ceil(N / ratio),)
    """
    if ratio == 1:
        return x
    lag = -(-140 // ratio) * ratio
    x_length = len(x)
    x = np.concatenate([np.full(lag, x[0]), x, np.full(lag, x[-1])])
    recursive, direct = _LOW_PASS[ratio]
    a = np.concatenate([[1.0], -np.array(recursive)])
    b = np.array([direct[0], direct[1], direct[1], direct[0]])
    edge = 9
    padded = np.concatenate([2 * x[0] - x[edge:0:-1], x, 2 * x[-1] - x[-2 : -edge - 2 : -1]])
    for _ in range(2):
        padded = lfilter(b, a, padded)[::-1]
    first = ratio - ratio * ((len(x) - 1) // ratio + 1) + len(x)
    start = lag // ratio
    return padded[first + edge - 1 :: ratio][start : start + -(-x_length // ratio)]


@lru_cache(maxsize=4)
def _boundaries(f0_floor: float, f0_ceil: float) -> np.ndarray:
    floor, ceiling = f0_floor * 0.9, f0_ceil * 1.1
    count = 1 + int(np.log2(ceiling / floor) * CHANNELS_IN_OCTAVE)
    return floor * 2.0 ** (np.arange(1, count + 1) / CHANNELS_IN_OCTAVE)


@lru_cache(maxsize=2)
def _filters(rate: float, f0_floor: float, f0_ceil: float) -> tuple[np.ndarray, np.ndarray, tuple[int, ...]]:
    """Spectra of the band-pass filters ``(C, BLOCK // 2 + 1)``, their taps, and half their lengths."""
    boundaries = _boundaries(f0_floor, f0_ceil)
    halves = tuple(int(rate / f * 2.0 + 0.5) for f in boundaries)
    taps = np.zeros((len(boundaries), BLOCK))
    for row, f, half in zip(taps, boundaries, halves, strict=True):
        at = np.arange(2 * half + 1) / (2.0 * half)
        window = 0.355768 + sum(
            a * np.cos(2 * np.pi * k * at) for k, a in ((1, -0.487396), (2, 0.144232), (3, -0.012604))
        )
        row[: 2 * half + 1] = window * np.cos(2 * np.pi * f * np.arange(-half, half + 1) / rate)
    return fft.rfft(taps), taps[:, : 2 * max(halves) + 1].copy(), halves


def _raw_candidates(
    y: np.ndarray, rate: float, boundaries: np.ndarray, f0_floor: float, f0_ceil: float, positions: np.ndarray
) -> np.ndarray:
    """F0 by zero crossings in every channel, ``(C, T)``, 0 where there is none (``GetRawF0Candidates``)."""
    spectra, taps, halves = _filters(rate, f0_floor, f0_ceil)
    overlap = 2 * max(halves)
    hop = BLOCK - overlap
    # The filter's delay and one sample more are taken off below, so that much must be computed beyond the
    # end.
    blocks = -(-(len(y) + max(halves) + 1) // hop)
    padded = np.zeros(overlap + blocks * hop)
    padded[overlap : overlap + len(y)] = y
    parts = fft.rfft(np.lib.stride_tricks.sliding_window_view(padded, BLOCK)[::hop])
    out = np.zeros((len(boundaries), len(positions)))
    ripples = _ripples(y, taps, rate, boundaries[0])
    for row, spectrum, ripple, half, boundary in zip(out, spectra, ripples, halves, boundaries, strict=True):
        filtered = fft.irfft(parts * spectrum)[:, overlap:].ravel()[half + 1 : half + 1 + len(y)]
        filtered += ripple(half + 1)
        slope = np.diff(filtered)
        events = [_intervals(s, rate) for s in (filtered, -filtered, slope, -slope)]
        if min(len(e[0]) for e in events) < 3:
            continue
        f0: np.ndarray = np.sum([_interpolated(*e, positions) for e in events], axis=0) / 4.0
        good = (f0 <= boundary * 1.1) & (f0 >= boundary * 0.9) & (f0 <= f0_ceil) & (f0 >= f0_floor)
        row[good] = f0[good]
    return out


def _ripples(
    y: np.ndarray, taps: np.ndarray, rate: float, lowest: float
) -> list[Callable[[int], np.ndarray]]:
    """What WORLD's convolution adds to each channel at the Nyquist frequency, as a function of the first
    sample.

    ``GetFilteredSignal`` mirrors the spectrum one place off, so that the product of bin N/2 - 1 is multiplied
    by the signal's bin N/2 once more and stands in both. It moves zero crossings enough to be seen in the
    figures.
    """
    n = 2 ** (int(np.log2(len(y) + 5 + 2 * int(2.0 * rate / lowest))) + 1)
    angle = 2.0 * np.pi * (n // 2 - 1) / n
    at = np.arange(len(y))
    turn, alternate = np.exp(1j * angle * at), 1.0 - 2.0 * (at % 2)
    y_below, y_top = y @ turn.conj(), y @ alternate
    tap = np.arange(taps.shape[1])
    below = y_below * (taps @ np.exp(-1j * angle * tap))
    top = y_top * (taps @ (1.0 - 2.0 * (tap % 2)))

    def ripple(a: complex, b: float) -> Callable[[int], np.ndarray]:
        wrong = y_top * a

        def added(first: int) -> np.ndarray:
            lower = 2.0 / n * (wrong - a) * np.exp(1j * angle * first)
            upper = (wrong.real - b) / n * (-1.0) ** first
            out: np.ndarray = lower.real * turn.real - lower.imag * turn.imag + upper * alternate
            return out

        return added

    return [ripple(complex(a), float(b)) for a, b in zip(below, top, strict=True)]


def _intervals(signal: np.ndarray, rate: float) -> tuple[np.ndarray, np.ndarray]:
    """Middles (s) and inverses (Hz) of the spans between falls through zero (``ZeroCrossingEngine``)."""
    positive = signal > 0.0
    at = np.flatnonzero(positive[:-1] & ~positive[1:]) + 1
    before = signal[at - 1]
    edges = at - before / (signal[at] - before)
    return (edges[:-1] + edges[1:]) / 2.0 / rate, rate / np.diff(edges)


def _interpolated(x: np.ndarray, y: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Linear interpolation that goes on beyond the ends (``interp1``)."""
    k = np.clip(np.searchsorted(x, at, side="right"), 1, len(x) - 1)
    out: np.ndarray = y[k - 1] + (at - x[k - 1]) / (x[k] - x[k - 1]) * (y[k] - y[k - 1])
    return out


def _official(raw: np.ndarray) -> np.ndarray:
    """Means of at least ten neighbouring channels that agree, ``(T, n)`` (``DetectOfficialF0Candidates``)."""
    frames = raw.T.copy()
    voiced = frames > 0
    voiced[:, [0, -1]] = False
    change = np.diff(voiced.astype(np.int8), axis=1)
    (frame, start), (_, end) = np.nonzero(change == 1), np.nonzero(change == -1)
    wide = end - start >= 10
    frame, start, end = frame[wide], start[wide] + 1, end[wide] + 1
    if not len(frame):
        return np.zeros((len(frames), 0))
    base = frame * frames.shape[1]
    edges = np.stack([base + start, base + end], 1).ravel()
    means = np.add.reduceat(np.append(frames.ravel(), 0.0), edges)[::2] / (end - start)
    place = np.arange(len(frame)) - np.searchsorted(frame, frame)
    out = np.zeros((len(frames), int(place.max()) + 1))
    out[frame, place] = means
    return out


def _spread(candidates: np.ndarray) -> np.ndarray:
    """Each frame's candidates, then those of the frames before and after it (``OverlapF0Candidates``)."""
    out = [candidates]
    for shift in (*range(1, SPREAD + 1), *range(-1, -SPREAD - 1, -1)):
        moved = np.zeros_like(candidates)
        if shift > 0:
            moved[shift:] = candidates[:-shift]
        else:
            moved[:shift] = candidates[-shift:]
        out.append(moved)
    return np.concatenate(out, 1)


def _refined(
    y: np.ndarray, rate: float, positions: np.ndarray, candidates: np.ndarray, f0_floor: float, f0_ceil: float
) -> tuple[np.ndarray, np.ndarray]:
    """Candidates by the instantaneous frequency of their harmonics, and their scores
    (``RefineF0Candidates``)."""
    frame, place = np.nonzero(candidates)
    f0 = candidates[frame, place]
    half = (1.5 * rate / f0 + 1.0).astype(int)
    start = (positions[frame] - half / rate) * rate + 0.001
    start = np.where(start > 0, np.floor(start + 0.5), np.ceil(start - 0.5)).astype(int)
    # How the samples lie under the window: the same for all frames where the rate is a multiple of 1 kHz.
    phase = np.round((start - 1.0) / rate - positions[frame] + half / rate, 12)
    order = np.lexsort((phase, half))
    cuts = np.flatnonzero((np.diff(half[order]) != 0) | (np.diff(phase[order]) != 0)) + 1
    f0s, scores = np.zeros_like(candidates), np.zeros_like(candidates)
    # Beyond the ends the signal keeps its last value.
    margin = int(half.max(initial=0)) * 2 + 2
    y = np.pad(y, margin, mode="edge")
    start += margin - 1
    for group in np.split(order, cuts) if len(order) else ():
        h = int(half[group[0]])
        new, score = _instantaneous(y, rate, f0[group], start[group], h, float(phase[group[0]]))
        good = ~((new < f0_floor) | (new > f0_ceil) | (score < 2.5))
        kept = group[good]
        f0s[frame[kept], place[kept]], scores[frame[kept], place[kept]] = new[good], score[good]
    return f0s, scores


def _instantaneous(
    y: np.ndarray, rate: float, f0: np.ndarray, start: np.ndarray, half: int, phase: float
) -> tuple[np.ndarray, np.ndarray]:
    """Refined F0 and score of candidates with one window, which begins at `start` (``GetMeanF0``,
    ``FixF0``)."""
    length = 2 * half + 1
    n_fft = 2 ** (2 + int(np.log2(length)))
    angle = 2.0 * np.pi * (np.arange(length) / rate + phase - half / rate) / (length / rate)
    window = 0.42 + 0.5 * np.cos(angle) + 0.08 * np.cos(2.0 * angle)
    slope = np.zeros(length + 2)
    slope[1:-1] = window
    slope = -(slope[2:] - slope[:-2]) / 2.0

    harmonics = np.minimum((rate / 2.0 / f0).astype(int), 6)
    number = np.arange(1, 7)
    bins = (f0[:, None] * n_fft / rate * number + 0.5).astype(int)
    there = number <= harmonics[:, None]
    needed, column = np.unique(np.where(there, bins, bins[0, 0]), return_inverse=True)
    column = column.reshape(bins.shape)
    wave = np.exp(-2j * np.pi / n_fft * (np.arange(length)[:, None] * needed % n_fft))
    basis = np.concatenate([part * w[:, None] for w in (window, slope) for part in (wave.real, wave.imag)], 1)
    samples = np.lib.stride_tricks.sliding_window_view(y, length)[start]
    main_re, main_im, diff_re, diff_im = np.split(samples @ basis, 4, 1)
    power = np.take_along_axis(main_re**2 + main_im**2, column, 1)
    numerator = np.take_along_axis(main_re * diff_im - main_im * diff_re, column, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        frequency = np.where(power == 0.0, 0.0, bins * rate / n_fft + numerator / power * rate / 2.0 / np.pi)
    amplitude = np.where(there, np.sqrt(power), 0.0)
    refined = (amplitude * frequency).sum(1) / ((amplitude * number).sum(1) + 1e-12)
    off = np.where(there, np.abs(frequency / number - f0[:, None]) / f0[:, None], 0.0).sum(1)
    return refined, 1.0 / (off / harmonics + 1e-12)


def _reliable(f0s: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Without candidates that no neighbouring frame shares within 5 % (``RemoveUnreliableCandidates``).

    Zeros are moved to the end of each frame, its candidates keep their order.
    """
    order = np.argsort(f0s == 0, axis=1, kind="stable")
    width = int((f0s > 0).sum(1).max(initial=0))
    f0s, scores = (np.take_along_axis(a, order, 1)[:, :width] for a in (f0s, scores))
    kept = np.zeros(f0s.shape, bool)
    kept[[0, -1]] = True
    inner = f0s[1:-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        for k in range(width):
            for other in (f0s[2:, k, None], f0s[:-2, k, None]):
                kept[1:-1] |= (np.abs(inner - other) / inner <= 0.05) & (other > 0)
    return np.where(kept, f0s, 0.0), np.where(kept, scores, 0.0)
