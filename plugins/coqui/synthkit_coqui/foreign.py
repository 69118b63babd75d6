# SPDX-License-Identifier: Apache-2.0
"""Import a coqui-tts (or Mozilla TTS) model folder: ``config.json`` and a ``.pth`` beside it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from synthkit.errors import VoiceError
from synthkit.types import FeatureSpec, Finding
from synthkit.weights import read_checkpoint
from synthkit_coqui import mozilla
from synthkit_coqui.agreement import of_checkpoint
from synthkit_coqui.architectures import BUILT_IN, find, named
from synthkit_coqui.architectures.base import Architecture
from synthkit_coqui.description import VoiceConfig, described
from synthkit_coqui.models import checked, load_weights
from synthkit_coqui.safely import made, read_json, within
from synthkit_coqui.specs import spec_of_audio
from synthkit_coqui.speech import save_voice
from synthkit_coqui.tables import d_vectors, language_names, speaker_names
from synthkit_coqui.vocabulary import vocabulary

ORIGINAL = "coqui_config.json"


@dataclass(frozen=True)
class Foreign:
    """A run folder of coqui-tts or Mozilla TTS, read.

    Attributes
    ----------
    folder : Path
    config : dict
    state : dict
        The checkpoint: weights under ``"model"``, and what the trainer put beside them.
    """

    folder: Path
    config: dict[str, Any]
    state: dict[str, Any]

    @property
    def where(self) -> str:
        """The config, for messages."""
        return str(self.folder / "config.json")

    @property
    def audio(self) -> dict[str, Any]:
        """Audio settings."""
        return self.config.get("audio") or {}

    @cached_property
    def spec(self) -> FeatureSpec:
        """The frames that the audio settings give."""
        return spec_of_audio(self.audio, where=self.where)

    @cached_property
    def flat(self) -> dict[str, Any]:
        """The config with the model's arguments in one table, under the names coqui-tts knows them by."""
        config = mozilla.settings(self.config) if mozilla.is_mozilla(self.config) else self.config
        return {**config, **(config.get("model_args") or {})}

    @property
    def conditioning(self) -> str:
        """How the model is told who speaks."""
        flat = self.flat
        if flat.get("use_d_vector_file") or flat.get("use_external_speaker_embedding_file"):
            return "d-vector"
        return "embedding" if flat.get("use_speaker_embedding") else "none"

    def acoustic(self, architecture: Any, **known: Any) -> VoiceConfig:
        """The description of a model that reads text; `known` are fields that the model knows better."""
        flat, conditioning = self.flat, self.conditioning
        model = {k: flat[k] for k in architecture.arguments() if flat.get(k) is not None}
        model.pop("init_discriminator", None)
        language = bool(flat.get("use_language_embedding"))
        weights = self.state.get("model", self.state)
        fields: dict[str, Any] = {
            "spec": self.spec,
            "model": model,
            "symbols": vocabulary(architecture, self.config, flat, self.folder, self.where, weights),
            "speakers": tuple(speaker_names(flat, self.folder, conditioning)),
            "languages": tuple(language_names(flat, self.folder, language)),
            "conditioning": conditioning,
            "language_embedding": language,
            "d_vector_dim": int(flat.get("d_vector_dim") or 0),
        }
        return VoiceConfig(kind=architecture.kind, **(fields | known))

    def vocoder(self, architecture: Architecture) -> VoiceConfig:
        """The description of a model that renders mel frames."""
        parameters = self.config.get("generator_model_params") or {}
        known = architecture.arguments()
        return VoiceConfig(
            kind=architecture.kind,
            spec=self.spec,
            model={k: v for k, v in parameters.items() if k in known},
            segment=int(self.config.get("seq_len") or 8192),
        )


