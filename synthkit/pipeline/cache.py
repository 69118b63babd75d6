# SPDX-License-Identifier: Apache-2.0
"""Results by the content of what they were made from. A key names one file or folder, written whole."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from synthkit.atomic import writing, writing_folder
from synthkit.places import default_root


def key(*parts: Any) -> str:
    """A stable hex key of JSON-ready parts (dicts in any order)."""
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:40]


class Cache:
    """A folder of results by key.

    Parameters
    ----------
    root : Path
        Made when something is first written.
    """

    def __init__(self, root: Path | None = None) -> None:
        self.root = root if root is not None else default_root()

    def path(self, stage: str, key: str, suffix: str = "") -> Path:
        """Where the result of `key` is, or would be."""
        return self.root / stage / key[:2] / f"{key}{suffix}"

    def file(self, stage: str, key: str, suffix: str, make: Callable[[Path], None]) -> Path:
        """The file of `key`; `make` writes it to the path it is given when it is not there yet."""
        path = self.path(stage, key, suffix)
        if not path.exists():
            with writing(path) as temporary:
                make(temporary)
        return path

    def folder(self, stage: str, key: str, make: Callable[[Path], None]) -> Path:
        """The folder of `key`; `make` fills the empty folder it is given when it is not there yet."""
        path = self.path(stage, key)
        if not path.exists():
            with writing_folder(path) as temporary:
                make(temporary)
        return path
