# SPDX-License-Identifier: Apache-2.0
"""`Architecture`: everything that differs between models, asked at one place each."""

from __future__ import annotations

import difflib
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from synthkit.dsp.specs import MelSpec
from synthkit.errors import ConfigError
from synthkit.stages import TrainingData
from synthkit.types import FeatureSpec, Finding
from synthkit_coqui.backend import coqui
from synthkit_coqui.description import VoiceConfig
from synthkit_coqui.memory import RATE, Needs
from synthkit_coqui.settings import Presets, TrainSettings

if TYPE_CHECKING:
    from synthkit_coqui.corpus import Corpus, Example

Batch = dict[str, Any]


@dataclass(frozen=True)
class Rendition:
    """One held-out utterance as the model speaks it, beside its recording.

    Attributes
    ----------
    spoken, recorded : ndarray, shape (T, n_mels)
        Frames under `Architecture.compared_under`.
    samples : ndarray or None
        What there is to hear, where the model gives samples.
    """

    spoken: np.ndarray
    recorded: np.ndarray
    samples: np.ndarray | None = None


class Architecture(ABC):
    """A model: its description, its frames, its batches, its step, its speech. It holds no weights and no
    state.

    Attributes
    ----------
    kind : str
        Name of the component, under which it is registered.
    Settings : type of TrainSettings
        What a user may set.
    foreign_names : tuple of str
        What coqui-tts's and Mozilla TTS's configs call the model.
    presets : dict
        Size by name (``default``, ``small``, ``tiny``) to arguments of the model.
    memory : dict of str to Need
        What training takes, by preset.
    step_seconds : dict of str to float
        CPU seconds of a step of four examples by preset, on one core of a slow machine.
    optimizer : (str, dict)
        Of torch.optim (or coqui-tts's RAdam), and its arguments.
    frames : bool
        It is trained on mel frames; else on recordings alone.
    reads_text : bool
    adversarial : bool
        Two optimizers take turns, and falling loss is no sign of learning.
    training_only : tuple of str
        Beginnings of the names of weights that nothing needs to speak with.
    learns_attention : bool
        Its alignment comes of learning; one that is searched for looks like one from the first step on.
    breaks_on_one_d_vector, takes_languages : bool
    told : frozenset of str
        Losses that are logged.
    """

    kind: ClassVar[str]
    Settings: ClassVar[type[TrainSettings]] = TrainSettings
    foreign_names: ClassVar[tuple[str, ...]] = ()
    presets: ClassVar[Presets] = {"default": {}, "small": {}, "tiny": {}}
    memory: ClassVar[Needs] = {}
    step_seconds: ClassVar[dict[str, float]] = {}
    optimizer: ClassVar[tuple[str, dict[str, Any]]] = ("AdamW", {})
    frames: ClassVar[bool] = True
    reads_text: ClassVar[bool] = True
    adversarial: ClassVar[bool] = False
    training_only: ClassVar[tuple[str, ...]] = ()
    learns_attention: ClassVar[bool] = False
    breaks_on_one_d_vector: ClassVar[bool] = False
    takes_languages: ClassVar[bool] = False
    told: ClassVar[frozenset[str]] = frozenset({"loss"})

    # Description
    # ------------------------------------------------------------------------------------------------

    @abstractmethod
    def arguments(self) -> list[str]:
        """Names a user may write in `model`."""

    @abstractmethod
    def make(self, voice: VoiceConfig) -> Any:
        """A fresh torch module of `voice` in training mode, with randomly initialised weights."""

    def spec(self, data: TrainingData) -> FeatureSpec:
        """What it speaks or renders, trained on `data`."""
        return data.spec

    def audio(self, settings: Any, sample_rate: int) -> dict[str, Any]:
        """Spectrum settings of a model that makes its own frames."""
        return {}

    def check(self, voice: VoiceConfig) -> None:
        """Raise ValueError when no model can be made of a description that comes from a file."""
        strange = sorted(set(voice.model) - set(self.arguments()))
        if strange:
            raise ValueError(f"a {self.kind} has no argument {strange[0]!r}")

    def of_data(self, settings: Any, data: TrainingData) -> list[Finding]:
        """What the preflight must say of this model alone."""
        return []

    def chosen(self, settings: TrainSettings) -> dict[str, Any]:
        """The preset's arguments of the model with the user's own keys over them.

        Raises
        ------
        ConfigError
            A key the model does not have; the hint says which was meant.
        """
        known = self.arguments()
        merged: dict[str, Any] = {}
        for source in (self.presets[settings.preset], settings.model):
            for key, value in source.items():
                if key not in known:
                    close = difflib.get_close_matches(key, known, 1)
                    raise ConfigError(
                        f"{self.kind} has no model argument {key!r}",
                        where="acoustic_model.model",
                        hint=f"did you mean {close[0]!r}?"
                        if close
                        else "see coqui-tts's documentation of the model",
                    )
                if isinstance(value, dict) and isinstance(merged.get(key), dict):
                    value = {**merged[key], **value}
                merged[key] = value
        return merged

    def needed(self, settings: Any, longest: float, sample_rate: int) -> float:
        """Bytes that training takes at its peak when a batch is of recordings of `longest` seconds.

        By `memory`, fitted to the peaks of resident memory that ``benchmarks/coqui_memory.py`` measures on a
        CPU (float32, one process). Single arguments in `model` are counted as the preset that they change;
        where nothing is stated, nothing is known: 0.
        """
        need = self.memory.get(settings.preset)
        seconds = self.example_seconds(settings, longest, sample_rate)
        return need.bytes(settings.batch_size, seconds) if need else 0.0

    # Frames
    # -----------------------------------------------------------------------------------------------------

    def compared_under(self, voice: VoiceConfig) -> MelSpec:
        """The mel spec held-out speech is compared under."""
        return voice.mel

    # Batches
    # ----------------------------------------------------------------------------------------------------

    @abstractmethod
    def batch(
        self, voice: VoiceConfig, corpus: Corpus, examples: list[Example], rng: np.random.Generator
    ) -> Batch:
        """The tensors of a step, on the CPU; `rng` is of this step and process alone."""

    def example_seconds(self, settings: Any, longest: float, sample_rate: int) -> float:
        """Seconds at `memory.RATE` that one example of a batch holds when its recording is `longest` seconds
        long."""
        return longest * sample_rate / RATE

    # Step
    # -------------------------------------------------------------------------------------------------------

    def parts(self, model: Any) -> list[list[Any]]:
        """Parameters by optimizer; the last are those of the part that speaks."""
        return [list(model.parameters())]

    def make_optimizer(self, parameters: list[Any], rate: float) -> Any:
        """An optimizer of `parameters`."""
        import torch

        name, arguments = self.optimizer
        # coqui-tts's own RAdam passes over the weights less often than torch's, and is a third faster on a
        # CPU.
        maker = coqui().RAdam if name == "RAdam" else getattr(torch.optim, name)
        return maker(parameters, lr=rate, **arguments)

    def criteria(self, model: Any, device: Any) -> list[Any]:
        """Loss modules, one per optimizer."""
        made = model.get_criterion()
        return [c.to(device) for c in (made if isinstance(made, list) else [made])]

    def use_precision(self, model: Any, device: Any) -> None:
        """Keep out of mixed precision what it would break."""

    def initialise(self, model: Any, batch: Batch) -> None:
        """Initialisation from the first batch's data, of models that have one."""

    def on_device(self, model: Any, batch: Batch) -> Batch:
        """What is computed of a batch on its device, before each step."""
        return batch

    def before_step(self, model: Any, settings: Any, number: int) -> None:
        """Set the model for step `number`."""

    def losses(self, model: Any, batch: Batch, criteria: list[Any], index: int) -> tuple[Any, dict[str, Any]]:
        """Outputs and losses by name for optimizer `index`; of the losses ``loss`` is descended. Empty: no
        step."""
        if self.adversarial:
            outputs, found = model.train_step(batch, criteria[index], index)
        else:
            outputs, found = model.train_step(batch, criteria[0])
        return outputs, found

    def attention(self, alignments: Any) -> np.ndarray | None:
        """The first utterance's alignment of a step as ``(frames, tokens)``, or None for models without."""
        return None

    # Speech
    # -----------------------------------------------------------------------------------------------------

    def open(self, model: Any) -> None:
        """Set a model that is about to speak."""

    def without_torch(self, folder: Path, voice: VoiceConfig, weights: str) -> Any | None:
        """What speaks the voice in `folder` by arrays, ``speak(ids, how)``; None where only torch can.

        `weights` is the name of the file that they are in.
        """
        return None

    @abstractmethod
    def line(self, speech: Any, ids: list[int], mel: np.ndarray, frames: int) -> np.ndarray:
        """What is spoken in the rehearsal, without chance: the tokens or the mel frames, at most `frames`
        long."""

    @abstractmethod
    def rendition(self, speech: Any, corpus: Corpus, example: Example) -> Rendition:
        """A held-out utterance, spoken with the model as it is."""

    # From elsewhere
    # ---------------------------------------------------------------------------------------------

    @abstractmethod
    def imported(self, run: Any) -> VoiceConfig:
        """The description of the coqui-tts `run` (see `synthkit_coqui.foreign.Foreign`)."""

    def imported_weights(self, weights: dict[str, Any]) -> dict[str, Any]:
        """A checkpoint's weights under the names this model has for them."""
        return weights

    def exported(self, voice: VoiceConfig, weights: dict[str, Any], config: dict[str, Any]) -> dict[str, Any]:
        """What coqui-tts's `load_checkpoint` reads; `config` may be changed."""
        return {"model": weights, "config": config, "step": 0}

    def config(self, voice: VoiceConfig, d_vector_file: str | None = None) -> Any:
        """coqui-tts's own config object, of models that are coqui-tts's."""
        raise NotImplementedError(f"{self.kind} is no model of coqui-tts's")

    def speaking(self, state: dict[str, Any]) -> dict[str, Any]:
        """The weights needed to speak."""
        return {k: v for k, v in state.items() if not k.startswith(self.training_only)}


def in_float32(function: Callable[..., Any], device: Any) -> Callable[..., Any]:
    """`function` outside autocast, with half-precision tensors among its arguments (and lists of them)
    widened."""
    import torch

    def widen(value: Any) -> Any:
        if isinstance(value, torch.Tensor):
            return value.float() if value.is_floating_point() else value
        if isinstance(value, (list, tuple)):
            return type(value)(widen(v) for v in value)
        return value

    def call(*args: Any, **kwargs: Any) -> Any:
        with torch.autocast(device.type, enabled=False):
            return function(*[widen(a) for a in args], **{k: widen(v) for k, v in kwargs.items()})

    return call


def gradient_free(array: Any) -> np.ndarray:
    """A tensor as a float32 array on the CPU."""
    out: np.ndarray = array.detach().float().cpu().numpy()
    return out
