# SPDX-License-Identifier: Apache-2.0
"""A training that begins with what another voice has learned, put into the terms of the new one.

Phones are found by their symbols, new ones begin as the nearest, or by chance where no table has their
sounds; a new speaker begins as the mean of the old ones. What the two voices normalise differently is made up
for in the last layers: before the first step it predicts the frames and durations that the other voice would,
whatever the scales. A network of several speakers gives frames in terms of each one's own mean and spread,
and so the new speaker's take their place: before the first step it speaks at the level, pitch and spectrum of
the new one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from synthkit import phones
from synthkit_parametric.voice import Scales, Shape, TrainedVoice


def carried(
    own: Mapping[str, np.ndarray],
    voice: TrainedVoice,
    shape: Shape,
    symbols: Sequence[str],
    scales: Scales,
    *,
    frames: bool = True,
) -> tuple[dict[str, np.ndarray], int]:
    """Weights to begin with.

    Parameters
    ----------
    own : mapping of str to ndarray
        Those that chance gave a network of `shape`; what `voice` has nothing for keeps them.
    voice : TrainedVoice
        Of other frames, mel for WORLD say, it gives all but the last layer: how phones are read, how long
        they last, where pauses are.
    shape, symbols, scales
        Of the new training.
    frames : bool
        Whether the frames of both are of one kind.

    Returns
    -------
    weights : dict of str to ndarray
        As `own`.
    count : int
        How many of them are of `voice`.
    """
    old = dict(voice.weights)
    known = {symbol: row for row, symbol in enumerate(voice.symbols)}
    table = old["encoder.symbol.weight"]
    if table.shape[1] == shape.channels:
        rows = np.array(own["encoder.symbol.weight"])
        for k, symbol in enumerate(symbols):
            like = symbol if symbol in known else phones.nearest(symbol, known, voice.phone_set)
            if like is not None:
                rows[k] = table[known[like]]
        old["encoder.symbol.weight"] = rows
    speaker = old["encoder.speaker.weight"].mean(axis=0)
    old["encoder.speaker.weight"] = np.repeat(speaker[None], shape.speakers, axis=0)
    if voice.scales.speakers is None and scales.speakers is None:
        old |= _made_up_for(old, voice, scales, frames)
    if not frames:
        old = {k: v for k, v in old.items() if not k.startswith("decoder.out.")}
    taken = {k: v.astype(np.float32) for k, v in old.items() if k in own and own[k].shape == v.shape}
    return {**own, **taken}, len(taken)


def _made_up_for(
    old: Mapping[str, np.ndarray], voice: TrainedVoice, scales: Scales, frames: bool
) -> dict[str, np.ndarray]:
    """The last layers, so that they give under `scales` what they gave under those of `voice`; that of
    `frames` only where they are of one kind."""
    before, out = voice.scales, {}
    if frames:
        ratio, shift = before.std / scales.std, (before.mean - scales.mean) / scales.std
        times = voice.shape.reduction
        out["decoder.out.weight"] = old["decoder.out.weight"] * np.tile(ratio, times)[:, None]
        out["decoder.out.bias"] = old["decoder.out.bias"] * np.tile(ratio, times) + np.tile(shift, times)
    (center, deviation), (new_center, new_deviation) = before.duration, scales.duration
    return out | {
        "duration.weight": old["duration.weight"] * (deviation / new_deviation),
        "duration.bias": (old["duration.bias"] * deviation + center - new_center) / new_deviation,
    }
