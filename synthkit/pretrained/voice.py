# SPDX-License-Identifier: Apache-2.0
"""`PretrainedVoice`: what a plugin says of a voice that somebody else has trained, and how it becomes a
folder."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import ClassVar

from synthkit.pretrained.folder import Origin


class PretrainedVoice(ABC):
    """A voice that was trained elsewhere and installs by name (`synthkit voices get`).

    Attributes
    ----------
    paradigm : str
        What kind of voice it is, as one would say it: ``"VITS, end to end"``.
    languages : tuple of str
        BCP-47.
    sample_rate : int
        Hz.
    megabytes : float
        Of what is fetched.
    origin : Origin
        Whose it is, under which licence.
    """

    paradigm: ClassVar[str]
    languages: ClassVar[tuple[str, ...]]
    sample_rate: ClassVar[int]
    megabytes: ClassVar[float]
    origin: ClassVar[Origin]

    @property
    @abstractmethod
    def here(self) -> bool:
        """Whether it can be made without fetching anything."""

    @abstractmethod
    def make(self, name: str, out: Path) -> Path:
        """Make the voice folder `out`, called `name`, fetching what is missing; returns `out`.

        Parameters
        ----------
        name : str
        out : Path

        Returns
        -------
        Path

        Raises
        ------
        SynthkitError
            Something cannot be fetched, or a plugin that it needs is missing.
        """
