# SPDX-License-Identifier: Apache-2.0
"""Addresses of the panel, below ``/lab/api/bench``."""

from __future__ import annotations

import asyncio
import base64
from typing import Any

from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from synthkit import audio
from synthkit.errors import ConfigError
from synthkit.plugins import registry
from synthkit.settings import Field, Settings
from synthkit.types import Waveform
from synthkit_web.lab.asked import LONGEST as LONGEST_TEXT
from synthkit_web.lab.asked import as_json, read
from synthkit_web.lab.bench.changes import Changes
from synthkit_web.lab.bench.copies import copy_of, vocoders
from synthkit_web.lab.bench.sources import Recordings, Source
from synthkit_web.lab.bench.trackers import track, trackers
from synthkit_web.voices import Voices


class Original(Settings):
    """A recording that is to be looked at."""

    source: Source = Field(default_factory=Source)
    trackers: tuple[str, ...] = ("yin",)


class Wanted(Settings):
    """A copy that is to be made."""

    source: Source = Field(default_factory=Source)
    vocoder: str
    features: str | None = None
    changes: Changes = Field(default_factory=Changes)


def bench_routes(voices: Voices, recordings: Recordings) -> list[Route]:
    """Addresses of the panel."""

    async def sound(source: Source) -> Waveform:
        if source.kind != "voice":
            return await asyncio.to_thread(recordings.read, source)
        if not source.text.strip() or len(source.text) > LONGEST_TEXT // 8:
            raise ConfigError(f"a text of 1 to {LONGEST_TEXT // 8} characters is spoken for the bench")
        copy = voices.copy_of(source.voice)
        copy.users += 1
        try:
            return await copy.run(lambda: copy.voice().say(source.text))
        finally:
            copy.users -= 1

    async def parts(request: HttpRequest) -> Response:
        def found() -> dict[str, Any]:
            return {
                "vocoders": vocoders(),
                "features": registry().names("features"),
                "trackers": trackers(),
                "corpora": recordings.corpora,
            }

        return JSONResponse(await asyncio.to_thread(found))

    async def utterances(request: HttpRequest) -> Response:
        name = recordings.corpora[request.path_params["corpus"]] if request.path_params["corpus"] < len(
            recordings.corpora) else ""  # fmt: skip
        return JSONResponse(await asyncio.to_thread(recordings.listed, name))

    async def uploaded(request: HttpRequest) -> Response:
        body = await request.body()
        return JSONResponse(await asyncio.to_thread(recordings.upload, body))

    async def original(request: HttpRequest) -> Response:
        wanted: Original = await read(request, Original)
        waveform = await sound(wanted.source)

        def found() -> bytes:
            tracks = {name: _told(*track(waveform, name)) for name in wanted.trackers}
            return as_json(_sound(waveform) | {"tracks": tracks})

        return Response(await asyncio.to_thread(found), media_type="application/json")

    async def copied(request: HttpRequest) -> Response:
        wanted: Wanted = await read(request, Wanted)
        waveform = await sound(wanted.source)

        def found() -> bytes:
            copy = copy_of(waveform, wanted.vocoder, wanted.features, wanted.changes)
            tracks = {"yin": _told(*track(copy.waveform, "yin"))}
            return as_json(_sound(copy.waveform) | {"how": copy.how, "tracks": tracks})

        return Response(await asyncio.to_thread(found), media_type="application/json")

    return [
        Route("/api/bench", parts),
        Route("/api/bench/corpora/{corpus:int}", utterances),
        Route("/api/bench/recordings", uploaded, methods=["POST"]),
        Route("/api/bench/original", original, methods=["POST"]),
        Route("/api/bench/copy", copied, methods=["POST"]),
    ]


def _sound(waveform: Waveform) -> dict[str, Any]:
    return {
        "audio": base64.b64encode(audio.encode(waveform)).decode(),
        "sample_rate": waveform.sample_rate,
        "seconds": waveform.duration,
    }


def _told(times: Any, hertz: Any) -> list[list[float]]:
    return [[round(float(t), 4), round(float(f), 1)] for t, f in zip(times, hertz, strict=True)]
