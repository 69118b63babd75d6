# SPDX-License-Identifier: Apache-2.0
"""The door ``/lab``: voices and their parts, speaking with all that is shown, units in their recordings."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import numpy as np
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from synthkit import audio, tables
from synthkit.errors import ConfigError
from synthkit.pipeline.voice import Voice
from synthkit.settings import Field, Settings
from synthkit.show.told import told
from synthkit.types import UnitPath, Waveform
from synthkit_web.app import STATIC, Door
from synthkit_web.lab.menus import can_forbid, sliders, vocoders
from synthkit_web.voices import Voices

LONGEST = 2000
"""Characters of a text in the lab: everything of it is drawn."""
AROUND = 0.35
"""Seconds of a recording before and after a unit that are heard with it."""


class Wanted(Settings):
    """What the page asks to be spoken."""

    text: str
    voice: str | None = None
    vocoder: str | None = None
    adapters: tuple[str, ...] = ()
    speaker: str | None = None
    speed: float = Field(1.0, gt=0, le=10)
    pitch: float = Field(0.0, ge=-24, le=24)
    options: dict[str, Any] = Field(default_factory=dict)


async def read(request: Request, kind: type[Settings]) -> Any:
    """The body of `request` as `kind`."""
    try:
        found = json.loads(await request.body())
    except (ValueError, RecursionError):
        raise ConfigError("the body is not JSON") from None
    if not isinstance(found, dict):
        raise ConfigError("the body has to be a JSON object")
    return tables.validate(kind, found, where="request", what="field")


def speak(voice: Voice, wanted: Wanted) -> dict[str, Any]:
    """What is told of speaking `wanted`."""
    speaker = {"speaker": wanted.speaker} if wanted.speaker else {}
    options = _numbered(wanted.options)
    return told(voice.speak(wanted.text, speed=wanted.speed, pitch=wanted.pitch, options=options, **speaker))


def heard(voice: Voice, unit: int, wanted: Wanted) -> bytes:
    """The unit at place `unit` of the path that `wanted` gives, in its recording, as a wav file."""
    place, options = unit, _numbered(wanted.options)
    for item in voice.speak(wanted.text, options=options).predictions:
        if not isinstance(item, UnitPath):
            raise ConfigError("this voice is not made of units")
        if place < len(item.units):
            found, rate = item.units[place], item.audio.sample_rate
            around = int(AROUND * rate)
            samples = item.audio.read(found.source, found.start - around, found.end + around).copy()
            ramp = np.linspace(0, 1, around, dtype=np.float32) ** 2
            samples[:around] *= 0.25 + 0.75 * ramp  # the unit itself is heard at its own level
            samples[len(samples) - around :] *= 0.25 + 0.75 * ramp[::-1]
            return audio.encode(Waveform(samples, rate))
        place -= len(item.units)
    raise ConfigError(f"there is no unit at place {unit}")


def _numbered(options: dict[str, Any]) -> dict[str, Any]:
    """JSON has no numbers as keys."""
    if isinstance(options.get("force"), dict):
        options = options | {"force": {int(place): unit for place, unit in options["force"].items()}}
    return options


def door(voices: Voices) -> Door:
    """The lab on these voices; they are closed with the server."""

    async def listed(request: Request) -> Response:
        return JSONResponse({"default": voices.default, "voices": list(voices.about.values())})

    async def parts(request: Request) -> Response:
        copy = voices.copy_of(request.path_params["voice"])
        voice = await copy.run(copy.voice)
        return JSONResponse({"sliders": sliders(voice), "forbid": can_forbid(voice)})

    async def fitting(request: Request) -> Response:
        copy = voices.copy_of(request.path_params["voice"])
        voice = await copy.run(copy.voice)
        # Beside the copy's thread: importing vocoders takes long, touches nothing of the model's, and whoever
        # speaks meanwhile shall not wait for it.
        return JSONResponse(await asyncio.to_thread(vocoders, voice))

    async def spoken(request: Request) -> Response:
        wanted = await read(request, Wanted)
        if not wanted.text.strip():
            raise ConfigError("there is no text to speak")
        if len(wanted.text) > LONGEST:
            raise ConfigError(
                f"the lab draws texts of up to {LONGEST} characters, and this has {len(wanted.text)}",
                hint="`synthkit say` and `synthkit serve` speak long ones",
            )
        copy = voices.copy_of(wanted.voice)
        copy.users += 1
        try:
            found = await copy.run(lambda: speak(copy.using(wanted.vocoder, wanted.adapters), wanted))
        finally:
            copy.users -= 1
        return Response(await asyncio.to_thread(_json, found), media_type="application/json")

    async def unit(request: Request) -> Response:
        wanted = await read(request, Wanted)
        copy, place = voices.copy_of(wanted.voice), request.path_params["place"]
        body = await copy.run(lambda: heard(copy.voice(), place, wanted))
        return Response(body, media_type="audio/wav")

    return Door(
        "lab",
        "the lab",
        [
            Route("/api/voices", listed),
            Route("/api/voices/{voice}/parts", parts),
            Route("/api/voices/{voice}/vocoders", fitting),
            Route("/api/speak", spoken, methods=["POST"]),
            Route("/api/units/{place:int}", unit, methods=["POST"]),
        ],
        STATIC / "lab",
        close=voices.close,
    )


def _json(data: dict[str, Any]) -> bytes:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()
