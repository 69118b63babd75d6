# SPDX-License-Identifier: Apache-2.0
"""Corpora: what they are, how they are obtained, checked and split.

    corpus.py    Corpus          recipe.py   CorpusRecipe and where corpora live
    opening.py   a name or a folder to a Corpus    layouts/   a folder, in the layouts found in the field
    debian.py    packages fetched and read without installing;  g722.py  a decoder for their prompts
    msu_ru_nsh.py, asterisk.py, bundled.py   the recipes that come with synthkit
    checks.py    what is wrong   split.py    train and held-out    coverage.py   choosing a subset

May use `synthkit.audio`, `synthkit.labels` and `synthkit.types`; never a stage or a plugin.
"""

from synthkit.corpora.checks import CheckSettings, Flaw, check
from synthkit.corpora.corpus import Corpus
from synthkit.corpora.layouts.base import Collector, Layout
from synthkit.corpora.opening import find_layout, find_recipe, open_corpus
from synthkit.corpora.recipe import CorpusRecipe, data_folder
from synthkit.corpora.split import Split, split
from synthkit.recognise import Evidence

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
