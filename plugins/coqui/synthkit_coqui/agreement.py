# SPDX-License-Identifier: Apache-2.0
"""Does a config describe the checkpoint beside it? Asked before a training goes on, and before a model is
imported.

coqui-tts writes the config into the checkpoint too, with the names of speakers and languages in the order of
their ids. Where that record is there, everything that gives a number its meaning is compared with it; a
record that only points at a file says nothing of an order, and is said to say nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from synthkit.errors import VoiceError
from synthkit.types import Finding
from synthkit_coqui.architectures.base import Architecture
from synthkit_coqui.specs import spec_of_audio
from synthkit_coqui.tables import language_names, speaker_names
from synthkit_coqui.trained import of_order

TABLES: tuple[tuple[str, tuple[str, ...], str, Callable[[dict[str, Any], Path], list[str]]], ...] = (
    ("languages", ("emb_l.weight",), "use_language_embedding", lambda f, p: language_names(f, p, True)),
    (
        "speakers",
        ("emb_g.weight", "speaker_embedding.weight"),
        "use_speaker_embedding",
        lambda f, p: speaker_names(f, p, "embedding"),
    ),
)
"""Of each table: its key in a config, its weights, the switch that gives the model one, how a config's is
read."""
SYMBOLS = ("characters", "use_phonemes", "add_blank", "enable_eos_bos_chars")
"""Keys that decide which symbol has which id."""
OF_SPEAKING = (
    "inference_noise_scale", "inference_noise_scale_dp", "length_scale", "max_inference_len",
    "prenet_dropout_at_inference", "init_discriminator", "r",
)  # fmt: skip
"""Arguments of a model that may change after training (Tacotron 2's `r` does so in it, and is kept beside the
weights)."""


def of_checkpoint(
    architecture: Architecture, flat: dict[str, Any], state: dict[str, Any], folder: Path, where: str
) -> list[Finding]:
    """What of the config `flat` (its ``model_args`` among the rest) is not the checkpoint's.

    Parameters
    ----------
    state : dict
        The checkpoint.
    folder : Path
        Of the config, where the files that it names are looked for.
    where : str
        The checkpoint, for messages.
    """
    weights = state.get("model", state)
    saved = state.get("config")
    saved = saved if isinstance(saved, dict) else {}
    then = {**saved, **(saved.get("model_args") or {})}
    found: list[Finding] = []
    for name, keys, switch, read in TABLES:
        rows = next((int(weights[k].shape[0]) for k in keys if k in weights), 0)
        if rows or flat.get(switch):
            now = read(flat, folder) if flat.get(switch) else []
            found += _table(name, keys[0], rows, _kept(then, name), now, where)
    found += _symbols(then, flat, where)
    found += _frames(saved, flat, where)
    return found + _model(architecture, then, flat, where)


def _kept(then: dict[str, Any], name: str) -> list[str] | None:
    """The names that the checkpoint itself lists, in the order of their ids; None where it lists none."""
    listed = then.get(name)
    return [str(n) for n in listed] if isinstance(listed, list) and listed else None


def _table(
    name: str, weight: str, rows: int, kept: list[str] | None, now: list[str], where: str
) -> list[Finding]:
    if kept is not None and len(kept) == rows:
        return of_order(name, kept, now, where)
    if len(now) != rows:
        return [
            Finding("error", f"{name}-missing",
                    f"{where} has {rows} {name}, the config has {len(now)}: {now}",
                    f"the model does not come back: size mismatch for {weight}",
                    f'"{name}": [… all {rows}, in the order of training …]', name)
        ]  # fmt: skip
    return [
        Finding("warning", f"{name}-order-unknown",
                f"{where} does not say the order of its {rows} {name}; the config's "
                f"{now} is taken on trust",
                "if it is another one, it loads without a word and speaks them swapped",
                f'compare with the config.json of the training: "{name}"', name)
    ]  # fmt: skip


def _symbols(then: dict[str, Any], flat: dict[str, Any], where: str) -> list[Finding]:
    if not any(key in then for key in SYMBOLS):
        return [
            Finding("warning", "symbols-order-unknown",
                    f"{where} does not say its characters; the config's are taken on trust",
                    "if they are others, or in another order, every symbol is spoken as another",
                    "use the config.json that the training wrote", "characters")
        ] if "characters" in flat or "use_phonemes" in flat else []  # fmt: skip
    other = [key for key in SYMBOLS if key in then and _plain(then[key]) != _plain(flat.get(key))]
    if not other:
        return []
    return [
        Finding("error", "symbols-differ", f"{', '.join(other)} of the config: not those of {where}",
                "every symbol is spoken as another, or the model does not load",
                f'"{other[0]}": as in the checkpoint', other[0])
    ]  # fmt: skip


def _frames(saved: dict[str, Any], flat: dict[str, Any], where: str) -> list[Finding]:
    if not isinstance(saved.get("audio"), dict):
        return []
    try:
        rows = spec_of_audio(saved["audio"]).differences(spec_of_audio(flat.get("audio") or {}))
    except VoiceError:
        return []  # frames that no spec can state; who imports it is told so
    if not rows:
        return []
    table = "; ".join(f"{field}: {a} in the checkpoint, {b} in the config" for field, a, b in rows)
    return [
        Finding("error", "frames-differ", f"audio of the config: not that of {where}: {table}",
                "its frames would be rendered as something else", '"audio": as in the checkpoint', "audio")
    ]  # fmt: skip


def _model(
    architecture: Architecture, then: dict[str, Any], flat: dict[str, Any], where: str
) -> list[Finding]:
    other = [
        key
        for key in architecture.arguments()
        if key not in OF_SPEAKING
        and then.get(key) is not None
        and flat.get(key) is not None
        and _plain(then[key]) != _plain(flat[key])
    ]
    if not other:
        return []
    key = other[0]
    return [
        Finding("error", "model-differs", f"{', '.join(other)} of the config: not those of {where}",
                "weights that load, in a model that computes something else with them, or none that load",
                f'"{key}": {json.dumps(_plain(then[key]), ensure_ascii=False)}', key)
    ]  # fmt: skip


def _plain(value: Any) -> Any:
    """As JSON has it, what is empty left out: a config that was read and one that was written say the same
    so."""
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in sorted(value.items()) if v not in (None, "", [], {})}
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    return value
