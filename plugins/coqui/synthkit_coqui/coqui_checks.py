"""Preflight of coqui-tts's own training configs: the traps its Trainer 0.4.0 does not tell of.

For people who train with coqui-tts itself, and for models on their way here: ``synthkit coqui check config.json``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from synthkit.types import Finding
from synthkit_coqui.foreign import EMBEDDINGS, kind_of, language_names, speaker_names
from synthkit_coqui.preflight import of_order
from synthkit_coqui.safely import read_checkpoint, read_json

ADVERSARIAL = ("vits", "coqui-hifigan", "coqui-mb-melgan")


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
    checkpoint : Path, optional
        The ``.pth`` that training would continue from, or that would be spoken with.
    steps : int
        Steps that are planned.
    clone : bool
        Cloning is wanted of the model.

    Raises
    ------
    VoiceError
        The config or the checkpoint cannot be read safely.
    """
    config = read_json(path)
    flat = {**config, **(config.get("model_args") or {})}
    kind = kind_of(config, str(path))
    found = _rate(kind, config, steps)
    if checkpoint is not None:
        found += _restore(flat, read_checkpoint(checkpoint), path.parent, checkpoint)
    if clone:
        found += _cloning(flat)
    for key in ("speakers_file", "d_vector_file", "language_ids_file"):
        value = flat.get(key)
        if isinstance(value, str) and Path(value).is_absolute():
            found.append(
                Finding("warning", "absolute-path", f"{key} = {value!r}", "a run that is moved does not come back",
                        f'"{key}": "{Path(value).name}", and start coqui-tts in its folder', key)
            )  # fmt: skip
    return found


def _rate(kind: str, config: dict[str, Any], steps: int) -> list[Finding]:
    if kind in ADVERSARIAL or config.get("lr_scheduler", "NoamLR") != "NoamLR":
        return []
    wanted = float(config.get("lr") or 1e-3)
    warmup = int((config.get("lr_scheduler_params") or {}).get("warmup_steps", 4000))
    peak = max(applied_rate(config, s) for s in (1, min(warmup, steps), steps))
    if peak >= 0.5 * wanted:
        return []
    mend = f'"scheduler_after_epoch": false, "lr_scheduler_params": {{"warmup_steps": {max(1, min(4000, steps // 10))}}}'
    why = (
        "the Trainer never steps the scheduler of a model with one optimizer while scheduler_after_epoch is true"
        if config.get("scheduler_after_epoch", True)
        else f"the warm-up of {warmup} steps is longer than the {steps} planned"
    )
    return [
        Finding("error", "learning-rate-never-arrives",
                f"the learning rate applied is at most {peak:.1e}, of the {wanted:g} asked for: {why}",
                "the model learns nothing for ever", mend, "lr_scheduler")
    ]  # fmt: skip


def _restore(flat: dict[str, Any], state: dict[str, Any], folder: Path, checkpoint: Path) -> list[Finding]:
    weights = state.get("model", state)
    saved = state.get("config") if isinstance(state.get("config"), dict) else {}
    then = {**(saved or {}), **((saved or {}).get("model_args") or {})}
    found: list[Finding] = []
    where = checkpoint.name
    for name, table, key, read in (
        ("languages", "emb_l.weight", "use_language_embedding", lambda f: language_names(f, folder, True)),
        ("speakers", ("emb_g.weight", "speaker_embedding.weight"), "use_speaker_embedding",
         lambda f: speaker_names(f, folder, "embedding")),
    ):  # fmt: skip
        keys = (table,) if isinstance(table, str) else table
        rows = next((int(weights[k].shape[0]) for k in keys if k in weights), 0)
        if not rows and not flat.get(key):
            continue
        now = read(flat) if flat.get(key) else []
        before = read(then) if then.get(key) else None
        if before is not None and len(before) == rows:
            found += of_order(name, before, now, where)
        elif len(now) != rows:
            found.append(
                Finding("error", f"{name}-missing", f"{where} has {rows} {name}, the config has {len(now)}: {now}",
                        f"the model does not come back: size mismatch for {keys[0]}", f'"{name}": [… all {rows}, in the order of training …]', name)
            )  # fmt: skip
        else:
            found.append(
                Finding("warning", f"{name}-order-unknown", f"{where} does not say the order of its {rows} {name}",
                        "if the config's order is another one, it loads without a word and speaks them swapped",
                        f'compare with the config.json of the training: "{name}"', name)
            )  # fmt: skip
    symbols = next((k for k in EMBEDDINGS if k in weights), None)
    if (
        symbols
        and then.get("characters")
        and flat.get("characters")
        and then["characters"] != flat["characters"]
    ):
        found.append(
            Finding("error", "symbols-differ", "the characters of the config are not those of the checkpoint",
                    "every symbol is spoken as another, or the model does not load", '"characters": as in the checkpoint', "characters")
        )  # fmt: skip
    return found


def _cloning(flat: dict[str, Any]) -> list[Finding]:
    if flat.get("use_d_vector_file"):
        if not flat.get("d_vector_file"):
            return [
                Finding("error", "no-d-vectors", "use_d_vector_file without d_vector_file", "training does not start",
                        '"d_vector_file": "d_vectors.json"', "d_vector_file")
            ]  # fmt: skip
        if not flat.get("speaker_encoder_model_path"):
            return [
                Finding("error", "no-speaker-encoder", "the model has d-vectors, and no encoder makes one of a clip",
                        "speaker_wav is ignored without a word, and the speaker named (or none) is heard",
                        '"speaker_encoder_model_path": …, "speaker_encoder_config_path": … of the encoder that made '
                        "d_vector_file; `Synthesizer` takes them as encoder_checkpoint and encoder_config too", "model_args")
            ]  # fmt: skip
        return []
    return [
        Finding("error", "cannot-clone", "the model is asked to clone and has no d-vectors",
                "speaker_wav is ignored without a word, and the model's own speaker is heard",
                '"use_d_vector_file": true, "d_vector_file": …, "use_speaker_embedding": false; then train', "model_args")
    ]  # fmt: skip
