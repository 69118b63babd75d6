# SPDX-License-Identifier: Apache-2.0
"""A neural vocoder: what its folder holds, `TrainedVocoder`, and the stage around it, `TaughtVocoder`.

The network, its losses and how it speaks belong to the plugin.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Generic, Protocol, Self, TypeVar, cast

import numpy as np

from synthkit.atomic import write_json
from synthkit.earlier import check_features, tell_taken
from synthkit.errors import AudioError, VoiceError
from synthkit.settings import Settings
from synthkit.stages import Context, Demo, TrainingData, Vocoder
from synthkit.taught import described_by, needs_torch, torch_training
from synthkit.trained import (
    pretrained_digest,
    pretrained_folder,
    pretrained_names,
    read_description,
    read_tensors,
    write_tensors,
)
from synthkit.types import Demand, FeatureSpec, Finding, Frames, Item, Waveform, frames_of

FORMAT = 1
FEW = 8
"""Recordings that are enough for a voice whose weights are taken."""


class Sizes(Protocol):
    """Everything that fixes the sizes of the weights; a dataclass."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    def check(self) -> None:
        """Raise `ValueError` for sizes that nothing trained has; a file may state any."""

    def tensors(self) -> dict[str, tuple[int, ...]]:
        """Name and shape of every weight, as torch names them."""


class Normalised(Protocol):
    """How what the network reads was normalised."""

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Inverse of `to_dict`.

        Parameters
        ----------
        data : mapping

        Returns
        -------
        Normalised

        Raises
        ------
        ValueError
            A number is none that a training gives.
        """


S = TypeVar("S", bound=Sizes)
N = TypeVar("N", bound=Normalised)


@dataclass(frozen=True)
class TrainedVocoder(Generic[S, N]):
    """Weights and all that is needed to render with them, in two files: ``NAME.json``, what the numbers mean,
    and ``NAME.safetensors``.

    Reading checks every name and shape against the sizes the JSON states, so that a file that was cut,
    swapped or made by something else is refused with a reason before anything is rendered. numpy only.

    Attributes
    ----------
    shape : Sizes
    spec : FeatureSpec
        Of the frames it was trained on.
    scales : Normalised
    weights : dict of str to ndarray
        float32.
    made : dict
        How it was trained: minutes of speech, steps, seed, what it heard.
    """

    shape: S
    spec: FeatureSpec
    scales: N
    weights: dict[str, np.ndarray]
    made: dict[str, Any] = field(default_factory=dict)

    name: ClassVar[str]
    """Of its files."""
    sizes: ClassVar[type[Any]]
    normalised: ClassVar[type[Any]]

    @classmethod
    @abstractmethod
    def check_spec(cls, shape: S, scales: N, spec: FeatureSpec) -> None:
        """Refuse sizes and scales that are not those of frames under `spec`.

        Parameters
        ----------
        shape : Sizes
        scales : Normalised
        spec : FeatureSpec

        Raises
        ------
        ValueError
            They are not.
        """

    @classmethod
    def files(cls, folder: Path) -> tuple[Path, Path]:
        """The description and the weights in `folder`.

        Parameters
        ----------
        folder : Path

        Returns
        -------
        description, weights : Path
        """
        return folder / f"{cls.name}.json", folder / f"{cls.name}.safetensors"

    def save(self, folder: Path, *, dtype: str) -> None:
        """Write both files, each whole or not at all.

        Parameters
        ----------
        folder : Path
        dtype : str
            Of the weights: ``"float16"`` or ``"float32"``.
        """
        description, tensors = self.files(folder)
        data = {
            "format": FORMAT,
            "shape": asdict(self.shape),
            "spec": self.spec.to_dict(),
            "scales": self.scales.to_dict(),
            "made": self.made,
        }
        write_tensors(tensors, self.weights, dtype=dtype)
        write_json(description, data)

    @classmethod
    def spec_of(cls, folder: Path) -> FeatureSpec:
        """The frames that the weights in `folder` are for; the weights are not read.

        Parameters
        ----------
        folder : Path

        Returns
        -------
        FeatureSpec

        Raises
        ------
        VoiceError
            The description is missing, or is none.
        """
        description, _ = cls.files(folder)
        data = read_description(description, form=FORMAT, package=f"synthkit-{cls.name}")
        with described_by(description, "a trained vocoder"):
            return FeatureSpec.from_dict(data["spec"])

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Inverse of `save`; weights come as float32.

        Parameters
        ----------
        folder : Path

        Returns
        -------
        TrainedVocoder

        Raises
        ------
        VoiceError
            A file is missing, cannot be read, or does not fit the other.
        """
        description, tensors = cls.files(folder)
        data = read_description(description, form=FORMAT, package=f"synthkit-{cls.name}")
        with described_by(description, "a trained vocoder"):
            shape = cls.sizes(**data["shape"])
            shape.check()
            scales = cls.normalised.from_dict(data["scales"])
            spec = FeatureSpec.from_dict(data["spec"])
            cls.check_spec(shape, scales, spec)
            made = dict(data["made"])
        weights = read_tensors(tensors, shape.tensors(), described=description.name)
        return cls(shape, spec, scales, weights, made)


T = TypeVar("T", bound="TrainedVocoder[Any, Any]")


class _BundledDemos:
    """`Component.demos` of a vocoder: one for each of the weights that come with it, found when asked."""

    def __get__(self, instance: object, owner: type[TaughtVocoder[Any]]) -> tuple[Demo, ...]:
        folder = getattr(owner, "bundled", None)
        there = sorted(p for p in folder.iterdir() if p.is_dir()) if folder and folder.is_dir() else []
        return tuple(
            Demo(
                path.name if len(there) > 1 else "",
                {"pretrained": path.name},
                utterances=FEW,
                renders=(Demand.exactly(owner.holds.spec_of(path)),),
            )
            for path in there
        )


