# SPDX-License-Identifier: Apache-2.0
"""The door ``/lab``: voices and their parts, speaking with all that is shown, units in their recordings."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from typing import Any

from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from synthkit import audio
from synthkit.errors import ConfigError
from synthkit.pipeline.spoken import chunks
from synthkit.pipeline.voice import Voice
from synthkit.settings import Field
from synthkit.show.candidates import lattice_told
from synthkit.show.told import excerpt, pieces_told
from synthkit.stages import Request, ShowsCandidates
from synthkit.types import UnitPath
from synthkit_web.app import STATIC, Door
from synthkit_web.lab.asked import Wanted, as_json, checked, read, request_of
from synthkit_web.lab.edit import edit_routes
from synthkit_web.lab.menus import can_forbid, sliders, vocoders
from synthkit_web.lab.stages import building_menus, stage_menus
from synthkit_web.streaming import LINES, Broken, Pieces, Sent
from synthkit_web.voices import Voices

LONGEST_UNIT = 10.0
"""Seconds of a recording that are heard as one unit."""


class Recorded(Wanted):
    """A unit of a recording that is to be heard: any candidate of what is wanted."""

    source: str
    start: float = Field(ge=0)
    """Seconds of the recording."""
    end: float = Field(ge=0)


def speak(voice: Voice, wanted: Wanted) -> Iterator[bytes]:
    """Lines of JSON: what is told of each piece of `wanted` as it is spoken."""
    request = {"speed": wanted.speed, "pitch": wanted.pitch, **request_of(wanted)}
    for told in pieces_told(voice, wanted.text, **request):
        yield as_json(told) + b"\n"


async def lines(first: bytes, pieces: Pieces[bytes]) -> AsyncIterator[bytes]:
    """The body of an answer: a line for each piece, and one at the end, which says whether that was all."""
    line: bytes | None = first
    try:
        while line is not None:
            yield line
            line = await pieces.next()
    except Broken as broken:
        yield as_json(broken.told()) + b"\n"
        return
    yield as_json({"done": True, "pieces": pieces.made}) + b"\n"


def lattices(voice: Voice, wanted: Wanted) -> list[dict[str, Any]]:
    """What the search looked at for each piece of `wanted`; empty where the voice is not made of units."""
    model = voice.acoustic_model
    if not isinstance(model, ShowsCandidates):
        return []
    request = request_of(wanted)
    request["options"] = model.asked(request["options"])
    parts = chunks(voice.segment(wanted.text))
    return [lattice_told(model.lattice(Request(part, **request))) for part in parts]


def heard(voice: Voice, unit: int, wanted: Wanted) -> bytes:
    """The unit at place `unit` of the path that `wanted` gives, in its recording, as a wav file."""
    place = unit
    for path in _paths(voice, wanted):
        if place < len(path.units):
            found = path.units[place]
            return audio.encode(excerpt(path.audio, found.source, found.start, found.end))
        place -= len(path.units)
    raise ConfigError(f"there is no unit at place {unit}")


def recorded(voice: Voice, wanted: Recorded) -> bytes:
    """A stretch of a recording as a wav file."""
    if not 0 < wanted.end - wanted.start <= LONGEST_UNIT:
        raise ConfigError(f"a unit lasts up to {LONGEST_UNIT:g} s, not {wanted.end - wanted.start:g} s")
    source = _paths(voice, wanted)[0].audio
    start, end = (round(seconds * source.sample_rate) for seconds in (wanted.start, wanted.end))
    return audio.encode(excerpt(source, wanted.source, start, end))


def _paths(voice: Voice, wanted: Wanted) -> list[UnitPath]:
    found = voice.speak(wanted.text, **request_of(wanted)).predictions
    paths = [item for item in found if isinstance(item, UnitPath)]
    if not paths:
        raise ConfigError("this voice is not made of units")
    return paths


def door(voices: Voices, panels: Sequence[BaseRoute] = (), close: Callable[[], None] = lambda: None) -> Door:
    """The lab on these voices; they are closed with the server.

    Parameters
    ----------
    voices : Voices
        May be none, where other panels have something to show.
    panels : sequence of BaseRoute
        Addresses of further panels.
    close : callable
        Called when the server stops, for those panels.
    """

    def closing() -> None:
        close()
        voices.close()

    async def listed(request: HttpRequest) -> Response:
        return JSONResponse({"default": next(iter(voices.about), ""), "voices": list(voices.about.values())})

    async def parts(request: HttpRequest) -> Response:
        copy = voices.copy_of(request.path_params["voice"])
        voice = await copy.run(copy.voice)
        return JSONResponse({"sliders": sliders(voice), "forbid": can_forbid(voice)})

    async def fitting(request: HttpRequest) -> Response:
        copy = voices.copy_of(request.path_params["voice"])
        voice = await copy.run(copy.voice)
        # Beside the copy's thread: importing vocoders takes long, touches nothing of the model's, and whoever
        # speaks meanwhile shall not wait for it.
        return JSONResponse(await asyncio.to_thread(vocoders, voice))

    async def stages(request: HttpRequest) -> Response:
        name, vocoder = request.path_params["voice"], request.query_params.get("vocoder")
        found = {}
        for known in (name, *(n for n in voices.about if n != name)):
            copy = voices.copy_of(known)
            found[known] = await copy.run(copy.voice)
        voice = found.pop(name)
        return JSONResponse(await asyncio.to_thread(stage_menus, voice, found, vocoder))

    async def building(request: HttpRequest) -> Response:
        copy = voices.copy_of(request.path_params["voice"])
        voice = await copy.run(copy.voice)
        return JSONResponse(await asyncio.to_thread(building_menus, voice))

    async def spoken(request: HttpRequest) -> Response:
        wanted = checked(await read(request, Wanted))
        async with AsyncExitStack() as held:
            copy = held.enter_context(voices.used(wanted.voice))
            pieces = Pieces[bytes](
                copy,
                lambda: speak(copy.using(wanted.vocoder, wanted.adapters, wanted.segmentation), wanted),
                wanted.voice or voices.default,
            )
            held.push_async_callback(pieces.close)
            first = await pieces.next()  # what is refused is refused before anything is sent
            assert first is not None, "a text that has no piece raises"
            return Sent(lines(first, pieces), LINES, {}, held.pop_all())

    async def looked_at(request: HttpRequest) -> Response:
        wanted = checked(await read(request, Wanted))
        copy = voices.copy_of(wanted.voice)
        found = await copy.run(lambda: lattices(copy.using(None, (), wanted.segmentation), wanted))
        return Response(await asyncio.to_thread(as_json, found), media_type="application/json")

    async def recording(request: HttpRequest) -> Response:
        wanted = checked(await read(request, Recorded))
        copy = voices.copy_of(wanted.voice)
        body = await copy.run(lambda: recorded(copy.using(None, (), wanted.segmentation), wanted))
        return Response(body, media_type="audio/wav")

    async def unit(request: HttpRequest) -> Response:
        wanted = await read(request, Wanted)
        copy, place = voices.copy_of(wanted.voice), request.path_params["place"]
        body = await copy.run(lambda: heard(copy.using(None, (), wanted.segmentation), place, wanted))
        return Response(body, media_type="audio/wav")

    return Door(
        "lab",
        "the lab",
        [
            Route("/api/voices", listed),
            Route("/api/voices/{voice}/parts", parts),
            Route("/api/voices/{voice}/vocoders", fitting),
            Route("/api/voices/{voice}/stages", stages),
            Route("/api/voices/{voice}/building", building),
            Route("/api/speak", spoken, methods=["POST"]),
            Route("/api/lattice", looked_at, methods=["POST"]),
            Route("/api/recordings", recording, methods=["POST"]),
            Route("/api/units/{place:int}", unit, methods=["POST"]),
            *edit_routes(voices),
            *panels,
        ],
        STATIC / "lab",
        close=closing,
    )
