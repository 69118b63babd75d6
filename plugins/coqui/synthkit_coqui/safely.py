# SPDX-License-Identifier: Apache-2.0
"""Read strangers' files: checkpoints without running code, configs without importing what they name."""

from __future__ import annotations

import json
import os
import pickle
import re
import zipfile
from pathlib import Path
from typing import Any

from synthkit.errors import VoiceError

LARGEST_CHECKPOINT = 8 * 2**30
LARGEST_CONFIG = 16 * 2**20
KNOWN_CLASSES = {
    "TTS.tts.utils.text.characters.Graphemes",
    "TTS.tts.utils.text.characters.IPAPhonemes",
    "TTS.tts.utils.text.characters.BaseCharacters",
    "TTS.tts.models.vits.VitsCharacters",
}
"""The classes coqui-tts itself writes into configs; any other name in one is refused."""
_COMMENT = re.compile(r'("(?:[^"\\]|\\.)*")|/\*.*?\*/|//[^\n]*', re.DOTALL)
_IMPORTABLE = re.compile(r"^[A-Za-z_]\w*([.:][A-Za-z_]\w*)+$")


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object, with the comments that Mozilla TTS's configs have.

    Raises
    ------
    VoiceError
        It is missing, too large, no JSON object, or names a class or module to import.
    """
    try:
        size = path.stat().st_size
    except OSError as error:
        raise VoiceError(
            "there is no config", where=str(path), hint="a coqui-tts run folder has a config.json"
        ) from error
    if size > LARGEST_CONFIG:
        raise VoiceError(
            f"a config of {size / 2**20:.0f} MiB is none", where=str(path), hint="at most 16 MiB are read"
        )
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
        data = json.loads(_COMMENT.sub(lambda found: found.group(1) or "", text))
    except (ValueError, RecursionError, OSError) as error:
        raise VoiceError(f"the config is no JSON: {error}", where=str(path)) from error
    if not isinstance(data, dict):
        raise VoiceError("the config is no JSON object", where=str(path))
    refuse_classes(data, str(path))
    return data


def refuse_classes(data: Any, where: str, key: str = "") -> None:
    """Raise `VoiceError` when a value names something to import that coqui-tts does not itself write."""
    if isinstance(data, dict):
        for name, value in data.items():
            refuse_classes(value, where, str(name))
    elif isinstance(data, list):
        for value in data:
            refuse_classes(value, where, key)
    elif isinstance(data, str) and data not in KNOWN_CLASSES:
        asks = key.endswith("class") or key in ("_target_", "target", "import", "module", "py/object")
        if asks and data and _IMPORTABLE.match(data):
            raise VoiceError(
                f"the config asks to import {data!r} (key {key!r}); nothing is imported that a config names",
                where=where,
                hint="if you trust its author, remove the key; the model must be one that this plugin knows",
            )


def within(path: Path, folder: Path) -> Path:
    """`path` itself, unless it is a link that leads out of `folder`: what somebody packed reads nothing else of yours.

    Raises
    ------
    VoiceError
        It leads out.
    """
    to = Path(os.path.realpath(path))
    if not to.is_relative_to(os.path.realpath(folder)):
        raise VoiceError(
            f"leads out of its folder, to {to}", where=str(path), hint="copy the files themselves: cp -rL"
        )
    return path


def read_checkpoint(path: Path) -> dict[str, Any]:
    """A ``.pth`` file's dictionary, its tensors on the CPU; no code in it is run.

    Raises
    ------
    VoiceError
        It is missing, too large, cut short, or holds anything but tensors and plain values.
    """
    import torch

    try:
        size = path.stat().st_size
    except OSError as error:
        raise VoiceError("there is no checkpoint", where=str(path)) from error
    if size > LARGEST_CHECKPOINT:
        raise VoiceError(
            f"a checkpoint of {size / 2**30:.1f} GiB is larger than any model this plugin knows",
            where=str(path),
            hint=f"at most {LARGEST_CHECKPOINT / 2**30:.0f} GiB are read",
        )
    try:
        _check_archive(path, size)
        state = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        named = re.search(r"(?:GLOBAL|global|class) ([\w.]+)", str(error))
        what = f" ({named.group(1)})" if named else ""
        raise VoiceError(
            f"the checkpoint holds code, which is never run{what}",
            where=str(path),
            hint="ask its author for tensors alone: torch.save({'model': model.state_dict()}, …)",
        ) from error
    except (RuntimeError, EOFError, ValueError, KeyError, OSError) as error:
        raise VoiceError(
            f"the checkpoint cannot be read; it is damaged or cut short ({type(error).__name__}: {str(error)[:120]})",
            where=str(path),
        ) from error
    if not isinstance(state, dict):
        raise VoiceError("the checkpoint holds no dictionary of weights", where=str(path))
    return state


def _check_archive(path: Path, size: int) -> None:
    """A torch archive is a zip of stored entries; one that unpacks to far more than it is, is refused."""
    with path.open("rb") as file:
        start = file.read(4)
    if start != b"PK\x03\x04":
        return  # the older format, a bare pickle, which the restricted reader takes too
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
    except zipfile.BadZipFile as error:
        raise VoiceError(
            f"the checkpoint is cut short ({size} bytes)", where=str(path), hint="copy it again"
        ) from error
    if unpacked > max(2 * size, 2**20) or unpacked > LARGEST_CHECKPOINT:
        raise VoiceError(
            f"the checkpoint unpacks to {unpacked / 2**20:.0f} MiB from {size / 2**20:.0f}; refused",
            where=str(path),
        )
