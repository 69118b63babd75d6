# SPDX-License-Identifier: Apache-2.0
"""Where a speaker pauses: a logistic regression on what the text says after each word."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from synthkit.types import Segmentation

_MARKS = ",;:-–—.?!…"


def describe(segmentation: Segmentation) -> np.ndarray:
    """One row per word: break level, kind of mark, distance to neighbouring breaks, place; ``(W, 24)``."""
    words = segmentation.words
    count = len(words)
    out = np.zeros((count, WIDTH), np.float32)
    level = np.array([w.break_after for w in words])
    edges = np.concatenate([[-1], np.flatnonzero(level >= 2), [count - 1]])
    for i, word in enumerate(words):
        out[i, min(word.break_after, 3)] = 1
        for mark in word.punctuation:
            where = _MARKS.find(mark)
            if where >= 0:
                out[i, 4 + where] = 1
        before = i - edges[edges < i].max()
        ahead = edges[edges > i].min() - i if (edges > i).any() else 0
        strong = float(word.break_after >= 2)
        out[i, 14:18] = [
            strong * min(before, 6) / 6,
            strong * min(ahead, 6) / 6,
            (1 - strong) * min(before, 8) / 8,
            (1 - strong) * min(ahead, 8) / 8,
        ]
        following = words[i + 1] if i + 1 < count else None
        out[i, 18] = float(word.function)
        out[i, 19] = float(following.function) if following else 0
        out[i, 20] = strong * len(word.phones) / 10
        out[i, 21] = strong * float(before <= 1)
        out[i, 22] = strong * float(ahead <= 1)
        out[i, 23] = 1
    return out


WIDTH = 24
"""Columns of `describe`."""


def fit_pauses(
    blocks: Callable[[], Iterable[np.ndarray]], *, steps: int = 30, ridge: float = 1.0
) -> np.ndarray:
    """Newton steps of a ridge logistic regression: weights ``(D,)``.

    Parameters
    ----------
    blocks : callable
        Gives all rows, some at a time, ``(n, D + 1)``: what is known of a word, and 0 or 1.
    """
    weights = np.zeros(WIDTH)
    for _ in range(steps):
        gradient, hessian = ridge * weights, ridge * np.eye(WIDTH)
        for block in blocks():
            x, made = block[:, :-1].astype(np.float64), block[:, -1]
            p = 1 / (1 + np.exp(-np.clip(x @ weights, -30, 30)))
            gradient += x.T @ (p - made)
            hessian += (x * (p * (1 - p))[:, None]).T @ x
        weights = weights - np.linalg.solve(hessian, gradient)
    return weights.astype(np.float32)


def predict_pauses(segmentation: Segmentation, weights: np.ndarray) -> list[bool]:
    """Whether a pause follows each word."""
    made = describe(segmentation) @ weights > 0
    return [bool(m) for m in made]
