# SPDX-License-Identifier: Apache-2.0
"""Acoustic models that can begin with what another of their kind has learned."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from synthkit.types import FeatureSpec


@dataclass(frozen=True)
class Learned:
    """What weights of an acoustic model are of.

    Attributes
    ----------
    spec : FeatureSpec
        Of the frames they were trained on.
    phone_set : str
    languages, speakers : tuple of str
    settings : mapping of str
        Of the acoustic model of a voice that begins with them and says nothing else.
    settings_in : mapping of str to mapping
        By language, beside those.
    """

    spec: FeatureSpec
    phone_set: str
    languages: tuple[str, ...]
    speakers: tuple[str, ...]
    settings: Mapping[str, Any] = field(default_factory=dict)
    settings_in: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def settings_for(self, language: str) -> dict[str, Any]:
        """Both, for a voice of `language`.

        Parameters
        ----------
        language : str
            BCP-47; its first part counts.

        Returns
        -------
        dict
        """
        return {**self.settings, **self.settings_in.get(language.split("-")[0], {})}


class Adapts(ABC):
    """An acoustic model that can begin with what another of its kind has learned: its setting ``start_from``.

    `synthkit adapt` makes voices of few recordings by it.
    """

    @classmethod
    @abstractmethod
    def known_weights(cls) -> tuple[str, ...]:
        """Names of the weights that come with the plugin.

        Returns
        -------
        tuple of str
        """

    @classmethod
    @abstractmethod
    def learned(cls, name: str) -> Learned:
        """What the weights of that name, or in that folder, are of.

        Parameters
        ----------
        name : str
            As the setting ``start_from`` has it.

        Returns
        -------
        Learned

        Raises
        ------
        VoiceError
            There are none, or they cannot be read.
        """