def import_folder(
    folder: Path,
    out: Path,
    checkpoint: Path | None = None,
    *,
    tell: Callable[[Finding], None] = lambda finding: None,
) -> VoiceConfig:
    """Write the model of a coqui-tts run folder as a model folder of this plugin.

    Parameters
    ----------
    folder : Path
        With ``config.json``.
    out : Path
        Made; an acoustic_model or vocoder folder that `AcousticModel.open` or `Vocoder.open` reads.
    checkpoint : Path, optional
        The ``.pth``; when not given, ``best_model.pth``, else the newest checkpoint in the folder.
    tell : callable
        Is given what could not be found out: an order of names that the checkpoint does not keep.

    Raises
    ------
    VoiceError
        The files are not safe, not whole, not of a model this plugin knows, or do not fit each other: the
        config names another order of speakers, languages or symbols, other frames or another model than the
        checkpoint keeps. Or something lies at `out`.
    """
    config = read_json(within(folder / "config.json", folder))
    where = str(folder / "config.json")
    architecture = architecture_of(config, where)
    path = checkpoint or within(find_checkpoint(folder), folder)
    state = read_checkpoint(path)
    weights = state.get("model", state)
    if not isinstance(weights, dict) or not all(
        isinstance(k, str) and hasattr(v, "shape") for k, v in weights.items()
    ):
        raise VoiceError("the checkpoint holds no dictionary of tensors under 'model'", where=str(path))
    run = Foreign(folder, config, state)
    with described(where):
        _agree(architecture, run, path.name, tell)
        voice = checked(architecture.imported(run))
        model = architecture.make(voice)
    weights = architecture.imported_weights(weights)
    weights = {k: v for k, v in weights.items() if "speaker_encoder" not in k}
    weights = renamed(architecture.speaking(weights), model.state_dict())
    load_weights(model, weights, where=str(path), optional=architecture.training_only)
    vectors = d_vectors(run.flat, folder) if voice.conditioning == "d-vector" else None
    with made(out) as place:
        save_voice(place, voice, weights, vectors=vectors)
        shutil.copy2(folder / "config.json", place / ORIGINAL)
    return voice


def _agree(architecture: Architecture, run: Foreign, where: str, tell: Callable[[Finding], None]) -> None:
    """Refuse a config that is not the checkpoint's; tell what is taken on trust."""
    findings = of_checkpoint(architecture, run.flat, run.state, run.folder, where)
    errors = [f for f in findings if f.severity == "error"]
    if errors:
        text = "; ".join(f"{f.problem} (otherwise: {f.consequence})" for f in errors)
        raise VoiceError(text, where=run.where, hint=errors[0].mend)
    for finding in findings:
        tell(finding)


def architecture_of(config: dict[str, Any], where: str) -> Architecture:
    """The model a config describes; Mozilla TTS wrote ``"Tacotron2"`` and ``generator_model``.

    Raises
    ------
    VoiceError
        It is none that is known here, or has parts that are not.
    """
    if config.get("kind") in BUILT_IN:
        raise VoiceError(
            f"this is a {config['kind']} of synthkit's own, not a run of coqui-tts's", where=where,
            hint="`synthkit coqui export` writes one; `synthkit say` speaks with this as it is",
        )  # fmt: skip
    name = str(config.get("model") or config.get("generator_model") or "").lower()
    name = name.replace("_generator", "").replace("glowtts", "glow_tts")
    found = named(name)
    if found is None:
        known = ", ".join(n for kind in BUILT_IN for n in find(kind).foreign_names)
        raise VoiceError(
            f"the config describes a {name or 'nameless model'!r}", where=where, hint=f"known: {known}"
        )
    for key in ("use_gst", "use_capacitron_vae"):
        if config.get(key):
            raise VoiceError(
                f"models with {key} are not supported", where=where, hint="only those without style tokens"
            )
    return found


def checkpoints_in(folder: Path) -> list[Path]:
    """The checkpoints of a run folder; no tables of speakers, languages or vectors."""
    found = sorted(folder.glob("*.pth")) + sorted(folder.glob("*.pth.tar"))
    return [
        p for p in found if "speaker" not in p.name and "d_vector" not in p.name and "language" not in p.name
    ]


def find_checkpoint(folder: Path) -> Path:
    """The checkpoint of a run folder: the best model, else the one of most steps.

    Raises
    ------
    VoiceError
        There is none.
    """
    models = checkpoints_in(folder)
    best = [p for p in models if p.name.startswith("best_model")]
    if not models:
        raise VoiceError("there is no .pth here", where=str(folder), hint="give it with --checkpoint")

    def steps(path: Path) -> int:
        numbers = re.findall(r"\d+", path.name)
        return int(numbers[-1]) if numbers else 0

    return (
        sorted(best, key=lambda p: (p.name == "best_model.pth", steps(p)))[-1]
        if best
        else max(models, key=steps)
    )


def renamed(weights: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """Weights under this version's names: weight normalisation was stored as ``weight_g`` and ``weight_v``.

    Counters of batch normalisation, which older checkpoints lack, are taken from the fresh model.
    """
    out = {}
    for name, value in weights.items():
        for old, new in (("weight_g", "original0"), ("weight_v", "original1")):
            if name not in own and name.endswith(f".{old}"):
                name = f"{name[: -len(old)]}parametrizations.weight.{new}"
        out[name] = value
    counters = {k: v for k, v in own.items() if k.endswith("num_batches_tracked") and k not in out}
    return out | counters
