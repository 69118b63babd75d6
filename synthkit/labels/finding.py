# SPDX-License-Identifier: Apache-2.0
"""Which label file belongs to which recording of a folder."""

from __future__ import annotations

import unicodedata
from functools import cached_property
from pathlib import Path

from synthkit.labels.files import is_label_file, label_format
from synthkit.labels.format import LabelFormat
from synthkit.plugins import registry


class LabelFiles:
    """The label files under a corpus's folder.

    A recording's labels are called as it is, in whatever case the suffix is written, and lie beside it, in a
    format's folder beside its folder, or anywhere under folders of the same names: the tree that MFA writes,
    a folder a speaker, has them in ``ANYTHING/anna/1.TextGrid`` for ``wav/anna/1.wav``.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.used: set[Path] = set()

    @cached_property
    def _formats(self) -> list[LabelFormat]:
        return [label_format(name) for name in registry().names("label_format")]

    @cached_property
    def _files(self) -> dict[str, list[Path]]:
        suffixes = {f.suffix.lower() for f in self._formats}
        files: dict[str, list[Path]] = {}
        for path in sorted(self.root.rglob("*")):
            if path.suffix.lower() in suffixes and not path.name.startswith("."):
                files.setdefault(_key(path.stem), []).append(path)
        return files

    def find(self, recording: Path, folders: tuple[str, ...] = ()) -> Path | None:
        """The label file of `recording`, the one that holds words before one that does not.

        Parameters
        ----------
        recording : Path
        folders : tuple of str
            Folders of the recording that tell it from others of its name: its speaker's.

        Returns
        -------
        Path or None
            None where no file of that name holds labels.
        """
        found: list[tuple[bool, int, Path]] = []
        for path in self._files.get(_key(recording.stem), ()):
            rank = self._rank(path, recording, folders)
            words = [f.has_words for f in self._formats if f.suffix.lower() == path.suffix.lower()]
            if rank is not None:
                found.append((not any(words), rank, path))
        for _, _, path in sorted(found):
            if path.is_file() and is_label_file(path):
                self.used.add(path)
                return path
        return None

    def _rank(self, path: Path, recording: Path, folders: tuple[str, ...]) -> int | None:
        if path.parent == recording.parent:
            return 0
        names = {n for f in self._formats if f.suffix.lower() == path.suffix.lower() for n in f.folders}
        if path.parent.parent == recording.parent.parent and path.parent.name in names:
            return 1
        if not recording.is_relative_to(self.root):
            return None
        where = path.relative_to(self.root).parent.parts
        if folders and where[-len(folders) :] == folders and len(where) <= len(folders) + 2:
            return 2
        if not folders and len(where) == 1 and (where[0] in names or path.suffix.lower() == ".textgrid"):
            return 3
        return None

    def unused(self) -> list[Path]:
        """TextGrids that no `find` has given: their suffix is nothing else's."""
        return [
            path
            for paths in self._files.values()
            for path in paths
            if path.suffix.lower() == ".textgrid" and path not in self.used
        ]


def find_labels(recording: Path) -> Path | None:
    """The label file of a recording, of the same name beside it or in a format's folder beside its folder.

    Parameters
    ----------
    recording : Path

    Returns
    -------
    Path or None
    """
    near = _Near(recording)
    return near.find(recording)


class _Near(LabelFiles):
    """Of one recording alone: no tree is looked through."""

    def __init__(self, recording: Path) -> None:
        super().__init__(recording.parent.parent)
        self.recording = recording

    @cached_property
    def _files(self) -> dict[str, list[Path]]:
        above = self.recording.parent.parent
        places = [self.recording.parent, *(above / name for f in self._formats for name in f.folders)]
        suffixes = {f.suffix.lower() for f in self._formats}
        key = _key(self.recording.stem)
        there = [p for place in dict.fromkeys(places) if place.is_dir() for p in sorted(place.iterdir())]
        return {key: [p for p in there if _key(p.stem) == key and p.suffix.lower() in suffixes]}


def _key(stem: str) -> str:
    return unicodedata.normalize("NFC", stem)
