# SPDX-License-Identifier: Apache-2.0
"""Preflight of coqui-tts's own training configs: the traps its Trainer 0.4.0 does not tell of.

For people who train with coqui-tts itself, and for models on their way here: ``synthkit coqui check
config.json``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from synthkit.types import Finding
from synthkit.weights import read_checkpoint
from synthkit_coqui.agreement import of_checkpoint
from synthkit_coqui.architectures.base import Architecture
from synthkit_coqui.foreign import architecture_of, checkpoints_in, find_checkpoint
from synthkit_coqui.safely import read_json, within


def applied_rate(config: dict[str, Any], step: int) -> float:
    """The learning rate that Trainer 0.4.0 really applies at `step` with the NoamLR of `config`.

    NoamLR gives ``lr · w^0.5 · min(s · w^-1.5, s^-0.5)`` after s scheduler steps (s counted from 1). With one
    optimizer and ``scheduler_after_epoch`` true, its default, the Trainer never steps it: s stays 1.
    """
    warmup = float((config.get("lr_scheduler_params") or {}).get("warmup_steps", 4000))
    taken = 1 if config.get("scheduler_after_epoch", True) else max(1, step)
    return float(config.get("lr") or 1e-3) * warmup**0.5 * min(taken * warmup**-1.5, taken**-0.5)


def check_config(
    path: Path, checkpoint: Path | None = None, steps: int = 100_000, clone: bool = False
) -> list[Finding]:
    """What would go wrong in training, restoring or cloning with coqui-tts's config at `path`.

    Parameters
    ----------
    path : Path
        Of the config, or of the run folder that has one.
    checkpoint : Path, optional
        The ``.pth`` that training would continue from, or that would be spoken with; when not given, the one
        that `find_checkpoint` finds beside the config, if there is any.
    steps : int
        Steps that are planned.
    clone : bool
        Cloning is wanted of the model.

    Raises
    ------
    VoiceError
        The config or the checkpoint cannot be read safely.
    """
    path = path / "config.json" if path.is_dir() else path
    config = read_json(path)
    flat = {**config, **(config.get("model_args") or {})}
    architecture = architecture_of(config, str(path))
    found = _rate(architecture, config, steps)
    if checkpoint is None and checkpoints_in(path.parent):
        checkpoint = within(find_checkpoint(path.parent), path.parent)
    if checkpoint is not None:
        state = read_checkpoint(checkpoint)
        found += of_checkpoint(architecture, flat, state, path.parent, checkpoint.name)
    if clone:
        found += _cloning(flat)
    for key in ("speakers_file", "d_vector_file", "language_ids_file"):
        value = flat.get(key)
        if isinstance(value, str) and Path(value).is_absolute():
            found.append(
                Finding("warning", "absolute-path", f"{key} = {value!r}",
                        "a run that is moved does not come back",
                        f'"{key}": "{Path(value).name}", and start coqui-tts in its folder', key)
            )  # fmt: skip
    return found


def _rate(architecture: Architecture, config: dict[str, Any], steps: int) -> list[Finding]:
    if architecture.adversarial or config.get("lr_scheduler", "NoamLR") != "NoamLR":
        return []
    wanted = float(config.get("lr") or 1e-3)
    warmup = int((config.get("lr_scheduler_params") or {}).get("warmup_steps", 4000))
    peak = max(applied_rate(config, s) for s in (1, min(warmup, steps), steps))
    if peak >= 0.5 * wanted:
        return []
    rise = max(1, min(4000, steps // 10))
    mend = f'"scheduler_after_epoch": false, "lr_scheduler_params": {{"warmup_steps": {rise}}}'
    why = (
        "the Trainer never steps the scheduler of a model with one optimizer while scheduler_after_epoch is "
        "true"
        if config.get("scheduler_after_epoch", True)
        else f"the warm-up of {warmup} steps is longer than the {steps} planned"
    )
    return [
        Finding("error", "learning-rate-never-arrives",
                f"the learning rate applied is at most {peak:.1e}, of the {wanted:g} asked for: {why}",
                "the model learns nothing for ever", mend, "lr_scheduler")
    ]  # fmt: skip


def _cloning(flat: dict[str, Any]) -> list[Finding]:
    if flat.get("use_d_vector_file"):
        if not flat.get("d_vector_file"):
            return [
                Finding("error", "no-d-vectors", "use_d_vector_file without d_vector_file",
                        "training does not start",
                        '"d_vector_file": "d_vectors.json"', "d_vector_file")
            ]  # fmt: skip
        if not flat.get("speaker_encoder_model_path"):
            return [
                Finding("error", "no-speaker-encoder",
                        "the model has d-vectors, and no encoder makes one of a clip",
                        "speaker_wav is ignored without a word, and the speaker named (or none) is heard",
                        '"speaker_encoder_model_path": …, "speaker_encoder_config_path": … of the encoder '
                        "that made d_vector_file; `Synthesizer` takes them as encoder_checkpoint and "
                        "encoder_config too",
                        "model_args")
            ]  # fmt: skip
        return []
    return [
        Finding("error", "cannot-clone", "the model is asked to clone and has no d-vectors",
                "speaker_wav is ignored without a word, and the model's own speaker is heard",
                '"use_d_vector_file": true, "d_vector_file": …, "use_speaker_embedding": false; then train',
                "model_args")
    ]  # fmt: skip
