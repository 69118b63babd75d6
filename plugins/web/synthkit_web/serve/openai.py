# SPDX-License-Identifier: Apache-2.0
"""The address ``/v1/audio/speech`` as clients of a widely used service expect it.

Fields and formats are those of its published reference (``input``, ``model``, ``voice``,
``response_format``, ``speed``); errors have its shape, so that its client libraries show them.
"""

from __future__ import annotations

from typing import Any, Literal

from starlette.responses import JSONResponse

from synthkit.errors import ConfigError, SynthkitError
from synthkit.settings import Field, Settings
from synthkit_web.refusals import KNOWN_ELSEWHERE, refused
from synthkit_web.serve.asked import Asked
from synthkit_web.voices import NoVoice, Voices

PCM_RATE = 24_000
"""Hz of ``pcm`` there; it has no header that could say another."""
DEFAULTS = ("tts-1", "tts-1-hd", "gpt-4o-mini-tts", "default")
"""Names of models that mean the first voice."""
THERE = (
    "alloy", "ash", "ballad", "cedar", "coral", "echo", "fable", "marin", "nova", "onyx", "sage", "shimmer",
    "verse",
)  # fmt: skip
"""Voices of that service, which its clients send by themselves: the default speaks for them, and says so."""


class Speech(Settings):
    """A request there."""

    input: str
    model: str = "default"
    voice: Any = "default"
    """A voice or a speaker of the model; one of `THERE` is the first."""
    response_format: Literal["mp3", "opus", "aac", "flac", "wav", "pcm"] = "mp3"
    speed: float = Field(1.0, ge=0.25, le=4)
    instructions: str | None = None
    stream_format: str | None = None


def asked_of(said: Speech, voices: Voices) -> tuple[Asked, list[str]]:
    """The same as our own request, and what of it was passed over.

    Raises
    ------
    ConfigError
        It asks for what this server cannot do.
    NoVoice
        There is no such model or voice, and that service has none of the name.
    """
    if said.response_format == "aac":
        raise ConfigError("there is no encoder of aac here", hint="ask for mp3, opus, flac, wav or pcm")
    if said.stream_format not in (None, "audio"):
        raise ConfigError("sound is sent as sound", where="stream_format", hint='ask for "audio"')
    wanted = said.voice.get("id") if isinstance(said.voice, dict) else said.voice
    passed = ["instructions"] if said.instructions else []
    name = said.model if said.model in voices.about else None
    speaker = None
    if name is None and said.model not in DEFAULTS:
        voices.copy_of(said.model)  # says what there is
    if wanted in voices.about:
        name = wanted
    elif wanted in voices.about[name or voices.default]["speakers"]:
        speaker = wanted
    elif wanted in THERE:
        passed.append(f"voice {wanted!r}")
    elif wanted != "default":
        speakers = voices.about[name or voices.default]["speakers"]
        raise NoVoice(
            f"there is no voice {wanted!r}",
            where="voice",
            hint=f"there are {', '.join([*voices.about, *speakers])}; names that the service itself has "
            f"({THERE[0]}, {THERE[1]} …) are spoken by the default",
        )
    asked = Asked(text=said.input, voice=name, speaker=speaker, speed=said.speed, format=said.response_format)
    return asked, passed


def model(name: str, voices: Voices) -> dict[str, Any]:
    """The answer of ``/v1/models/NAME``.

    Raises
    ------
    NoVoice
        There is none of that name.
    """
    voices.copy_of(name)  # says what there is
    return {"id": name, "object": "model", "created": 0, "owned_by": "synthkit"}


def models(voices: Voices) -> dict[str, Any]:
    """The answer of ``/v1/models``."""
    return {"object": "list", "data": [model(name, voices) for name in voices.about]}


def refusal(error: SynthkitError) -> JSONResponse:
    """An error in its shape."""
    return refused(
        KNOWN_ELSEWHERE,
        getattr(error, "status", 400),
        error.message,
        where=error.where,
        hint=error.hint,
        headers=getattr(error, "headers", None),
    )
