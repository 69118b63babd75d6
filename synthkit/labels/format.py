# SPDX-License-Identifier: Apache-2.0
"""`LabelFormat`: what a reader and writer of one file format of labels is."""

from __future__ import annotations

import math
import re
from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import ClassVar

from synthkit.errors import AlignmentError
from synthkit.paths import PathError, read_bytes
from synthkit.recognise import Evidence
from synthkit.types import Alignment, Interval


@dataclass(frozen=True)
class LabelFile:
    """A file of labels and its content."""

    path: Path
    data: bytes

    @classmethod
    def open(cls, path: Path) -> LabelFile:
        """Read `path`; an `AlignmentError` where that fails.

        Parameters
        ----------
        path : Path

        Returns
        -------
        LabelFile

        Raises
        ------
        AlignmentError
            It cannot be read, or is larger than 1 GiB.
        """
        try:
            return cls(path, read_bytes(path, limit=1 << 30))  # a CTM may be of a whole corpus
        except PathError as error:
            raise AlignmentError(error.message, where=error.where) from error

    @property
    def where(self) -> str:
        """The file, for messages."""
        return str(self.path)

    @cached_property
    def text(self) -> str:
        """The content as text, UTF-8 or (with a byte order mark) UTF-16.

        Raises
        ------
        AlignmentError
            It is not.
        """
        encoding = "utf-16" if self.data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
        try:
            return self.data.decode(encoding)
        except UnicodeDecodeError as error:
            raise AlignmentError(
                f"not {encoding.upper()} text: byte {error.start}", where=self.where
            ) from error

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """Lines with something on them, stripped; none where the content is no text."""
        try:
            return tuple(line.strip() for line in self.text.splitlines() if line.strip())
        except AlignmentError:
            return ()


@dataclass(frozen=True)
class Choice:
    """Which labels are wanted of a file that holds more than one utterance's or speaker's.

    Attributes
    ----------
    id : str or None
        The utterance's id.
    speaker : str or None
        Whose tiers.
    phones, words : str or None
        Names of the tiers, where they are not called something usual.
    """

    id: str | None = None
    speaker: str | None = None
    phones: str | None = None
    words: str | None = None


@dataclass(frozen=True)
class Labels:
    """What a file says of one utterance, before `read_alignment` makes contiguous tiers of it.

    Attributes
    ----------
    phones : iterable of Interval
        In order of time, seconds from the beginning of the recording; gaps are pauses.
    words : iterable of Interval
        Empty where the format knows none.
    duration : float
        Seconds, where the file says how long the recording is.
    tolerance : float
        Seconds by which neighbours may overlap or miss each other, by the format's rounding.
    id : str or None
        The utterance's id, where the file says it.
    """

    phones: Iterable[Interval]
    words: Iterable[Interval] = ()
    duration: float = 0.0
    tolerance: float = 1e-4
    id: str | None = None


class LabelFormat(ABC):
    """A file format of time-aligned labels. Subclass it and register it with ``register_label_formats``.

    Attributes
    ----------
    suffix : str
        Of its files, with the dot.
    by_suffix : bool
        Whether `write_alignment` takes this format for a path with its suffix when no format is named. Two
        formats that both say so must be named.
    folders : tuple of str
        Names of folders beside a corpus's recordings in which files of this format lie, one a recording. A
        file beside the recording itself is found without.
    has_words : bool
        Whether it can hold words. Where a recording has labels in two formats, the one with words is read.
    """

    suffix: ClassVar[str]
    by_suffix: ClassVar[bool] = True
    folders: ClassVar[tuple[str, ...]] = ()
    has_words: ClassVar[bool] = False

    @abstractmethod
    def evidence(self, file: LabelFile) -> Evidence:
        """How sure it is that `file` is one of its own; must not raise for a file of another format.

        Parameters
        ----------
        file : LabelFile

        Returns
        -------
        Evidence
        """

    @abstractmethod
    def read(self, file: LabelFile, choice: Choice) -> Labels:
        """The labels of one utterance.

        Parameters
        ----------
        file : LabelFile
        choice : Choice
            Whose labels, where the file has several.

        Returns
        -------
        Labels

        Raises
        ------
        AlignmentError
            The file is damaged (the message names the line), or `choice` is not in it.
        """

    def render(self, alignment: Alignment) -> str:
        """The file's text for one utterance; a format that is only read leaves this out.

        Parameters
        ----------
        alignment : Alignment

        Returns
        -------
        str

        Raises
        ------
        AlignmentError
            The format is only read.
        """
        raise AlignmentError(f"{type(self).__name__} labels are read, not written")


LONGEST = 1e6
"""Seconds (eleven days); no recording has a label beyond."""
_DIGITS = 40
"""Characters of a number; more are no time, and would take long to read."""


def is_number(text: str) -> bool:
    """Whether `text` is a decimal number, with an exponent or without.

    Parameters
    ----------
    text : str

    Returns
    -------
    bool
    """
    return (
        len(text) <= _DIGITS and re.fullmatch(r"[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?", text, re.I) is not None
    )


def is_whole(text: str) -> bool:
    """Whether `text` is a whole number without a sign.

    Parameters
    ----------
    text : str

    Returns
    -------
    bool
    """
    return len(text) <= _DIGITS and text.isdecimal()


def number(text: str) -> float:
    """The number that `text` is; a `ValueError` for ``nan``, ``inf`` and what is longer than any time or
    score.

    Parameters
    ----------
    text : str

    Returns
    -------
    float

    Raises
    ------
    ValueError
        It is no finite number.
    """
    if not is_number(text):
        raise ValueError(f"{text[:_DIGITS]!r} is not a number")
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text!r} is not a finite number")
    return value


def seconds(text: str) -> float:
    """The time that `text` is; a `ValueError` for what is none, or more than `LONGEST`.

    Parameters
    ----------
    text : str

    Returns
    -------
    float
        Seconds.

    Raises
    ------
    ValueError
        It is no time in a recording.
    """
    value = number(text)
    if abs(value) > LONGEST:
        raise ValueError(f"{text!r} is no time in a recording")
    return value


def shown(line: str) -> str:
    """A line as it is shown in a message.

    Parameters
    ----------
    line : str

    Returns
    -------
    str
        In quotes, at most 60 characters of it.
    """
    line = line.strip()
    return repr(line if len(line) <= 60 else line[:57] + "…")
