# SPDX-License-Identifier: Apache-2.0
"""What the lab's pages ask to be spoken, read and checked."""

from __future__ import annotations

import json
from typing import Any

from starlette.requests import Request as HttpRequest

from synthkit import tables
from synthkit.errors import ConfigError
from synthkit.paths import json_of
from synthkit.settings import Field, Settings

LONGEST = 2000
"""Characters of a text in the lab: everything of it is drawn."""


class Wanted(Settings):
    """What the page asks to be spoken."""

    text: str
    voice: str | None = None
    segmentation: str | None = None
    """Another than the voice's, which gives the same phones."""
    vocoder: str | None = None
    adapters: tuple[str, ...] = ()
    speaker: str | None = None
    speed: float = Field(1.0, gt=0, le=10)
    pitch: float = Field(0.0, ge=-24, le=24)
    options: dict[str, Any] = Field(default_factory=dict)
    exclude: tuple[str, ...] = ()
    """Recordings of which no unit is taken."""


async def read(request: HttpRequest, kind: type[Settings]) -> Any:
    """The body of `request` as `kind`."""
    try:
        found = json_of(await request.body())
    except (ValueError, RecursionError):
        raise ConfigError("the body is not JSON") from None
    if not isinstance(found, dict):
        raise ConfigError("the body has to be a JSON object")
    return tables.validate(kind, found, where="request", what="field")


def request_of(wanted: Wanted) -> dict[str, Any]:
    """The rest of a request, beside its text, speed and pitch."""
    speaker = {"speaker": wanted.speaker} if wanted.speaker else {}
    return {"options": _numbered(wanted.options), "exclude": frozenset(wanted.exclude), **speaker}


def _numbered(options: dict[str, Any]) -> dict[str, Any]:
    """JSON has no numbers as keys."""
    if isinstance(options.get("force"), dict):
        options = options | {"force": {int(place): unit for place, unit in options["force"].items()}}
    return options


def checked(wanted: Any) -> Any:
    """What is wanted, if there is something to speak and it is not too long to be drawn."""
    if not wanted.text.strip():
        raise ConfigError("there is no text to speak")
    if len(wanted.text) > LONGEST:
        raise ConfigError(
            f"the lab draws texts of up to {LONGEST} characters, and this has {len(wanted.text)}",
            hint="`synthkit say` and `synthkit serve` speak long ones",
        )
    return wanted


def as_json(data: Any) -> bytes:
    """A body."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()
