# SPDX-License-Identifier: Apache-2.0
"""Answering a request to speak: pieces are made in a voice's thread and sent as they come."""

from __future__ import annotations

import asyncio
import base64
import json
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from synthkit.pipeline.spoken import Spoken
from synthkit.types import Waveform
from synthkit_web.serve.asked import Asked
from synthkit_web.serve.coding import MEDIA, Coder, whole
from synthkit_web.serve.figures import Figures
from synthkit_web.serve.gate import Gate
from synthkit_web.voices import Copy, Voices

STALL = 60.0
"""Seconds that a client may take to accept a piece."""
LINES = "application/x-ndjson"


@dataclass
class Speaker:
    """What answers requests: the voices, the gate and the figures.

    Attributes
    ----------
    voices : Voices
    gate : Gate
    figures : Figures
    """

    voices: Voices
    gate: Gate
    figures: Figures

    async def answer(self, asked: Asked, client: str, out_rate: int | None = None) -> Response:
        """The response to `asked`; its first piece has been spoken when this returns.

        Parameters
        ----------
        client : str
            Whom the gate counts it for.
        out_rate : int, optional
            Hz, of ``pcm``.

        Raises
        ------
        SynthkitError
            It cannot be spoken, or not now.
        """
        began = time.perf_counter()
        async with AsyncExitStack() as held:
            held.enter_context(self.gate.entered(client))
            copy = self.voices.copy_of(asked.voice)
            copy.users += 1
            held.callback(_leave, copy)
            pieces = _Pieces(copy, asked)
            held.push_async_callback(pieces.close)
            first = await pieces.next()
            assert first is not None, "a text that has no piece raises"
            self.figures.first(asked.voice or self.voices.default, time.perf_counter() - began)
            notes = first.segmentation.notes
            headers = {"x-synthkit-notes": str(len(notes))} if notes else {}
            telling = _Told(self, asked, pieces, first, began, out_rate)
            if asked.times:
                return Sent(telling.lines(), LINES, headers, held.pop_all())
            if not asked.stream or pieces.only:
                body = await telling.file()
                return Response(body, media_type=MEDIA[asked.format], headers=headers)
            return Sent(telling.sound(), MEDIA[asked.format], headers, held.pop_all())

    def spoke(self, asked: Asked, seconds: float, began: float) -> None:
        """Count what was spoken."""
        self.figures.spoke(asked.voice or self.voices.default, seconds, time.perf_counter() - began)


class _Pieces:
    """The pieces of one text, each made in the copy's thread when it is asked for."""

    def __init__(self, copy: Copy, asked: Asked) -> None:
        self.copy, self.asked = copy, asked
        self.only = False
        """Whether nothing comes after the piece that was made last."""
        self._parts = 0
        self._made: Iterator[Spoken] | None = None

    async def next(self) -> Spoken | None:
        """The next piece, None after the last."""
        return await self.copy.run(self._next)

    def _next(self) -> Spoken | None:
        if self._made is None:
            voice = self.copy.using(self.asked.vocoder, tuple(self.asked.adapters))
            self._made = voice.stream(**self.asked.request())
        made = next(self._made, None)
        if made is not None:
            self.only = made.last
        return made

    async def close(self) -> None:
        """Make no more."""
        self._made = iter(())


@dataclass
class _Told:
    """One answer, as a whole file, as a growing one, or as lines with times."""

    speaker: Speaker
    asked: Asked
    pieces: _Pieces
    first: Spoken
    began: float
    out_rate: int | None

    async def all(self) -> AsyncIterator[Spoken]:
        """Every piece."""
        piece: Spoken | None = self.first
        seconds = 0.0
        while piece is not None:
            yield piece
            seconds += piece.waveform.duration
            piece = await self.pieces.next()
        self.speaker.spoke(self.asked, seconds, self.began)

    async def file(self) -> bytes:
        """All of it, with a complete header."""
        waves = [piece.waveform async for piece in self.all()]
        return await asyncio.to_thread(whole, self.asked.format, waves, self.out_rate)

    async def sound(self) -> AsyncIterator[bytes]:
        """The bytes of a file as they come."""
        coder = Coder(self.asked.format, self.first.waveform.sample_rate, self.out_rate)
        async for piece in self.all():
            yield await asyncio.to_thread(coder.add, piece.waveform.samples)
        yield await asyncio.to_thread(coder.end)

    async def lines(self) -> AsyncIterator[bytes]:
        """A line of JSON for each piece, and one at the end."""
        start, spent = 0.0, dict[str, float]()
        async for piece in self.all():
            yield _line(await asyncio.to_thread(told, piece, start, self.asked.format))
            start += piece.waveform.duration
            for stage, seconds in piece.seconds.items():
                spent[stage] = spent.get(stage, 0.0) + seconds
        yield _line({"done": True, "seconds": start, "spent": spent})


def told(piece: Spoken, start: float, format: str) -> dict[str, Any]:
    """A piece that begins at `start` seconds, with its times from the beginning of the text."""
    wave, alignment = piece.waveform, piece.alignment

    def tier(intervals: Any) -> list[list[Any]]:
        return [[round(start + i.start, 4), round(start + i.end, 4), i.label] for i in intervals]

    return {
        "start": start,
        "seconds": wave.duration,
        "sample_rate": wave.sample_rate,
        "text": piece.segmentation.text,
        "words": None if alignment is None else tier(alignment.words),
        "phones": None if alignment is None else tier(alignment.phones),
        "notes": list(piece.segmentation.notes),
        "audio": base64.b64encode(whole(format, [Waveform(wave.samples, wave.sample_rate)])).decode(),
    }


class Sent(Response):
    """A response whose body comes piece by piece.

    What holds its place in the gate and its voice is given back when the last piece is out, when the client
    goes, and when it takes more than `STALL` seconds to accept a piece. A body that breaks off says so by its
    missing end.
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
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _leave(copy: Copy) -> None:
    copy.users -= 1


def _line(data: dict[str, Any]) -> bytes:
    return json.dumps(data, ensure_ascii=False).encode() + b"\n"
