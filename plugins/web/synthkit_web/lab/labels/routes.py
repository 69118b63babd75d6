# SPDX-License-Identifier: Apache-2.0
"""Addresses of the panel Labels, below ``/lab/api/labels``."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from synthkit import audio
from synthkit.settings import Settings
from synthkit.types import Interval
from synthkit_web.lab.asked import read
from synthkit_web.lab.labels.corrections import WrongLabels, checked
from synthkit_web.lab.labels.sources import NoAlignment, Source


class Saved(Settings):
    """What the page saves."""

    phones: list[list[float | str]]
    words: list[list[float | str]]
    state: str


def labels_routes(sources: Sequence[Source]) -> list[Route]:
    """The panel's addresses."""

    def source(request: Request) -> Source:
        number = request.path_params["source"]
        if not number < len(sources):
            raise NoAlignment(f"there is no alignment number {number}")
        return sources[number]

    async def listed(request: Request) -> Response:
        return JSONResponse(
            [
                {
                    "key": f"{s.kind} {s.name}",
                    "name": s.name,
                    "kind": s.kind,
                    "corrections": str(s.corrections.folder),
                }
                for s in sources
            ]
        )

    async def utterances(request: Request) -> Response:
        return JSONResponse(await asyncio.to_thread(source(request).listed))

    async def tiers(request: Request) -> Response:
        found = source(request)
        return JSONResponse(await asyncio.to_thread(found.told, request.path_params["id"]))

    async def sound(request: Request) -> Response:
        found, id_ = source(request), request.path_params["id"]
        body = await asyncio.to_thread(lambda: audio.encode(found.waveform(id_)))
        return Response(body, media_type="audio/wav", headers={"cache-control": "no-store"})

    async def save(request: Request) -> Response:
        found, id_ = source(request), request.path_params["id"]
        asked: Saved = await read(request, Saved)

        def write() -> str:
            alignment = checked(id_, found.seconds(id_), tier(asked.phones), tier(asked.words))
            return found.corrections.save(alignment, asked.state)

        return JSONResponse({"state": await asyncio.to_thread(write)})

    return [
        Route("/api/labels", listed),
        Route("/api/labels/{source:int}", utterances),
        Route("/api/labels/{source:int}/{id}/audio", sound),
        Route("/api/labels/{source:int}/{id}", tiers),
        Route("/api/labels/{source:int}/{id}", save, methods=["PUT"]),
    ]


def _named(source: Source) -> dict[str, str]:
    return {"name": source.name, "kind": source.kind, "corrections": str(source.corrections.folder)}


def tier(rows: list[list[float | str]]) -> list[Interval]:
    """Intervals of ``[start, end, label]``."""
    out = []
    for row in rows:
        match row:
            case [int() | float() as start, int() | float() as end, str() as label]:
                out.append(Interval(float(start), float(end), label))
            case _:
                raise WrongLabels(f"{row!r} is no interval: [start, end, label]")
    return out
