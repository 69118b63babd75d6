# SPDX-License-Identifier: Apache-2.0
"""The two shapes of a refusal."""

from __future__ import annotations

import asyncio
import json

import pytest
from starlette.requests import Request
from synthkit_web.lab import asked
from synthkit_web.refusals import refused

from synthkit.errors import ConfigError


def test_ours_has_three_fields_and_headers() -> None:
    """Empty where there is nothing to say."""
    answer = refused("/say", 429, "busy", hint="wait", headers={"retry-after": "2"})
    assert json.loads(bytes(answer.body)) == {"error": "busy", "where": "", "hint": "wait"}
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "2")


def test_below_v1_it_is_what_clients_there_read() -> None:
    """What to do is part of the message: there is no field for it."""
    error = json.loads(bytes(refused("/v1/audio/speech", 429, "busy", hint="wait").body))["error"]
    assert error == {"message": "busy (wait)", "type": "rate_limit_error", "param": None, "code": None}


@pytest.mark.parametrize("body", [b"x", b"[" * 100_000, b'{"text": "\\ud800"}', b"\xff"])
def test_what_is_no_json_in_whole_characters_is_refused_by_the_lab(body: bytes) -> None:
    """Half a character could neither be kept nor be sent back."""

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": body, "more_body": False}

    request = Request({"type": "http", "method": "POST", "headers": []}, receive)
    with pytest.raises(ConfigError, match="the body is not JSON"):
        asyncio.run(asked.read(request, asked.Wanted))
