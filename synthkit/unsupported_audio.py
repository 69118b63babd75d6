# SPDX-License-Identifier: Apache-2.0
"""Recordings in formats that libsndfile does not read, phones' above all: what they are, and the command that
makes recordings of them that are read.

They are not decoded here: what ``ffmpeg`` makes of an AAC stream depends on its version, and a voice would
not be the same again on another machine. Of recordings that are converted once it is.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from pathlib import Path

SUFFIXES = (".m4a", ".m4b", ".aac", ".mp4", ".mov", ".wma", ".webm", ".mka", ".amr", ".3gp", ".3ga", ".qta")
"""Of such recordings, in lower case."""
_HEAD = 16
_KNOWN = (
    (4, b"ftyp", "an MPEG-4 file (m4a, mp4, 3gp)"),
    (0, b"ADIF", "an AAC stream"),
    (0, b"#!AMR", "an AMR recording"),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "a Windows Media file (wma)"),
    (0, b"\x1a\x45\xdf\xa3", "a Matroska file (webm, mka)"),
)
"""Where in a file its format's mark stands, the mark, and what it is."""


def kind_of(descriptor: int) -> str | None:
    """What an open file is, by its first bytes.

    Parameters
    ----------
    descriptor : int
        Of the file; where it stands does not count.

    Returns
    -------
    str or None
        None: none of the formats that are known and not read.
    """
    head = os.pread(descriptor, _HEAD, 0)
    for at, mark, name in _KNOWN:
        if head[at : at + len(mark)] == mark:
            return name
    adts = len(head) > 1 and head[0] == 0xFF and head[1] & 0xF6 == 0xF0  # ISO/IEC 13818-7, 6.2: layer is 0
    return "an AAC stream" if adts else None


def conversion(path: Path) -> str:
    """The command that makes a recording that is read of one that is not.

    Parameters
    ----------
    path : Path

    Returns
    -------
    str
        For a shell, names quoted; it loses nothing.
    """
    return shlex.join(["ffmpeg", "-i", str(path), str(path.with_suffix(".flac"))])


def conversions(paths: Sequence[Path]) -> str:
    """What to do about recordings that are not read, as a hint of an error.

    Parameters
    ----------
    paths : sequence of Path
        One or more.

    Returns
    -------
    str
    """
    first = paths[0]
    like = [p for p in paths if p.parent == first.parent and p.suffix == first.suffix]
    one = f"`{conversion(first)}`"
    if len(like) == 1:
        return f"convert it: {one}" if len(paths) == 1 else f"convert them, the first by {one}"
    folder = shlex.quote(str(first.parent))
    loop = f'for f in {folder}/*{first.suffix}; do ffmpeg -i "$f" "${{f%.*}}.flac"; done'
    more = f" ({len(paths) - len(like)} more lie elsewhere)" if len(paths) > len(like) else ""
    return f"convert them, all of a folder at once: `{loop}`{more}"
