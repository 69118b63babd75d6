# SPDX-License-Identifier: Apache-2.0
"""What every component has, and what a build gives it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeVar

from synthkit.settings import Settings
from synthkit.types import Demand, FeatureSpec, Frames, Segmentation, Waveform

if TYPE_CHECKING:
    from synthkit.types import Alignment, Finding, Utterance

A = TypeVar("A")
B = TypeVar("B")


class Context(Protocol):
    """What a build hands to a component: a way to map, to tell progress and to log.

    Results never depend on how `map` runs.
    """

    @property
    def work(self) -> Path:
        """A scratch folder that survives a killed build and is this component's alone."""
        ...

    def map(self, function: Callable[[A], B], items: Sequence[A], *, label: str) -> Iterator[B]:
        """Apply a picklable `function` to every item, in order, with a progress bar named `label`.

        Parameters
        ----------
        function : callable
        items : sequence
        label : str

        Returns
        -------
        iterator
            Of results, in the order of `items`.
        """
        ...

    def track(
        self, items: Iterable[A], *, label: str, total: int | Callable[[], int] | None = None
    ) -> Iterator[A]:
        """Iterate with a progress bar and ETA.

        Parameters
        ----------
        items : iterable
        label : str
        total : int or callable, optional
            Where `items` has no length; called each time that it is shown where it changes on the way.

        Returns
        -------
        iterator
        """
        ...

    def log(self, message: str) -> None:
        """Tell the user something (stderr).

        Parameters
        ----------
        message : str
        """
        ...


@dataclass(frozen=True)
class Demo:
    """Settings with which an acoustic model or a vocoder shows within minutes what it can; `synthkit gallery`
    builds a voice with them.

    Attributes
    ----------
    name : str
        What tells it from the component's others; empty for the first.
    settings : mapping
        Of the component. ``"{NAME}"`` as a value stands for the voice folder of the demo NAME.
    languages : tuple of str
        Those it is for (``"ru"``); any where there are none.
    features : mapping
        The ``[features]`` table it needs; where there is none, whatever gives what it consumes.
    utterances : int
        How many recordings are enough; 0 for all.
    renders : tuple of Demand
        Of a vocoder whose settings name weights: the frames that they are for; what it accepts if empty.
    """

    name: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    languages: tuple[str, ...] = ()
    features: Mapping[str, Any] = field(default_factory=dict)
    utterances: int = 0
    renders: tuple[Demand, ...] = ()


class Component:
    """Base of every stage component.

    Parameters
    ----------
    config : Settings, optional
        Of its `Config`; the defaults if left out.

    Attributes
    ----------
    Config : type of Settings
        Its settings; the keys a user may write in the stage's table.
    version : str
        Part of every cache key: raise it when results change.
    """

    Config: ClassVar[type[Settings]] = Settings
    version: ClassVar[str] = "1"

    demos: ClassVar[tuple[Demo, ...]] = (Demo(),)
    """With which settings `synthkit gallery` shows it: acoustic models and vocoders. None where no training
    of minutes would show anything: such a voice is shown where somebody has built one."""

    def __init__(self, config: Settings | None = None) -> None:
        self.config: Any = config if config is not None else self.Config()

    def fingerprint(self) -> str:
        """Anything outside the settings that results depend on (a lexicon's hash, a model's file).

        Returns
        -------
        str
        """
        return ""

    def check(self, data: TrainingData | None = None) -> list[Finding]:
        """What would go wrong with these settings (and, when given, this data), found without doing the work.

        ``synthkit doctor`` asks every component of a voice, with data that has everything but phones and
        frames (segmentations and alignments are empty; an alignment's duration is the recording's);
        components that train also ask themselves in `fit` and refuse to start on an error.

        Parameters
        ----------
        data : TrainingData, optional

        Returns
        -------
        list of Finding
        """
        return []


@dataclass(frozen=True)
class TrainingItem:
    """One utterance as an acoustic model or vocoder trains on it; audio and frames are read on demand.

    Attributes
    ----------
    utterance : Utterance
    segmentation : Segmentation
    alignment : Alignment
    waveform : callable
        Reads the recording at the voice's sample rate (picklable).
    frames : callable
        Reads the cached features (picklable).
    """

    utterance: Utterance
    segmentation: Segmentation
    alignment: Alignment
    waveform: Callable[[], Waveform]
    frames: Callable[[], Frames]


@dataclass(frozen=True)
class TrainingData:
    """A corpus on its way into a model.

    Attributes
    ----------
    items : sequence of TrainingItem
        Read each time they are asked for: walk through them rather than keep them.
    sample_rate : int
        Hz.
    languages : tuple of str
        BCP-47.
    speakers : tuple of str
    phone_set : str
    spec : FeatureSpec
        Of the frames.
    held_out : sequence of TrainingItem
        Never trained on; for watching progress.
    """

    items: Sequence[TrainingItem]
    sample_rate: int
    languages: tuple[str, ...]
    speakers: tuple[str, ...]
    phone_set: str
    spec: FeatureSpec
    held_out: Sequence[TrainingItem] = ()
