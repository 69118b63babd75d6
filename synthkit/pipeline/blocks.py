# SPDX-License-Identifier: Apache-2.0
"""Speech in blocks that can be heard as soon as they are made, within a sentence where the model can."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from synthkit.pipeline.joining import joined, led_in
from synthkit.pipeline.pieces import Piece
from synthkit.pipeline.rendered import NoSound, sounding
from synthkit.pipeline.saying import Says, asked_of, said_piece, tell_of_haste
from synthkit.pipeline.spoken import Spoken
from synthkit.stages import SpeaksInBlocks
from synthkit.types import Segmentation, Waveform

SLACK = 0.001
"""Seconds by which blocks may be shorter than their timing says."""
Making = Callable[[Says, Piece, dict[str, float]], Iterable["Block"]]


@dataclass(frozen=True)
class Block:
    """Some of what is said.

    Attributes
    ----------
    waveform : Waveform
    segmentation : Segmentation
        What the piece of the text says that it is of, with the notes about the text where it is the first.
    spoken : Spoken or None
        The piece, whole, in its last block; None while more of it comes.
    """

    waveform: Waveform
    segmentation: Segmentation
    spoken: Spoken | None = None


def whole(voice: Says, part: Piece, spent: dict[str, float]) -> Iterator[Block]:
    """`part` in one block; parameters are those of `said_piece`.

    Parameters
    ----------
    voice : Says
    part : Piece
    spent : dict of str to float

    Yields
    ------
    Block
    """
    made = said_piece(voice, part, spent)
    yield Block(made.waveform, made.segmentation, made)


def in_blocks(voice: Says, part: Piece, spent: dict[str, float]) -> Iterator[Block]:
    """`part` in the blocks that its acoustic model makes; whole, where the model makes none or what comes
    after it has to have all: a converter, a pause at its end that is to be cut.

    Parameters
    ----------
    voice : Says
    part : Piece
    spent : dict of str to float
        Seconds by stage; what this takes is added to them.

    Yields
    ------
    Block
    """
    model = voice.acoustic_model
    if not isinstance(model, SpeaksInBlocks) or voice.converter is not None or part.after is not None:
        yield from whole(voice, part, spent)
        return
    before, began = sum(spent.values()), time.perf_counter()
    asked = {**part.request, "durations": part.durations, "f0": part.f0, "language": part.language}
    maker = f"acoustic model {voice.stages['acoustic_model'].plugin!r}"
    coming = model.predict_blocks(asked_of(voice, part.segmentation, asked))
    heard, made, taken, latency = led_in(part.before), list[Waveform](), 0.0, 0.0
    while True:
        block = next(coming, None)
        if block is None:
            raise NoSound(f"{maker} gave blocks of {_seconds(made):.3f} s, less than the timing of the first")
        made.append(sounding(block, maker))
        taken += time.perf_counter() - began
        latency = latency or before + taken
        timing = made[0].timing
        if timing is None or _seconds(made) + SLACK >= timing.edges[-1]:
            break
        yield Block(heard(block), part.segmentation)
        began = time.perf_counter()
    prediction = Waveform(np.concatenate([w.samples for w in made]), block.sample_rate, timing)
    tell_of_haste(part, prediction)
    spent["acoustic_model"] = spent.get("acoustic_model", 0.0) + taken
    spent.setdefault("vocoder", 0.0)
    piece = Spoken(prediction, part.segmentation, (prediction,), spent, (prediction.duration,), latency)
    yield Block(heard(block), part.segmentation, joined(piece, part.before, None))


def _seconds(blocks: list[Waveform]) -> float:
    return sum(block.duration for block in blocks)


def spoken(
    voice: Says,
    segmented: Iterator[tuple[Segmentation, list[Piece]]],
    making: Making,
    progress: Callable[[list[Segmentation]], Iterable[Segmentation]] = list,
) -> Iterator[Block]:
    """Everything that is segmented, piece by piece, each as `making` makes it.

    Parameters
    ----------
    voice : Says
    segmented : iterator
        As `synthkit.pipeline.saying.cut_up` gives it.
    making : callable
        `whole` or `in_blocks`.
    progress : callable, optional
        As of `synthkit.pipeline.voice.Voice.stream`.

    Yields
    ------
    Block
    """
    began = time.perf_counter()
    ahead = next(segmented, None)
    while ahead is not None:
        said, parts = ahead
        spent, notes = {"segmentation": time.perf_counter() - began}, said.notes
        each = progress([p.segmentation for p in parts])
        for k, (segmentation, part) in enumerate(zip(each, parts, strict=True)):
            piece = replace(part, segmentation=replace(segmentation, notes=notes))
            final = k == len(parts) - 1 and part.last
            for block in making(voice, piece, spent):
                done = block.spoken
                if done is not None and not final:
                    block = replace(block, spoken=replace(done, last=False))
                yield block
            spent, notes = {}, ()
        began = time.perf_counter()
        ahead = next(segmented, None)
