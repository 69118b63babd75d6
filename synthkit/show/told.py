# SPDX-License-Identifier: Apache-2.0
"""What speaking gave, as plain lists for a page."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from synthkit import audio
from synthkit.pipeline.spoken import Spoken, chunks
from synthkit.show.drawing import f0_spoken
from synthkit.show.image import image_of
from synthkit.show.tokens import Token, tokens_of, within
from synthkit.types import AudioSource, Frames, Interval, Segmentation, UnitPath, Waveform

if TYPE_CHECKING:
    from synthkit.pipeline.voice import Voice

AROUND = 0.35
"""Seconds of a recording before and after a unit that are heard with it."""


def told(spoken: Spoken, tokens: Sequence[Token] | None = None) -> dict[str, Any]:
    """Everything of `spoken` on one clock, seconds from its beginning.

    Parameters
    ----------
    spoken : Spoken
        A whole text, or a piece of one.
    tokens : sequence of Token, optional
        As it is written; of a piece they have to be told, its own text being that of its words.

    Returns
    -------
    dict
        JSON-ready.
    """
    alignment = spoken.alignment
    written = tokens_of(spoken.segmentation.text, spoken.segmentation.words) if tokens is None else tokens
    time, f0 = f0_spoken(spoken)
    units = list[dict[str, Any]]()
    for item, (start, seconds) in zip(spoken.predictions, spoken.places, strict=True):
        if isinstance(item, UnitPath):
            units += units_told(item, start, seconds)
    paths = [item for item in spoken.predictions if isinstance(item, UnitPath)]
    return {
        "text": spoken.segmentation.text,
        "seconds": spoken.waveform.duration,
        "sample_rate": spoken.waveform.sample_rate,
        "audio": base64.b64encode(audio.encode(spoken.waveform)).decode(),
        "spent": spoken.seconds,
        "notes": list(spoken.segmentation.notes),
        "tokens": None if alignment is None else _written(spoken, written, alignment.words),
        "said": [[word.text, " ".join(p.symbol for p in word.phones)] for word in spoken.segmentation.words],
        "words": None if alignment is None else _tier(alignment.words),
        "phones": None if alignment is None else _tier(alignment.phones),
        "f0": [[round(float(t), 4), round(float(v), 1)] for t, v in zip(time, f0, strict=True)],
        "predicted": [_kind(item) for item in spoken.predictions],
        "frames": _pictures(spoken) or None,
        "units": units or None,
        "cost": sum(path.cost for path in paths) if paths else None,
        "joins": sum(path.joins for path in paths) if paths else None,
    }


def pieces_told(voice: Voice, text: str, **request: Any) -> Iterator[dict[str, Any]]:
    """What `told` says of each piece of a text, as soon as it is spoken.

    Parameters
    ----------
    voice : Voice
    text : str
    **request
        As for `Voice.stream`.

    Yields
    ------
    dict
        As of `told`, on the piece's own clock; and ``piece`` of ``pieces``, counted from 1.
    """
    parts = list[Segmentation]()

    def noted(pieces: list[Segmentation]) -> list[Segmentation]:
        parts.extend(pieces)
        return pieces

    tokens, first = list[Token](), 0
    for number, piece in enumerate(voice.stream(text, progress=noted, **request)):
        if not number:
            tokens = tokens_of(text, [word for part in parts for word in part.words])
        last = first + len(piece.segmentation.words)
        yield told(piece, within(tokens, first, last)) | {"piece": number + 1, "pieces": len(parts)}
        first = last


def units_told(path: UnitPath, start: float, seconds: float) -> list[dict[str, Any]]:
    """The units of a path that lasts `seconds`, from `start`.

    Parameters
    ----------
    path : UnitPath
    start, seconds : float
        Seconds.

    Returns
    -------
    list of dict
    """
    rate = path.audio.sample_rate
    whole = sum(u.end - u.start for u in path.units) / rate
    at, out = start, []
    for place, unit in enumerate(path.units):
        length = (unit.end - unit.start) / rate * (seconds / whole if whole else 1.0)
        out.append(
            {
                "place": place,
                "index": unit.index,
                "label": unit.label,
                "source": unit.source,
                "from": round(unit.start / rate, 4),
                "to": round(unit.end / rate, 4),
                "start": round(at, 4),
                "end": round(at + length, 4),
                "joined": unit.joined,
                "target": {k: round(v, 4) for k, v in unit.target.items() if v},
                "join": {k: round(v, 4) for k, v in unit.join.items() if v},
            }
        )
        at += length
    return out


def excerpt(source: AudioSource, recording: str, start: int, end: int) -> Waveform:
    """Samples ``[start, end)`` of a recording at their own level, with what is around them, softer.

    Parameters
    ----------
    source : AudioSource
    recording : str
        Its id.
    start, end : int
        Samples.

    Returns
    -------
    Waveform
    """
    rate = source.sample_rate
    around = int(AROUND * rate)
    samples = source.read(recording, start - around, end + around).copy()
    ramp = np.linspace(0, 1, around, dtype=np.float32) ** 2
    samples[:around] *= 0.25 + 0.75 * ramp
    samples[len(samples) - around :] *= 0.25 + 0.75 * ramp[::-1]
    return Waveform(samples, rate)


def _tier(intervals: tuple[Interval, ...]) -> list[list[Any]]:
    return [[round(i.start, 4), round(i.end, 4), i.label] for i in intervals]


def _written(spoken: Spoken, tokens: Sequence[Token], words: Sequence[Interval]) -> list[list[Any]]:
    """Tokens in time: each from its first word to its last."""
    numbers, first = list[int](), 0
    whole = [spoken.segmentation] if len(spoken.predictions) == 1 else chunks(spoken.segmentation)
    for part, item in zip(spoken.parts or whole, spoken.predictions, strict=True):
        timing = item.timing
        if timing is not None:
            numbers += [first + n for n in sorted(set(timing.words)) if 0 <= n < len(part.words)]
        first += len(part.words)
    at = dict(zip(numbers, words, strict=True))
    out = []
    for token in tokens:
        mine = [at[n] for n in range(token.first, token.last) if n in at]
        if mine:
            out.append([round(mine[0].start, 4), round(mine[-1].end, 4), token.text])
    return out


def _pictures(spoken: Spoken) -> list[dict[str, Any]]:
    """What the acoustic model gave, where that is frames: of each prediction a picture and when it is."""
    out = []
    for item, (start, seconds) in zip(spoken.predictions, spoken.places, strict=True):
        image = image_of(item) if isinstance(item, Frames) else None
        if image is not None:
            out.append({"start": round(start, 4), "end": round(start + seconds, 4), **image})
    return out


def _kind(item: Any) -> str:
    if isinstance(item, Frames):
        return f"{len(item)} × {item.spec.kind}"
    return f"{len(item.units)} × unit" if isinstance(item, UnitPath) else "waveform"
