# SPDX-License-Identifier: Apache-2.0
"""Small tools of the layouts: lines of a table, recordings of a folder and which of them a name means."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path, PurePosixPath

from synthkit import unsupported_audio
from synthkit.errors import CorpusError
from synthkit.paths import PathError, read_bytes

AUDIO = (
    ".wav", ".flac", ".mp3", ".ogg", ".oga", ".opus", ".aiff", ".aif", ".aifc", ".au", ".snd", ".caf", ".w64",
    ".rf64", ".sph", ".nist",
)  # fmt: skip
"""Suffixes of recordings, in lower case, the ones first that are taken where a recording lies there twice."""
AUDIO_FOLDERS = (
    "wav",
    "wavs",
    "audio",
    "audios",
    "flac",
    "mp3",
    "ogg",
    "clips",
    "recordings",
    "sounds",
    "data",
)
"""Names of folders that are no speaker's, in lower case."""


def nfc(text: str) -> str:
    """`text` with its letters composed (Unicode NFC): one spelling of names, whatever file system they come
    from.

    Parameters
    ----------
    text : str

    Returns
    -------
    str
    """
    return unicodedata.normalize("NFC", text)


def safe_id(text: str) -> str:
    """An utterance id that can be a file name: anything but letters, digits and ``_.+-`` becomes ``_``.

    Parameters
    ----------
    text : str

    Returns
    -------
    str
    """
    return re.sub(r"[^\w.+-]", "_", nfc(text).strip()).lstrip(".") or "_"


def without_suffix(name: str) -> str:
    """A recording's name without the suffix of an audio file, if it has one.

    Parameters
    ----------
    name : str

    Returns
    -------
    str
    """
    dot = name.rfind(".")
    return name[:dot] if dot > 0 and name[dot:].lower() in (*AUDIO, *unsupported_audio.SUFFIXES) else name


def is_audio(path: Path) -> bool:
    """Whether `path` is called as a recording is, in whatever case; hidden files are none.

    Parameters
    ----------
    path : Path
        Not opened.

    Returns
    -------
    bool
    """
    return path.suffix.lower() in AUDIO and not path.name.startswith(".")


def find_audio(stem: Path) -> Path | None:
    """The recording called `stem`, with whatever suffix and in whatever Unicode form, if there is one.

    Parameters
    ----------
    stem : Path
        The recording's path without a suffix.

    Returns
    -------
    Path or None
    """
    if not stem.parent.is_dir():
        return None
    name = nfc(stem.name)
    found = [p for p in stem.parent.iterdir() if is_audio(p) and nfc(p.stem) == name and p.is_file()]
    return min(found, key=_preference, default=None)


def recordings(folder: Path) -> list[Path]:
    """Every recording under `folder`, hidden ones aside, sorted.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    list of Path
    """
    if not folder.is_dir():
        return []
    return sorted(p for p in folder.rglob("*") if is_audio(p))


def folders_of(path: PurePosixPath | Path) -> list[str]:
    """Folders in a recording's relative path that may be a speaker's: those that are not called as folders of
    recordings are.

    Parameters
    ----------
    path : PurePosixPath or Path
        Relative to the corpus's folder.

    Returns
    -------
    list of str
    """
    return [part for part in path.parts[:-1] if part.lower() not in AUDIO_FOLDERS]


def _preference(path: Path) -> tuple[int, str]:
    return AUDIO.index(path.suffix.lower()), path.name


