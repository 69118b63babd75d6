# SPDX-License-Identifier: Apache-2.0
"""From kept answers to `Heard`: which sound was whose, and how each listener went about it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from synthkit.errors import ConfigError, SynthkitError
from synthkit.eval.listening.heard import Conduct, Heard
from synthkit.eval.ratings import Rating
from synthkit.paths import read_json
from synthkit_web.listen.answers import COMMENT, SOUND, check, next_step
from synthkit_web.listen.folder import ANSWERS, Page, Test
from synthkit_web.listen.journal import Session, Store

DOWNLOADED = "synthkit-listening-answers"
"""What a file that a listener downloads calls itself."""


def heard(folder: Path, test: Test, files: Sequence[Path] = ()) -> Heard:
    """Everything that was answered: the server's, and files that listeners of a static test sent.

    Raises
    ------
    ConfigError
        Nothing was.
    """
    sessions: list[Session] = []
    if (folder / ANSWERS).exists():
        store = Store(folder / ANSWERS, read_only=True)
        try:
            sessions += store.sessions()
        finally:
            store.close()
    sessions += [downloaded(path, test) for path in files]
    names = _names(sessions)
    out = join_sessions(test, [(names[s.id], s) for s in sessions], str(folder))
    if not out.ratings:
        raise ConfigError(
            "nobody has answered a page yet",
            where=str(folder),
            hint="`synthkit listen serve` asks; files of a static test are named after the folder",
        )
    return out


def _names(sessions: Sequence[Session]) -> dict[str, str]:
    """What listeners are called: their code, or a number, both made different where they are the same."""
    out: dict[str, str] = {}
    for k, s in enumerate(sessions, 1):
        name = s.code or f"listener {k}"
        same = sum(n == name or n.startswith(f"{name} (") for n in out.values())
        out[s.id] = f"{name} ({same + 1})" if same else name
    return out


def join_sessions(test: Test, sessions: Iterable[tuple[str, Session]], source: str) -> Heard:
    """Ratings, conduct and comments of these listeners."""
    parts = Heard([], dict(test.voices), source=source)
    unfinished = 0
    for who, session in sessions:
        attention, pages, sides = [], [], []
        for page in test.pages(session.slot):
            answer = session.answers.get(page.id)
            if answer is None:
                continue
            if answer["comment"]:
                parts.comments.append((who, f"{page.item}: {answer['comment']}"))
            if page.kind == "attention":
                attention.append(_as_asked(test, page, answer["scores"]))
                continue
            if page.kind == "practice":
                continue
            pages.append((answer["seconds"], _least(test, page)))
            if test.scale.kind in ("preference", "discrimination") and answer["scores"]["choice"] != 0.5:
                sides.append("A" if answer["scores"]["choice"] == test.scale.high else "B")
            parts.ratings.extend(_ratings(test, who, page, answer["scores"]))
        done = next_step(test, session) is None
        unfinished += not done
        about = session.answers.get(SOUND, {})
        parts.conduct[who] = Conduct(
            tuple(attention), tuple(pages), tuple(sides), about.get("headphones"), done
        )
        if session.answers.get(COMMENT, {}).get("comment"):
            parts.comments.append((who, session.answers[COMMENT]["comment"]))
    if unfinished:
        parts.notes.append(f"{unfinished} listeners have not finished; what they answered counts")
    failed = [who for who, c in parts.conduct.items() if c.headphones is False]
    if failed:
        parts.notes.append(f"{len(failed)} listeners did not pass the headphone check: {', '.join(failed)}")
    return parts


def _ratings(test: Test, who: str, page: Page, scores: dict[str, float]) -> list[Rating]:
    if test.scale.kind == "score":
        return [
            Rating(who, page.item, v, scores[name], test.design)
            for v, name in zip(page.voices, page.sounds, strict=True)
        ]
    a, b = page.voices
    score = scores["choice"]
    if test.scale.kind == "discrimination":  # chosen: 1 for A, 0 for B; kept: right or wrong
        score = float((score == 1) == (page.x == 0))
    return [Rating(who, page.item, a, score, test.design, b)]


def _as_asked(test: Test, page: Page, scores: dict[str, float]) -> bool:
    assert page.expect is not None
    reach = 5 if test.design == "mushra" else 0
    return all(abs(s - page.expect) <= reach for s in scores.values())


def _least(test: Test, page: Page) -> float:
    """Seconds that the sounds of a page last once, of which `must_play` must be heard."""
    names = [*page.sounds, *([page.reference] if page.reference else [])]
    return sum(test.sounds[n].seconds for n in names) * min(test.must_play, 0.9)


def downloaded(path: Path, test: Test) -> Session:
    """The answers of a file that a listener of a static test downloaded.

    Raises
    ------
    ConfigError
        It is none, or of another test.
    """
    data: Any = read_json(path, ConfigError, hint="ask the listener for the file once more")
    if not isinstance(data, dict) or data.get("kind") != DOWNLOADED:
        raise ConfigError("holds no answers of a listening test", where=str(path))
    if data.get("test") != test.id:
        raise ConfigError("holds answers of another test", where=str(path))
    answers: dict[str, dict[str, Any]] = {}
    try:
        name, slot = str(data["session"]), int(data["slot"])
        given = [(str(entry["step"]), entry["data"]) for entry in data["answers"]]
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise ConfigError(
            f"is not as it was downloaded ({type(error).__name__}: {error})",
            where=str(path),
            hint="ask the listener for the file once more",
        ) from None
    session = Session(name, slot, str(data.get("code") or ""), 0.0, answers, {})
    for step, told in given:
        try:
            answers.setdefault(step, check(test, session, step, told))
        except SynthkitError as error:
            raise ConfigError(error.message, where=f"{path}, {step}") from None
    return session
