# SPDX-License-Identifier: Apache-2.0
"""How a text should be said: an optional part of a voice, asked before its acoustic model."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from synthkit.request import Request
from synthkit.stages.component import Component, Context, TrainingData
from synthkit.types import Demand

if TYPE_CHECKING:
    from synthkit.types.prosody import Prosody


class ProsodyModel(Component, ABC):
    """Segmentation to pauses, durations and F0 that the acoustic model aims at.

    It is no stage: a voice without the table ``[prosody]`` has none, and its acoustic model does all by
    itself. One whose `AcousticModel.takes` lacks ``"prosody"`` is refused beside it.
    """

    consumes: ClassVar[tuple[Demand, ...]] = (Demand(),)
    """Frames it learns from: any of these."""

    @abstractmethod
    def fit(self, data: TrainingData, folder: Path, ctx: Context) -> None:
        """Learn from `data` and write everything needed to speak into the empty `folder`.

        Parameters
        ----------
        data : TrainingData
        folder : Path
            Empty; becomes part of the voice.
        ctx : Context

        Raises
        ------
        CorpusError
            Nothing in `data` can be learned from.
        """

    @abstractmethod
    def open(self, folder: Path) -> None:
        """Make ready to speak from what `fit` wrote.

        Parameters
        ----------
        folder : Path

        Raises
        ------
        VoiceError
            It holds nothing that can be spoken from.
        """

    @abstractmethod
    def predict(self, request: Request) -> Prosody:
        """How `request` should be said.

        Parameters
        ----------
        request : Request
            Its ``exclude`` holds for whatever is taken from recordings; what it fixes by hand is followed.

        Returns
        -------
        Prosody

        Raises
        ------
        VoiceError
            Nothing was opened.
        """

    def close(self) -> None:
        """Give back files and memory."""
