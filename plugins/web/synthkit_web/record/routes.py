# SPDX-License-Identifier: Apache-2.0
"""The door ``/record``: one sentence at a time, kept as soon as it is said."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from synthkit.paths import json_of
from synthkit_web.app import STATIC, Door
from synthkit_web.record.folder import Recording, TakeError

LARGEST = 40_000_000
"""Bytes of a take: two minutes at 96 kHz and 24 bits."""


def door(recording: Recording) -> Door:
    """Recording of one folder."""

    async def body(request: Request) -> dict[str, Any]:
        try:
            given = json_of(await request.body())
        except (ValueError, RecursionError):
            raise TakeError("that is not JSON") from None
        if not isinstance(given, dict):
            raise TakeError("that is no JSON object")
        return given

    def where(request: Request) -> Response:
        return JSONResponse(recording.state())

    async def agree(request: Request) -> Response:
        given = await body(request)
        recording.agree(str(given.get("speaker", "")), str(given.get("licence", "")))
        return JSONResponse(recording.state())

    async def take(request: Request) -> Response:
        from starlette.concurrency import run_in_threadpool

        data = await request.body()
        k = int(request.path_params["k"])
        said = await run_in_threadpool(recording.keep, k, data)
        return JSONResponse({"take": {"k": k, **said}, **recording.state()}, 201)

    async def skip(request: Request) -> Response:
        recording.skip(int(request.path_params["k"]))
        return JSONResponse(recording.state())

    def sound(request: Request) -> Response:
        k = int(request.path_params["k"])
        if k not in recording.taken:
            return PlainTextResponse("there is no such take", 404)
        return FileResponse(recording.path(k), media_type="audio/wav", headers={"cache-control": "no-store"})

    return Door(
        "record",
        "Recording",
        [
            Route("/api/state", where),
            Route("/api/consent", agree, methods=["POST"]),
            Route("/api/takes/{k:int}", take, methods=["POST"]),
            Route("/api/takes/{k:int}", sound),
            Route("/api/skip/{k:int}", skip, methods=["POST"]),
        ],
        STATIC / "record",
    )