class TaughtVocoder(Vocoder, Generic[T]):
    """A neural vocoder: trained with a voice, or taken with weights that were trained before.

    Its settings have at least ``pretrained``, ``start_from``, ``threads`` and ``stored``.
    """

    name: ClassVar[str]
    bundled: ClassVar[Path]
    """Has a folder for each of the weights that come with the plugin, ``NAME`` and, of the same voice for
    other frames, ``NAME-FRAMES``."""
    holds: ClassVar[type[Any]]
    """Its kind of `TrainedVocoder`."""
    trainable = True
    demos = cast("tuple[Demo, ...]", _BundledDemos())

    def __init__(self, config: Settings | None = None) -> None:
        super().__init__(config)
        self.trained: T | None = None

    @abstractmethod
    def demands(self) -> tuple[Demand, ...]:
        """The frames that it can be trained on."""

    @abstractmethod
    def train(self, data: TrainingData, ctx: Context) -> T:
        """Learn weights; torch is there and has the threads that are set.

        Parameters
        ----------
        data : TrainingData
        ctx : Context

        Returns
        -------
        TrainedVocoder
        """

    @abstractmethod
    def samples(self, trained: T, frames: Frames) -> np.ndarray:
        """Render frames, of which there is one at least.

        Parameters
        ----------
        trained : TrainedVocoder
        frames : Frames

        Returns
        -------
        ndarray, shape (N,)
            In [-1, 1]; NaN where the weights are broken.
        """

    def accepts(self) -> tuple[Demand, ...]:
        """Before it is opened what it can be trained on, then the frames it was trained on."""
        return self.demands() if self.trained is None else (Demand.exactly(self.trained.spec),)

    def fingerprint(self) -> str:
        """See `Component.fingerprint`: of the weights that are taken or begun with."""
        named = (*self._called(self.config.pretrained), *self._called(self.config.start_from))
        return " ".join(pretrained_digest(name, self.bundled) for name in named).strip()

    def check(self, data: TrainingData | None = None) -> list[Finding]:
        """See `Component.check`: torch, where it has to be trained."""
        return needs_torch(self.what, pretrained=self.trained is not None or bool(self.config.pretrained))

    def fit(self, data: TrainingData, folder: Path, ctx: Context) -> None:
        """Train on `data`; a training that was killed goes on from its last state.

        With the setting ``pretrained`` nothing is trained: the weights named there are taken, if they fit.

        Raises
        ------
        CorpusError
            Nothing in `data` can be trained on.
        MissingDependency
            torch is not installed.
        SpecMismatch
            Weights that were to be taken are of other features.
        VoiceError
            Weights that were to be taken cannot be read.
        """
        if name := self.config.pretrained:
            trained = self.pretrained(name, "pretrained", data.spec)
            check_features(name, trained.spec, data.spec, where="[vocoder] pretrained")
            tell_taken(self.name, name, trained.made, data, ctx)
        else:
            with torch_training(self.what, threads=self.config.threads):
                trained = self.train(data, ctx)
        trained.save(folder, dtype=self.config.stored)

    def open(self, folder: Path) -> None:
        """Read the weights."""
        self.trained = self.holds.load(folder)

    def close(self) -> None:
        """Let the weights go."""
        self.trained = None

    def render(self, item: Item) -> Waveform:
        """The waveform of `item`, ``len(item) * hop_length`` samples.

        Raises
        ------
        AudioError
            There is no frame, or the frames give samples that are not finite.
        VoiceError
            Nothing was opened.
        """
        trained = self.trained
        if trained is None:
            raise VoiceError(
                f"{self.what} was not opened: it is trained with a voice, or takes pretrained weights when "
                "one is built"
            )
        frames = frames_of(item, self.what)
        if not len(frames):
            raise AudioError(f"{self.what} was given no frame", hint="the acoustic model predicted nothing")
        samples = self.samples(trained, frames)
        if not np.isfinite(samples).all():
            raise AudioError(
                "the frames give samples that are not finite", hint="the model's output is broken"
            )
        return Waveform(samples, trained.spec.sample_rate)

    @property
    def what(self) -> str:
        """As a sentence has it."""
        return f"vocoder {self.name!r}"

    def pretrained(self, name: str, setting: str, features: FeatureSpec) -> T:
        """The trained weights of that name, or in that folder; of several bundled ones of the name those that
        are of `features`.

        Parameters
        ----------
        name : str
            Of weights that come with the vocoder, or a folder's path.
        setting : str
            Which says so, for the message.
        features : FeatureSpec
            What the vocoder is to render.

        Returns
        -------
        TrainedVocoder

        Raises
        ------
        VoiceError
            There are none, or they cannot be read.
        """
        folders = [
            pretrained_folder(
                called,
                self.bundled,
                where=f"[vocoder] {setting}",
                otherwise="vocoder of a voice that was built with one",
            )
            for called in self._called(name)
        ]
        fitting = [f for f in folders[1:] if self.holds.spec_of(f).hash == features.hash]
        found: T = self.holds.load((fitting or folders)[0])
        return found

    def _called(self, name: str) -> list[str]:
        """A name, and those of bundled weights of the same voice for other frames: ``NAME-FRAMES``."""
        others = pretrained_names(self.bundled) if name in pretrained_names(self.bundled) else ()
        return [name, *(n for n in others if n.startswith(f"{name}-"))]
