# SPDX-License-Identifier: Apache-2.0
"""Frames of a voice to what the network reads, and which frames a sample lies between."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthkit.dsp.mel import edge
from synthkit.dsp.specs import MelSpec, WorldSpec
from synthkit.errors import SpecMismatch
from synthkit.types import Demand, FeatureSpec, Frames


def demands() -> tuple[Demand, ...]:
    """Frames that it can be trained on."""
    return (WorldSpec.demand(), MelSpec.demand())


@dataclass(frozen=True)
class Grid:
    """Where frames stand among samples.

    Attributes
    ----------
    sample_rate : int
        Hz.
    hop : int
        Samples between frames.
    first : int
        The sample that the first frame is centred on.
    """

    sample_rate: int
    hop: int
    first: int

    @classmethod
    def of(cls, spec: FeatureSpec) -> Grid:
        """The grid of frames under `spec`; raises `SpecMismatch` for kinds that cannot be rendered."""
        if spec.kind == "world":
            return cls(spec.sample_rate, WorldSpec.of(spec).hop_length, 0)
        if spec.kind == "mel":
            view = MelSpec.of(spec)
            return cls(spec.sample_rate, view.hop_length, view.n_fft // 2 - edge(view))
        raise SpecMismatch(f"vocoder 'wavenet' renders world and mel frames, not {spec.kind!r}")

    def places(self, start: int, count: int, frames: int) -> tuple[np.ndarray, np.ndarray]:
        """Where samples from `start` on lie among `frames` frames.

        Returns
        -------
        below : ndarray, shape (count,), int64
            The frame before each sample; the one after it is ``below + 1``, or the last. Samples outside
            stand at the first or the last frame.
        part : ndarray, shape (count,), float32
            How much of the way to the next frame is gone, 0 to 1.
        """
        at = (np.arange(start, start + count) - self.first) / self.hop
        at = np.clip(at, 0, frames - 1)
        below = np.floor(at).astype(np.int64)
        return below, (at - below).astype(np.float32)


def streams_of(spec: FeatureSpec) -> tuple[str, ...]:
    """The streams whose values the network reads."""
    return ("mcep", "bap", "lf0", "vuv") if spec.kind == "world" else ("mel",)


def width(spec: FeatureSpec) -> int:
    """Values of those streams in a frame."""
    return sum(spec.stream(name).width or 1 for name in streams_of(spec))


def values_of(frames: Frames) -> np.ndarray:
    """Values (T, width) of `frames`, float32, as they come."""
    columns = [np.asarray(frames[name], np.float32) for name in streams_of(frames.spec)]
    return np.concatenate([c.reshape(len(c), -1) for c in columns], axis=1)


def states_pitch(spec: FeatureSpec) -> bool:
    """Whether frames under `spec` say how far back the last period of the voice lies."""
    return spec.kind == "world"
