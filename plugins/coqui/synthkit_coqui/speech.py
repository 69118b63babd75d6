# SPDX-License-Identifier: Apache-2.0
"""Speak with what was trained: weights and config from a folder, tokens in, frames or samples out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from synthkit.errors import VoiceError
from synthkit.paths import read_json
from synthkit.weights import read_safetensors
from synthkit_coqui.architectures import find
from synthkit_coqui.checkpoints import save_tensors
from synthkit_coqui.description import VoiceConfig, described
from synthkit_coqui.models import checked, load_weights, make
from synthkit_coqui.speaking import Speaking

CONFIG, WEIGHTS, VECTORS = "config.json", "model.safetensors", "d_vectors.json"


def save_voice(
    folder: Path,
    voice: VoiceConfig,
    state: dict[str, Any],
    *,
    vectors: dict[str, list[float]] | None = None,
    half: bool = False,
) -> None:
    """Write a voice that speaks: config, weights without discriminators, mean d-vectors by speaker."""
    import torch

    folder.mkdir(parents=True, exist_ok=True)
    weights = find(voice.kind).speaking(state)
    if half:
        weights = {k: v.to(torch.float16) if v.dtype == torch.float32 else v for k, v in weights.items()}
    save_tensors(folder / WEIGHTS, weights)
    if vectors:
        (folder / VECTORS).write_text(json.dumps(vectors, ensure_ascii=False), encoding="utf-8")
    text = json.dumps(voice.to_dict(), ensure_ascii=False, indent=1)
    (folder / CONFIG).write_text(text, encoding="utf-8")


def read_config(folder: Path) -> VoiceConfig:
    """The config of a voice written by `save_voice`.

    Raises
    ------
    VoiceError
        It is missing or does not describe a voice of this plugin.
    """
    path = folder / CONFIG
    if not path.exists():
        raise VoiceError(
            "there is no trained model here",
            where=str(path),
            hint="one is the acoustic_model or the vocoder folder of a voice that was built with this plugin",
        )
    with described(str(path)):
        return checked(VoiceConfig.from_dict(read_json(path, VoiceError)))


def read_weights(folder: Path) -> dict[str, Any]:
    """Weights of a voice, in float32; written whole or in parts ``model-1.safetensors``, ``model-2…``."""
    import torch

    parts = sorted(folder.glob("model-*.safetensors")) or [folder / WEIGHTS]
    state: dict[str, Any] = {}
    for part in parts:
        state |= read_safetensors(part)
    return {k: v.float() if v.dtype in (torch.float16, torch.bfloat16) else v for k, v in state.items()}


def read_vectors(folder: Path, voice: VoiceConfig) -> dict[str, np.ndarray]:
    """Mean d-vector of each speaker, float32; empty for models that take none.

    Raises
    ------
    VoiceError
        The file is missing, or does not hold one finite vector of the model's size for every speaker.
    """
    if voice.conditioning != "d-vector":
        return {}
    path = folder / VECTORS
    try:
        table = read_json(path, VoiceError)
        vectors = {name: np.array(table[name], np.float32) for name in voice.speakers}
    except (VoiceError, ValueError, TypeError, KeyError) as error:
        raise VoiceError(
            f"no d-vectors of the speakers {', '.join(voice.speakers)} ({type(error).__name__}: {error})",
            where=str(path),
        ) from error
    for name, vector in vectors.items():
        if vector.shape != (voice.d_vector_dim,) or not np.isfinite(vector).all():
            raise VoiceError(
                f"the d-vector of {name!r} is not {voice.d_vector_dim} finite numbers", where=str(path)
            )
    return vectors


class Speech:
    """A trained model, ready to speak.

    Parameters
    ----------
    voice : VoiceConfig
    model : Module
        As `make` gives it, with its weights loaded.
    device : torch.device
    """

    def __init__(self, voice: VoiceConfig, model: Any, device: Any) -> None:
        self.voice, self.device = voice, device
        self.architecture: Any = find(voice.kind)
        self.model = model.to(device).eval()
        self.max_frames: int | None = None
        """Where to stop; None: the model knows its end, or gets as long as a text of that length can take."""
        self.architecture.open(self.model)

    @classmethod
    def open(cls, folder: Path, device: str = "cpu") -> Speech:
        """Load a voice from its folder."""
        from synthkit_coqui.learner import pick_device

        voice = read_config(folder)
        with described(str(folder / CONFIG)):
            model = make(voice)
        optional = find(voice.kind).training_only
        load_weights(model, read_weights(folder), where=str(folder), optional=optional)
        return cls(voice, model, pick_device(device))

    def acoustic(self, ids: Sequence[int], how: Speaking) -> np.ndarray:
        """Mel frames ``(T, n_mels)``, or for VITS samples ``(N,)``, of the token sequence."""
        out: np.ndarray = self.architecture.speak(
            self.model, self.voice, ids, how, device=self.device, limit=self.max_frames
        )
        return out

    def render(self, mel: np.ndarray) -> np.ndarray:
        """Samples of mel frames ``(T, n_mels)``, exactly T hops long."""
        out: np.ndarray = self.architecture.render(self.model, self.voice, mel, self.device)
        return out
