# SPDX-License-Identifier: Apache-2.0
"""Read strangers' configs without importing what they name, and no file that leads out of their folder; write
over nothing."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from synthkit.atomic import check_free, made_at_once
from synthkit.errors import VoiceError

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


@contextmanager
def made(out: Path) -> Iterator[Path]:
    """A folder that becomes `out` when the block ends well; nothing that lies there is written over.

    Raises
    ------
    VoiceError
        Something lies there.
    """
    check_free(out, VoiceError)
    with made_at_once(out) as folder:
        yield folder


def within(path: Path, folder: Path) -> Path:
    """`path` itself, unless it is a link that leads out of `folder`: what somebody packed reads nothing else
    of yours.

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
