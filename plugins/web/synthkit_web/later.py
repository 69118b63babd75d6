# SPDX-License-Identifier: Apache-2.0
"""Routes whose code is imported when the first of them is asked for: a page that needs none of it opens
sooner."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from starlette.datastructures import URLPath
from starlette.routing import BaseRoute, Match, NoMatchFound, Router
from starlette.types import Receive, Scope, Send


class Later(BaseRoute):
    """All addresses that begin with a prefix.

    Parameters
    ----------
    prefix : str
        ``/api/bench``: it and what is below it. The routes have it in their paths.
    make : callable
        Gives the routes; called once, in a thread, when the first of them is asked for. Where it raises, that
        request fails with its error, and the next one tries again.
    """

    def __init__(self, prefix: str, make: Callable[[], Sequence[BaseRoute]]) -> None:
        self.prefix = prefix
        self._make = make
        self._router: Router | None = None
        self._lock = asyncio.Lock()

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether a request is for one of the routes."""
        if scope["type"] != "http":
            return Match.NONE, {}
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        return (Match.FULL if f"{path}/".startswith(f"{self.prefix}/") else Match.NONE), {}

    def url_path_for(self, name: str, /, **path_params: Any) -> URLPath:
        """No route here has a name."""
        raise NoMatchFound(name, path_params)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer by the route that the rest of the address names."""
        async with self._lock:
            if self._router is None:
                self._router = Router(list(await asyncio.to_thread(self._make)))
        await self._router(scope, receive, send)
