# SPDX-License-Identifier: Apache-2.0
"""Whose recordings are, and under what licence: of those that more than one recipe gives, and as a folder
says it."""

from __future__ import annotations

import re
from pathlib import Path

from synthkit.errors import CorpusError
from synthkit.paths import read_text

LICENCE = "LICENCE.txt"
"""What is written beside recordings by us."""
LINE = 400
"""Characters; a text of no more is told in full wherever a licence is named."""

MSU_RU_NSH = (
    "BSD-like (festvox-ru)",
    "Nickolay V. Shmyrev, copyright 2005 (Debian package festvox-ru)",
)
ALLISON_SMITH = (
    "CC-BY-SA-3.0",
    "Allison Smith (http://www.theivrvoice.com), 2003-2010; financial contributions by Digium, Inc.",
)
"""The prompts ``asterisk-en`` and ``asterisk-es``."""


def consent(speaker: str, licence: str) -> str:
    """The line in which somebody agrees that voices are made of what they said.

    Parameters
    ----------
    speaker, licence : str

    Returns
    -------
    str

    Raises
    ------
    CorpusError
        One of them is not said.
    """
    speaker, licence = " ".join(speaker.split()), " ".join(licence.split())
    if not speaker or not licence:
        raise CorpusError("say who speaks, and under what licence")
    return (
        f"{speaker} has recorded these utterances and agrees that voices are made of them and used "
        f"under: {licence}"
    )


def licence_files(folder: Path) -> list[Path]:
    """Files of a folder of recordings in which stands how they may be used.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    list of Path
    """
    found = (f for f in sorted(folder.glob("*")) if re.match(r"(?i)licen[cs]e|copying", f.name))
    return [f for f in found if f.is_file()]


def licence_line(folder: Path) -> str:
    """What such a file says, where that is a line or two; else its name; "" where there is none.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    str
    """
    for file in licence_files(folder)[:1]:
        try:
            text = " ".join(read_text(file, CorpusError, limit=4 * LINE).split())
        except CorpusError:  # it is long, or of another encoding, and is copied as it is
            text = ""
        return text.rstrip(".") if 0 < len(text) <= LINE else f"see {file.name} in the corpus"
    return ""
