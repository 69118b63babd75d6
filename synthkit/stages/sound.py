# SPDX-License-Identifier: Apache-2.0
"""Sound to frames, frames to frames, frames to sound; whose the sound is, and making it another's."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from synthkit.stages.component import Component, Context, TrainingData
from synthkit.types import Demand, FeatureSpec, Frames, Item, Waveform

if TYPE_CHECKING:
    from synthkit.types import Alignment


class FeatureExtractor(Component, ABC):
    """Waveforms to frames."""

    needs_alignment: ClassVar[bool] = False
    """True when `extract` looks at the alignment; its cache key then holds it."""

    @property
    @abstractmethod
    def spec(self) -> FeatureSpec:
        """The contract of the frames it gives."""

    @abstractmethod
    def extract(self, waveform: Waveform, alignment: Alignment | None = None) -> Frames:
        """Frames of `waveform`; the same bytes wherever and with however many workers it runs.

        Parameters
        ----------
        waveform : Waveform
            At the sample rate of `spec`.
        alignment : Alignment, optional

        Returns
        -------
        Frames

        Raises
        ------
        AudioError
            The recording cannot be analysed; the message says why.
        """

    @classmethod
    def matching(cls, accepted: Demand, sample_rate: int) -> FeatureExtractor | None:
        """An extractor of this class whose spec meets `accepted`, or None when there is none.

        `sample_rate` (Hz) is used where `accepted` leaves the rate open. As it stands, the defaults at that
        rate are tried; extractors whose settings change what a frame means look for those that give what is
        asked.

        Parameters
        ----------
        accepted : Demand
        sample_rate : int
            Hz.

        Returns
        -------
        FeatureExtractor or None
        """
        rate = accepted.rate(sample_rate)
        try:
            config = cls.Config(**({"sample_rate": rate} if "sample_rate" in cls.Config.model_fields else {}))
        except ValueError:  # not at this rate
            return None
        found = cls(config)
        return found if accepted.accepts(found.spec) else None


class Vocoder(Component, ABC):
    """Frames or a unit path to a waveform."""

    trainable: ClassVar[bool] = False

    adjusts: ClassVar[frozenset[str]] = frozenset()
    """Which of ``"speed"`` and ``"pitch"`` are settings of it: factors, 1 leaves as it is."""

    @abstractmethod
    def accepts(self) -> tuple[Demand, ...]:
        """What it can render: anything that meets one of these.

        Returns
        -------
        tuple of Demand
        """

    @abstractmethod
    def render(self, item: Item) -> Waveform:
        """The waveform of frames or of a unit path whose spec is accepted.

        Parameters
        ----------
        item : Frames or UnitPath

        Returns
        -------
        Waveform

        Raises
        ------
        AudioError
            What it is given makes no sound.
        """

    def fit(self, data: TrainingData, folder: Path, ctx: Context) -> None:
        """Learn, when `trainable`.

        Parameters
        ----------
        data : TrainingData
        folder : Path
            Empty; becomes part of the voice.
        ctx : Context
        """

    def open(self, folder: Path) -> None:
        """Make ready from what `fit` wrote (vocoders that learn nothing have nothing to open).

        Parameters
        ----------
        folder : Path
        """

    def close(self) -> None:
        """Give back files and memory; asked of one that was never opened, too."""


class Adapter(Component, ABC):
    """A named bridge from one spec to another, shown in the log whenever it is used."""

    @abstractmethod
    def bridge(self, produced: FeatureSpec, accepted: Demand) -> FeatureSpec | None:
        """The spec it would give from `produced` that meets `accepted`, or None if it cannot.

        Parameters
        ----------
        produced : FeatureSpec
        accepted : Demand

        Returns
        -------
        FeatureSpec or None
        """

    @abstractmethod
    def adapt(self, item: Item, spec: FeatureSpec) -> Item:
        """Turn `item` into frames (or a unit path) under `spec`, as `bridge` promised.

        Parameters
        ----------
        item : Frames or UnitPath
        spec : FeatureSpec

        Returns
        -------
        Frames or UnitPath
        """

    def describe(self, produced: FeatureSpec, spec: FeatureSpec) -> str:
        """One line for the log: what it does to the signal on the way, and what is lost.

        Parameters
        ----------
        produced : FeatureSpec
        spec : FeatureSpec

        Returns
        -------
        str
        """
        return f"{produced.kind} to {spec.kind}"


class SpeakerEncoder(Component, ABC):
    """A clip of speech to a speaker embedding.

    Attributes
    ----------
    alike : tuple of (float, float) or None
        Cosine of two recordings of one speaker, and of two speakers, on average; None where nobody
        measured it.
    """

    alike: ClassVar[tuple[float, float] | None] = None

    @abstractmethod
    def embed(self, waveform: Waveform) -> np.ndarray:
        """Unit-length embedding, float32 ``(D,)``.

        Parameters
        ----------
        waveform : Waveform

        Returns
        -------
        ndarray, shape (D,), float32
        """


class Converter(Component, ABC):
    """Speech of a voice to speech of another speaker: a part that a voice may have behind its vocoder.

    It is given waveforms and gives waveforms, so that any voice can be converted, whatever it is made of.
    """

    @abstractmethod
    def learn(self, pairs: Sequence[tuple[Waveform, Waveform]], folder: Path, ctx: Context) -> None:
        """Learn what makes the voice sound as the target does.

        Parameters
        ----------
        pairs : sequence of (Waveform, Waveform)
            What the voice says, and the target's recording of the same text; of one sample rate, not of one
            length.
        folder : Path
            Empty; becomes part of the voice.
        ctx : Context

        Raises
        ------
        AudioError
            There is too little speech to learn of.
        """

    @abstractmethod
    def open(self, folder: Path) -> None:
        """Make ready from what `learn` wrote.

        Parameters
        ----------
        folder : Path

        Raises
        ------
        VoiceError
            It is not what `learn` wrote.
        """

    @abstractmethod
    def convert(self, waveform: Waveform) -> Waveform:
        """What the target would sound like in place of the voice.

        Parameters
        ----------
        waveform : Waveform
            At the sample rate that it has learned at; of any length, silence too.

        Returns
        -------
        Waveform
            Of the same rate and number of samples, so that whatever is known by time stays right.

        Raises
        ------
        AudioError
            The waveform is at another rate.
        VoiceError
            Nothing was opened.
        """

    def close(self) -> None:
        """Give back files and memory; asked of one that was never opened, too."""
