# SPDX-License-Identifier: Apache-2.0
"""Pieces of a text beside one another: between two there is one pause, not one of each.

Every acoustic model begins and ends what it says with a pause. Where a piece follows another its first pause
is left out, and where a text says how long a pause is (SSML's ``break``), that of the piece before is made as
long.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from synthkit.pipeline.said import durations_of
from synthkit.pipeline.spoken import Spoken
from synthkit.types import PAUSE, UnitPath, Waveform

LEFT = 0.015
"""Seconds of a pause that stay where it is left out: speech may begin a little before its label."""
FADE = 0.005
"""Seconds over which sound begins or ends at a cut."""
QUIET = 10 ** (-45 / 20)
"""Of the loudest frame: what is softer is a pause, where nothing says when phones are said."""
FRAME = 0.005
"""Seconds of a frame in which that is looked for."""


def joined(piece: Spoken, before: float | None, after: float | None) -> Spoken:
    """`piece` with the pauses at its ends as they have to be.

    Parameters
    ----------
    piece : Spoken
        Of one prediction.
    before : float or None
        Seconds of silence before it; None where it follows another, whose pause is enough.
    after : float or None
        Seconds of the pause at its end; None leaves it as it is.

    Returns
    -------
    Spoken
    """
    if before == 0 and after is None:
        return piece
    lead, tail = _pauses(piece)
    wave, rate = piece.waveform, piece.waveform.sample_rate
    start = round((max(lead - LEFT, 0.0) if before is None else -before) * rate)
    end = 0 if after is None else round((tail - after) * rate)
    samples = wave.samples[max(start, 0) : len(wave.samples) - max(end, 0)].copy()
    fade = min(round(FADE * rate), len(samples))
    ramp = np.linspace(0, 1, fade, dtype=np.float32)
    if start > 0:
        samples[:fade] *= ramp
    if end:
        samples[len(samples) - fade :] *= ramp[::-1]
    samples = np.pad(samples, (max(-start, 0), max(-end, 0)))
    seconds = len(samples) / rate
    return replace(
        piece,
        waveform=Waveform(samples, rate),
        lengths=(seconds,),
        trims=((start / rate, end / rate),),
    )


def led_in(before: float | None) -> Callable[[Waveform], Waveform]:
    """What does to a piece's blocks, as they come, what `joined` does to the beginning of the piece.

    Parameters
    ----------
    before : float or None
        As for `joined`.

    Returns
    -------
    callable
        Gives each block, in order, as it is heard: the first with silence before it, or without its pause.
    """
    left = 0.0 if before is None else -before
    first = True

    def heard(block: Waveform) -> Waveform:
        nonlocal left, first
        rate, samples = block.sample_rate, block.samples
        if first and before is None:
            left = max(_lead(block) - LEFT, 0.0)
        start, first = round(left * rate), False
        if not start:
            return Waveform(samples, rate)
        if start < 0:
            left = 0.0
            return Waveform(np.pad(samples, (-start, 0)), rate)
        rest = samples[start:].copy()
        left = max(start - len(samples), 0) / rate
        fade = min(round(FADE * rate), len(rest))
        rest[:fade] *= np.linspace(0, 1, fade, dtype=np.float32)
        return Waveform(rest, rate)

    return heard


def _lead(block: Waveform) -> float:
    """Seconds of the pause with which an utterance begins, by its first block."""
    timing = block.timing
    if timing is None or not timing.phones:
        return _quiet(block)[0]
    return float(timing.edges[1]) if timing.phones[0] == PAUSE else 0.0


def _pauses(piece: Spoken) -> tuple[float, float]:
    """Seconds of the pauses with which a piece begins and ends."""
    item, seconds = piece.predictions[0], piece.waveform.duration
    timing = item.timing
    if timing is None or not timing.phones:
        return _quiet(piece.waveform)
    each = np.asarray(durations_of(item, seconds)) if isinstance(item, UnitPath) else np.diff(timing.edges)
    each = each * (seconds / each.sum())
    phones = timing.phones
    lead = float(each[0]) if phones[0] == PAUSE else 0.0
    return lead, float(each[-1]) if phones[-1] == PAUSE and len(phones) > 1 else 0.0


def _quiet(wave: Waveform) -> tuple[float, float]:
    """Seconds at both ends of a sound that are as good as silent."""
    size = max(round(FRAME * wave.sample_rate), 1)
    frames = wave.samples[: len(wave.samples) // size * size].reshape(-1, size).astype(np.float64)
    level = np.sqrt((frames**2).mean(1)) if len(frames) else np.zeros(1)
    loud = np.flatnonzero(level > QUIET * level.max())
    if not len(loud):
        return 0.0, 0.0
    return loud[0] * size / wave.sample_rate, (len(level) - 1 - loud[-1]) * size / wave.sample_rate
