# SPDX-License-Identifier: Apache-2.0
"""The one door to coqui-tts: every import of it goes through `coqui()`, and every private place of it is
listed here.

Its models are trained and spoken with from outside, by names that it never promised to keep. `CLASSES` and
`PRIVATE` are all of them; a version other than those that were tried is refused by name, and a place that is
gone is named too.

Five things stand in the way of importing coqui-tts 0.28.0 as it is; all are put back as they were:

- torchaudio's wheel is linked against CUDA and does not load beside a CPU build of torch. Its extension
  module is replaced by one that says "no extension", which torchaudio itself supports.
- coqui-tts refuses to start without torchcodec when torch is 2.9 or newer, though it asks only whether the
  package is present. A placeholder answers while it is imported. (Audio files are read by `synthkit.audio`
  alone.)
- It asks ``importlib.metadata.packages_distributions`` twice, which reads the file list of every package that
  is installed (a second of CPU), to look a few names up. They are looked up by name.
- torchaudio, fsspec and yaml are imported by modules that speaking needs, for functions that it does not.
  Those modules get a stand-in, which imports the real one when something of it is asked for.
- Every model makes an `AudioProcessor`, whose mel basis librosa computes (and compiles); no model here
  uses it.
"""

from __future__ import annotations

import gc
import importlib
import importlib.machinery
import importlib.util
import logging
import sys
import types
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from synthkit.errors import MissingDependency
from synthkit_coqui.pins import GATED, PINS, install_line

CLASSES = {
    "GlowTTS": "TTS.tts.models.glow_tts",
    "GlowTTSConfig": "TTS.tts.configs.glow_tts_config",
    "Tacotron2": "TTS.tts.models.tacotron2",
    "Tacotron2Config": "TTS.tts.configs.tacotron2_config",
    "ConvBNBlock": "TTS.tts.layers.tacotron.tacotron2",
    "Encoder": "TTS.tts.layers.tacotron.tacotron2",
    "Prenet": "TTS.tts.layers.tacotron.common_layers",
    "Linear": "TTS.tts.layers.tacotron.common_layers",
    "init_attn": "TTS.tts.layers.tacotron.attentions",
    "Vits": "TTS.tts.models.vits",
    "VitsConfig": "TTS.tts.configs.vits_config",
    "VitsArgs": "TTS.tts.configs.vits_config",
    "VitsCharacters": "TTS.tts.models.vits",
    "GAN": "TTS.vocoder.models.gan",
    "HifiganConfig": "TTS.vocoder.configs.hifigan_config",
    "MultibandMelganConfig": "TTS.vocoder.configs.multiband_melgan_config",
    "MultibandMelganGenerator": "TTS.vocoder.models.multiband_melgan_generator",
    "BaseAudioConfig": "TTS.config.shared_configs",
    "CharactersConfig": "TTS.tts.configs.shared_configs",
    "Graphemes": "TTS.tts.utils.text.characters",
    "IPAPhonemes": "TTS.tts.utils.text.characters",
    "AudioProcessor": "TTS.utils.audio",
    "RAdam": "TTS.utils.radam",
}
"""Name to module. Each is imported when it is asked for: who speaks with one model does not wait for the
others."""
PRIVATE = {
    "GlowTTS": (
        "run_data_dep_init", "unlock_act_norm_layers", "lock_act_norm_layers", "encoder",
        "inference_noise_scale", "length_scale", "train_step", "get_criterion", "inference", "forward",
    ),
    "Tacotron2": (
        "embedding", "encoder", "encoder.convolutions", "postnet.convolutions", "decoder.r",
        "decoder.r_init", "decoder.set_r",
        "decoder.max_decoder_steps", "decoder.frame_channels", "decoder.encoder_embedding_dim",
        "decoder.query_dim", "decoder.decoder_rnn_dim", "decoder.prenet_dim",
        "decoder.prenet.dropout_at_inference", "decoder.attention", "decoder.attention_rnn",
        "decoder.decoder_rnn", "decoder.linear_projection", "decoder.stopnet", "prenet_type",
        "prenet_dropout", "attention_type", "location_attn", "attention_win", "attention_norm",
        "use_forward_attn", "transition_agent", "forward_attn_mask", "attention_heads", "train_step",
        "get_criterion", "inference",
    ),
    "Vits": (
        "disc", "duration_predictor", "forward_mas", "format_batch_on_device", "inference_noise_scale",
        "length_scale", "max_inference_len", "train_step", "get_criterion", "inference",
    ),
    "GAN": (
        "model_d", "model_g.inference", "config.generator_model_params", "train_disc", "train_step",
        "get_criterion", "inference",
    ),
}  # fmt: skip
"""Of each model's module: attributes that are read, set, replaced or called here, dotted for those of its
parts."""
SOMETIMES = {"Tacotron2": ("coarse_decoder", "decoder.attention.attention_weights")}
"""Places that a model has only with some settings, or while it speaks: not looked for when one is made.
Discriminators are found by their ``convs`` and ``conv_post``, whatever holds them."""
WITH_SPEAKERS = {"GlowTTS": "emb_g.weight", "Tacotron2": "speaker_embedding.weight", "Vits": "emb_g.weight"}
"""The table with a row for each speaker, of models that have one."""
SEARCHES = {
    "GlowTTS": ("TTS.tts.models.glow_tts", "maximum_path"),
    "Vits": ("TTS.tts.models.vits", "maximum_path"),
}
"""Where models that search for alignments have the search, by the names in `CLASSES`."""
REPLACED = (
    ("TTS.utils.audio.processor", "build_mel_basis"),
    ("torchaudio", "_extension"),
    *SEARCHES.values(),
)
"""Module and attribute: what is replaced for a while, beside
``importlib.metadata.packages_distributions``."""

