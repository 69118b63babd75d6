# SPDX-License-Identifier: Apache-2.0
"""Distributions carry the chapters, which lie in ``docs/course`` of the source tree."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Chapters(BuildHookInterface[Any]):
    """Put ``docs/course`` into the package; a wheel that is built of a source distribution finds it there."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called before a build; an editable install reads the source tree itself."""
        chapters = Path(self.root).parents[1] / "docs" / "course"
        if chapters.is_dir() and version != "editable":
            build_data["force_include"][str(chapters)] = "synthkit_course/chapters"
