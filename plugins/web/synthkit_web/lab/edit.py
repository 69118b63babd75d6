# SPDX-License-Identifier: Apache-2.0
"""The panel *Edit*: a text spoken with phones, stress, pauses, durations and F0 that are changed by hand."""

from __future__ import annotations

import asyncio
from typing import Any

import numpy as np
from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import Route

from synthkit.eval.pitch import yin
from synthkit.pipeline.edit import Edit
from synthkit.pipeline.pronounced import vowels, written
from synthkit.pipeline.spoken import Spoken
from synthkit.pipeline.spoken_edit import Said, middle, phones_said
from synthkit.pipeline.voice import Voice
from synthkit.settings import Field
from synthkit.show.told import told
from synthkit.types import Waveform
from synthkit_web.lab.asked import Wanted, as_json, checked, read, request_of
from synthkit_web.voices import Voices

HOP = 0.01
"""Seconds between two values of the F0 that is drawn."""


class Edited(Wanted):
    """What is to be spoken with what is changed by hand: the tables of `Edit`."""

    edit: dict[str, Any] = Field(default_factory=dict)


def edited(voice: Voice, wanted: Edited) -> dict[str, Any]:
    """What is told of speaking `wanted`: as of any text, and phone by phone what can be changed in it."""
    edit = Edit.of(wanted.edit)
    spoken = voice.speak(wanted.text, speed=wanted.speed, pitch=wanted.pitch, edit=edit, **request_of(wanted))
    model = voice.acoustic_model
    times, hertz = tracked(spoken.waveform)
    return told(spoken) | {
        "rows": [_row(row, times, hertz) for row in phones_said(spoken)],
        "spelt": _words(spoken),
        "inventory": _inventory(voice, spoken),
        "takes": sorted(model.takes),
        "lacks": dict(model.lacks),
        "f0": [[round(float(t), 3), round(float(f), 1)] for t, f in zip(times, hertz, strict=True)],
        "edit": edit.to_dict(),
    }


def tracked(waveform: Waveform) -> tuple[np.ndarray, np.ndarray]:
    """Times (T,) in s and F0 (T,) in Hz, 0 where it is unvoiced, of a waveform."""
    found = yin(waveform.samples, waveform.sample_rate, hop=HOP)
    return np.arange(len(found)) * HOP, found


def _row(row: Said, times: np.ndarray, hertz: np.ndarray) -> dict[str, Any]:
    return {
        "start": round(row.interval.start, 4),
        "end": round(row.interval.end, 4),
        "label": row.interval.label,
        "place": list(row.place) if row.place is not None else None,
        "f0": middle(row.interval, times, hertz),
    }


def _words(spoken: Spoken) -> list[dict[str, Any]]:
    """Of each word its phones as they are written, and which of its vowels is stressed."""
    out = []
    for word in spoken.segmentation.words:
        own = vowels(word.phones, spoken.segmentation.phone_set)
        stress = next((n for n, k in enumerate(own, 1) if word.phones[k].stress == 1), 0)
        out.append({"text": word.text, "phones": written(word.phones), "vowels": len(own), "stress": stress})
    return out


def _inventory(voice: Voice, spoken: Spoken) -> list[str]:
    """Phones that a word can have."""
    try:
        return list(voice.segmenter.phones(spoken.segmentation.language))
    except NotImplementedError:  # its segmentation does not tell: those that are there
        return sorted({p.symbol for p in spoken.segmentation.phones()})


def edit_routes(voices: Voices) -> list[Route]:
    """Addresses of the panel."""

    async def spoken(request: HttpRequest) -> Response:
        wanted = checked(await read(request, Edited))
        copy = voices.copy_of(wanted.voice)
        copy.users += 1
        try:
            found = await copy.run(
                lambda: edited(copy.using(wanted.vocoder, wanted.adapters, wanted.segmentation), wanted)
            )
        finally:
            copy.users -= 1
        return Response(await asyncio.to_thread(as_json, found), media_type="application/json")

    return [Route("/api/edit", spoken, methods=["POST"])]
