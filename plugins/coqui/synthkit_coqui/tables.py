# SPDX-License-Identifier: Apache-2.0
"""Names that got ids in training, as coqui-tts and Mozilla TTS keep them beside a config: speakers,
languages, d-vectors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from synthkit.errors import VoiceError
from synthkit.weights import read_checkpoint
from synthkit_coqui.description import LARGEST
from synthkit_coqui.safely import read_json, within


def beside(folder: Path, name: Any) -> Path | None:
    """The file a config names by a path of the machine it was trained on, looked for beside the config."""
    if not name:
        return None
    names = name if isinstance(name, list) else [name]
    path = folder / Path(str(names[0]).replace("\\", "/")).name
    return within(path, folder) if path.is_file() else None


def _table(path: Path) -> Any:
    return read_json(path) if path.suffix == ".json" else read_checkpoint(path)


def by_id(ids: Any, where: str) -> list[str]:
    """Names at the place of their ids; a place that no name has is filled, so that no name moves.

    Raises
    ------
    VoiceError
        Ids that are no whole numbers from 0 on, or that two names share.
    """
    numbers = list(ids.values())
    if not all(isinstance(n, int) and not isinstance(n, bool) and 0 <= n <= LARGEST for n in numbers):
        raise VoiceError(f"ids that are no whole numbers from 0 on: {numbers[:8]}", where=where)
    if len(set(numbers)) < len(numbers):
        raise VoiceError(f"two names with one id: {dict(list(ids.items())[:8])}", where=where)
    names = {number: str(name) for name, number in ids.items()}
    return [names.get(number, f"id {number}") for number in range(max(numbers, default=-1) + 1)]


def speaker_names(flat: dict[str, Any], folder: Path, conditioning: str) -> list[str]:
    """Speakers in the order of their ids."""
    if conditioning == "none":
        return []
    if flat.get("speakers") and isinstance(flat["speakers"], list):
        return [str(s) for s in flat["speakers"]]
    named = [beside(folder, flat.get(k)) for k in ("speakers_file", "speaker_file")]
    path = next(
        (p for p in [*named, beside(folder, "speakers.pth"), beside(folder, "speakers.json")] if p), None
    )
    if conditioning == "d-vector":
        return list(d_vectors(flat, folder))
    if path is None:
        raise VoiceError(
            "the model has several speakers, and the file with their names is not beside the config",
            where=str(folder),
            hint="copy its speakers.pth (or speakers.json) into the folder",
        )
    return by_id(_table(path), str(path))


def language_names(flat: dict[str, Any], folder: Path, embedding: bool) -> list[str]:
    """Languages in the order of their ids, as coqui-tts takes them: of the file, else of the config, else of
    its data sets.

    Raises
    ------
    VoiceError
        The config names a file, and it is not beside it.
    """
    if embedding:
        path = beside(folder, flat.get("language_ids_file")) or beside(folder, "language_ids.json")
        if path is not None:
            return by_id(_table(path), str(path))
        if flat.get("language_ids_file"):
            raise VoiceError(
                "the model has several languages, and the file with their names is not beside the config",
                where=str(folder),
                hint="copy its language_ids.json into the folder",
            )
    listed = flat.get("languages") or []
    if not listed and embedding:
        datasets = flat.get("datasets") or []
        listed = sorted({d["language"] for d in datasets if d.get("language")})
    return [str(name) for name in listed] or [str(flat.get("phoneme_language") or "en").split("-")[0]]


def d_vectors(config: dict[str, Any], folder: Path) -> dict[str, list[float]]:
    """Mean d-vector of each speaker, unit length, in the order in which they first appear."""
    flat = {**config, **(config.get("model_args") or {})}
    path = beside(folder, flat.get("d_vector_file"))
    if path is None:
        raise VoiceError(
            "the model speaks with d-vectors, and the file that holds them is not beside the config",
            where=str(folder),
            hint="copy the file named by d_vector_file into the folder",
        )
    found: dict[str, list[np.ndarray]] = {}
    for entry in _table(path).values():
        found.setdefault(str(entry["name"]), []).append(
            np.asarray(entry["embedding"], np.float64).reshape(-1)
        )
    means = {name: np.mean(vectors, axis=0) for name, vectors in found.items()}
    return {name: (m / max(1e-9, float(np.linalg.norm(m)))).tolist() for name, m in means.items()}
