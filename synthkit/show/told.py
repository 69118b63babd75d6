# SPDX-License-Identifier: Apache-2.0
"""What speaking gave, as plain lists for a page."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np

from synthkit import audio
from synthkit.pipeline.spoken import Spoken
from synthkit.show.drawing import f0_spoken
from synthkit.types import AudioSource, Frames, Interval, UnitPath, Waveform

AROUND = 0.35
"""Seconds of a recording before and after a unit that are heard with it."""


def told(spoken: Spoken) -> dict[str, Any]:
    """Everything of `spoken` on one clock, seconds from the beginning of the text."""
    alignment = spoken.alignment
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
        "words": None if alignment is None else _tier(alignment.words),
        "phones": None if alignment is None else _tier(alignment.phones),
        "f0": [[round(float(t), 4), round(float(v), 1)] for t, v in zip(time, f0, strict=True)],
        "predicted": [_kind(item) for item in spoken.predictions],
        "units": units or None,
        "cost": sum(path.cost for path in paths) if paths else None,
        "joins": sum(path.joins for path in paths) if paths else None,
    }


def units_told(path: UnitPath, start: float, seconds: float) -> list[dict[str, Any]]:
    """The units of a path that lasts `seconds`, from `start`."""
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
    """Samples ``[start, end)`` of a recording at their own level, with what is around them, softer."""
    rate = source.sample_rate
    around = int(AROUND * rate)
    samples = source.read(recording, start - around, end + around).copy()
    ramp = np.linspace(0, 1, around, dtype=np.float32) ** 2
    samples[:around] *= 0.25 + 0.75 * ramp
    samples[len(samples) - around :] *= 0.25 + 0.75 * ramp[::-1]
    return Waveform(samples, rate)


def _tier(intervals: tuple[Interval, ...]) -> list[list[Any]]:
    return [[round(i.start, 4), round(i.end, 4), i.label] for i in intervals]


def _kind(item: Any) -> str:
    if isinstance(item, Frames):
        return f"{len(item)} × {item.spec.kind}"
    return f"{len(item.units)} × unit" if isinstance(item, UnitPath) else "waveform"
