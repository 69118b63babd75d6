# SPDX-License-Identifier: Apache-2.0
"""What came back from a listening test: ratings, what the voices were, and how each listener went about
it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from synthkit.eval.ratings import Rating
from synthkit.eval.ratings_files import RatingsError
from synthkit.eval.scales import Role, role_of
from synthkit.paths import read_text


def where_named(path: Path, voice: str) -> str:
    """A file of answers, and its first line that has the name `voice`: for messages.

    Parameters
    ----------
    path : Path
        A text file.
    voice : str

    Returns
    -------
    str
        The file alone where no line has it.
    """
    name = re.compile(rf"(?<![\w.-]){re.escape(voice)}(?![\w.-])")
    for number, line in enumerate(read_text(path, RatingsError).split("\n"), 1):
        if name.search(line):
            return f"{path}, line {number}"
    return str(path)  # a name that the tool's own rules put together of several cells


@dataclass(frozen=True)
class Conduct:
    """How a listener went about it.

    Attributes
    ----------
    attention : tuple of bool
        For each attention page, whether it was answered as asked.
    pages : tuple of (seconds, least)
        How long each page took, and how long its sounds last once; 0 where that is not known.
    sides : tuple of str
        Which of a pair was chosen on each page, ``"A"`` or ``"B"`` (ab, abx).
    headphones : bool or None
        Whether the headphone check was passed.
    finished : bool
        Whether the last page was reached.
    """

    attention: tuple[bool, ...] = ()
    pages: tuple[tuple[float, float], ...] = ()
    sides: tuple[str, ...] = ()
    headphones: bool | None = None
    finished: bool = True


@dataclass(frozen=True)
class Heard:
    """The answers of a listening test.

    Attributes
    ----------
    ratings : list of Rating
        Without practice and attention pages.
    roles : dict of str to Role
        What each voice is; others are taken for what their names say (`role`).
    conduct : dict of str to Conduct
        By listener; of those that nothing is known of there is none.
    comments : list of (listener, text)
    source : str
        Where it was read, for messages.
    notes : list of str
        What the reader must know, such as pages left out.
    guesses : list of str
        What was taken for granted, such as the scale where a file does not name it.
    """

    ratings: list[Rating]
    roles: dict[str, Role] = field(default_factory=dict)
    conduct: dict[str, Conduct] = field(default_factory=dict)
    comments: list[tuple[str, str]] = field(default_factory=list)
    source: str = ""
    notes: list[str] = field(default_factory=list)
    guesses: list[str] = field(default_factory=list)

    def role(self, voice: str) -> Role:
        """Voice, reference or anchor.

        Parameters
        ----------
        voice : str

        Returns
        -------
        str
        """
        return self.roles.get(voice) or role_of(voice)

    @property
    def voices(self) -> list[str]:
        """All, as they come; references first, anchors last."""
        names = dict.fromkeys(v for r in self.ratings for v in (r.against, r.voice) if v)
        return sorted(names, key=lambda v: ("reference", "voice", "anchor").index(self.role(v)))

    @property
    def listeners(self) -> list[str]:
        """All, as they come."""
        return list(dict.fromkeys(r.listener for r in self.ratings))

    def without(self, listeners: set[str]) -> Heard:
        """The same without these listeners.

        Parameters
        ----------
        listeners : set of str

        Returns
        -------
        Heard
        """
        return Heard(
            [r for r in self.ratings if r.listener not in listeners],
            self.roles,
            {k: c for k, c in self.conduct.items() if k not in listeners},
            self.comments,
            self.source,
            self.notes,
            self.guesses,
        )


def join(parts: Sequence[Heard], source: str) -> Heard:
    """Several files of one test as one.

    Parameters
    ----------
    parts : sequence of Heard
    source : str
        What the whole is called in messages.

    Returns
    -------
    Heard

    Raises
    ------
    RatingsError
        A rating is in two of them, or a voice is a reference in one and none in the other.
    """
    out = Heard([], source=source)
    seen: dict[tuple[str, ...], str] = {}
    for part in parts:
        for r in part.ratings:
            key = (r.metric, r.listener, r.utterance, *sorted((r.voice, r.against)))
            if key in seen:
                raise RatingsError(
                    f"listener {r.listener!r} rates utterance {r.utterance!r} of {r.voice!r} again (first in "
                    f"{seen[key]})",
                    where=part.source,
                    hint="keep one of the two files",
                )
            seen[key] = part.source
        for voice, role in part.roles.items():
            if out.roles.setdefault(voice, role) != role:
                raise RatingsError(
                    f"{voice!r} is a {role} here and a {out.roles[voice]} elsewhere", where=part.source
                )
        out.ratings.extend(part.ratings)
        for who, conduct in part.conduct.items():
            before = out.conduct.get(who, Conduct())
            out.conduct[who] = Conduct(
                before.attention + conduct.attention,
                before.pages + conduct.pages,
                before.sides + conduct.sides,
                conduct.headphones if before.headphones is None else before.headphones,
                before.finished and conduct.finished,
            )
        out.comments.extend(part.comments)
        out.notes.extend(part.notes)
        out.guesses.extend(g for g in part.guesses if g not in out.guesses)
    if not out.ratings:
        raise RatingsError("holds no ratings", where=source)
    return out
