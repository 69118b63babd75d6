# SPDX-License-Identifier: Apache-2.0
"""The one door to coqui-tts: every import of it goes through `coqui()`.

Two things stand in the way of importing coqui-tts 0.28.0 as it is, and both concern audio files, which this
plugin reads through `synthkit.audio` alone:

- torchaudio's wheel is linked against CUDA and does not load beside a CPU build of torch. Its extension
  module is replaced by one that says "no extension", which torchaudio itself supports.
- coqui-tts refuses to start without torchcodec when torch is 2.9 or newer, though it asks only whether the
  package is present. A placeholder answers while it is imported, and is then taken away.
"""

from __future__ import annotations

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

PINS = (
    "coqui-tts==0.28.0 coqui-tts-trainer==0.4.0 coqpit-config==0.2.5 torchaudio==2.11.0 librosa==0.11.0 "
    "monotonic-alignment-search==0.2.1 six==1.17.0"
)


@lru_cache(maxsize=1)
def coqui() -> types.SimpleNamespace:
    """The classes of coqui-tts this plugin uses, by short name.

    Raises
    ------
    MissingDependency
        coqui-tts, or something it needs, is not installed.
    """
    logging.getLogger("TTS").setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            _import_torchaudio()
            with _placeholder("torchcodec"):
                importlib.import_module("TTS")
            names = {
                "GlowTTS": "TTS.tts.models.glow_tts",
                "GlowTTSConfig": "TTS.tts.configs.glow_tts_config",
                "Tacotron2": "TTS.tts.models.tacotron2",
                "Tacotron2Config": "TTS.tts.configs.tacotron2_config",
                "Vits": "TTS.tts.models.vits",
                "VitsConfig": "TTS.tts.configs.vits_config",
                "VitsArgs": "TTS.tts.configs.vits_config",
                "GAN": "TTS.vocoder.models.gan",
                "HifiganConfig": "TTS.vocoder.configs.hifigan_config",
                "MultibandMelganConfig": "TTS.vocoder.configs.multiband_melgan_config",
                "BaseAudioConfig": "TTS.config.shared_configs",
                "CharactersConfig": "TTS.tts.configs.shared_configs",
                "AudioProcessor": "TTS.utils.audio",
                "RAdam": "TTS.utils.radam",
                "VitsCharacters": "TTS.tts.models.vits",
                "Graphemes": "TTS.tts.utils.text.characters",
                "IPAPhonemes": "TTS.tts.utils.text.characters",
            }
            found = {name: getattr(importlib.import_module(module), name) for name, module in names.items()}
    except ModuleNotFoundError as error:
        raise MissingDependency(
            f"coqui-tts needs the package {error.name!r}",
            where="plugin 'coqui'",
            hint=f"pip install torch first, then: pip install --no-deps {PINS}",
        ) from error
    for name in ("trainer", "TTS"):
        logging.getLogger(name).setLevel(logging.ERROR)
    return types.SimpleNamespace(**found)


def _import_torchaudio() -> None:
    import torch

    if torch.version.cuda is None and "torchaudio" not in sys.modules:
        extension = types.ModuleType("torchaudio._extension")
        extension._IS_TORCHAUDIO_EXT_AVAILABLE = False  # type: ignore[attr-defined]
        extension._load_lib = lambda name: False  # type: ignore[attr-defined]
        extension.fail_if_no_align = _unavailable  # type: ignore[attr-defined]
        sys.modules["torchaudio._extension"] = extension
    importlib.import_module("torchaudio")


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
