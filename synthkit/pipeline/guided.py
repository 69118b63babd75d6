# SPDX-License-Identifier: Apache-2.0
"""A configuration for the mixture of two voices of few recordings: their own pieces, chosen by what a voice
that was adapted to them would say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import tomli_w

from synthkit import tables
from synthkit.atomic import sweep, write_text
from synthkit.errors import ConfigError
from synthkit.pipeline.adapting import FILE as ADAPTED

FILE = "units.toml"
"""The configuration's name in the folder of the recordings."""
WEIGHTS: dict[str, Any] = {
    "target": {"spectrum": 3.6, "f0": 1.2, "power": 0.16, "duration": 0.16},
    "join": {"f0": 40.0, "spectrum": 8.0},
}
"""Of the search: with a guide it pays to trust what is predicted more, as the recipes with one do."""
SHARED = ("voice", "segmentation", "alignment", "features")
"""Sections that both voices have, so that what one build has prepared the other takes."""


def guide_of(out: Path) -> Path:
    """The folder of the voice that guides the one at `out`: beside it.

    Parameters
    ----------
    out : Path

    Returns
    -------
    Path
    """
    return out.with_name(f"{out.name}-adapted")


def write(folder: Path, guide: Path) -> Path:
    """Write the configuration into `folder`, unless it is there for the same guide.

    Parameters
    ----------
    folder : Path
        Of the recordings, which has `synthkit.pipeline.adapting.FILE`.
    guide : Path
        The voice that was built by it.

    Returns
    -------
    Path

    Raises
    ------
    ConfigError
        There is one of another guide, or it cannot be written.
    """
    path, named = folder / FILE, str(guide.resolve())
    sweep(folder, path.name)
    if path.exists():
        of = tables.read(path).get("acoustic_model", {}).get("guidance_model")
        if of != named:
            raise ConfigError(
                f"is of a voice that {of!r} guides, not {named!r}",
                where=str(path),
                hint="delete it for a new one, or build it as it is: synthkit build",
            )
        return path
    made = {k: v for k, v in tables.read(folder / ADAPTED).items() if k in SHARED}
    made["acoustic_model"] = {"plugin": "unit-selection", "guidance_model": named, **WEIGHTS}
    made["vocoder"] = {"plugin": "overlap-add"}
    head = f"# A voice of pieces of the recordings in this folder, chosen by what {guide.name} would say.\n\n"
    try:
        write_text(path, head + tomli_w.dumps(made))
    except OSError as error:
        raise ConfigError(f"cannot be written: {error.strerror}", where=str(path)) from error
    return path