LATER = ("torchaudio", "fsspec", "yaml")
"""Modules of which speaking uses nothing."""


class Door:
    """coqui-tts's classes as attributes, by the names in `CLASSES`; imported when they are asked for."""

    def __getattr__(self, name: str) -> Any:
        if name not in CLASSES:
            raise AttributeError(name)
        found = _imported(CLASSES[name], name)
        setattr(self, name, found)
        return found


@lru_cache(maxsize=1)
def coqui() -> Any:
    """The classes of coqui-tts this plugin uses, by short name: a `Door`.

    Raises
    ------
    MissingDependency
        coqui-tts, or something it needs, is not installed, or of another version than this plugin was made
        for.
    """
    for name in GATED:
        _gate(name)
    logging.getLogger("TTS").setLevel(logging.ERROR)
    with _quietly():
        _prepare_torchaudio()
    with _quietly(), _placeholder("torchcodec"), _by_name():
        try:
            importlib.import_module("TTS")
        except ModuleNotFoundError as error:
            raise _needs(error) from error
        except ImportError as error:  # it looks for what it needs itself, and says so in many lines
            said = " ".join(str(error).split())
            raise MissingDependency(
                f"coqui-tts does not start: {said}", where=WHERE, hint=install_line()
            ) from error
    logging.getLogger("TTS").setLevel(logging.ERROR)
    return Door()


WHERE = "plugin 'coqui'"


def _imported(module: str, name: str) -> Any:
    try:
        with _quietly(), _later(*LATER), _uncollected(), _without_its_own_log():
            return getattr(importlib.import_module(module), name)
    except ModuleNotFoundError as error:
        if not (error.name or "").startswith("TTS"):
            raise _needs(error) from error
        raise gone(f"{module}.{name}") from error
    except (ImportError, AttributeError) as error:
        raise gone(f"{module}.{name}") from error


def gone(place: str) -> MissingDependency:
    """The error of a place that this version of coqui-tts does not have."""
    return MissingDependency(
        f"coqui-tts {_version('coqui-tts')} has no {place}, which this plugin uses; it was made with "
        f"{PINS['coqui-tts']}",
        where=WHERE,
        hint=install_line(),
    )


def held(model: Any, name: str, *, speakers: bool = False) -> Any:
    """`model` itself, made by class `name`, when every private place of it that is used here is there.

    Raises
    ------
    MissingDependency
        One is gone; the message names it and the versions.
    """
    for place in (*PRIVATE[name], *([WITH_SPEAKERS[name]] if speakers and name in WITH_SPEAKERS else [])):
        part = model
        for step in place.split("."):
            if not hasattr(part, step):
                raise gone(f"{name}.{place}")
            part = getattr(part, step)
    return model


@contextmanager
def without_mel_basis() -> Iterator[None]:
    """While models are made: their `AudioProcessor` gets no mel basis."""
    with _place(*REPLACED[0], lambda _: lambda **__: None):
        yield


@contextmanager
def searching(name: str, change: Callable[[Any], Any]) -> Iterator[None]:
    """While a model, by its name in `SEARCHES`, takes a step: it searches for alignments in what `change`
    makes of the log-likelihoods ``(B, tokens, frames)``."""
    with _place(*SEARCHES[name], lambda search: lambda found, mask: search(change(found), mask)):
        yield


@contextmanager
def _place(module: str, name: str, other: Callable[[Any], Any]) -> Iterator[None]:
    """While something is done: what `other` makes of a place of coqui-tts stands in it."""
    coqui()
    owner = importlib.import_module(module)
    if not hasattr(owner, name):
        raise gone(f"{module}.{name}")
    with _replaced(owner, name, other(getattr(owner, name))):
        yield


