# SPDX-License-Identifier: Apache-2.0
"""Answers that are sent while they are made: the pieces of a text in their voice's thread, and the response.

What can be checked is checked before the first piece, and becomes a refusal with its status. A piece that
fails after that ends the answer (`Broken`): lines say so in a last line, sound breaks off without the end
that its transfer has, and the server's log says which piece it was and why.
"""

from __future__ import annotations

import asyncio
import sys
import traceback
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AsyncExitStack
from typing import Any, Generic, TypeVar

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from synthkit.errors import SynthkitError
from synthkit_web.voices import Copy

STALL = 60.0
"""Seconds that a client may take to accept a piece."""
LINES = "application/x-ndjson"
"""Type of an answer in lines of JSON."""
T = TypeVar("T")


class Broken(SynthkitError):
    """A piece after the first that could not be spoken; what came before it has been sent.

    Attributes
    ----------
    piece : int
        Which, counted from 1.
    """

    def __init__(self, piece: int, error: Exception) -> None:
        if isinstance(error, SynthkitError):
            super().__init__(error.message, where=error.where, hint=error.hint)
        else:
            fault = "this is a fault of synthkit or of a plugin"
            super().__init__(f"{type(error).__name__}: {error}", hint=fault)
        self.status = getattr(error, "status", 400 if isinstance(error, SynthkitError) else 500)
        self.piece = piece

    def told(self) -> dict[str, Any]:
        """As the last line of an answer says it."""
        return {"error": self.message, "where": self.where, "hint": self.hint, "piece": self.piece}


class Pieces(Generic[T]):
    """The pieces of one text, each made in the copy's thread when it is asked for.

    Parameters
    ----------
    copy : Copy
    begin : callable
        Gives the pieces one after another; called, and asked for each, in the copy's thread.
    what : str
        The text's voice, for the log.
    """

    def __init__(self, copy: Copy, begin: Callable[[], Iterator[T]], what: str = "") -> None:
        self.copy, self.what = copy, what
        self.made = 0
        """How many there have been."""
        self._begin = begin
        self._iterator: Iterator[T] | None = None

    async def next(self) -> T | None:
        """The next piece, None after the last.

        Raises
        ------
        SynthkitError
            The text cannot be spoken.
        Broken
            It is not the first, and cannot be spoken; the log has said so.
        """
        try:
            piece = await self.copy.run(self._next)
        except Exception as error:
            if not self.made:
                raise
            broken = Broken(self.made + 1, error)
            print(
                f"voice {self.what or 'default'!r}: piece {broken.piece} failed and the answer is broken off"
                f" after {self.made}: {str(error) or type(error).__name__}",
                file=sys.stderr,
                flush=True,
            )
            if not isinstance(error, SynthkitError):
                traceback.print_exception(error, file=sys.stderr)
            raise broken from error
        self.made += piece is not None
        return piece

    def _next(self) -> T | None:
        if self._iterator is None:
            self._iterator = self._begin()
        return next(self._iterator, None)

    async def close(self) -> None:
        """Make no more."""
        self._iterator = iter(())


class Sent(Response):
    """A response whose body comes piece by piece.

    What is held for it is given back when the last piece is out, when the client goes, and when it takes more
    than `STALL` seconds to accept a piece. A body that breaks off says so by its missing end.
    """

    def __init__(
        self, body: AsyncIterator[bytes], media: str, headers: Mapping[str, str], held: AsyncExitStack
    ) -> None:
        super().__init__(None, media_type=media, headers=headers)
        del self.headers["content-length"]
        self._body, self._held = body, held

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the ASGI specification."""
        async with self._held:
            start = {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
            await send(start)
            gone = asyncio.ensure_future(_gone(receive))
            sending = asyncio.ensure_future(self._send(send))
            try:
                await asyncio.wait({gone, sending}, return_when=asyncio.FIRST_COMPLETED)
                if sending.done():
                    sending.result()
            finally:
                for task in (gone, sending):
                    task.cancel()
                await asyncio.gather(gone, sending, return_exceptions=True)

    async def _send(self, send: Send) -> None:
        try:
            async for piece in self._body:
                if piece:
                    async with asyncio.timeout(STALL):
                        await send({"type": "http.response.body", "body": piece, "more_body": True})
        except TimeoutError:
            print(f"a client took nothing for {STALL:g} s; its answer is broken off", file=sys.stderr)
            raise
        except Broken:
            return  # the log has it; without an end the server closes the connection, which a client can tell
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
