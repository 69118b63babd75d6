# SPDX-License-Identifier: Apache-2.0
"""Voices by name: which folder is meant, and which where none is named."""

from __future__ import annotations

import os
from pathlib import Path

from synthkit.errors import VoiceError
from synthkit.pipeline.voice_folder import MANIFEST

VARIABLE = "SYNTHKIT_VOICE"
"""The voice that speaks where none is named: a folder, or the name of one in `PLACES`."""
PLACES = (".", "voices", "demo")
"""Folders in which voices are looked for, from the current one."""


def known_voices() -> list[Path]:
    """Voices in `PLACES`, sorted within each."""
    found: list[Path] = []
    for place in PLACES:
        root = Path(place)
        if root.is_dir():
            found += sorted(p.parent for p in root.glob(f"*/{MANIFEST}"))
    return found


def find_voice(name: str | Path | None = None) -> Path:
    """The folder of a voice.

    Parameters
    ----------
    name : str or Path, optional
        A folder, or the name of one in `PLACES`. Left out: what `VARIABLE` names, else the only voice there
        is.

    Returns
    -------
    Path

    Raises
    ------
    VoiceError
        There is none of that name, or where none was named, none or several.
    """
    if name is None:
        return _default()
    if not isinstance(name, str | Path) or name == "":
        raise VoiceError(
            f"a voice is named by its folder or its name, not by {name!r}", hint=_hint(known_voices())
        )
    folder = Path(name).expanduser()
    if folder.exists() or len(folder.parts) != 1:
        return folder  # opening it says what is wrong with it
    for place in PLACES:
        if (Path(place) / folder / MANIFEST).is_file():
            return Path(place) / folder
    from synthkit.plugins import registry

    if str(name) in registry().names("pretrained_voice"):
        raise VoiceError(
            f"voice {str(name)!r} is known and is not here",
            hint=f"fetch it: synthkit voices get {name}",
        )
    raise VoiceError(f"there is no voice {str(name)!r}", hint=_hint(known_voices()))


def _default() -> Path:
    if named := os.environ.get(VARIABLE):
        return find_voice(named)
    found = known_voices()
    if len(found) == 1:
        return found[0]
    if found:
        raise VoiceError("there are several voices, and none was named", hint=_hint(found))
    raise VoiceError(
        "no voice was named, and there is none here",
        hint="-v FOLDER names one; `synthkit build` makes one, `synthkit voices list` shows what can be had",
    )


def _hint(found: list[Path]) -> str:
    if not found:
        return f"looked in {', '.join(PLACES)}; `synthkit build` makes one"
    return f"voices here: {', '.join(map(str, found))}; {VARIABLE} names the usual one"
