# SPDX-License-Identifier: Apache-2.0
"""A listening test as a folder: ``test.json``, ``sounds/`` under opaque names, and later ``answers.sqlite``.

``test.json`` says which sound is whose; the pages never see that part.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from synthkit.atomic import write_json
from synthkit.errors import ConfigError
from synthkit.eval.scales import SCALES, Role, Scale
from synthkit.paths import read_json

FORMAT = 1
FILE, SOUNDS, ANSWERS, SECRETS = "test.json", "sounds", "answers.sqlite", ".secrets.json"
PageKind = Literal["practice", "trial", "attention"]


@dataclass(frozen=True)
class Sound:
    """One file of ``sounds/``.

    Attributes
    ----------
    item, voice : str
    seconds : float
    copy : int
        Which of the files with the same sound: a reference that is shown has another name than the hidden
        one.
    """

    item: str
    voice: str
    seconds: float
    copy: int = 0


@dataclass(frozen=True)
class Page:
    """One page of one listener.

    Attributes
    ----------
    id : str
        Unique among the listener's pages.
    kind : str
        ``"practice"``, ``"trial"`` or ``"attention"``.
    item : str
    voices, sounds : tuple of str
        What is rated, in the order shown; `sounds` are the files.
    reference : str
        The file of a reference that is shown as such (mushra, smos); empty without one.
    x : int or None
        Which of `voices` X is (abx); its file is `reference`.
    expect : float or None
        What an attention page asks for.
    """

    id: str
    kind: PageKind
    item: str
    voices: tuple[str, ...]
    sounds: tuple[str, ...]
    reference: str = ""
    x: int | None = None
    expect: float | None = None

    def public(self) -> dict[str, Any]:
        """What the browser is told: nothing of voices, and an attention page only by what it asks."""
        out: dict[str, Any] = {"id": self.id, "sounds": list(self.sounds)}
        if self.reference:
            out["reference"] = self.reference
        if self.kind == "practice":
            out["practice"] = True
        if self.expect is not None:
            out["expect"] = self.expect
        return out


@dataclass(frozen=True)
class Test:
    """A planned listening test.

    Attributes
    ----------
    id : str
        Distinguishes tests in a browser that takes part in several.
    design : str
    title, language : str
        `language` is that of the pages.
    seed : int
    voices : dict of str to Role
    items : dict of str to str
        Sentence by id.
    sounds : dict of str to Sound
        By file name.
    listeners : list of list of Page
        What each of the planned listeners hears; more listeners start again with the first.
    consent : str
        What is agreed to; empty for the page's own text.
    must_play : float
        Share of each sound that must have been heard before one can go on.
    headphones : bool
        Whether headphones are checked.
    no_preference : bool
        Whether "neither" may be chosen (ab).
    power : list of str
        What was expected of it, printed when it was planned.
    """

    id: str
    design: str
    title: str
    language: str
    seed: int
    voices: dict[str, Role]
    items: dict[str, str]
    sounds: dict[str, Sound]
    listeners: list[list[Page]]
    consent: str = ""
    must_play: float = 0.95
    headphones: bool = True
    no_preference: bool = False
    power: list[str] = field(default_factory=list)

    __test__ = False  # not pytest's

    @property
    def scale(self) -> Scale:
        """What is asked."""
        return SCALES[self.design]

    def public(self) -> dict[str, Any]:
        """What every browser is told."""
        names = ("id", "design", "title", "language", "consent", "must_play", "headphones", "no_preference")
        out = {name: getattr(self, name) for name in names}
        calibration = max(
            (n for n, s in self.sounds.items()),
            key=lambda n: (self.sounds[n].seconds < 8, self.sounds[n].seconds)
        )  # fmt: skip
        return {**out, "low": self.scale.low, "high": self.scale.high, "calibration": calibration}

    def pages(self, slot: int) -> list[Page]:
        """The pages of the listener at `slot`."""
        return self.listeners[slot % len(self.listeners)]

    def save(self, folder: Path) -> None:
        """Write ``test.json`` atomically."""
        write_json(folder / FILE, {"format": FORMAT, **asdict(self)})

    @classmethod
    def open(cls, folder: Path) -> Test:
        """Read it back.

        Raises
        ------
        ConfigError
            There is none, it is of another format, or a sound is missing.
        """
        path = folder / FILE
        try:
            if not path.exists():
                raise ConfigError(
                    "there is no listening test", where=str(folder), hint="`synthkit listen plan` makes one"
                )
            data = read_json(path, ConfigError, hint="plan it again")
            if data.pop("format") != FORMAT:
                raise ConfigError("is of another version of synthkit", where=str(path), hint="plan it again")
            data["sounds"] = {name: Sound(**s) for name, s in data["sounds"].items()}
            data["listeners"] = [
                [Page(**{**p, "voices": tuple(p["voices"]), "sounds": tuple(p["sounds"])}) for p in pages]
                for pages in data["listeners"]
            ]
            test = cls(**data)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ConfigError(
                f"is no listening test: {error}", where=str(path), hint="plan it again"
            ) from None
        missing = [name for name in test.sounds if not (folder / SOUNDS / name).is_file()]
        if missing:
            raise ConfigError(
                f"{len(missing)} of {len(test.sounds)} sounds are missing, as {missing[0]}",
                where=str(folder / SOUNDS),
                hint="plan the test again",
            )
        return test
