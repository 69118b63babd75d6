# SPDX-License-Identifier: Apache-2.0
"""The application: doors side by side, each with its own routes and pages, behind one guard."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from html import escape
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from synthkit.errors import SynthkitError
from synthkit.show import PAGE, SHARED
from synthkit_web.access import Access, Guard
from synthkit_web.refusals import refused

STATIC = Path(__file__).parent / "static"


@dataclass(frozen=True)
class Door:
    """One thing that is done in a browser.

    Attributes
    ----------
    name : str
        Its place: ``/NAME/``.
    title : str
    routes : sequence of BaseRoute
        Under ``/NAME``; what none of them answers is a file of `pages`.
    pages : Path or None
        Folder of its pages, ``index.html`` first.
    top : sequence of BaseRoute
        Addresses of its own at the top, where programs that know another server look for them; ``/`` may be
        among them.
    close : callable
        Called once when the server stops.
    """

    name: str
    title: str
    routes: Sequence[BaseRoute] = ()
    pages: Path | None = None
    top: Sequence[BaseRoute] = ()
    close: Callable[[], None] = lambda: None


def make_app(doors: Sequence[Door], access: Access) -> Starlette:
    """The ASGI application of these doors.

    A request that is not allowed (`Access`) never reaches a door. A `SynthkitError` becomes its status
    (``status`` of the error, else 400) with what was wrong, where, and what to do as JSON; so does an address
    that there is not, or that takes no such method.
    """

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        try:
            yield
        finally:
            for door in doors:
                door.close()

    async def entrance(request: Request) -> Response:
        if len(doors) == 1:
            return RedirectResponse(f"/{doors[0].name}/", 303)
        links = "".join(f'<li><a href="/{d.name}/">{escape(d.title)}</a></li>' for d in doors)
        return HTMLResponse(
            '<!doctype html><html lang="en"><meta charset="utf-8"><title>synthkit</title>'
            f'<link rel="stylesheet" href="/common/base.css"><main><h1>synthkit</h1><ul>{links}</ul></main>'
        )

    async def wrong(request: Request, error: Exception) -> Response:
        assert isinstance(error, SynthkitError)
        return refused(
            request.url.path,
            getattr(error, "status", 400),
            error.message,
            where=error.where,
            hint=error.hint,
            headers=getattr(error, "headers", None),
        )

    async def nowhere(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        headers = error.headers or {}
        what = {404: "there is no such address", 405: f"{request.method} is not taken here"}
        hint = f"send {headers['Allow']}" if "Allow" in headers else "GET / says what there is"
        path, said = request.url.path, what.get(error.status_code, error.detail)
        return refused(path, error.status_code, said, where=path, hint=hint, headers=headers)

    async def gone(request: Request, error: Exception) -> Response:
        return Response(status_code=400)  # nobody is there to read it; it is no fault of the server

    def inside(door: Door) -> list[BaseRoute]:
        if door.pages is None:
            return list(door.routes)
        return [*door.routes, Mount("/", StaticFiles(directory=door.pages, html=True))]

    return Starlette(
        routes=[
            *(route for door in doors for route in door.top),
            Route("/", entrance),
            Mount("/common", StaticFiles(directory=PAGE, packages=[SHARED])),
            *(Mount(f"/{d.name}", routes=inside(d)) for d in doors),
        ],
        middleware=[Middleware(Guard, access=access)],
        exception_handlers={SynthkitError: wrong, HTTPException: nowhere, ClientDisconnect: gone},
        lifespan=lifespan,
    )
