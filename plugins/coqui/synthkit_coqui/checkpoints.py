# SPDX-License-Identifier: Apache-2.0
"""Checkpoints that are whole or not there: safetensors and JSON, never pickle.

A checkpoint is a folder ``step-000001234`` with the weights, the state of the optimizers and a few numbers.
It is written under a name that marks it unfinished and renamed when it is on the disk, so a process that is
killed at any moment leaves either the older checkpoints or the new one.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

from synthkit.errors import VoiceError
from synthkit.paths import read_json
from synthkit.weights import read_safetensors

UNFINISHED = ".unfinished"
ELSE = "delete this checkpoint: the same command goes on from the one before, or begins again"


def save_tensors(path: Path, tensors: dict[str, Any]) -> None:
    """Write tensors (any device) as safetensors and flush them to the disk."""
    from safetensors.torch import save_file

    save_file({k: v.detach().cpu().contiguous().clone() for k, v in tensors.items()}, path)
    _flush(path)


def save(
    folder: Path, step: int, model: Any, optimizers: list[Any], scaler: Any, extra: dict[str, Any]
) -> Path:
    """Write the checkpoint of `step` and return its folder."""
    final = folder / f"step-{step:09d}"
    if final.exists():
        return final
    partial = folder / (final.name + UNFINISHED)
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    save_tensors(partial / "model.safetensors", model.state_dict())
    groups, numbers = [], []
    for number, optimizer in enumerate(optimizers):
        state = optimizer.state_dict()
        groups.append(state["param_groups"])
        slots = {f"{i}.{name}": value for i, kept in state["state"].items() for name, value in kept.items()}
        tensors = {k: v for k, v in slots.items() if hasattr(v, "detach")}
        save_tensors(partial / f"optimizer{number}.safetensors", tensors)
        numbers.append({k: v for k, v in slots.items() if k not in tensors})
    record = {
        "step": step,
        "param_groups": groups,
        "numbers": numbers,
        "scaler": scaler.state_dict() if scaler else None,
        **extra,
    }
    path = partial / "state.json"
    path.write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")
    _flush(path)
    os.rename(partial, final)
    _flush(folder)
    return final


def restore(folder: Path, model: Any, optimizers: list[Any], scaler: Any) -> dict[str, Any]:
    """Load a checkpoint into the model and its optimizers; returns the numbers saved with it.

    Raises
    ------
    VoiceError
        The checkpoint is damaged.
    """
    file = folder / "state.json"
    record = read_json(file, VoiceError, hint=ELSE)
    try:
        return _restored(record, folder, model, optimizers, scaler)
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        raise VoiceError(
            f"is no state of this training ({type(error).__name__}: {str(error)[:160]})",
            where=str(file),
            hint=ELSE,
        ) from error


def _restored(
    record: dict[str, Any], folder: Path, model: Any, optimizers: list[Any], scaler: Any
) -> dict[str, Any]:
    from synthkit_coqui.models import load_weights

    load_weights(model, read_safetensors(folder / "model.safetensors"), where=str(folder))
    for number, optimizer in enumerate(optimizers):
        state: dict[int, dict[str, Any]] = {}
        tensors = read_safetensors(folder / f"optimizer{number}.safetensors")
        for key, value in {**tensors, **record["numbers"][number]}.items():
            index, name = key.split(".", 1)
            state.setdefault(int(index), {})[name] = value
        groups = [{**g, **_tuples(g)} for g in record["param_groups"][number]]
        optimizer.load_state_dict({"state": state, "param_groups": groups})
    if scaler and record["scaler"]:
        scaler.load_state_dict(record["scaler"])
    return record


def latest(folder: Path, *, clean: bool = False) -> Path | None:
    """The newest whole checkpoint; `clean` removes unfinished ones."""
    if not folder.is_dir():
        return None
    if clean:
        for partial in folder.glob(f"*{UNFINISHED}"):
            shutil.rmtree(partial)
    found = sorted(p for p in folder.glob("step-*") if not p.name.endswith(UNFINISHED))
    return found[-1] if found else None


def prune(folder: Path, keep: int) -> None:
    """Remove all but the newest `keep` checkpoints."""
    for old in sorted(p for p in folder.glob("step-*") if not p.name.endswith(UNFINISHED))[:-keep]:
        doomed = old.with_name(old.name.replace("step-", "old-") + UNFINISHED)
        os.rename(old, doomed)
        shutil.rmtree(doomed)


def _tuples(group: dict[str, Any]) -> dict[str, Any]:
    return {"betas": tuple(group["betas"])} if "betas" in group else {}


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
