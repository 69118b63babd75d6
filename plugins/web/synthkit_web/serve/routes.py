# SPDX-License-Identifier: Apache-2.0
"""The door ``/serve``, whose addresses are at the top: voices, say, health, metrics, and the widely used
shape."""

from __future__ import annotations

import sys
import traceback

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from synthkit import __version__
from synthkit.errors import SynthkitError
from synthkit_web.app import Door
from synthkit_web.serve import openai
from synthkit_web.serve.asked import FORMATS, as_json, asked, checked
from synthkit_web.serve.coding import rate_for
from synthkit_web.serve.figures import MEDIA, Figures
from synthkit_web.serve.gate import Gate
from synthkit_web.serve.speaking import Speaker
from synthkit_web.serve.wording import reworded
from synthkit_web.voices import Voices


class Fault(SynthkitError):
    """A fault of ours or of a plugin; the terminal has the traceback."""

    status = 500


def door(voices: Voices, gate: Gate, longest: int) -> Door:
    """Voices over HTTP.

    Parameters
    ----------
    voices : Voices
        Closed with the server.
    gate : Gate
    longest : int
        Characters of a text.
    """
    figures = Figures(gate)
    speaker = Speaker(voices, gate, figures)

    def counted(request: Request, response: Response) -> Response:
        figures.requests.labels(request.url.path, response.status_code).inc()
        return response

    def client_of(request: Request) -> str:
        return request.client.host if request.client else ""

    async def say(request: Request) -> Response:
        try:
            response = await speaker.answer(await asked(request, longest), client_of(request))
        except ClientDisconnect:
            raise  # who has left waits for no answer
        except Exception as error:
            wrong = _known(error)
            figures.requests.labels("/say", getattr(wrong, "status", 400)).inc()
            raise wrong from error
        return counted(request, response)

    async def speech(request: Request) -> Response:
        try:
            kind = request.headers.get("content-type", "application/json").partition(";")[0]
            said = checked(as_json(await request.body(), kind), longest, openai.Speech, "input")
            wanted, passed = openai.asked_of(said, voices)
            rate = openai.PCM_RATE if wanted.format == "pcm" else None
            response = await speaker.answer(wanted, client_of(request), rate)
        except ClientDisconnect:
            raise
        except Exception as error:
            return counted(request, openai.refusal(_known(error)))
        if passed:
            print(f"/v1/audio/speech: passed over: {', '.join(passed)}", file=sys.stderr)
            response.headers["x-synthkit-ignored"] = ", ".join(passed).encode("ascii", "replace").decode()
        return counted(request, response)

    async def about(request: Request) -> Response:
        return JSONResponse(
            {
                "synthkit": __version__,
                "addresses": ["GET /voices", "POST /say", "POST /v1/audio/speech", "GET /v1/models",
                              "GET /health", "GET /metrics"],
                "formats": {f: sorted({rate_for(f, v["sample_rate"]) for v in voices.about.values()})
                            for f in FORMATS},
                "longest_text": longest,
            }
        )  # fmt: skip

    async def listed(request: Request) -> Response:
        return JSONResponse({"default": voices.default, "voices": list(voices.about.values())})

    async def models(request: Request) -> Response:
        return JSONResponse(openai.models(voices))

    async def one_model(request: Request) -> Response:
        return JSONResponse(openai.model(request.path_params["name"], voices))

    async def health(request: Request) -> Response:
        return JSONResponse({"status": "ok", "voices": len(voices), "open_requests": gate.open.total()})

    async def metrics(request: Request) -> Response:
        return Response(figures.text(), media_type=MEDIA)

    return Door(
        "serve",
        "voices over HTTP",
        top=[
            Route("/", about),
            Route("/voices", listed),
            Route("/say", say, methods=["POST"]),
            Route("/v1/audio/speech", speech, methods=["POST"]),
            Route("/v1/models", models),
            Route("/v1/models/{name}", one_model),
            Route("/health", health),
            Route("/metrics", metrics),
        ],
        close=voices.close,
    )


def _known(error: Exception) -> SynthkitError:
    if isinstance(error, SynthkitError):
        return reworded(error)
    traceback.print_exception(error, file=sys.stderr)
    return Fault(f"{type(error).__name__}: {error}", hint="this is a fault of synthkit or of a plugin")
