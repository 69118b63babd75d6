# SPDX-License-Identifier: Apache-2.0
"""What the page shows of a build: one reader, whatever trains."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from synthkit import curve
from synthkit.paths import PathError, input_path
from synthkit.pipeline.logbook import BUILD_STAGES, Seen, seen
from synthkit_web.lab.training.builds import Builds, NoBuild, Watched

LINES = 120
"""Of what a build said, that are shown."""
VALIDATIONS = 40
"""Of a training, the newest, that are listed."""
SHOWN = {".wav": "audio/wav", ".png": "image/png"}
"""Files of a validation that are given out."""


def listed(builds: Builds) -> list[dict[str, Any]]:
    """What the page lists."""
    return [
        {**_named(watched), "state": _state(builds, watched, seen(watched.out))} for watched in builds.all()
    ]


def told(builds: Builds, watched: Watched) -> dict[str, Any]:
    """Everything of one build."""
    was = seen(watched.out)
    state = _state(builds, watched, was)
    early = builds.failed_early(watched)
    was = was or Seen()
    return {
        **_named(watched), "state": state, "stages": _stages(was, state),
        "label": was.label, "done": was.done, "total": was.total, "left": was.left,
        "said": [text for _, text in was.said[-LINES:]],
        "end": was.end if state == "failed" else {"message": early} if early else {},
        "canStart": state not in ("running", "begins") and bool(watched.command),
        "canStop": state == "running" and bool(was.pid),
        "trainings": [_training(stage, folder, was) for stage, folder in trainings(watched)],
    }  # fmt: skip


def trainings(watched: Watched) -> Iterator[tuple[str, Path]]:
    """The trainings of a build: their stages and folders, those that have told anything."""
    if watched.run:
        yield "training", watched.out
        return
    was = seen(watched.out)
    for stage, work in (was.work if was else {}).items():
        # A plugin that trains in a process of its own does so in a folder below.
        for folder in (Path(work), Path(work) / "run"):
            if (folder / curve.LOG).is_file() or (folder / curve.VALIDATION).is_dir():
                yield stage, folder
                break


def file(watched: Watched, stage: str, name: str) -> tuple[Path, str]:
    """A file of a validation, and its type.

    Raises
    ------
    NoBuild
        There is none.
    """
    for found, folder in trainings(watched):
        if found == stage:
            try:
                path = input_path(folder / curve.VALIDATION, name)
            except PathError as error:
                raise NoBuild(error.message) from None
            if path.suffix in SHOWN and path.is_file():
                return path, SHOWN[path.suffix]
    raise NoBuild(f"there is no {name!r}")


def _named(watched: Watched) -> dict[str, Any]:
    return {"key": watched.key, "name": watched.name, "where": str(watched.out), "run": watched.run}


def _state(builds: Builds, watched: Watched, was: Seen | None) -> str:
    if watched.run:
        return "watched"
    if builds.begins(watched):
        return "begins"
    if builds.failed_early(watched):
        return "failed"
    return was.state if was is not None else "new"


def _stages(was: Seen, state: str) -> list[dict[str, Any]]:
    last = next(reversed(was.stages), "")
    return [
        {
            "name": name,
            "seconds": was.stages.get(name),
            "now": name == last and state == "running",
            "broken": name == last and state in ("failed", "killed", "stopped"),
        }
        for name in _names(was)
    ]


def _names(was: Seen) -> list[str]:
    """Stages of a build in order, those among them that only some voices have."""
    more = [name for name in was.stages if name not in BUILD_STAGES]
    at = BUILD_STAGES.index("acoustic_model")
    return [*BUILD_STAGES[:at], *more, *BUILD_STAGES[at:]]


def _training(stage: str, folder: Path, was: Seen) -> dict[str, Any]:
    course = curve.read(folder)
    words = [{"step": step, "text": text} for step, text in curve.words(folder)]
    if not words and not (folder / curve.WATCH).is_file():
        words = [{"step": None, "text": text} for _, text in was.said if text.startswith("warning:")]
    return {
        "stage": stage, "steps": course.steps, "lr": course.lr, "losses": course.losses, "words": words,
        "validations": _validations(folder / curve.VALIDATION),
    }  # fmt: skip


def _validations(folder: Path) -> list[dict[str, Any]]:
    """Newest first."""
    if not folder.is_dir():
        return []
    out = []
    places = sorted((p for p in folder.iterdir() if p.is_dir() and p.name.startswith("step-")), reverse=True)
    for place in places[:VALIDATIONS]:
        said = _heard(place / curve.HEARD)
        texts = said.get("texts") if isinstance(said.get("texts"), dict) else {}
        out.append(
            {
                "step": int("".join(c for c in place.name if c.isdigit()) or 0),
                "folder": place.name,
                "said": str(said.get("said", "")),
                "sounds": [
                    {"id": p.stem, "text": str(texts.get(p.stem, ""))} for p in sorted(place.glob("*.wav"))
                ],
                "picture": (place / "alignment.png").is_file(),
            }
        )
    return out


def _heard(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}  # a validation of an earlier version, or one that is being written
    return found if isinstance(found, dict) else {}
