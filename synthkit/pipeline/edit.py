# SPDX-License-Identifier: Apache-2.0
"""What is changed by hand in how a text is spoken: phones, stress, pauses, durations, F0."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from synthkit.errors import ConfigError
from synthkit.paths import read_text
from synthkit.pipeline.pronounced import heard_stress, parsed, stressed, written
from synthkit.request import HIGHEST, LOWEST, Request
from synthkit.stages import Segmenter
from synthkit.tables import unknown
from synthkit.types import Phone, Segmentation
from synthkit.types.given import Place, places

MOST_BYTES = 4 << 20
"""Of a file of edits."""
LONGEST = 10.0
"""Seconds; no phone is longer."""

Points = tuple[tuple[float, float], ...]
"""How much of a phone has passed, 0 to 1, and Hz."""


@dataclass(frozen=True)
class Edit:
    """Changes to how a text is spoken; what none is made to is as the voice would have it.

    Words are counted from 0, and so are the phones of a word: ``"1.3"``, or ``(1, 3)`` in Python, is the
    fourth phone of the second word, after `phones` and `stress` have been changed.

    Attributes
    ----------
    phones : dict of int to tuple of Phone
        Another pronunciation of a word; written, such as ``"h a r ˈoo sh ay j a"``.
    stress : dict of int to int
        Of a word, which of its vowels is stressed, counted from 1.
    pauses : dict of int to float
        Seconds of the pause after a word, 0 for none; of word -1, that before the first.
    durations : dict of (int, int) to float
        Seconds of a phone.
    f0 : dict of (int, int) to tuple of (float, float)
        Points that F0 goes through within a phone: how much of it has passed, 0 to 1, and Hz. A plain number
        is the Hz at its middle.
    """

    phones: Mapping[int, tuple[Phone, ...]] = field(default_factory=dict)
    stress: Mapping[int, int] = field(default_factory=dict)
    pauses: Mapping[int, float] = field(default_factory=dict)
    durations: Mapping[Place, float] = field(default_factory=dict)
    f0: Mapping[Place, Points] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return any(getattr(self, f.name) for f in fields(self))

    @classmethod
    def of(cls, changes: Mapping[str, Any], where: str = "edit") -> Edit:
        """The edit that plain lists and mappings state, as a JSON file has them.

        Parameters
        ----------
        changes : mapping
            By name; a name that is left out, or None, changes nothing.
        where : str
            For messages.

        Returns
        -------
        Edit

        Raises
        ------
        ConfigError
            A name, a place or a value that there is not; the message names it.
        """
        known = [f.name for f in fields(cls)]
        for name in changes:
            if name not in known:
                raise unknown(str(name), known, where, "change")
        given = {name: value for name, value in changes.items() if value is not None}
        for name, value in given.items():
            if not isinstance(value, Mapping):
                raise ConfigError(f"is a {type(value).__name__}, not a table", where=f"{where} {name}")

        def by(name: str, key: Any, value: Any) -> dict[Any, Any]:
            at = f"{where} {name}"
            return {key(k, at): value(v, f"{at} {k}") for k, v in given.get(name, {}).items()}

        return cls(
            by("phones", _word, parsed),
            by("stress", _word, _count),
            by("pauses", _word, _seconds),
            by("durations", _place, _seconds),
            by("f0", _place, _points),
        )

    @classmethod
    def read(cls, path: Path) -> Edit:
        """The edit of a JSON file.

        Parameters
        ----------
        path : Path

        Returns
        -------
        Edit

        Raises
        ------
        ConfigError
            It cannot be read, or states no edit.
        """
        text = read_text(path, ConfigError, hint="save it as UTF-8", limit=MOST_BYTES)
        try:
            data = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise ConfigError(f"is not valid JSON: {error}", where=str(path)) from None
        if not isinstance(data, dict):
            raise ConfigError("is no edit: it has to be a JSON object", where=str(path))
        return cls.of(data, str(path))

    def to_dict(self) -> dict[str, Any]:
        """Inverse of `of`, JSON-ready; what is not changed is left out."""
        out: dict[str, Any] = {
            "phones": {str(w): written(p) for w, p in self.phones.items()},
            "stress": {str(w): n for w, n in self.stress.items()},
            "pauses": {str(w): s for w, s in self.pauses.items()},
            "durations": {f"{w}.{k}": s for (w, k), s in self.durations.items()},
            "f0": {f"{w}.{k}": [list(p) for p in points] for (w, k), points in self.f0.items()},
        }
        return {name: table for name, table in out.items() if table}

    def applied(
        self, segmentation: Segmentation, segmenter: Segmenter
    ) -> tuple[Segmentation, np.ndarray | None, np.ndarray | None]:
        """The segmentation as it is to be spoken, and the durations and F0 of a `Request` for it.

        Parameters
        ----------
        segmentation : Segmentation
        segmenter : Segmenter
            Which made it: it says what phones there are, and where stress is heard.

        Returns
        -------
        segmentation : Segmentation
        durations : ndarray or None
            As in `Request`.
        f0 : ndarray or None
            As in `Request`.

        Raises
        ------
        ConfigError
            A word or phone that the text does not have.
        TextError
            A phone that the language does not have, or a stress that cannot be moved.
        """
        self._check_words(segmentation)
        for word, vowel in self.stress.items():
            segmentation = _with(segmentation, word, stressed(segmentation, word, vowel, segmenter))
        for word, phones in self.phones.items():
            segmentation = _with(segmentation, word, known(phones, segmentation, segmenter))
        last = len(segmentation.words) - 1
        for word, seconds in self.pauses.items():
            if 0 <= word < last and seconds and segmentation.words[word].break_after < 2:
                segmentation = _changed(segmentation, word, break_after=2)
        rows = {place: k for k, place in enumerate(places(segmentation))}
        for where, table in (("durations", self.durations), ("f0", self.f0)):
            for word, phone in table:
                if (word, phone) not in rows:
                    count = len(segmentation.words[word].phones)
                    said = segmentation.words[word].text
                    raise ConfigError(
                        f"word {word} ({said!r}) has no phone {phone}", where=where, hint=f"it has {count}"
                    )
        durations = None
        if self.durations or self.pauses:
            durations = np.full(len(rows), np.nan)
            fixed = {(word, -1): seconds for word, seconds in self.pauses.items()} | dict(self.durations)
            for place, seconds in fixed.items():
                if place in rows:  # no pause where none was: nothing to leave out
                    durations[rows[place]] = seconds
        f0 = [[rows[place] + part, hertz] for place, points in self.f0.items() for part, hertz in points]
        return segmentation, durations, np.array(sorted(f0)) if f0 else None

    def _check_words(self, segmentation: Segmentation) -> None:
        count = len(segmentation.words)
        for name in ("phones", "stress", "pauses", "durations", "f0"):
            for key in getattr(self, name):
                word = key[0] if isinstance(key, tuple) else key
                if word >= count or (word < 0 and name != "pauses"):
                    raise ConfigError(
                        f"there is no word {word}: the text has {count}",
                        where=name,
                        hint=f"words are counted from 0 to {count - 1}",
                    )


@dataclass(frozen=True)
class Changes:
    """What a request changes by hand: an edit, or arrays as in `Request` of the whole text."""

    edit: Edit
    durations: np.ndarray | None = None
    f0: np.ndarray | None = None

    def applied(
        self, segmentation: Segmentation, segmenter: Segmenter
    ) -> tuple[Segmentation, np.ndarray | None, np.ndarray | None]:
        """See `Edit.applied`.

        Parameters
        ----------
        segmentation : Segmentation
        segmenter : Segmenter

        Returns
        -------
        (Segmentation, ndarray or None, ndarray or None)
        """
        segmentation, durations, f0 = self.edit.applied(segmentation, segmenter)
        durations = durations if self.durations is None else self.durations
        asked = Request(segmentation, durations=durations, f0=f0 if self.f0 is None else self.f0)
        return segmentation, asked.durations, asked.f0


def changes_of(
    request: Mapping[str, Any], *, speed: float, pitch: float
) -> tuple[dict[str, Any], Changes | None]:
    """A request without what it changes by hand, and that; None where it changes nothing.

    Parameters
    ----------
    request : mapping of str
        Keywords of `synthkit.pipeline.voice.Voice.speak`.
    speed : float
        1 changes nothing.
    pitch : float
        Semitones; 0 changes nothing.

    Returns
    -------
    rest : dict
    changes : Changes or None

    Raises
    ------
    ConfigError
        A change that cannot be, or one beside `speed` or `pitch` that would change it again.
    """
    rest = dict(request)
    edit = rest.pop("edit", None)
    named = {f.name: rest.pop(f.name, None) for f in fields(Edit)}
    arrays = {
        name: np.asarray(_numbers(named.pop(name), name))
        for name in ("durations", "f0")
        if named[name] is not None and not isinstance(named[name], Mapping)
    }
    if edit is not None and not isinstance(edit, Edit):
        edit = Edit.read(Path(edit)) if isinstance(edit, (str, Path)) else Edit.of(edit)
    other = Edit.of(named, "request")
    if edit is not None and (other or arrays):
        raise ConfigError("give an edit, or what it would hold, not both", where="edit")
    changes = Changes(edit or other, **arrays)
    if changes.durations is not None and changes.edit.pauses:
        raise ConfigError(
            "the array of durations has the pauses", where="pauses", hint="leave one of them out"
        )
    timed = arrays.get("durations") is not None or changes.edit.durations or changes.edit.pauses
    if timed and speed != 1:
        raise ConfigError(
            "speed cannot be changed where durations are given", where="speed", hint="give other durations"
        )
    if (arrays.get("f0") is not None or changes.edit.f0) and pitch != 0:
        raise ConfigError("pitch cannot be changed where F0 is given", where="pitch", hint="give another F0")
    return rest, changes if changes.edit or arrays else None


def _numbers(values: Any, name: str) -> np.ndarray:
    try:
        return np.asarray([np.nan if v is None else v for v in values], np.float64)
    except (TypeError, ValueError):
        raise ConfigError(f"{type(values).__name__} holds no numbers", where=name) from None


def known(phones: tuple[Phone, ...], segmentation: Segmentation, segmenter: Segmenter) -> tuple[Phone, ...]:
    """`phones`, each of which the language has; see `Segmenter.phones`.

    Parameters
    ----------
    phones : tuple of Phone
    segmentation : Segmentation
        Whose language and phone set are meant.
    segmenter : Segmenter

    Returns
    -------
    tuple of Phone

    Raises
    ------
    TextError
        One that the language does not have; the message names it, and what is near.
    """
    phones = heard_stress(phones, segmentation.phone_set)
    try:
        there = segmenter.phones(segmentation.language)
    except NotImplementedError:  # it does not tell; the acoustic model refuses what it has never heard
        return phones
    from synthkit.errors import TextError

    for phone in phones:
        if phone.symbol not in there:
            error = unknown(phone.symbol, there, "phones", "phone")
            raise TextError(f"{error.message} of {segmentation.phone_set!r}", where="phones", hint=error.hint)
    return phones


def _with(segmentation: Segmentation, word: int, phones: tuple[Phone, ...]) -> Segmentation:
    return _changed(segmentation, word, phones=phones, variants=())


def _changed(segmentation: Segmentation, word: int, **changes: Any) -> Segmentation:
    words = list(segmentation.words)
    words[word] = replace(words[word], **changes)
    return replace(segmentation, words=tuple(words))


def _word(key: Any, where: str) -> int:
    try:
        word = int(key)
    except (TypeError, ValueError):
        word = -2
    if word < -1 or isinstance(key, float):
        raise ConfigError(f"{key!r} is no word", where=where, hint='words are counted from 0, as "1"')
    return word


def _place(key: Any, where: str) -> Place:
    parts = key.split(".") if isinstance(key, str) else key
    if isinstance(parts, Sequence) and len(parts) == 2:
        try:
            word, phone = int(parts[0]), int(parts[1])
        except (TypeError, ValueError):
            word = phone = -1
        if word >= 0 and phone >= 0:
            return word, phone
    raise ConfigError(
        f"{key!r} is no phone", where=where, hint='"1.3" is the fourth phone of the second word'
    )


def _number(value: Any, where: str, low: float, high: float, what: str) -> float:
    fine = isinstance(value, (int, float, np.number)) and not isinstance(value, bool)
    if not fine or not math.isfinite(value) or not low <= value <= high:
        raise ConfigError(f"{value!r} is not {what}", where=where, hint=f"from {low:g} to {high:g}")
    return float(value)


def _count(value: Any, where: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ConfigError(f"{value!r} is no vowel of a word", where=where, hint="1 is the first")
    return value


def _seconds(value: Any, where: str) -> float:
    return _number(value, where, 0, LONGEST, "a number of seconds")


def _points(value: Any, where: str) -> Points:
    given = (
        value if isinstance(value, (Sequence, np.ndarray)) and not isinstance(value, str) else [[0.5, value]]
    )
    out = []
    for point in given:
        if not isinstance(point, (Sequence, np.ndarray)) or len(point) != 2:
            raise ConfigError(f"{point!r} is no point", where=where, hint="[how much has passed, Hz]")
        part = _number(point[0], where, 0, 1, "a part of the phone")
        out.append((part, _number(point[1], where, LOWEST, HIGHEST, "an F0 in Hz")))
    return tuple(sorted(out))
