# SPDX-License-Identifier: Apache-2.0
"""Frames of a voice to what the network reads, on the network's own grid of frames.

WORLD frames bring F0 and voicing with them. Mel frames do not: there a small part of the network reads both
from the mel spectrum, where the harmonics of low bands stand apart.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthkit.dsp.mel import edge
from synthkit.dsp.specs import MelSpec, WorldSpec
from synthkit.errors import SpecMismatch
from synthkit.types import Demand, FeatureSpec, Frames

GRID_MS = 8.0
"""Milliseconds between the network's frames, whatever those of the voice are."""
OVERLAP = 4
"""Hops in a frame of the inverse transform."""


def demands() -> tuple[Demand, ...]:
    """Frames that it can be trained on."""
    return (WorldSpec.demand(), MelSpec.demand())


@dataclass(frozen=True)
class Grid:
    """Where the network's frames stand.

    Attributes
    ----------
    sample_rate : int
        Hz.
    hop, n_fft : int
        Samples.
    voice_hop : int
        Samples between the frames of the voice.
    first : int
        The sample that the voice's first frame is centred on.
    """

    sample_rate: int
    hop: int
    n_fft: int
    voice_hop: int
    first: int

    @classmethod
    def of(cls, spec: FeatureSpec) -> Grid:
        """The grid for frames under `spec`; raises `SpecMismatch` for kinds it cannot render."""
        hop = max(2 * round(spec.sample_rate * GRID_MS / 2000), 2)
        if spec.kind == "world":
            return cls(spec.sample_rate, hop, OVERLAP * hop, WorldSpec.of(spec).hop_length, 0)
        if spec.kind == "mel":
            view = MelSpec.of(spec)
            return cls(spec.sample_rate, hop, OVERLAP * hop, view.hop_length, view.n_fft // 2 - edge(view))
        raise SpecMismatch(f"vocoder 'syrinx' renders world and mel frames, not {spec.kind!r}")

    def samples(self, frames: int) -> int:
        """Samples that so many frames of the voice stand for."""
        return frames * self.voice_hop

    def count(self, samples: int) -> int:
        """Frames of the network that so many samples need."""
        return -(-samples // self.hop) + 1

    def placed(self, values: np.ndarray, samples: int) -> np.ndarray:
        """`values` (T, D) of the voice's frames at the network's: straight lines, held at the ends."""
        at = (np.arange(self.count(samples)) * self.hop - self.first) / self.voice_hop
        at = np.clip(at, 0, len(values) - 1)
        below = np.floor(at).astype(np.int64)
        above = np.minimum(below + 1, len(values) - 1)
        part = (at - below).astype(np.float32)[:, None]
        out: np.ndarray = values[below] * (1 - part) + values[above] * part
        return out


def streams_of(spec: FeatureSpec) -> tuple[str, ...]:
    """The streams whose values the network reads beside F0 and voicing."""
    return ("mcep", "bap") if spec.kind == "world" else ("mel",)


def width(spec: FeatureSpec) -> int:
    """Values of those streams in a frame."""
    return sum(spec.stream(name).width or 1 for name in streams_of(spec))


def values_of(frames: Frames, grid: Grid, samples: int) -> np.ndarray:
    """Values (L, width) of `frames` at the network's frames, float32, as they come."""
    both = np.concatenate([frames[name] for name in streams_of(frames.spec)], axis=1)
    return grid.placed(np.asarray(both, np.float32), samples)


def pitch_of(frames: Frames, grid: Grid, samples: int) -> tuple[np.ndarray, np.ndarray]:
    """Log F0 and voicing (L,) that WORLD `frames` state, at the network's frames."""
    both = np.stack([frames["lf0"], frames["vuv"]], axis=1).astype(np.float32)
    placed = grid.placed(both, samples)
    return placed[:, 0], placed[:, 1]
