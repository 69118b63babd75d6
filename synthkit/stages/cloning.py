# SPDX-License-Identifier: Apache-2.0
"""Acoustic models that speak as whomever an embedding is of."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path

from synthkit.types import Finding


class Clones(ABC):
    """An acoustic model whose voices may take ``Request.embedding``; `synthkit clone` asks it which do."""

    @classmethod
    @abstractmethod
    def cloning(cls, folder: Path, where: str) -> tuple[str, list[Finding]]:
        """Whether trained weights can speak as the speaker of a clip.

        Parameters
        ----------
        folder : Path
            Of the weights.
        where : str
            The voice, for what is found.

        Returns
        -------
        encoder : str
            The speaker encoder whose embeddings it was trained with.
        found : list of Finding
            Errors where it cannot.
        """
