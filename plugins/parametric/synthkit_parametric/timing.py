# SPDX-License-Identifier: Apache-2.0
"""From how long each phone lasts to where each decoder step stands. numpy only."""

from __future__ import annotations

import numpy as np

N_PLACE = 8


def steps(
    edges: np.ndarray, hop: float, reduction: int, n_frames: int | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Each decoder step's phone, and its place in it.

    A step stands at the middle of the frames it gives: frame t is the signal around ``t * hop``.

    Parameters
    ----------
    edges : ndarray, shape (P + 1,)
        Seconds from the beginning; phone p lasts from ``edges[p]`` to ``edges[p + 1]``.
    hop : float
        Seconds between frames.
    reduction : int
        Frames per step.
    n_frames : int, optional
        Frames to cover; by default all up to the last edge.

    Returns
    -------
    index : ndarray, shape (S,), int64
        Never decreasing.
    places : ndarray, shape (S, `N_PLACE`), float32
        Fraction of the phone that has passed, its square, and half a sine wave over it; seconds since
        its beginning and to its end (near and far); the logarithm of its length.
    """
    if n_frames is None:
        n_frames = max(round((edges[-1] - edges[0]) / hop), 1)
    n = -(-n_frames // reduction)
    t = edges[0] + (np.arange(n) * reduction + (reduction - 1) / 2) * hop
    index = np.clip(np.searchsorted(edges, t, side="right") - 1, 0, len(edges) - 2)
    length = np.maximum(edges[index + 1] - edges[index], hop)
    passed = np.clip(t - edges[index], 0.0, length)
    left = length - passed
    x = passed / length
    near = [np.exp(-passed / 0.02), np.exp(-left / 0.02)]
    far = [np.minimum(passed, 0.5) * 4, np.minimum(left, 0.5) * 4]
    places = np.stack([x, x * x, np.sin(np.pi * x), *near, *far, np.log(length / 0.08)], axis=1)
    return index.astype(np.int64), places.astype(np.float32)
