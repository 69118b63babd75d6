# SPDX-License-Identifier: Apache-2.0
"""The stages of the pipeline as base classes. A plugin subclasses one per component.

Every component is made from its validated settings, ``Component(settings)``, is cheap to make, and
imports what is heavy only when it works. Components that learn write their artefacts into a folder in
`fit` and come back by `open`; everything they need to speak is in that folder.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeVar

import numpy as np

from synthkit.errors import AlignmentError, ConfigError
from synthkit.request import Request as Request
from synthkit.settings import Settings
from synthkit.tables import validate
from synthkit.types import Demand, FeatureSpec, Frames, Item, Segmentation, Waveform

if TYPE_CHECKING:
    from synthkit.types import Alignment, Finding, Lattice, Targets, Utterance
    from synthkit.types.session import Said

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
        """Apply a picklable `function` to every item, in order, with a progress bar named `label`."""
        ...

    def track(self, items: Iterable[A], *, label: str, total: int | None = None) -> Iterator[A]:
        """Iterate with a progress bar and ETA."""
        ...

    def log(self, message: str) -> None:
        """Tell the user something (stderr)."""
        ...


class Component:
    """Base of every stage component.

    Attributes
    ----------
    Config : type of Settings
        Its settings; the keys a user may write in the stage's table.
    version : str
        Part of every cache key: raise it when results change.
    """

    Config: ClassVar[type[Settings]] = Settings
    version: ClassVar[str] = "1"

    def __init__(self, config: Settings | None = None) -> None:
        self.config: Any = config if config is not None else self.Config()

    def fingerprint(self) -> str:
        """Anything outside the settings that results depend on (a lexicon's hash, a model's file)."""
        return ""

    def check(self, data: TrainingData | None = None) -> list[Finding]:
        """What would go wrong with these settings (and, when given, this data), found without doing the work.

        ``synthkit doctor`` asks every component of a voice, with data that has everything but phones and
        frames (segmentations and alignments are empty; an alignment's duration is the recording's);
        components that train also ask themselves in `fit` and refuse to start on an error.
        """
        return []


class Segmenter(Component, ABC):
    """Text to words and phones."""

    @abstractmethod
    def languages(self) -> tuple[str, ...]:
        """Languages it can segment, BCP-47; ``("*",)`` for any its backend has."""

    @abstractmethod
    def segment(self, text: str, language: str) -> Segmentation:
        """Words and phones of `text`.

        Raises
        ------
        TextError
            Nothing in the text can be spoken; the message names what.
        """

    def phones(self, language: str) -> tuple[str, ...]:
        """Every phone symbol it may give for `language`, `PAUSE` excluded, in a fixed order."""
        raise NotImplementedError

    def read_as(self, text: str, kind: str, language: str) -> str | None:
        """`text` in words, read as what SSML's ``say-as`` names: ``"characters"``, ``"ordinal"`` and so on.

        None where the segmenter cannot, or where `text` is nothing of the kind.
        """
        return None

    def explain(self, text: str, language: str) -> list[tuple[str, str, str]]:
        """What is not words in `text`, in order: as written, its class (``"date"``, ``"money"`` …), as read.

        Empty where there is nothing of the kind, or where the segmenter does not tell.
        """
        return []


class Aligner(Component, ABC):
    """Recordings and their segmentation to time-aligned tiers."""

    per_utterance: ClassVar[bool] = False
    """True when an utterance's alignment depends on nothing but that utterance (label import)."""

    @abstractmethod
    def align(
        self, items: Sequence[tuple[Utterance, Segmentation]], ctx: Context
    ) -> dict[str, Alignment | Exception]:
        """Align (and train on) the utterances.

        Returns
        -------
        dict
            For every id either its alignment or the `AlignmentError` that says why there is none.
        """

    def align_each(
        self, items: Sequence[tuple[Utterance, Segmentation]], ctx: Context
    ) -> Iterator[tuple[str, Alignment | Exception]]:
        """The same, one utterance after another: what a build asks, so that a corpus need not fit in memory.

        Without it all of `align`'s are in memory at once. `items` are read each time they are asked for, and
        so are better walked through than kept.
        """
        yield from self.align(items, ctx).items()

    def find(self, recording: Path, sentences: Sequence[Segmentation], ctx: Context) -> list[Said]:
        """Where the sentences of a text are said in a long recording, in order of time; those not said last.

        Raises
        ------
        AlignmentError
            The text is not that of the recording, or this aligner only aligns utterances.
        """
        raise AlignmentError(f"{type(self).__name__} aligns utterances, it does not find them in a recording")

    def save(self, folder: Path) -> None:
        """Write what was trained, if anything, so that the voice can align new recordings."""

    def open(self, folder: Path) -> None:
        """Use what `save` wrote: `align` then trains nothing. Aligners that learn nothing have nothing to
        open."""


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
        """Frames of `waveform`; the same bytes wherever and with however many workers it runs."""

    @classmethod
    def matching(cls, accepted: Demand, sample_rate: int) -> FeatureExtractor | None:
        """An extractor of this class whose spec meets `accepted`, or None when there is none.

        `sample_rate` (Hz) is used where `accepted` leaves the rate open. As it stands, the defaults at that
        rate are tried; extractors whose settings change what a frame means look for those that give what is
        asked.
        """
        rate = accepted.rate(sample_rate)
        try:
            config = cls.Config(**({"sample_rate": rate} if "sample_rate" in cls.Config.model_fields else {}))
        except ValueError:  # not at this rate
            return None
        found = cls(config)
        return found if accepted.accepts(found.spec) else None


