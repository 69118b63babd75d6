# SPDX-License-Identifier: Apache-2.0
"""Recipes that this machine knows: of installed plugins, and those that its user has taken in."""

from __future__ import annotations

import os
from pathlib import Path

from synthkit.errors import VoiceError
from synthkit.plugins import registry
from synthkit_external.recipe import Recipe


def own_folder() -> Path:
    """Where recipes that a user has taken in are kept: ``$XDG_CONFIG_HOME/synthkit/external``."""
    base = os.environ.get("XDG_CONFIG_HOME")
    return (Path(base) if base else Path.home() / ".config") / "synthkit" / "external"


def known(name: str) -> Recipe:
    """The recipe called `name`.

    Raises
    ------
    VoiceError
        This machine knows none.
    """
    if name in registry().names("pretrained_voice"):
        found = getattr(registry().load("pretrained_voice", name), "recipe", None)
        if isinstance(found, Recipe):
            return found
    path = own_folder() / f"{name}.toml"
    if Path(name).name == name and path.is_file():
        return Recipe.read(path)
    raise VoiceError(
        f"this machine knows no program that speaks as {name!r}",
        hint="a voice folder only names its recipe; `synthkit external RECIPE.toml` takes one in",
    )
