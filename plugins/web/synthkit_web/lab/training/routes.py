# SPDX-License-Identifier: Apache-2.0
"""Addresses of the panel Training, below ``/lab/api/trainings``."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from synthkit_web.lab.training.builds import Builds
from synthkit_web.lab.training.told import file, listed, told


def training_routes(builds: Builds) -> list[Route]:
    """The panel's addresses."""

    async def known(request: Request) -> Response:
        return JSONResponse(await asyncio.to_thread(listed, builds))

    async def one(request: Request) -> Response:
        key = request.path_params["key"]
        return JSONResponse(await asyncio.to_thread(lambda: told(builds, builds.get(key))))

    async def start(request: Request) -> Response:
        key = request.path_params["key"]
        await asyncio.to_thread(lambda: builds.start(builds.get(key)))
        return await one(request)

    async def stop(request: Request) -> Response:
        key = request.path_params["key"]
        await asyncio.to_thread(lambda: builds.stop(builds.get(key)))
        return await one(request)

    async def heard(request: Request) -> Response:
        p = request.path_params
        path, kind = await asyncio.to_thread(lambda: file(builds.get(p["key"]), p["stage"], p["name"]))
        return FileResponse(path, media_type=kind)

    return [
        Route("/api/trainings", known),
        Route("/api/trainings/{key}", one),
        Route("/api/trainings/{key}/start", start, methods=["POST"]),
        Route("/api/trainings/{key}/stop", stop, methods=["POST"]),
        Route("/api/trainings/{key}/{stage}/{name:path}", heard),
    ]
