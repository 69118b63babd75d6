# SPDX-License-Identifier: Apache-2.0
"""Which part of a recording a row of a table, or of JSON lines, is."""

from __future__ import annotations

from pathlib import Path

from synthkit import audio
from synthkit.corpora.layouts.roles import unit_of
from synthkit.errors import AudioError
from synthkit.labels.format import seconds

CUT_HINT = "say start and end in seconds, counted from the recording's start; or neither for all of it"
_NEAR = 0.05
"""Seconds by which an end may be before the recording's, if the row is to be all of it."""


def seconds_in(name: str, said: object) -> float:
    """A time in seconds; a `ValueError` for what is none.

    Parameters
    ----------
    name : str
        Of the column, which may say the unit: ``start_ms``.
    said : object
        A number, as JSON has it or in words.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        It is no time, or in samples or frames.
    """
    unit = unit_of(name)
    if unit is None:
        raise ValueError(f"{name} counts samples or frames, not seconds")
    if isinstance(said, bool) or not isinstance(said, int | float | str):
        raise ValueError(f"{name} is {said!r}, no time")
    return seconds(str(said).strip()) * unit


def cut_of(
    start: float | None, end: float | None, duration: float | None, path: Path | None
) -> tuple[float | None, float | None]:
    """Start and end of the part that a row is; None and None for all of the recording.

    Parameters
    ----------
    start, end, duration : float or None
        Seconds, as far as the row says them.
    path : Path or None
        The recording, if it is there.

    Returns
    -------
    (float or None, float or None)

    Raises
    ------
    ValueError
        There is no such part: all of the recording would have the text of some of it.
    """
    if start is None:
        if end is not None and path is not None and end < _length(path) - _NEAR:
            raise ValueError(f"an end, {end:g} s, before the recording's, and no start")
        return None, None
    if start < 0:
        raise ValueError(f"begins at {start:g} s, before the recording")
    last = end if end is not None else start + duration if duration is not None else None
    if last is not None and last <= start:
        raise ValueError(f"ends at {last:g} s, and begins at {start:g} s")
    return (None, None) if start == 0 and last is None else (start, last)


def _length(path: Path) -> float:
    try:
        rate, frames, _ = audio.info(path)
    except AudioError:  # told when it is checked
        return 0.0
    return frames / rate if rate else 0.0
