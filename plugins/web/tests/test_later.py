# SPDX-License-Identifier: Apache-2.0
"""Routes that are imported when they are asked for."""

from __future__ import annotations

import subprocess
import sys

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.testclient import TestClient
from synthkit_web.later import Later


async def _answer(request: Request) -> Response:
    return PlainTextResponse(request.url.path)


def _client(made: list[int], failures: int = 0) -> TestClient:
    def make() -> list[BaseRoute]:
        made.append(1)
        if len(made) <= failures:
            raise RuntimeError("not yet")
        return [Route("/api/bench", _answer), Route("/api/bench/copy", _answer, methods=["POST"])]

    inner = [Later("/api/bench", make), Route("/api/benches", lambda request: PlainTextResponse("next"))]
    return TestClient(Starlette(routes=[Mount("/lab", routes=inner)]), raise_server_exceptions=False)


def test_they_are_made_once_and_when_first_asked_for() -> None:
    """And only what begins with the whole prefix is theirs."""
    made: list[int] = []
    client = _client(made)
    assert client.get("/lab/api/benches").text == "next"
    assert not made
    assert client.get("/lab/api/bench").text == "/lab/api/bench"
    assert client.post("/lab/api/bench/copy").text == "/lab/api/bench/copy"
    assert made == [1]
    assert client.get("/lab/api/bench/copy").status_code == 405
    assert client.get("/lab/api/bench/nothing").status_code == 404


def test_one_that_failed_is_tried_again() -> None:
    """A request that failed leaves no half of a router."""
    made: list[int] = []
    client = _client(made, failures=1)
    assert client.get("/lab/api/bench").status_code == 500
    assert client.get("/lab/api/bench").status_code == 200


@pytest.mark.parametrize("module", ["scipy.signal", "scipy.fft", "scipy.stats"])
def test_the_lab_opens_without_what_only_its_bench_needs(module: str) -> None:
    """They are a third of the time until a page is there (`benchmarks/lab_first_sound.py`)."""
    code = (
        "import sys, synthkit_web.lab.routes, synthkit_web.lab.labels.routes, "
        "synthkit_web.lab.training.routes, "
        f"synthkit_web.lab.bench.sources, synthkit_web.server; print({module!r} in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
