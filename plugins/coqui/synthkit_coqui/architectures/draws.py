# SPDX-License-Identifier: Apache-2.0
"""Normal numbers as torch draws them on a CPU, so that a voice sounds the same with it and without it.

The generator is M. Matsumoto's and T. Nishimura's MT19937 (1998), seeded as they did; pairs of uniform
numbers become pairs of normal ones (G. E. P. Box, M. E. Muller, 1958), sixteen at a time.
"""

from __future__ import annotations

import numpy as np

BLOCK = 16
"""At least so many numbers that lie side by side are drawn by this many at a time, fewer one by one."""


class Draws:
    """A sequence of draws.

    Parameters
    ----------
    seed : int
        As of ``torch.manual_seed``.
    """

    def __init__(self, seed: int) -> None:
        self._bits = np.random.MT19937()
        self._bits._legacy_seeding(seed & 0xFFFFFFFF)
        self._left: float | None = None  # the other of a pair of which one was asked for

    def normal(self, shape: tuple[int, ...], *, beside: bool = True) -> np.ndarray:
        """What ``torch.randn(shape)`` would give next, to rounding.

        Parameters
        ----------
        shape : tuple of int
        beside : bool
            False: what fills a tensor that is not contiguous, in the order in which it lies in memory.

        Returns
        -------
        ndarray, shape `shape`, float32
        """
        size = int(np.prod(shape))
        if size < BLOCK or not beside:
            return self._one_by_one(size).reshape(shape)
        out = self._uniform(size)
        whole = size - size % BLOCK
        out[:whole] = paired(out[:whole])
        if whole < size:
            out[size - BLOCK :] = paired(self._uniform(BLOCK))
        return out.reshape(shape)

    def _uniform(self, count: int) -> np.ndarray:
        bits = self._bits.random_raw(count) & 0xFFFFFF
        return bits.astype(np.float32) * np.float32(2**-24)

    def _one_by_one(self, count: int) -> np.ndarray:
        """Pairs in float64, of which the second is kept for who asks next."""
        kept = [] if self._left is None else [self._left]
        pairs = max(0, -(-(count - len(kept)) // 2))
        bits = self._bits.random_raw(4 * pairs).reshape(pairs, 2, 2)
        whole = (bits[:, :, 0] << np.uint64(32) | bits[:, :, 1]) & np.uint64(2**53 - 1)
        angle, size = (whole.astype(np.float64) * 2.0**-53).T
        radius = np.sqrt(-2 * np.log1p(-size))
        drawn = np.stack([radius * np.cos(2 * np.pi * angle), radius * np.sin(2 * np.pi * angle)], 1)
        found = np.concatenate([kept, drawn.reshape(-1)])
        self._left = float(found[count]) if len(found) > count else None
        return found[:count].astype(np.float32)


def paired(uniform: np.ndarray) -> np.ndarray:
    """Normal numbers of uniform ones, of each sixteen the first eight with the last eight."""
    pairs = uniform.reshape(-1, 2, BLOCK // 2)
    radius = np.sqrt(-2 * np.log(1 - pairs[:, 0]))
    angle = np.float32(2 * np.pi) * pairs[:, 1]
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], 1).reshape(-1)
