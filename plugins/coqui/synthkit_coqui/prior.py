# SPDX-License-Identifier: Apache-2.0
"""Alignments of the corpus as a prior of alignments that a model searches for, or that its attention learns.

Glow-TTS and VITS find by themselves which frames belong to which token: they take the likeliest monotonic
path under their own weights, which at first know nothing; Tacotron 2 learns to attend, or does not. A corpus
here is aligned before anything is trained, so the path need not leave the phones' own times by more than a
little: then every step from the first on teaches how phones sound, and the durations that are learned are
those of the recordings.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from synthkit_coqui.corpus import Example

FORBIDDEN = 1e5
"""What is taken from the log-likelihood of a frame elsewhere: more than a whole path could gain by it, and
small enough for sums in float32."""
FAINTEST = 1e-6
"""Attention below this is taken as this: a logarithm of 0 has no gradient to follow."""


def frames_between(edges: Sequence[float], frames: int, period: float, *, blank: bool) -> np.ndarray | None:
    """The frames at which phones begin, and at which the last one ends, so that none lacks one for a token.

    Parameters
    ----------
    edges : sequence of float
        Seconds at which each of P phones begins, and at which the last one ends.
    frames : int
        How many there are to share.
    period : float
        Seconds of a frame.
    blank : bool
        A phone is two tokens, a blank and itself; the last one has another blank behind it.

    Returns
    -------
    ndarray, shape (P + 1,), int64, or None
        From 0 to `frames`; None where there are more tokens than frames.
    """
    phones = len(edges) - 1
    least = np.full(phones, 2 if blank else 1)
    least[-1] += blank
    if phones < 1 or least.sum() > frames:
        return None
    bounds = np.rint(np.asarray(edges) / period).astype(np.int64)
    bounds[0], bounds[-1] = 0, frames
    before = np.concatenate([[0], np.cumsum(least)])
    # what is left over when every phone has its least must not fall: neither side may take the other's
    spare = np.clip(bounds - before, 0, frames - before[-1])
    found: np.ndarray = np.maximum.accumulate(spare) + before
    return found


def places_of(examples: Sequence[Example], frames: Sequence[int], period: float, *, blank: bool) -> Any:
    """First frame, and the frame after the last, that the alignment gives each token.

    Parameters
    ----------
    examples : sequence of Example
        As they stand in the batch.
    frames : sequence of int
        How many frames each of them has.
    period : float
        Seconds of a frame.
    blank : bool

    Returns
    -------
    Tensor, shape (B, N, 2), int64
        Every frame, for tokens of utterances that have no alignment or fewer frames than tokens.
    """
    import torch

    longest = max(len(e.ids) for e in examples)
    out = np.zeros((len(examples), longest, 2), np.int64)
    for row, example, count in zip(out, examples, frames, strict=True):
        row[:, 1] = count
        phones = (len(example.ids) - 1) // 2 if blank else len(example.ids)
        if len(example.edges) != phones + 1:
            continue
        bounds = frames_between(example.edges, count, period, blank=blank)
        if bounds is None:
            continue
        spans = np.stack([bounds[:-1], bounds[1:]], 1)
        tokens = np.concatenate([spans.repeat(2, 0), spans[-1:]]) if blank else spans
        row[: len(tokens)] = tokens
    return torch.from_numpy(out)


def near(found: Any, places: Any, slack: float) -> Any:
    """Log-likelihoods of each token at each frame, with those far from its place made worse than any path.

    Parameters
    ----------
    found : Tensor, shape (B, N, T)
    places : Tensor, shape (B, N, 2)
        As `places_of` gives them.
    slack : float
        Frames on either side that are near.

    Returns
    -------
    Tensor, shape (B, N, T)
    """
    import torch

    frame = torch.arange(found.shape[2], device=found.device)
    first, end = places[..., :1], places[..., 1:]
    far = (frame < first - slack) | (frame >= end + slack)
    return found - FORBIDDEN * far


def astray(alignments: Any, places: Any, slack: float, reduction: int, frames: Any) -> Any:
    """How far an attention is from the alignment: minus the logarithm of what it has near the token's place.

    Parameters
    ----------
    alignments : Tensor, shape (B, S, N)
        What each step of a decoder attends to; sums to 1 over the tokens.
    places : Tensor, shape (B, N, 2)
        As `places_of` gives them.
    slack : float
        Frames on either side that are near.
    reduction : int
        Frames that a step makes.
    frames : Tensor, shape (B,), int64
        Frames of each utterance; steps after its last are not counted.

    Returns
    -------
    Tensor, shape ()
        Mean over all steps, in nats.
    """
    import torch

    first = torch.arange(alignments.shape[1], device=alignments.device)[:, None] * reduction
    begin, end = places[:, None, :, 0], places[:, None, :, 1]
    close = (first + reduction > begin - slack) & (first < end + slack)
    inside = (alignments * close).sum(2).clamp(min=FAINTEST)
    counted = first[:, 0] < frames[:, None]
    return -(inside.log() * counted).sum() / counted.sum()
