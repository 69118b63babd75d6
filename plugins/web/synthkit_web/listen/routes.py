# SPDX-License-Identifier: Apache-2.0
"""The door ``/listen``: a listener's steps one by one, the sounds, and the administrator's page."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from synthkit.errors import SynthkitError
from synthkit.paths import json_of
from synthkit_web.app import STATIC, Door
from synthkit_web.listen.answers import COMMENT, CONSENT, SOUND, AnswerError, check, next_step, steps
from synthkit_web.listen.folder import ANSWERS, SOUNDS, Test
from synthkit_web.listen.journal import Session, Store
from synthkit_web.server import new_secret

ADMIN = "/listen/admin"
"""Path that needs the administrator's key."""


class Unknown(SynthkitError):
    """A session that is not there."""

    status = 404


class Early(SynthkitError):
    """An answer to a step that is not the listener's next one."""

    status = 409


def state(test: Test, session: Session) -> dict[str, Any]:
    """Where a listener is, and what the page of that step shows."""
    todo = steps(test, session.slot)
    step = next_step(test, session)
    pages = {p.id: p for p in test.pages(session.slot)}
    out: dict[str, Any] = {"session": session.id, "step": step, "index": 0, "total": len(pages)}
    if step is None:
        return out
    out["index"] = sum(s in pages for s in todo[: todo.index(step)])
    if step in pages:
        out["page"] = pages[step].public()
        after = todo[todo.index(step) + 1]
        out["next"] = pages[after].public()["sounds"] if after in pages else []
    elif step in (CONSENT, SOUND):
        first = test.pages(session.slot)[0].public()
        out["next"] = first["sounds"]
    return out


def door(folder: Path, test: Test) -> Door:
    """Listening test of `folder`, its answers beside it."""
    store = Store(folder / ANSWERS)
    public = test.public()

    async def body(request: Request) -> Any:
        if request.headers.get("content-type", "").partition(";")[0] != "application/json":
            raise AnswerError("send JSON")
        try:
            return json_of(await request.body())
        except (ValueError, RecursionError):
            raise AnswerError("that is not JSON") from None

    def known(request: Request) -> Session:
        session = store.get(request.path_params["session"])
        if session is None:
            raise Unknown("there is no such session", hint="start anew from the link you were given")
        return session

    async def about(request: Request) -> Response:
        return JSONResponse(public)

    async def start(request: Request) -> Response:
        from starlette.concurrency import run_in_threadpool

        given = await body(request)
        code = given.get("code") if isinstance(given, dict) else None
        session = await run_in_threadpool(
            store.start,
            new_secret(),
            len(test.listeners),
            len(steps(test, 0)),
            code=code if isinstance(code, str) else "",
            agent=request.headers.get("user-agent", ""),
        )
        return JSONResponse(state(test, session), 201)

    def where(request: Request) -> Response:
        return JSONResponse(state(test, known(request)))

    async def answer(request: Request) -> Response:
        from starlette.concurrency import run_in_threadpool

        given = await body(request)
        return await run_in_threadpool(keep, request, given)

    def keep(request: Request, given: Any) -> Response:
        session = known(request)
        step = given.get("step") if isinstance(given, dict) else None
        if step not in session.answers:  # sent again after a lost reply: the first one stands
            expected = next_step(test, session)
            if step != expected:
                raise Early(f"the next step is {expected!r}, not {step!r}")
            store.add(session.id, str(step), check(test, session, str(step), given.get("data")))
            session = known(request)
        return JSONResponse(state(test, session))

    def sound(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in test.sounds:
            return PlainTextResponse("there is no such sound", 404)
        return FileResponse(
            folder / SOUNDS / name,
            media_type="audio/flac",
            headers={"cache-control": "private, max-age=86400, immutable"},
        )

    def admin(request: Request) -> Response:
        return FileResponse(STATIC / "listen" / "admin.html")

    def who(request: Request) -> Response:
        return JSONResponse(overview(test, store.sessions()))

    return Door(
        "listen",
        test.title,
        [
            Route("/api/test", about),
            Route("/api/sessions", start, methods=["POST"]),
            Route("/api/sessions/{session}", where),
            Route("/api/sessions/{session}/answers", answer, methods=["POST"]),
            Route("/sounds/{name}", sound),
            Route("/admin", admin),
            Route("/admin/sessions", who),
        ],
        STATIC / "listen",
        close=store.close,
    )


def overview(test: Test, sessions: list[Session]) -> dict[str, Any]:
    """Who is where, for the administrator."""
    now = time.time()
    people = []
    for k, s in enumerate(sessions, 1):
        step = next_step(test, s)
        pages = [p.id for p in test.pages(s.slot)]
        people.append(
            {
                "who": s.code or f"listener {k}",
                "place": s.slot % len(test.listeners) + 1,
                "started": s.started,
                "idle": round(now - s.last, 1),
                "answered": sum(p in s.answers for p in pages),
                "pages": len(pages),
                "step": step or "finished",
                "headphones": s.answers.get(SOUND, {}).get("headphones"),
                "comment": s.answers.get(COMMENT, {}).get("comment", ""),
            }
        )
    return {"title": test.title, "design": test.design, "planned": len(test.listeners), "people": people}