class Recordings:
    """The recordings of a corpus's folder, found by whatever a table calls them.

    A table may name a recording by its bare name, by a path from the folder, from the table, or from some
    folder on another machine; with a suffix, without one, or with that of another format.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.used: set[Path] = set()
        self.told: set[Path] = set()

    @cached_property
    def all(self) -> list[Path]:
        """Every recording in the folder."""
        return recordings(self.folder)

    @cached_property
    def _tails(self) -> dict[tuple[str, ...], list[Path]]:
        tails: dict[tuple[str, ...], list[Path]] = {}
        for path in self.all:
            parts = self._key(path.relative_to(self.folder).as_posix())
            for length in range(1, len(parts) + 1):
                tails.setdefault(parts[-length:], []).append(path)
        return tails

    @staticmethod
    def _key(name: str) -> tuple[str, ...]:
        parts = [p for p in nfc(name).replace("\\", "/").split("/") if p not in ("", ".", "..")]
        return (*parts[:-1], without_suffix(parts[-1])) if parts else ()

    def find(self, name: str) -> tuple[Path | None, str]:
        """The recording that `name` means.

        Parameters
        ----------
        name : str
            As a table has it.

        Returns
        -------
        path : Path or None
        reason : str
            Why there is none: ``"no recording"``, that several could be meant, or that it is of a kind that
            is not read.
        """
        key = self._key(name)
        for length in range(len(key), 0, -1):
            found = [p for p in self._tails.get(key[-length:], []) if self._may_be(p, key, length)]
            if len({p.with_suffix("") for p in found}) > 1:
                found = [p for p in found if self._inside(p) == key] or found
            if len({p.with_suffix("") for p in found}) == 1:
                suffix = Path(name.strip()).suffix.lower()
                self.used.update(found)
                return min(found, key=lambda p: (p.suffix.lower() != suffix, _preference(p))), ""
            if found:
                several = ", ".join(sorted(p.relative_to(self.folder).as_posix() for p in found)[:3])
                return None, f"{name!r} could be any of {several}"
        return None, self.why_none(key[-1] if key else "")

    def why_none(self, name: str) -> str:
        """Why there is no recording called `name`.

        Parameters
        ----------
        name : str
            Without folders and suffix.

        Returns
        -------
        str
            ``"no recording"``, or that it is of a kind that is not read, and the command that converts it.
        """
        path = self._unreadable.get(nfc(name))
        if path is None:
            return "no recording"
        self.told.add(path)
        return f"{path.suffix} is not read: convert it, `{unsupported_audio.conversion(Path(path.name))}`"

    def _inside(self, path: Path) -> tuple[str, ...]:
        return self._key(path.relative_to(self.folder).as_posix())

    def _may_be(self, path: Path, key: tuple[str, ...], length: int) -> bool:
        """Whether folders contradict: ``boris/1`` is not ``anna/1``, ``old/place/1`` may be ``1``."""
        inside = self._inside(path)
        matched = len(folders_of(PurePosixPath(*key[-length:])))
        here = folders_of(PurePosixPath(*inside[: len(inside) - length], "_"))
        there = folders_of(PurePosixPath(*key[: len(key) - length], "_"))
        return bool(matched) or not (here and there)

    def name(self, path: Path, said: str) -> tuple[str, str]:
        """Id and speaker of a recording that a table calls `said`.

        The id is what the table calls it, as far as that is where it lies; folders in it are the speaker's
        ("" where there is none) unless they are called ``wavs`` or the like.

        Parameters
        ----------
        path : Path
            The recording.
        said : str
            Its name in the table.

        Returns
        -------
        (str, str)
        """
        inside, key = self._inside(path), self._key(said)
        length = 1
        while length < len(key) and length < len(inside) and key[-length - 1] == inside[-length - 1]:
            length += 1
        parts = PurePosixPath(*key[-length:]) if key else PurePosixPath(path.stem)
        folders = folders_of(parts)
        return "_".join([*folders, parts.name]), safe_id(folders[0]) if folders else ""

    def unused(self) -> list[Path]:
        """Recordings that no `find` has given."""
        return [p for p in self.all if p not in self.used]

    def unreadable(self) -> list[Path]:
        """Recordings in formats that are not read here, those aside that lie there converted, too."""
        return sorted(self._unreadable.values())

    @cached_property
    def _unreadable(self) -> dict[str, Path]:
        converted = {path.with_suffix("") for path in self.all}
        return {
            nfc(path.stem): path for path in not_read(self.folder) if path.with_suffix("") not in converted
        }


def not_read(folder: Path) -> list[Path]:
    """Recordings under `folder` in formats that are not read here, hidden ones aside, sorted.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    list of Path
    """
    return sorted(
        p
        for p in folder.rglob("*")
        if p.suffix.lower() in unsupported_audio.SUFFIXES and not p.name.startswith(".")
    )


def read_text(path: Path) -> str:
    """A file's text.

    Parameters
    ----------
    path : Path

    Returns
    -------
    str

    Raises
    ------
    CorpusError
        It cannot be read or is not UTF-8; names the line.
    """
    try:
        data = read_bytes(path)
        return data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except PathError as error:
        raise CorpusError(error.message, where=error.where) from error
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise CorpusError(
            f"line {line} is not UTF-8 text",
            where=str(path),
            hint="convert it first, as in: iconv -f CP1251 -t UTF-8",
        ) from error


def transcript(path: Path) -> str:
    """A whole file as one line of text.

    Parameters
    ----------
    path : Path

    Returns
    -------
    str

    Raises
    ------
    CorpusError
        It cannot be read or is not UTF-8.
    """
    return " ".join(read_text(path).split())


def lines(path: Path) -> Iterator[tuple[int, str]]:
    """Lines with something on them, each with its number from 1.

    Parameters
    ----------
    path : Path

    Yields
    ------
    (int, str)
        The line is stripped.

    Raises
    ------
    CorpusError
        It cannot be read or is not UTF-8.
    """
    for number, line in enumerate(re.split(r"\r\n|\n|\r", read_text(path)), 1):
        if line.strip():
            yield number, line


def columns(path: Path) -> Iterator[tuple[str, str]]:
    """Lines as ``(first word, the rest)``, parted by any white space.

    Parameters
    ----------
    path : Path

    Yields
    ------
    (str, str)

    Raises
    ------
    CorpusError
        It cannot be read or is not UTF-8.
    """
    for _, line in lines(path):
        id, *rest = line.strip().split(None, 1)
        yield id, rest[0].strip() if rest else ""


def first_line(path: Path) -> str:
    """The first line with something on it, for `Layout.evidence`; "" where there is none to be read.

    Parameters
    ----------
    path : Path

    Returns
    -------
    str
    """
    try:
        with open(path, encoding="utf-8-sig", errors="replace") as file:
            return next((line.strip() for line in file if line.strip()), "")
    except OSError:
        return ""