def _version(name: str) -> str:
    from importlib import metadata

    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError as error:
        raise MissingDependency(
            f"this needs the package {name!r}",
            where=WHERE,
            hint=f"install torch first, then: {install_line()}",
        ) from error


def _gate(name: str) -> None:
    have, made_with = _version(name), PINS[name]
    if have.split(".")[:2] != made_with.split(".")[:2]:
        raise MissingDependency(
            f"{name} {have} is installed; this plugin uses private places of it and was made with "
            f"{made_with}",
            where=WHERE,
            hint=install_line(),
        )


def _needs(error: ModuleNotFoundError) -> MissingDependency:
    return MissingDependency(
        f"coqui-tts needs the package {error.name!r}",
        where=WHERE,
        hint=f"install torch first, then: {install_line()}",
    )


@contextmanager
def _quietly() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@contextmanager
def _without_its_own_log() -> Iterator[None]:
    """The logger of coqui-tts's trainer is as any other's, where it is imported within.

    It comes with level INFO and a handler that holds the standard error stream of that moment: where somebody
    had put another one there for a while, each later message, and each flush, failed on a closed file.
    """
    there = "trainer.logger" in sys.modules
    try:
        yield
    finally:
        if not there and "trainer.logger" in sys.modules:
            logger = logging.getLogger("trainer")
            logger.setLevel(logging.ERROR)
            logger.propagate = True
            for handler in logger.handlers[:]:
                logger.removeHandler(handler)


@contextmanager
def _replaced(owner: Any, name: str, value: Any) -> Iterator[None]:
    before = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, before)


class _Distributions(dict[str, list[str]]):
    """Import name to distributions, looked up when asked for."""

    KNOWN = {"coqpit": ("coqpit", "coqpit-config")}  # noqa: RUF012

    def __missing__(self, name: str) -> list[str]:
        found = self.get(name, None)
        if not found:
            raise KeyError(name)
        return found

    def get(self, name: str, default: Any = None) -> Any:
        """Those of the usual names that are installed."""
        from importlib import metadata

        found = []
        for candidate in self.KNOWN.get(name, dict.fromkeys((name, name.replace("_", "-")))):
            try:
                metadata.distribution(candidate)
            except metadata.PackageNotFoundError:
                continue
            found.append(candidate)
        return found or default


@contextmanager
def _by_name() -> Iterator[None]:
    """While coqui-tts is imported: distributions are looked up by name."""
    from importlib import metadata

    with _replaced(metadata, "packages_distributions", _Distributions):
        yield


def _prepare_torchaudio() -> None:
    try:
        with _uncollected():
            import torch

        if importlib.util.find_spec("torchaudio") is None:
            raise ModuleNotFoundError(name="torchaudio")
        if torch.version.cuda is None and "torchaudio" not in sys.modules:
            extension = types.ModuleType("torchaudio._extension")
            extension._IS_TORCHAUDIO_EXT_AVAILABLE = False  # type: ignore[attr-defined]
            extension._load_lib = lambda name: False  # type: ignore[attr-defined]
            extension.fail_if_no_align = _unavailable  # type: ignore[attr-defined]
            sys.modules["torchaudio._extension"] = extension
    except ModuleNotFoundError as error:
        raise _needs(error) from error


class _Later(types.ModuleType):
    """Stands for a module until something of it is asked for."""

    def __getattr__(self, name: str) -> Any:
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(importlib.import_module(self.__name__), name)


@contextmanager
def _later(*names: str) -> Iterator[None]:
    """While modules are imported: those of `names` that are not there yet are imported when they are used."""
    stand_ins = {n: _Later(n) for n in names if n not in sys.modules and importlib.util.find_spec(n)}
    for name, module in stand_ins.items():
        module.__spec__ = importlib.machinery.ModuleSpec(name, None)
        sys.modules[name] = module
    try:
        yield
    finally:
        for name, module in stand_ins.items():
            if sys.modules.get(name) is module:
                del sys.modules[name]


@contextmanager
def _uncollected() -> Iterator[None]:
    """While much is imported that stays: not looked through for garbage again and again."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _unavailable(function: Callable[..., Any]) -> Callable[..., Any]:
    def refuse(*args: Any, **kwargs: Any) -> Any:
        raise RuntimeError(f"torchaudio.{function.__name__} needs torchaudio's compiled extension")

    return refuse


@contextmanager
def _placeholder(name: str) -> Iterator[None]:
    if importlib.util.find_spec(name) is not None:
        yield
        return
    module = types.ModuleType(name)
    module.__spec__ = importlib.machinery.ModuleSpec(name, None)
    sys.modules[name] = module
    try:
        yield
    finally:
        del sys.modules[name]