@dataclass(frozen=True)
class TrainingItem:
    """One utterance as an acoustic model or vocoder trains on it; audio and frames are read on demand."""

    utterance: Utterance
    segmentation: Segmentation
    alignment: Alignment
    waveform: Callable[[], Waveform]
    """Reads the recording at the voice's sample rate (picklable)."""
    frames: Callable[[], Frames]
    """Reads the cached features (picklable)."""


@dataclass(frozen=True)
class TrainingData:
    """A corpus on its way into a model."""

    items: Sequence[TrainingItem]
    """Read each time they are asked for: walk through them rather than keep them."""
    sample_rate: int
    languages: tuple[str, ...]
    speakers: tuple[str, ...]
    phone_set: str
    spec: FeatureSpec
    held_out: Sequence[TrainingItem] = ()
    """Never trained on; for watching progress."""


HEARD = "heard.txt"
"""File of an acoustic model's folder: ids of utterances it learned from beyond those of its voice."""


class AcousticModel(Component, ABC):
    """Segmentation to frames, a unit path or (end-to-end models) a waveform."""

    consumes: ClassVar[tuple[Demand, ...]] = (Demand(),)
    """Frames it trains on: any of these. Models that look at waveforms alone take whatever there is."""

    Options: ClassVar[type[Settings]] = Settings
    """What a request may say to it: ``-O NAME=VALUE`` of a command, ``options`` in Python. ``speed`` (a
    factor) and ``pitch`` (semitones) are what ``--speed`` and ``--pitch`` ask for."""

    takes: ClassVar[frozenset[str]] = frozenset()
    """Which of a request's ``"durations"`` and ``"f0"`` it heeds; what it does not is refused by name."""

    lacks: ClassVar[Mapping[str, str]] = {}
    """Of those that it does not take, what it would need: half a sentence for the refusal."""

    def check_given(self, request: Request, name: str) -> None:
        """Refuse durations or F0 that this model, registered as `name`, would be deaf to.

        Raises
        ------
        ConfigError
            It takes no such thing; the message says why, where the model does.
        """
        for what in sorted(request.fixes() - self.takes):
            why = self.lacks.get(what, "")
            raise ConfigError(
                f"acoustic model {name!r} cannot be given {'F0' if what == 'f0' else what}"
                + (f": {why}" if why else ""),
                where=what,
                hint="leave it out, or speak with a voice whose acoustic model can, such as 'unit-selection' "
                "or 'parametric'",
            )

    def asked(self, options: Mapping[str, Any] | Settings) -> Any:
        """Options of a request, checked: the one place where they are.

        Parameters
        ----------
        options : mapping or Settings
            By name; or what an earlier call returned, which comes back as it is.

        Returns
        -------
        Settings
            An instance of `Options`. What was not said is as the setting of that name has it, else the
            default; of settings within settings only what was said is other.

        Raises
        ------
        ConfigError
            A name that is not among them, with the one that was meant, or a value that it cannot have.
        """
        if isinstance(options, self.Options):
            return options
        if isinstance(options, Settings):
            raise TypeError(f"options are a {type(options).__name__}, not a {self.Options.__name__}")
        said = validate(self.Options, options, where="options", what="option")
        own = {name: getattr(self.config, name) for name in said.model_fields if hasattr(self.config, name)}
        for name in said.model_fields_set & own.keys():
            value = getattr(said, name)
            if isinstance(value, Settings):
                some = {inner: getattr(value, inner) for inner in value.model_fields_set}
                own[name] = own[name].model_copy(some, check=False)
            else:
                own[name] = value
        return said.model_copy(own, check=False)  # each has been checked

    @abstractmethod
    def produces(self, features: FeatureSpec) -> FeatureSpec:
        """Spec of what `predict` gives, when trained on `features`."""

    def check_phone_set(self, phone_set: str) -> None:
        """Raise `SpecMismatch` when it cannot be trained on phones of `phone_set`; asked before they are
        aligned."""
        return

    @abstractmethod
    def fit(self, data: TrainingData, folder: Path, ctx: Context) -> None:
        """Learn from `data` and write everything needed to speak into the empty `folder`.

        A model that learned from more than `data`, such as one with pretrained weights, lists the ids of what
        it heard in the file `HEARD` there, one a line: a comparison then says so where it speaks them.
        """

    @abstractmethod
    def open(self, folder: Path) -> None:
        """Make ready to speak from what `fit` wrote."""

    @abstractmethod
    def predict(self, request: Request) -> Item:
        """Speak, as far as this stage goes."""

    def close(self) -> None:
        """Give back files and memory."""


