# SPDX-License-Identifier: Apache-2.0
"""Words and phones to frames, a unit path or a waveform."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from synthkit.errors import ConfigError
from synthkit.request import Request
from synthkit.settings import Settings
from synthkit.stages.component import Component, Context, TrainingData
from synthkit.tables import validate
from synthkit.types import Demand, FeatureSpec, Item, Segmentation

if TYPE_CHECKING:
    from synthkit.types import Lattice, PhoneVectors, Targets, Waveform


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
    """Which of a request's ``"durations"`` and ``"f0"`` it heeds; what it does not is refused by name. With
    ``"prosody"`` it aims at what a `ProsodyModel` says, `Request.prosody`."""

    lacks: ClassVar[Mapping[str, str]] = {}
    """Of those that it does not take, what it would need: half a sentence for the refusal."""

    def check_given(self, request: Request, name: str) -> None:
        """Refuse durations or F0 that this model, registered as `name`, would be deaf to.

        Parameters
        ----------
        request : Request
        name : str

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

    def check_said(self, request: Request) -> None:
        """Refuse what the opened model can see that it cannot say, without saying it.

        Every piece of a text is asked for before the first is spoken, so that what is refused is refused
        before anything is heard. Without it only `predict` tells.

        Parameters
        ----------
        request : Request

        Raises
        ------
        ConfigError
            An option, or a speaker, that there is not.
        TextError
            A phone that it cannot say.
        """
        return

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
        """Spec of what `predict` gives, when trained on `features`.

        Parameters
        ----------
        features : FeatureSpec

        Returns
        -------
        FeatureSpec

        Raises
        ------
        SpecMismatch
            It cannot be trained on these.
        """

    def check_phone_set(self, phone_set: str) -> None:
        """Raise `SpecMismatch` when it cannot be trained on phones of `phone_set`; asked before they are
        aligned.

        Parameters
        ----------
        phone_set : str
            As `Segmentation.phone_set` has it.

        Raises
        ------
        SpecMismatch
            It cannot.
        """
        return

    @abstractmethod
    def fit(self, data: TrainingData, folder: Path, ctx: Context) -> None:
        """Learn from `data` and write everything needed to speak into the empty `folder`.

        A model that learned from more than `data`, such as one with pretrained weights, lists the ids of what
        it heard in the file `HEARD` there, one a line: a comparison then says so where it speaks them.

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
    def predict(self, request: Request) -> Item:
        """Speak, as far as this stage goes.

        Parameters
        ----------
        request : Request

        Returns
        -------
        Frames, UnitPath or Waveform
            Under the spec that `produces` names.

        Raises
        ------
        ConfigError
            An option, or a speaker, that there is not.
        TextError
            A phone that it cannot say.
        """

    def close(self) -> None:
        """Give back files and memory."""


@dataclass(frozen=True)
class Bundled:
    """Trained weights that come with a plugin.

    Attributes
    ----------
    folder : Path
        What the acoustic model opens; holds their licence too.
    spec : FeatureSpec
        Of what they give.
    phone_set : str
    heard : tuple of str
        Ids of the utterances that they learned from.
    """

    folder: Path
    spec: FeatureSpec
    phone_set: str
    heard: tuple[str, ...] = ()


class SpeaksInBlocks(ABC):
    """Mixin of acoustic models that give a waveform, and whose sentence can be heard before it is made whole.

    `synthkit.pipeline.voice.Voice.blocks` asks it, for whoever plays what is said at once.
    """

    @abstractmethod
    def predict_blocks(self, request: Request) -> Iterator[Waveform]:
        """What the opened model's `predict` gives, in blocks.

        Parameters
        ----------
        request : Request

        Yields
        ------
        Waveform
            One after another the samples of `predict`, to within 1e-4; the first soon, and with the `timing`
            of all of them, whose end is the end of the last. A first without a timing is all that there is.

        Raises
        ------
        ConfigError
            An option, or a speaker, that there is not.
        TextError
            A phone that it cannot say.
        """


class PredictsTargets(ABC):
    """Mixin of acoustic models that say, phone by phone, what they would say.

    Such a model can guide another: unit selection asks one for the sound of each half-phone (its setting
    ``guidance_model``). Its frames are those of the voice it was trained for.
    """

    @abstractmethod
    def known_phones(self) -> tuple[str, ...]:
        """Phones that the opened model can be asked for, `PAUSE` included.

        Returns
        -------
        tuple of str
        """

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

        Returns
        -------
        Targets

        Raises
        ------
        TextError
            A phone it does not know.
        """

    def phone_vectors(
        self, segmentation: Segmentation, *, pauses: Collection[int] | None = None, speaker: str | None = None
    ) -> PhoneVectors | None:
        """What the opened model knows of each phone before it makes frames, where it has such a thing.

        A guide that has costs a fraction: what a phone sounds like is then read off its vector by a small
        regression that is learned when the guided voice is built.

        Parameters
        ----------
        segmentation, pauses, speaker
            As for `predict_targets`.

        Returns
        -------
        PhoneVectors or None
            None (unless overridden): it has nothing cheaper than its frames.

        Raises
        ------
        TextError
            A phone it does not know.
        """
        return None

    @classmethod
    def bundled(cls, name: str) -> Bundled:
        """Trained weights that come with the plugin, for guiding without another voice being built first.

        Parameters
        ----------
        name : str

        Returns
        -------
        Bundled
            Its folder is one that `AcousticModel.open` opens.

        Raises
        ------
        VoiceError
            There are none of that name (unless overridden: none at all).
        """
        from synthkit.errors import VoiceError

        raise VoiceError(
            f"no weights {name!r} come with {cls.__name__}",
            hint="name a voice folder by guidance_model instead",
        )


class ShowsCandidates(ABC):
    """Mixin of acoustic models that choose recorded units, and can show among which."""

    @abstractmethod
    def lattice(self, request: Request) -> Lattice:
        """What `AcousticModel.predict` looked at for `request`, the path that it gives among it.

        Parameters
        ----------
        request : Request

        Returns
        -------
        Lattice

        Raises
        ------
        ConfigError
            An option that there is not.
        """
