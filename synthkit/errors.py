# SPDX-License-Identifier: Apache-2.0
"""One hierarchy of errors. A message says what was wrong, where, and what to do."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
"""Control characters, line and paragraph separators, what turns the direction of writing, half characters."""
_LAID_OUT = "\n\t"


def visible(text: str, keep: str = "") -> str:
    """`text` as it can be printed: what a terminal would obey, or a line end in a file's name, is spelt out.

    Parameters
    ----------
    text : str
    keep : str
        Characters that stay as they are, such as the line ends of a message.

    Returns
    -------
    str
        With ``\\n``, ``\\x1b``, ``\\u202e`` … in their place.
    """
    return _UNSEEN.sub(lambda m: m[0] if m[0] in keep else repr(m[0])[1:-1], text)


class SynthkitError(Exception):
    """Base of every error that is the user's to mend; the CLI shows it without a traceback.

    Parameters
    ----------
    message : str
        What was wrong.
    where : str, optional
        The file, utterance or config key it happened at.
    hint : str, optional
        What to do about it.
    """

    exit_code = 2

    def __init__(self, message: str, *, where: str = "", hint: str = "") -> None:
        self.message, self.where, self.hint = message, where, hint
        super().__init__(message)

    def __str__(self) -> str:
        message = visible(self.message, _LAID_OUT)
        text = f"{visible(self.where)}: {message}" if self.where else message
        return f"{text}\n  → {visible(self.hint, _LAID_OUT)}" if self.hint else text

    def __reduce__(self) -> tuple[Any, ...]:
        # Crosses process boundaries whole; the default would lose the keyword-only arguments. What it came of
        # is lost on the way, so an error that came of a fault of the machine crosses as that fault.
        fault = machine_fault(self)
        if fault is not None and fault is not self:
            return fault.__reduce__()
        return _rebuild, (type(self), self.message, self.where, self.hint, self.__dict__)


class MachineError(SynthkitError):
    """A fault of the machine: disk full or read-only, no memory, no file handles, a worker killed.

    It stops the work, whatever was being worked on, and is never the fault of an utterance, a sentence or a
    metric: who turns errors into reasons (`reason`) lets it pass.
    """


MACHINE = {
    errno.ENOSPC: "no space left on the disk",
    errno.EDQUOT: "no space left on the disk: the quota is used up",
    errno.EFBIG: "no space left on the disk: a file may not grow further",
    errno.EROFS: "the file system is read-only",
    errno.ENOMEM: "the machine is out of memory",
    errno.EMFILE: "too many files are open",
    errno.ENFILE: "too many files are open on the machine",
    errno.EAGAIN: "no more processes or threads can be started",
    errno.EIO: "the disk cannot be read or written",
    errno.ESTALE: "a shared folder has gone",
}
"""What an `OSError` of the machine's own means, by ``errno``."""

GO_ON = "the same command goes on from where it was"
ANEW = "nothing was left there, and the same command begins anew"
_SPACE = "free some space and run the same command again: it goes on from where it was"
_ELSEWHERE = f"free some space, or name a folder on another disk; {ANEW}"
_MEND = {
    errno.ENOSPC: _SPACE,
    errno.EDQUOT: _SPACE,
    errno.EFBIG: _SPACE,
    errno.ENOMEM: f"try fewer workers (--workers 1); {GO_ON}",
    errno.EMFILE: f"allow more (ulimit -n); {GO_ON}",
}


def begins_anew(fault: MachineError, where: str) -> MachineError:
    """A fault of the machine that ended what is made whole or not at all, in one go.

    Parameters
    ----------
    fault : MachineError
    where : str
        What was to be made.

    Returns
    -------
    MachineError
        With what to do about it: it does not go on from where it was.
    """
    hint = _ELSEWHERE if fault.hint == _SPACE else fault.hint.replace(GO_ON, ANEW)
    return MachineError(fault.message, where=where, hint=hint)


