# SPDX-License-Identifier: Apache-2.0
"""What a request to speak says, checked by name and value before anything is done."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Literal

from starlette.requests import Request

from synthkit import tables
from synthkit.errors import ConfigError, SynthkitError
from synthkit.paths import json_of
from synthkit.settings import Field, Settings

FORMATS = ("wav", "flac", "ogg", "mp3", "opus", "pcm")


GIVEN = ("language", "speaker", "phones", "stress", "pauses", "durations", "f0", "edit")
"""What is left to the voice where it is not said."""


class TooMuch(SynthkitError):
    """A text that is longer than the server takes."""

    status = 413


class Asked(Settings):
    """A request to speak."""

    text: str = ""
    ssml: str = ""
    """In place of the text: ``<speak>`` with breaks, prosody, phonemes and the like."""
    voice: str | None = None
    """One of ``/voices``; the first if left out."""
    language: str | None = None
    speaker: str | None = None
    speed: float = Field(1.0, gt=0, le=100)
    """2 is twice as fast as the voice's own."""
    pitch: float = Field(0.0, ge=-60, le=60)
    """Semitones above the voice's own."""
    vocoder: str | None = None
    """Name of another vocoder than the voice's."""
    adapters: tuple[str, ...] = ()
    """What may stand before that vocoder, as in ``["units-to-frames"]``."""
    options: dict[str, Any] = Field(default_factory=dict)
    """Options of the acoustic model."""
    phones: dict[str, Any] = Field(default_factory=dict)
    """By hand, as `synthkit.pipeline.edit.Edit` has it: of a word, counted from 0, another pronunciation."""
    stress: dict[str, Any] = Field(default_factory=dict)
    """Of a word, which of its vowels is stressed."""
    pauses: dict[str, Any] = Field(default_factory=dict)
    """Seconds of the pause after a word."""
    durations: Any = None
    """Seconds of a phone, by its place as in ``{"1.0": 0.2}``; or a list with one number (or null) for each
    of the text's phones and pauses."""
    f0: Any = None
    """Hz at the middle of a phone, or points, by its place; or a list of points of the whole text."""
    edit: dict[str, Any] = Field(default_factory=dict)
    """All of these together, as a file of ``synthkit say --write-edit`` has them."""
    format: Literal["wav", "flac", "ogg", "mp3", "opus", "pcm"] = "wav"
    stream: bool = True
    """Send each piece as it is spoken; false sends one whole file, the bytes that ``synthkit say`` writes."""
    times: bool = False
    """Answer in lines of JSON: the sound in base64, and when each word and phone is said."""

    def request(self) -> dict[str, Any]:
        """Keywords of `Voice.stream`, text and all."""
        given = {name: getattr(self, name) for name in GIVEN if getattr(self, name) not in ("", None, {}, [])}
        said = {"ssml": self.ssml} if self.ssml else {"text": self.text}
        return said | given | {"speed": self.speed, "pitch": self.pitch, "options": self.options}


async def asked(request: Request, longest: int) -> Asked:
    """What `request` says: JSON; or plain text or SSML, whose other fields stand in the address.

    Parameters
    ----------
    longest : int
        Characters of text that are taken.

    Raises
    ------
    ConfigError
        It is not JSON, a field is unknown, or has a value that it cannot have.
    TooMuch
        The text is too long.
    """
    body = await request.body()
    for name in (given := request.query_params):
        if len(given.getlist(name)) > 1:
            raise ConfigError(f"{name} stands in the address {len(given.getlist(name))} times", where=name)
    kind = request.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if kind in ("text/plain", "application/ssml+xml"):
        field = "text" if kind == "text/plain" else "ssml"
        text = _text(body)
        said = {name: tables.parse_value(value) for name, value in request.query_params.items()}
        for name in ("voice", "language", "speaker", "vocoder", "format"):
            if name in said:
                said[name] = request.query_params[name]
        if "adapters" in said:
            said["adapters"] = request.query_params["adapters"].split(",")
        return checked({**said, field: text}, longest, text=field)
    said = as_json(body, kind)
    if fields := [name for name in given if name != "token"]:
        raise ConfigError(
            "fields stand in the body, where it is JSON, and not in the address",
            where=fields[0],
            hint=f'as in {{"text": "…", "{fields[0]}": …}}',
        )
    if "ssml" in said and "text" in said:
        raise ConfigError("there is text and SSML", hint="send one of them")
    return checked(said, longest, text="ssml" if "ssml" in said else "text")


def as_json(body: bytes, kind: str = "application/json") -> Mapping[str, Any]:
    """The object that `body` holds.

    Raises
    ------
    ConfigError
        It holds none.
    """
    if kind != "application/json":
        raise ConfigError(
            f"cannot read a body of type {kind!r}",
            hint="send application/json; or text/plain or application/ssml+xml for text alone",
        )
    try:
        found = json_of(body)
    except (ValueError, RecursionError):
        raise ConfigError("the body is not JSON") from None
    if not isinstance(found, dict):
        raise ConfigError("the body has to be a JSON object", hint='as in {"text": "Good morning."}')
    return found


def checked(said: Mapping[str, Any], longest: int, model: type[Settings] = Asked, text: str = "text") -> Any:
    """`said` as `model` has it; the field `text` is no longer than `longest` characters."""
    value = said.get(text)
    if value is not None and not isinstance(value, str):
        raise ConfigError(f"the field {text!r} has to be a string, not {json.dumps(value)[:40]}", where=text)
    if value is None or not value.strip():
        gone = "missing" if value is None else "empty"
        raise ConfigError(f"there is no text to speak: the field {text!r} is {gone}", where=text)
    if len(value) > longest:
        raise TooMuch(
            f"the text has {len(value)} characters, and this server takes {longest}",
            hint="send it in parts; whoever runs the server can have it take more",
        )
    return tables.validate(model, said, where="request", what="field")


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError(f"the text is not UTF-8: byte {body[error.start]:#04x} at {error.start}") from None
