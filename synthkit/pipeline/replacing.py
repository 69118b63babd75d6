# SPDX-License-Identifier: Apache-2.0
"""Where a voice may be written: nowhere that somebody keeps other things."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

from synthkit.errors import SynthkitError
from synthkit.pipeline.assembling import RECORDINGS
from synthkit.pipeline.parts import ADAPTERS, CONVERSION, OPTIONAL, STAGES
from synthkit.pipeline.voice_folder import MANIFEST

OWN = {MANIFEST, "voice.toml", RECORDINGS, CONVERSION, ADAPTERS, *STAGES, *OPTIONAL}
"""What a voice folder may hold."""


def refuse_to_replace(out: Path) -> None:
    """Refuse a folder for a voice that holds what is no voice's: a voice takes the place of all that is
    there.

    An empty folder, and a voice, whole or damaged, may be replaced. Hidden files are nobody's.

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
        return
    there = sorted(path.name for path in out.iterdir() if not path.name.startswith("."))
    if MANIFEST not in there:
        lost = there
    else:
        named: set[str] = set()
        with suppress(OSError, ValueError, TypeError, AttributeError):  # a damaged one may be built again
            manifest = json.loads((out / MANIFEST).read_bytes())
            named = {name.partition("/")[0] for name in (*manifest["files"], *manifest["plugins"])}
        lost = [name for name in there if name not in OWN | named]
    if lost:
        more = f" and {len(lost) - 3} more" if len(lost) > 3 else ""
        raise SynthkitError(
            f"holds {', '.join(lost[:3])}{more}, which a voice written there would replace",
            where=str(out),
            hint="give another folder, or move that away; nothing was touched",
        )
