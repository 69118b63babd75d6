# SPDX-License-Identifier: Apache-2.0
"""Where a voice may be written: nowhere that somebody keeps other things."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from synthkit.errors import SynthkitError
from synthkit.paths import PathError, json_of, read_bytes
from synthkit.pipeline.parts import ADAPTERS, CONVERSION, OPTIONAL, STAGES
from synthkit.pipeline.voice_folder import MANIFEST, RECORDINGS

OWN = {MANIFEST, "voice.toml", RECORDINGS, CONVERSION, ADAPTERS, *STAGES, *OPTIONAL}
"""What a voice folder may hold."""


def refuse_to_replace(out: Path) -> None:
    """Refuse a place for a voice that is no folder, or that holds what is no voice's: a voice takes the place
    of all that is there.

    An empty folder, and a voice, whole or damaged, may be replaced. Hidden files are nobody's, such as what a
    file manager leaves; hidden folders are somebody's, such as ``.git``.

    Parameters
    ----------
    out : Path
        Where a voice is to be written.

    Raises
    ------
    SynthkitError
        Naming what would be lost.
    """
    if not out.is_dir():
        if os.path.lexists(out):
            raise SynthkitError(
                "is no folder, and a voice written there would replace it",
                where=str(out),
                hint="give another name for the folder; nothing was touched",
            )
        return
    there = sorted(path.name for path in out.iterdir() if path.is_dir() or not path.name.startswith("."))
    if MANIFEST not in there:
        lost = there
    else:
        named: set[str] = set()
        # A damaged one may be built again.
        with suppress(PathError, OSError, ValueError, RecursionError, TypeError, KeyError, AttributeError):
            manifest = json_of(read_bytes(out / MANIFEST))
            named = {name.partition("/")[0] for name in (*manifest["files"], *manifest["plugins"])}
        lost = [name for name in there if name not in OWN | named]
    if lost:
        more = f" and {len(lost) - 3} more" if len(lost) > 3 else ""
        raise SynthkitError(
            f"holds {', '.join(lost[:3])}{more}, which a voice written there would replace",
            where=str(out),
            hint="give another folder, or move that away; nothing was touched",
        )
