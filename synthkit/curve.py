# SPDX-License-Identifier: Apache-2.0
"""The course of a training on the disk: a file ``log.jsonl`` in the folder where it works.

A line for every few steps: ``{"step": 200, "lr": 0.001, "loss": 0.3}``, the losses by their names. A training
that goes on from a checkpoint takes away what lies after it: the steps are taken again.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from synthkit import audio
from synthkit.atomic import write_json, write_text
from synthkit.paths import output_path
from synthkit.types import Waveform

LOG, WATCH, VALIDATION = "log.jsonl", "watch.jsonl", "validation"
"""In a training's folder: its course, what its watch said, and a folder ``step-N`` for each validation, with
sounds, ``alignment.png`` and ``heard.json``."""
HEARD = "heard.json"


def cut(path: Path, step: int) -> None:
    """Leave the lines up to `step`; no file is an empty one.

    Parameters
    ----------
    path : Path
        Of the lines.
    step : int
    """
    kept = [line for line, row in _lines(path) if row["step"] <= step]
    write_text(path, "".join(line + "\n" for line in kept))


def add(path: Path, step: int, **values: Any) -> None:
    """Add a line. Nothing depends on it, so it is not waited for the disk.

    Parameters
    ----------
    path : Path
        Of the lines; made where it is missing.
    step : int
    **values : object
        JSON-ready, by name.
    """
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps({"step": step, **values}, ensure_ascii=False) + "\n")


def heard(folder: Path, step: int, said: str, sounds: Mapping[str, tuple[str, Waveform]]) -> None:
    """Keep what a training says at a step, to be listened to.

    Parameters
    ----------
    folder : Path
        Where it works.
    step : int
    said : str
        What is to be said of it.
    sounds : mapping
        By the utterance's id its text and the sound.
    """
    place = folder / VALIDATION / f"step-{step:09d}"
    for id_, (_, waveform) in sounds.items():
        audio.write(output_path(place, id_, ".wav"), waveform)
    write_json(place / HEARD, {"said": said, "texts": {id_: text for id_, (text, _) in sounds.items()}})


@dataclass(frozen=True)
class Course:
    """What is known of a training.

    Attributes
    ----------
    steps : list of int
    lr : list of float or None
        Learning rate applied at each.
    losses : dict of str to list of float or None
        By name; None where a step has none of that name, or one that is no finite number.
    """

    steps: list[int]
    lr: list[float | None]
    losses: dict[str, list[float | None]]


def read(folder: Path, most: int = 600) -> Course:
    """The course of the training in `folder`, of evenly chosen steps where there are more than `most`.

    Parameters
    ----------
    folder : Path
        Of the training.
    most : int

    Returns
    -------
    Course
        Empty where nothing was written yet.
    """
    rows = [row for _, row in _lines(folder / LOG)]
    if len(rows) > most:
        rows = [rows[round(k * (len(rows) - 1) / (most - 1))] for k in range(most)]
    names = dict.fromkeys(
        name for row in rows for name, v in row.items() if name not in ("step", "lr") and _is_number(v)
    )
    return Course(
        [row["step"] for row in rows],
        [_finite(row.get("lr")) for row in rows],
        {name: [_finite(row.get(name)) for row in rows] for name in names},
    )


def words(folder: Path) -> list[tuple[int, str]]:
    """What the watch of the training in `folder` said: step and sentence.

    Parameters
    ----------
    folder : Path
        Of the training.

    Returns
    -------
    list of (int, str)
    """
    return [(row["step"], str(row.get("message", ""))) for _, row in _lines(folder / WATCH)]


def _lines(path: Path) -> list[tuple[str, Mapping[str, Any]]]:
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return []
    out: list[tuple[str, Mapping[str, Any]]] = []
    for line in text.splitlines():
        try:
            row = json.loads(line)
        except ValueError:
            continue  # the line that was being written when the process was killed
        if isinstance(row, dict) and type(row.get("step")) is int:
            out.append((line, row))
    return out


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _finite(value: Any) -> float | None:
    return float(value) if _is_number(value) and math.isfinite(value) else None
