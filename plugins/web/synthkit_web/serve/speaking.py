# SPDX-License-Identifier: Apache-2.0
"""Answering a request to speak: pieces are made in a voice's thread and sent as they come."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from synthkit.pipeline.blocks import Block
from synthkit.pipeline.spoken import Spoken
from synthkit.types import Waveform
from synthkit_web.serve.asked import Asked
from synthkit_web.serve.coding import MEDIA, Coder, whole
from synthkit_web.serve.figures import Figures
from synthkit_web.serve.gate import Gate
from synthkit_web.streaming import LINES, Broken, Pieces, Sent
from synthkit_web.voices import Voices


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
            copy = held.enter_context(self.voices.used(asked.voice))
            pieces = Pieces[Block](
                copy,
                lambda: copy.using(asked.vocoder, tuple(asked.adapters)).blocks(
                    within=asked.stream and not asked.times, **asked.request()
                ),
                asked.voice or self.voices.default,
            )
            held.push_async_callback(pieces.close)
            first = await pieces.next()
            assert first is not None, "a text that has no piece raises"
            self.figures.first(asked.voice or self.voices.default, time.perf_counter() - began)
            notes = first.segmentation.notes
            headers = {"x-synthkit-notes": str(len(notes))} if notes else {}
            telling = _Told(self, asked, pieces, first, began, out_rate)
            if asked.times:
                return Sent(telling.lines(), LINES, headers, held.pop_all())
            if not asked.stream or (first.spoken is not None and first.spoken.last):
                body = await telling.file()
                return Response(body, media_type=MEDIA[asked.format], headers=headers)
            return Sent(telling.sound(), MEDIA[asked.format], headers, held.pop_all())

    def spoke(self, asked: Asked, seconds: float, began: float) -> None:
        """Count what was spoken."""
        self.figures.spoke(asked.voice or self.voices.default, seconds, time.perf_counter() - began)


@dataclass
class _Told:
    """One answer, as a whole file, as a growing one, or as lines with times."""

    speaker: Speaker
    asked: Asked
    pieces: Pieces[Block]
    first: Block
    began: float
    out_rate: int | None

    async def all(self) -> AsyncIterator[Block]:
        """Every block."""
        block: Block | None = self.first
        seconds = 0.0
        while block is not None:
            yield block
            seconds += block.waveform.duration
            block = await self.pieces.next()
        self.speaker.spoke(self.asked, seconds, self.began)

    async def file(self) -> bytes:
        """All of it, with a complete header."""
        waves = [block.waveform async for block in self.all()]
        return await asyncio.to_thread(whole, self.asked.format, waves, self.out_rate)

    async def sound(self) -> AsyncIterator[bytes]:
        """The bytes of a file as they come."""
        coder = Coder(self.asked.format, self.first.waveform.sample_rate, self.out_rate)
        async for block in self.all():
            yield await asyncio.to_thread(coder.add, block.waveform.samples)
        yield await asyncio.to_thread(coder.end)

    async def lines(self) -> AsyncIterator[bytes]:
        """A line of JSON for each piece, and one at the end: that all is there, or which piece failed and
        why."""
        start, spent = 0.0, dict[str, float]()
        try:
            async for block in self.all():
                piece = block.spoken
                assert piece is not None, "lines are of whole pieces"
                yield _line(await asyncio.to_thread(told, piece, start, self.asked.format))
                start += piece.waveform.duration
                for stage, seconds in piece.seconds.items():
                    spent[stage] = spent.get(stage, 0.0) + seconds
        except Broken as broken:
            yield _line(broken.told())
            return
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


def _line(data: dict[str, Any]) -> bytes:
    return json.dumps(data, ensure_ascii=False).encode() + b"\n"
