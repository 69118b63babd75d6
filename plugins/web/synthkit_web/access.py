# SPDX-License-Identifier: Apache-2.0
"""Who may come in: the right host, the right origin, and where others can reach the server the right token.

A page of a stranger, open in the same browser, can send requests to this machine, and by answering for a name
of its own with 127.0.0.1 (DNS rebinding) can read what comes back. So a request must name this server as its
host, and one that changes something must come from a page of this server.
"""

from __future__ import annotations

import hmac
import ipaddress
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from synthkit_web.refusals import refused

LARGEST = 1_000_000
"""Bytes of a request's body."""

SAFE = ("GET", "HEAD", "OPTIONS")
HEADERS = {
    "content-security-policy": "default-src 'self'; img-src 'self' data:; media-src 'self' blob:; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


@dataclass(frozen=True)
class Access:
    """What a request must bring.

    Attributes
    ----------
    names : frozenset of str
        Names (without port) by which this server is called; addresses are allowed besides, since rebinding
        needs a name.
    token : str
        What everybody must bring, once in the address (``?token=``) or in ``Authorization: Bearer``; a cookie
        remembers it. Empty where only this machine can reach the server.
    keys : dict of str to str
        More that is needed under a path, as ``{"/listen/admin": key}``; brought as ``?key=`` or as bearer.
    cookie : str
        Start of the cookies' names: servers on other ports of the same host have cookies of their own.
    largest : int
        Bytes of a request's body.
    """

    names: frozenset[str] = frozenset({"localhost"})
    token: str = ""
    keys: dict[str, str] = field(default_factory=dict)
    cookie: str = "synthkit"
    largest: int = LARGEST

    def wanted(self, path: str) -> list[tuple[str, str]]:
        """What `path` needs, as (parameter, secret)."""
        out = [("token", self.token)] if self.token else []
        return out + [("key", k) for p, k in self.keys.items() if path == p or path.startswith(p + "/")]


class Guard:
    """ASGI middleware that turns away what `Access` does not allow, and limits bodies."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self.app = app
        self.access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the ASGI specification."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        refusal = self.refuse(scope)
        if refusal is not None:
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1008})
            else:
                await refusal(scope, receive, self._guarded(send))
            return
        await self.app(scope, self._limited(receive), self._guarded(send))

    def refuse(self, scope: Scope) -> Response | None:
        """The answer to a request that is not allowed, None where it is."""
        headers, path = Headers(scope=scope), scope["path"]
        host = headers.get("host", "")
        if not self._host_allowed(host):
            return refused(path, 421, f"this server is not called {host!r}", where="host")
        method = scope.get("method", "GET")
        origin = headers.get("origin")
        changes = method not in SAFE or scope["type"] == "websocket"
        if changes and origin is not None and urlsplit(origin).netloc != host:
            return refused(path, 403, "a page of another origin may not do this", where="origin")
        if int(headers.get("content-length") or 0) > self.access.largest:
            most = f"at most {self.access.largest / 2**20:.0f} MiB are taken"
            return refused(path, 413, f"the body is too large: {most}", where="body")
        cookies = SimpleCookie()
        cookies.load(headers.get("cookie", ""))
        bearer = headers.get("authorization", "").removeprefix("Bearer ")
        query = dict(parse_qsl(scope.get("query_string", b"").decode("latin-1")))
        fresh: list[tuple[str, str]] = []
        for parameter, secret in self.access.wanted(path):
            name = f"{self.access.cookie}-{parameter}"
            kept = cookies[name].value if name in cookies else ""
            if _same(query.get(parameter, ""), secret):
                fresh.append((parameter, secret))
            elif not _same(kept, secret) and not _same(bearer, secret):
                return _unknown(path, parameter, headers.get("accept", ""))
        if fresh and scope["type"] == "http" and method in SAFE:
            return self._remember(scope, query, fresh)
        return None

    def _remember(self, scope: Scope, query: dict[str, str], fresh: list[tuple[str, str]]) -> Response:
        """The same address without the secret, which a cookie keeps: it is not left in histories and
        screenshots."""
        left = {k: v for k, v in query.items() if k not in dict(fresh)}
        answer = RedirectResponse(scope["path"] + (f"?{urlencode(left)}" if left else ""), 303)
        for parameter, secret in fresh:
            answer.set_cookie(
                f"{self.access.cookie}-{parameter}",
                secret,
                max_age=30 * 86400,
                httponly=True,
                samesite="lax",  # strict would not survive the redirect when the link is in a mail
            )
        return answer

    def _host_allowed(self, host: str) -> bool:
        name = urlsplit(f"//{host}").hostname or ""
        if name in self.access.names:
            return True
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True

    def _limited(self, receive: Receive) -> Receive:
        size, largest = 0, self.access.largest

        async def limited() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            return {"type": "http.disconnect"} if size > largest else message

        return limited

    @staticmethod
    def _guarded(send: Send) -> Send:
        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                have: Any = {name.lower() for name, _ in message["headers"]}
                message["headers"] = [
                    *message["headers"],
                    *((k.encode(), v.encode()) for k, v in HEADERS.items() if k.encode() not in have),
                ]
            await send(message)

        return guarded


def _same(given: str, secret: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), secret.encode())


def _unknown(path: str, parameter: str, accept: str) -> Response:
    """Who has no secret: a person reads a line, a program gets fields."""
    if "text/html" in accept:
        return PlainTextResponse(
            f"This page needs the whole link, with the {parameter} at its end, that the person who runs the "
            "server has.",
            401,
        )
    hint = f'send "Authorization: Bearer {parameter.upper()}", or ?{parameter}= in the address'
    return refused(
        path,
        401,
        f"this server wants its {parameter}",
        where="authorization",
        hint=hint,
        headers={"www-authenticate": "Bearer"},
    )
