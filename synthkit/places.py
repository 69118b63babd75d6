# SPDX-License-Identifier: Apache-2.0
"""Where things are kept on this machine."""

from __future__ import annotations

import os
from pathlib import Path


def default_root() -> Path:
    """The cache: ``$SYNTHKIT_CACHE``, or ``synthkit`` under the user's cache folder."""
    if path := os.environ.get("SYNTHKIT_CACHE"):
        return Path(path)
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "synthkit"
