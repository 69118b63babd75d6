# SPDX-License-Identifier: Apache-2.0
"""Corpora: what they are, how they are obtained, checked and split.

    corpus.py    Corpus          recipe.py   CorpusRecipe and where corpora live
    opening.py   a name or a folder to a Corpus    layouts/   a folder, in the layouts found in the field
    debian.py    packages fetched and read without installing;  g722.py  a decoder for their prompts
    msu_ru_nsh.py, asterisk.py, bundled.py   the recipes that come with synthkit
    checks.py    what is wrong   rates.py    sample rates    split.py    train and held-out
    coverage.py  choosing a subset   owners.py   whose the recordings are

May use `synthkit.audio`, `synthkit.labels` and `synthkit.types`; never a stage or a plugin.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from synthkit.corpora.corpus import Corpus
from synthkit.corpora.layouts.base import Collector, Layout
from synthkit.corpora.opening import find_layout, find_recipe, open_corpus
from synthkit.corpora.recipe import CorpusRecipe, data_folder
from synthkit.corpora.split import Split, split
from synthkit.recognise import Evidence

if TYPE_CHECKING:
    from synthkit.corpora.checks import CheckSettings, Flaw, check

__all__ = [
    "CheckSettings",
    "Collector",
    "Corpus",
    "CorpusRecipe",
    "Evidence",
    "Flaw",
    "Layout",
    "Split",
    "check",
    "data_folder",
    "find_layout",
    "find_recipe",
    "open_corpus",
    "split",
]


def __getattr__(name: str) -> Any:
    """What is imported when it is asked for: to open a corpus takes no checks."""
    if name not in ("CheckSettings", "Flaw", "check"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from synthkit.corpora import checks

    globals()[name] = found = getattr(checks, name)
    return found
