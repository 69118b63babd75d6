# SPDX-License-Identifier: Apache-2.0
"""The folder of corrections: a TextGrid for each corrected utterance, and nothing else is written.

A file that is there and that was not saved from here is somebody's own: it is replaced when that was asked
for (``--overwrite``), and else never. Who saves says which state of the file they have seen, so that one tab
does not undo what another has saved.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from synthkit.atomic import lock, make_folder, sha256, write_json
from synthkit.errors import SynthkitError
from synthkit.labels import read_alignment, write_alignment
from synthkit.paths import output_path, read_json
from synthkit.types import Alignment, Interval

SUFFIX = ".TextGrid"
LEDGER = "saved.json"
"""What was saved from here: hash of each file by its name."""
SHORTEST = 1e-3
"""Seconds of a phone."""


class WrongLabels(SynthkitError):
    """Labels that cannot be saved."""

    status = 422


class OthersLabels(SynthkitError):
    """A file that is not ours to replace, or that has changed since it was looked at."""

    status = 409


class Corrections:
    """A folder of corrections.

    Parameters
    ----------
    folder : Path
        Made when the first is saved.
    overwrite : bool
        Whether files that were not saved from here may be replaced.
    """

    def __init__(self, folder: Path, *, overwrite: bool = False) -> None:
        self.folder, self.overwrite = folder, overwrite

    def state(self, id: str) -> str:
        """Hash of the correction of an utterance; "" where there is none."""
        path = output_path(self.folder, id, SUFFIX)
        return sha256(path) if path.is_file() else ""

    def ids(self) -> set[str]:
        """Utterances that have one."""
        if not self.folder.is_dir():
            return set()
        return {p.name.removesuffix(SUFFIX) for p in self.folder.iterdir() if p.name.endswith(SUFFIX)}

    def read(self, id: str, duration: float) -> Alignment | None:
        """The correction of an utterance of `duration` seconds, if there is one.

        Raises
        ------
        AlignmentError
            It cannot be read.
        """
        path = output_path(self.folder, id, SUFFIX)
        return read_alignment(path, id=id, duration=duration) if path.is_file() else None

    def save(self, alignment: Alignment, seen: str) -> str:
        """Write a correction, all of it or nothing; gives its state.

        Parameters
        ----------
        alignment : Alignment
            As `checked` gives it.
        seen : str
            The state that it was made from.

        Raises
        ------
        OthersLabels
            Another has saved meanwhile, or the file is not from here.
        PathError
            The utterance's id can be no file's name.
        """
        path = output_path(self.folder, alignment.id, SUFFIX)
        make_folder(self.folder)
        with lock(self.folder / ".lock", "a correction of these labels"):
            now, ledger = self.state(alignment.id), self._ledger()
            if now and now != ledger.get(path.name) and not self.overwrite:
                raise OthersLabels(
                    "this file was not saved from the lab, and is not replaced",
                    where=str(path),
                    hint="`synthkit lab --overwrite` replaces it; or name another folder by --corrections",
                )
            if now != seen:
                raise OthersLabels(
                    "it was saved elsewhere meanwhile, in another tab or by another program",
                    where=str(path),
                    hint="open it again to see what was saved",
                )
            write_alignment(path, alignment, format="textgrid")
            ledger[path.name] = fresh = sha256(path)
            write_json(self.folder / LEDGER, dict(sorted(ledger.items())))
        return fresh

    def _ledger(self) -> dict[str, str]:
        path = self.folder / LEDGER
        known = read_json(path, OthersLabels) if path.is_file() else {}
        if not isinstance(known, dict):
            raise OthersLabels("is not what the lab writes", where=str(path))
        return {str(name): str(hash) for name, hash in known.items()}


def checked(id: str, duration: float, phones: Sequence[Interval], words: Sequence[Interval]) -> Alignment:
    """An alignment of tiers that came from a page.

    Raises
    ------
    WrongLabels
        Phones leave a gap, overlap, last under a millisecond or no time, or do not end with the recording; a
        word begins or ends where no phone does.
    """
    if not phones:
        raise WrongLabels("there are no phones", where=id)
    edge = 0.0
    for p in phones:
        if not (math.isfinite(p.start) and math.isfinite(p.end)):
            raise WrongLabels(f"phone {p.label!r} has no time", where=id)
        if abs(p.start - edge) > 1e-6:
            raise WrongLabels(
                f"phone {p.label!r} begins at {p.start:.4f} s, the one before ends at {edge:.4f} s", where=id
            )
        if p.end - p.start < SHORTEST - 1e-9:
            raise WrongLabels(
                f"phone {p.label!r} at {p.start:.4f} s lasts less than {SHORTEST * 1e3:g} ms", where=id
            )
        edge = p.end
    if abs(edge - duration) > 1e-3:
        raise WrongLabels(f"phones end at {edge:.4f} s, the recording at {duration:.4f} s", where=id)
    edges = [0.0, *(p.end for p in phones)]
    last = 0.0
    for w in words:
        if w.start < last - 1e-6 or w.end <= w.start:
            raise WrongLabels(f"word {w.label!r} overlaps the one before, or lasts no time", where=id)
        if any(min(abs(t - e) for e in edges) > 1e-6 for t in (w.start, w.end)):
            raise WrongLabels(f"word {w.label!r} begins or ends where no phone does", where=id)
        last = w.end
    return Alignment(id, tuple(phones), tuple(words), duration)
