# SPDX-License-Identifier: Apache-2.0
"""What an answer must be: the steps of a listener, and the check of each before it is kept."""

from __future__ import annotations

import math
from typing import Any

from synthkit.errors import SynthkitError
from synthkit_web.listen.folder import Page, Test
from synthkit_web.listen.journal import Session

CONSENT, SOUND, COMMENT = "consent", "sound", "comment"


class AnswerError(SynthkitError):
    """An answer that cannot be: of no step, incomplete, or off the scale."""

    status = 422


def steps(test: Test, slot: int) -> list[str]:
    """What a listener answers, in order."""
    return [CONSENT, SOUND, *(p.id for p in test.pages(slot)), COMMENT]


def next_step(test: Test, session: Session) -> str | None:
    """The first step that has no answer; None when all have."""
    return next((s for s in steps(test, session.slot) if s not in session.answers), None)


def check(test: Test, session: Session, step: str, data: Any) -> dict[str, Any]:
    """`data` as it is kept.

    Raises
    ------
    AnswerError
    """
    if not isinstance(data, dict):
        raise AnswerError("an answer is an object")
    if step == CONSENT:
        if data.get("agreed") is not True:
            raise AnswerError("without consent there is no test")
        return {"agreed": True}
    if step == SOUND:
        passed, tries = data.get("headphones"), data.get("tries")
        if passed not in (True, False, None) or not isinstance(tries, (int, type(None))):
            raise AnswerError("a sound check says whether it was passed")
        return {"headphones": passed, "tries": tries}
    if step == COMMENT:
        return {"comment": _text(data.get("comment"))}
    page = next((p for p in test.pages(session.slot) if p.id == step), None)
    if page is None:
        raise AnswerError(f"there is no page {step!r}")
    return {
        "scores": _scores(test, page, data.get("scores")),
        "seconds": _number(data.get("seconds"), "the time", 0, 1e7),
        "comment": _text(data.get("comment")),
    }


def _scores(test: Test, page: Page, given: Any) -> dict[str, float]:
    """One score by file; of a comparison one in all, under the name ``choice``."""
    scale = test.scale
    wanted = list(page.sounds) if scale.kind == "score" else ["choice"]
    if not isinstance(given, dict) or sorted(given) != sorted(wanted):
        raise AnswerError(f"{page.id} asks for {len(wanted)} scores")
    out = {}
    for name in wanted:
        score = _number(given[name], "the score", scale.low, scale.high)
        half = test.no_preference and score == 0.5
        if score != round(score) and not half:
            raise AnswerError(f"the score {score:g} is no step of the scale")
        out[name] = score
    return out


def _number(value: Any, what: str, low: float, high: float) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise AnswerError(f"{what} is not a number")
    if not low <= value <= high:
        raise AnswerError(f"{what} {value:g} is not from {low:g} to {high:g}")
    return float(value)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise AnswerError("a comment is text")
    return value.strip()[:5000]
