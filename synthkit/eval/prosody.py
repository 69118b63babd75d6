# SPDX-License-Identifier: Apache-2.0
"""Figures of F0 contours, pauses and speaking rate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class F0Figures:
    """F0 agreement of paired frames; a figure that has no meaning for them is None.

    Attributes
    ----------
    rmse_hz, rmse_cents, median_cents : float or None
        Over co-voiced frames; cents are 1200·log2 of the ratio (RMS, and median of absolute values).
    log_rmse : float or None
        RMSE of natural log F0.
    correlation : float or None
        Pearson, Hz; None below three co-voiced frames or where one contour is constant.
    vuv_error : float
        Share of frames voiced in one and not in the other.
    voiced, frames : int
        Co-voiced frames and all frames.
    """

    rmse_hz: float | None
    rmse_cents: float | None
    median_cents: float | None
    log_rmse: float | None
    correlation: float | None
    vuv_error: float
    voiced: int
    frames: int


def f0_figures(reference: np.ndarray, test: np.ndarray) -> F0Figures:
    """Compare two F0 contours frame by frame.

    Parameters
    ----------
    reference, test : ndarray, shape (T,)
        Hz, 0 where unvoiced, already paired (cut, or along an alignment path).

    Returns
    -------
    F0Figures

    Examples
    --------
    >>> f = f0_figures(np.array([100.0, 200.0, 0.0]), np.array([100.0, 100.0, 120.0]))
    >>> round(f.rmse_hz, 3), f.voiced, round(f.vuv_error, 3)
    (70.711, 2, 0.333)
    """
    r, t = np.asarray(reference, np.float64), np.asarray(test, np.float64)
    both = (r > 0) & (t > 0)
    error = float(np.mean((r > 0) != (t > 0))) if len(r) else 0.0
    n = int(both.sum())
    if n == 0:
        return F0Figures(None, None, None, None, None, error, 0, len(r))
    r, t = r[both], t[both]
    ratio = np.log(t / r)
    cents = 1200.0 * ratio / np.log(2.0)
    return F0Figures(
        rmse_hz=float(np.sqrt(np.mean((t - r) ** 2))),
        rmse_cents=float(np.sqrt(np.mean(cents**2))),
        median_cents=float(np.median(np.abs(cents))),
        log_rmse=float(np.sqrt(np.mean(ratio**2))),
        correlation=pearson(r, t),
        vuv_error=error,
        voiced=n,
        frames=len(both),
    )


def pearson(a: np.ndarray, b: np.ndarray) -> float | None:
    """Pearson's correlation; None for fewer than three pairs or a constant series.

    Parameters
    ----------
    a, b : ndarray, shape (N,)

    Returns
    -------
    float or None
    """
    if len(a) < 3:
        return None
    a, b = a - a.mean(), b - b.mean()
    scale = float(np.sqrt((a @ a) * (b @ b)))
    return float(np.clip(a @ b / scale, -1.0, 1.0)) if scale > 1e-12 else None


@dataclass(frozen=True, slots=True)
class Activity:
    """Where somebody speaks.

    Attributes
    ----------
    start, end : float
        First and last speech, seconds.
    pauses : tuple of float
        Lengths of the silences between, seconds, those of at least the minimum length.
    """

    start: float
    end: float
    pauses: tuple[float, ...]

    @property
    def span(self) -> float:
        """Seconds from first to last speech."""
        return self.end - self.start

    @property
    def speaking(self) -> float:
        """Seconds of the span that are not pauses."""
        return self.span - sum(self.pauses)


def activity(
    samples: np.ndarray, rate: int, *, below: float = 40.0, shortest: float = 0.1
) -> Activity | None:
    """Speech and pauses by energy.

    Parameters
    ----------
    samples : ndarray, shape (N,)
    rate : int
        Hz.
    below : float
        Silence is more than this many dB below the loudest 10 ms frame.
    shortest : float
        Silences shorter than this (closures of stops) are part of speech, seconds.

    Returns
    -------
    Activity or None
        None where the signal is silent throughout.
    """
    step = max(1, rate // 100)
    count = len(samples) // step
    if not count:
        return None
    blocks = np.asarray(samples[: count * step], np.float64).reshape(count, step)
    energy = np.square(blocks).mean(1)
    if energy.max() <= 1e-12:
        return None
    loud = np.flatnonzero(10.0 * np.log10(energy + 1e-30) > 10.0 * np.log10(energy.max()) - below)
    gaps = np.diff(loud) - 1
    seconds = step / rate
    pauses = tuple(float(g * seconds) for g in gaps if g * seconds >= shortest - 1e-9)
    return Activity(float(loud[0] * seconds), float((loud[-1] + 1) * seconds), pauses)