def no_room(fault: MachineError, where: Path) -> MachineError:
    """A fault of the machine in a folder of temporary files.

    Parameters
    ----------
    fault : MachineError
    where : Path
        The folder, usually the system's.

    Returns
    -------
    MachineError
    """
    room = f"free some space there, or set TMPDIR to a folder that has some; {GO_ON}"
    return MachineError(fault.message, where=str(where), hint=room if fault.hint == _SPACE else fault.hint)


def machine_fault(error: BaseException | None) -> MachineError | None:
    """The fault of the machine that `error` is or came of, or None.

    What it came of is looked at whether or not it is shown: libraries turn a full disk into errors of their
    own.

    Parameters
    ----------
    error : BaseException or None

    Returns
    -------
    MachineError or None
    """
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        if isinstance(error, MachineError):
            return error
        number = _number(error)
        if number in MACHINE:
            where = str(getattr(error, "filename", None) or "")
            return MachineError(MACHINE[number], where=where, hint=_MEND.get(number, GO_ON))
        error = error.__cause__ or error.__context__
    return None


def reason(error: Exception) -> str:
    """Why an utterance (a sentence, a figure) is left out, in one line; a fault of the machine is raised
    instead.

    Parameters
    ----------
    error : Exception

    Returns
    -------
    str

    Raises
    ------
    MachineError
        `error` is one, or came of one.
    """
    fault = machine_fault(error)
    if fault is not None:
        raise fault from error
    return error.message if isinstance(error, SynthkitError) else str(error)


def _number(error: BaseException) -> int | None:
    if isinstance(error, MemoryError):
        return errno.ENOMEM
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno
    if isinstance(error, SynthkitError):
        return None
    text = str(error)
    if isinstance(error, ImportError):  # the loader of libraries says it in the system's words alone
        return next((number for number in MACHINE if os.strerror(number) in text), None)
    if isinstance(error, OSError) and "requested and" in text:
        return errno.ENOSPC  # numpy's tofile says only "n requested and m written"
    told = re.search(
        r"\((?:os )?error (\d+)\)|\[?[Ee]rrno (\d+)", text
    )  # Rust's and Arrow's way of saying it
    return int(told[1] or told[2]) if told else None


class SynthkitWarning(UserWarning):
    """Something the user should know that stops nothing; the CLI shows it as a note."""


class SpeechWarning(SynthkitWarning):
    """Speech was made and something about it is not right; the CLI shows it as a note, once a text."""


def _rebuild(
    cls: type[SynthkitError], message: str, where: str, hint: str, state: dict[str, Any]
) -> SynthkitError:
    error = cls.__new__(cls)
    SynthkitError.__init__(error, message, where=where, hint=hint)
    error.__dict__.update(state)
    return error


class ConfigError(SynthkitError):
    """A configuration that cannot be used (unknown key, wrong type, missing value)."""


class PluginError(SynthkitError):
    """A plugin that is missing, broken, duplicate or does not keep its contract."""


class SpecMismatch(SynthkitError):
    """Two parts of a pipeline disagree about their `FeatureSpec`; carries a field-by-field table.

    Parameters
    ----------
    message, where, hint : str
        As of every error; the message holds the tables as text.
    tables : sequence of tables
        The same as rows of three cells, the headings first; for a page.
    """

    def __init__(
        self,
        message: str,
        *,
        where: str = "",
        hint: str = "",
        tables: Sequence[Sequence[tuple[str, str, str]]] = (),
    ) -> None:
        super().__init__(message, where=where, hint=hint)
        self.tables = tuple(tuple(rows) for rows in tables)


class TextError(SynthkitError):
    """Text that cannot be spoken: empty, unpronounceable, not valid text."""


class NoLanguage(TextError):
    """A language that a segmentation does not have, whatever the text."""


class AudioError(SynthkitError):
    """Audio that cannot be read or used."""


class AlignmentError(SynthkitError):
    """An utterance that cannot be aligned, or an alignment file that cannot be read."""


class CorpusError(SynthkitError):
    """A corpus that cannot be found, fetched or read."""


class VoiceError(SynthkitError):
    """A voice folder that is missing, incomplete or altered."""


class MissingDependency(SynthkitError):
    """A package (Python or system) that a component needs is not installed; the hint installs it."""

    exit_code = 3
