# SPDX-License-Identifier: Apache-2.0
"""`Request`: what an acoustic model is asked to speak, and how."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np

from synthkit.errors import ConfigError
from synthkit.settings import Settings
from synthkit.tables import unknown
from synthkit.types import Segmentation

if TYPE_CHECKING:
    from synthkit.types.given import Given
    from synthkit.types.prosody import Prosody

LOWEST, HIGHEST = 20.0, 2000.0
"""Hz; no F0 that can be given is beyond."""


@dataclass(frozen=True)
class Request:
    """What is to be spoken.

    Attributes
    ----------
    segmentation : Segmentation
    speaker, language : str or None
        For voices with several; a speaker may be a mixture such as ``"0.6*a+0.4*b"``.
    exclude : frozenset of str
        Utterance ids whose units must not be used (leave-one-utterance-out).
    durations : ndarray or None
        Seconds per phone of ``segmentation.symbols()``, where the caller fixes them; NaN leaves one to the
        model, and 0 seconds of a pause is no pause.
    f0 : ndarray or None
        Points ``(N, 2)`` that the contour goes through: place among ``segmentation.symbols()`` (3.5 is the
        middle of the fourth) and Hz. Phones that hold no point keep the model's own; see `Given.contour`.
    prosody : Prosody or None
        Pauses, durations and F0 to aim at, of a model whose `AcousticModel.takes` says so; what is fixed
        above goes before it.
    embedding : ndarray or None
        Speaker embedding for cloning.
    options : mapping or Settings
        Options of one backend, such as ``{"guidance": 0.3}``; as `AcousticModel.asked` has checked them, or
        will.

    Raises
    ------
    ConfigError
        Durations or F0 that are not of this text, or that nobody can speak.
    """

    segmentation: Segmentation
    speaker: str | None = None
    language: str | None = None
    exclude: frozenset[str] = frozenset()
    durations: np.ndarray | None = None
    embedding: np.ndarray | None = None
    options: Mapping[str, Any] | Settings = field(default_factory=dict)
    f0: np.ndarray | None = None
    prosody: Prosody | None = None

    def __post_init__(self) -> None:
        if self.durations is None and self.f0 is None:
            return
        count = len(self.segmentation.symbols())
        if self.durations is not None:
            object.__setattr__(self, "durations", _durations(self.durations, count))
        if self.f0 is not None:
            object.__setattr__(self, "f0", _points(self.f0, count))

    def fixes(self) -> frozenset[str]:
        """Which of ``"durations"`` and ``"f0"`` the caller gives; see `AcousticModel.takes`.

        Returns
        -------
        frozenset of str
        """
        fixed = set()
        if self.durations is not None and not np.isnan(self.durations).all():
            fixed.add("durations")
        if self.f0 is not None and len(self.f0):
            fixed.add("f0")
        return frozenset(fixed)

    def pauses(self, own: Collection[int]) -> set[int]:
        """The words that a pause follows, `own` being those after which the model would make one.

        Parameters
        ----------
        own : set of int
            Words after which the model would pause by itself.

        Returns
        -------
        set of int
        """
        from synthkit.types.given import pauses  # a request that gives nothing needs none of it

        if self.prosody is not None and self.prosody.pauses is not None:
            own = self.prosody.pauses
        return pauses(self.segmentation, self.durations, own)

    def given(self, words: Sequence[int]) -> Given:
        """What is given, on the phones as they are spoken: of each its word in the segmentation, -1 in a
        pause.

        Parameters
        ----------
        words : sequence of int
            The word of each phone that is spoken, -1 in a pause.

        Returns
        -------
        Given
        """
        from synthkit.types.given import given

        return given(self.segmentation, words, self.durations, self.f0)

    def aims(self, words: Sequence[int]) -> Given:
        """What `prosody` aims at, likewise; nothing where there is none.

        Parameters
        ----------
        words : sequence of int
            The word of each phone that is spoken, -1 in a pause.

        Returns
        -------
        Given
        """
        from synthkit.types.given import given

        if self.prosody is None:
            return given(self.segmentation, words, None, None)
        return self.prosody.on(self.segmentation, words)


def check_asked(asked: Mapping[str, Any], also: Collection[str], options: Collection[str]) -> None:
    """Refuse what no request says, before anything is made of it.

    Parameters
    ----------
    asked : mapping of str
        What somebody said, by name.
    also : collection of str
        Names beside the fields of `Request` that the caller understands.
    options : collection of str
        Names of the acoustic model's options, which are said within ``options``.

    Raises
    ------
    ConfigError
        A name that is neither, with the one that was meant or the place where it belongs; or a value of
        another kind.
    """
    known = [*also, *(f.name for f in fields(Request) if f.name not in ("segmentation", *also))]
    for name in asked:
        if name in known:
            continue
        if name in options:
            raise ConfigError(
                f"{name!r} is an option of the acoustic model",
                where="request",
                hint=f"options={{{name!r}: …}}",
            )
        raise unknown(name, known, "request", "keyword")
    for name in ("speed", "pitch"):
        if isinstance(value := asked.get(name, 0.0), bool) or not isinstance(value, Real):
            said = "a factor, 2 is twice as fast" if name == "speed" else "semitones above the voice's own"
            raise ConfigError(f"{value!r} is no number", where=name, hint=said)
    if not isinstance(value := asked.get("options", {}), Mapping | Settings):
        raise ConfigError(f"{value!r} is no table", where="options", hint="options={'NAME': value}")
    if isinstance(value := asked.get("exclude", ()), str) or not isinstance(value, Collection):
        raise ConfigError(f"{value!r} is no set of ids", where="exclude", hint="exclude={'ru_0001'}")


def _durations(values: np.ndarray, count: int) -> np.ndarray:
    seconds = np.asarray(values, dtype=np.float64)
    if seconds.shape != (count,):
        raise ConfigError(
            f"durations have shape {seconds.shape}, and there are {count} phones",
            where="durations",
            hint="one number of seconds for each of segmentation.symbols(); NaN leaves one to the voice",
        )
    if np.isinf(seconds).any() or (seconds < 0).any() or not (np.isnan(seconds) | (seconds > 0)).any():
        raise ConfigError(
            "durations have to be finite, not negative and not all zero",
            where="durations",
            hint="seconds; NaN leaves one to the voice",
        )
    return seconds


def _points(values: np.ndarray, count: int) -> np.ndarray:
    points = np.asarray(values, dtype=np.float64)
    if points.size == 0:
        return np.zeros((0, 2))
    if points.ndim != 2 or points.shape[1] != 2:
        raise ConfigError(
            f"F0 has shape {points.shape}, and is points (N, 2)",
            where="f0",
            hint="each is a place among segmentation.symbols() (3.5: the middle of the fourth) and Hz",
        )
    inside = (points[:, 0] >= 0) & (points[:, 0] <= count)
    if not inside.all():
        raise ConfigError(
            f"there is no place {points[~inside][0, 0]:g} in {count} phones", where="f0", hint=f"0 to {count}"
        )
    can = (points[:, 1] >= LOWEST) & (points[:, 1] <= HIGHEST)
    if not can.all():
        raise ConfigError(
            f"F0 of {points[~can][0, 1]:g} Hz cannot be spoken",
            where="f0",
            hint=f"it has to be between {LOWEST:g} and {HIGHEST:g} Hz",
        )
    return points[np.argsort(points[:, 0], kind="stable")]
