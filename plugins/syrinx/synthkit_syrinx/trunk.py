# SPDX-License-Identifier: Apache-2.0
"""The network of `network.py` in numpy, for speaking: no torch.

A test holds the two to the same numbers. What follows from the weights alone is done once: they lie in memory
as products take them, and what only scales or moves what goes into a product is part of it.
Arrays are (frames, channels) of one utterance.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

Weights = Mapping[str, np.ndarray]
TOGETHER = 96
"""Frames that a block takes at a time, so that what it makes of them is still near when it is read."""
CUBED = np.float32((0.044715 * 0.7978845608) ** (1 / 3))
STRAIGHT = np.float32(0.7978845608 / (0.044715 * 0.7978845608) ** (1 / 3))
"""``√(2/π) (x + 0.044715 x³)`` is ``y³ + STRAIGHT y`` of ``y = CUBED x``."""


def normal(x: np.ndarray) -> np.ndarray:
    """`x` less the mean of its channels, over their deviation (epsilon 1e-5, as torch has it), in place."""
    size = np.float32(x.shape[1])
    x -= np.add.reduce(x, axis=1, keepdims=True) / size
    x /= np.sqrt(np.einsum("ij,ij->i", x, x)[:, None] / size + np.float32(1e-5))
    return x


def gelu(y: np.ndarray, out: np.ndarray) -> np.ndarray:
    """``0.5 x (1 + tanh(√(2/π) (x + 0.044715 x³)))`` of ``x = y / CUBED``, times ``2 CUBED``, which the
    weights on either side know of (see `Block`). Written to `out`."""
    np.multiply(y, y, out=out)
    out += STRAIGHT
    out *= y
    np.tanh(out, out=out)
    out += np.float32(1)
    out *= y
    return out


def around(x: np.ndarray, width: int) -> np.ndarray:
    """`x` (L, C) between zeros, half as many on either side as a convolution of `width` frames sees."""
    pad = width // 2
    out = np.zeros((len(x) + 2 * pad, x.shape[1]), np.float32)
    out[pad : pad + len(x)] = x
    return out


class Block(NamedTuple):
    """`network.Block` for speaking: what follows a normalisation, and the scale, are parts of the products.

    Attributes
    ----------
    taps : ndarray, shape (W, C)
    bias : ndarray, shape (C,)
    widen : ndarray, shape (C, H)
    wider : ndarray, shape (H,)
    narrow : ndarray, shape (H, C)
    narrower : ndarray, shape (C,)
    """

    taps: np.ndarray
    bias: np.ndarray
    widen: np.ndarray
    wider: np.ndarray
    narrow: np.ndarray
    narrower: np.ndarray

    @classmethod
    def of(cls, w: Weights, name: str) -> Block:
        """The block `name`."""
        widen, narrow, scale = w[f"{name}.widen.weight"], w[f"{name}.narrow.weight"], w[f"{name}.scale"]
        return cls(
            np.ascontiguousarray(w[f"{name}.depthwise.weight"][:, 0].T),
            w[f"{name}.depthwise.bias"],
            np.ascontiguousarray((widen * w[f"{name}.norm.weight"] * CUBED).T),
            (widen @ w[f"{name}.norm.bias"] + w[f"{name}.widen.bias"]) * CUBED,
            np.ascontiguousarray((narrow * (scale / (2 * CUBED))[:, None]).T),
            w[f"{name}.narrow.bias"] * scale,
        )

    def run(self, padded: np.ndarray, room: Room) -> None:
        """Change the frames (L, C) in the middle of `padded`, between zeros."""
        pad, (y, product) = len(self.taps) // 2, room.narrow
        size = len(y)
        x = padded[pad : pad + size]
        np.multiply(padded[:size], self.taps[0], out=y)
        for tap in range(1, len(self.taps)):
            y += np.multiply(padded[tap : tap + size], self.taps[tap], out=product)
        y += self.bias
        normal(y)
        for start in range(0, size, TOGETHER):
            part = slice(start, min(start + TOGETHER, size))
            wide, bent = room.wide[:, : part.stop - start]
            np.matmul(y[part], self.widen, out=wide)
            wide += self.wider
            np.matmul(gelu(wide, bent), self.narrow, out=product[part])
        x += product
        x += self.narrower


class Room(NamedTuple):
    """Memory for what blocks make on the way, taken once: to get it anew costs more than many a sum in it.

    Attributes
    ----------
    narrow : ndarray, shape (2, L, C)
    wide : ndarray, shape (2, TOGETHER, H)
    """

    narrow: np.ndarray
    wide: np.ndarray


class Trunk(NamedTuple):
    """`network.Trunk` for speaking.

    Attributes
    ----------
    enter : ndarray, shape (W, inputs, C)
    bias, scale, shift : ndarray, shape (C,)
    blocks : tuple of Block
    out : ndarray, shape (C, outputs)
    last : ndarray, shape (outputs,)
    """

    enter: np.ndarray
    bias: np.ndarray
    scale: np.ndarray
    shift: np.ndarray
    blocks: tuple[Block, ...]
    out: np.ndarray
    last: np.ndarray

    @classmethod
    def of(cls, w: Weights, name: str) -> Trunk:
        """The trunk `name`."""
        depth = len({key.split(".")[2] for key in w if key.startswith(f"{name}.blocks.")})
        out = w[f"{name}.out.weight"]
        return cls(
            np.ascontiguousarray(w[f"{name}.enter.weight"].transpose(2, 1, 0)),
            w[f"{name}.enter.bias"],
            w[f"{name}.first.weight"],
            w[f"{name}.first.bias"],
            tuple(Block.of(w, f"{name}.blocks.{k}") for k in range(depth)),
            np.ascontiguousarray((out * w[f"{name}.last.weight"]).T),
            out @ w[f"{name}.last.bias"] + w[f"{name}.out.bias"],
        )

    def inner(self, x: np.ndarray) -> np.ndarray:
        """What is known of each frame (L, C) after all blocks, of `x` (L, inputs)."""
        size, channels = len(x), self.enter.shape[2]
        padded = around(x, len(self.enter))
        pad = len(self.blocks[0].taps) // 2
        inside = np.zeros((size + 2 * pad, channels), np.float32)
        room = Room(
            np.empty((2, size, channels), np.float32),
            np.empty((2, min(size, TOGETHER), len(self.blocks[0].wider)), np.float32),
        )
        y, product = inside[pad : pad + size], room.narrow[0]
        np.matmul(padded[:size], self.enter[0], out=y)
        for tap in range(1, len(self.enter)):
            y += np.matmul(padded[tap : tap + size], self.enter[tap], out=product)
        y += self.bias
        normal(y)
        y *= self.scale
        y += self.shift
        for block in self.blocks:
            block.run(inside, room)
        return normal(y)

    def outputs(self, inner: np.ndarray) -> np.ndarray:
        """(L, outputs) of what `inner` gave, or of a part of it."""
        out: np.ndarray = inner @ self.out
        out += self.last
        return out

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """`x` (L, inputs) to (L, outputs)."""
        return self.outputs(self.inner(x))
