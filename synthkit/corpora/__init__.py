"""Corpora: what they are, how they are obtained, checked and split.

    corpus.py    Corpus          recipe.py   CorpusRecipe and where corpora live
    store.py     our own layout  layouts.py  a user's folder, in the layouts found in the field
    debian.py    packages fetched and read without installing;  g722.py  a decoder for their prompts
    msu_ru_nsh.py, asterisk.py, bundled.py   the recipes that come with synthkit
    checks.py    what is wrong   split.py    train and held-out    coverage.py   choosing a subset

May use `synthkit.audio`, `synthkit.labels` and `synthkit.types`; never a stage or a plugin.
"""

from synthkit.corpora.checks import CheckSettings, Finding, check
from synthkit.corpora.corpus import Corpus
from synthkit.corpora.opening import find_recipe, open_corpus
from synthkit.corpora.recipe import CorpusRecipe, data_folder
from synthkit.corpora.split import Split, split

__all__ = [
    "CheckSettings",
    "Corpus",
    "CorpusRecipe",
    "Finding",
    "Split",
    "check",
    "data_folder",
    "find_recipe",
    "open_corpus",
    "split",
]