class PredictsTargets(ABC):
    """Mixin of acoustic models that say, phone by phone, what they would say.

    Such a model can guide another: unit selection asks one for the sound of each half-phone (its setting
    ``guidance_model``). Its frames are those of the voice it was trained for.
    """

    @abstractmethod
    def known_phones(self) -> tuple[str, ...]:
        """Phones that the opened model can be asked for, `PAUSE` included."""

    @abstractmethod
    def predict_targets(
        self,
        segmentation: Segmentation,
        *,
        pauses: Collection[int] | None = None,
        speaker: str | None = None,
        options: Mapping[str, Any] | Settings | None = None,
    ) -> Targets:
        """What the opened model would say.

        Parameters
        ----------
        segmentation : Segmentation
        pauses : collection of int, optional
            Indices of the words after which there is a pause; one at both ends there is always. Without
            it the model makes its own.
        speaker, options
            As in `Request`.

        Raises
        ------
        TextError
            A phone it does not know.
        """


class ShowsCandidates(ABC):
    """Mixin of acoustic models that choose recorded units, and can show among which."""

    @abstractmethod
    def lattice(self, request: Request) -> Lattice:
        """What `AcousticModel.predict` looked at for `request`, the path that it gives among it.

        Raises
        ------
        ConfigError
            An option that there is not.
        """


class Vocoder(Component, ABC):
    """Frames or a unit path to a waveform."""

    trainable: ClassVar[bool] = False

    adjusts: ClassVar[frozenset[str]] = frozenset()
    """Which of ``"speed"`` and ``"pitch"`` are settings of it: factors, 1 leaves as it is."""

    @abstractmethod
    def accepts(self) -> tuple[Demand, ...]:
        """What it can render: anything that meets one of these."""

    @abstractmethod
    def render(self, item: Item) -> Waveform:
        """The waveform of frames or of a unit path whose spec is accepted."""

    def fit(self, data: TrainingData, folder: Path, ctx: Context) -> None:
        """Learn, when `trainable`."""

    def open(self, folder: Path) -> None:
        """Make ready from what `fit` wrote (vocoders that learn nothing have nothing to open)."""

    def close(self) -> None:
        """Give back files and memory; asked of one that was never opened, too."""


class Adapter(Component, ABC):
    """A named bridge from one spec to another, shown in the log whenever it is used."""

    @abstractmethod
    def bridge(self, produced: FeatureSpec, accepted: Demand) -> FeatureSpec | None:
        """The spec it would give from `produced` that meets `accepted`, or None if it cannot."""

    @abstractmethod
    def adapt(self, item: Item, spec: FeatureSpec) -> Item:
        """Turn `item` into frames (or a unit path) under `spec`, as `bridge` promised."""

    def describe(self, produced: FeatureSpec, spec: FeatureSpec) -> str:
        """One line for the log: what it does to the signal on the way, and what is lost."""
        return f"{produced.kind} to {spec.kind}"


class SpeakerEncoder(Component, ABC):
    """A clip of speech to a speaker embedding."""

    @abstractmethod
    def embed(self, waveform: Waveform) -> np.ndarray:
        """Unit-length embedding, float32 ``(D,)``."""
