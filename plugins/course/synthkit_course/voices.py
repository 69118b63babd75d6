# SPDX-License-Identifier: Apache-2.0
"""The small voices that chapters speak with: built once, from the recordings that come with synthkit."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import synthkit as sk
from synthkit.atomic import make_folder
from synthkit.errors import ConfigError
from synthkit_course.execute import code_key, kept, one_at_a_time

if TYPE_CHECKING:
    from synthkit.pipeline.context import BuildContext

RECIPES = {
    "demo-ru": {"corpus": "bundled-ru", "alignment": "labels"},
    "demo-en": {"corpus": "bundled-en", "alignment": "hmm"},
}
"""Unit selection over the bundled recordings, as the recipes in ``corpora/recipes`` have it."""
LIMIT = 40
"""Recordings, unless a chapter wants others: a voice in seconds."""


def voice(name: str, *, limit: int = LIMIT, settings: Sequence[str] = ()) -> sk.Voice:
    """A voice, built when it is asked for the first time.

    Parameters
    ----------
    name : str
        ``"demo-ru"`` or ``"demo-en"``.
    limit : int
        How many recordings it is made of, the corpus's first ones.
    settings : sequence of str
        Others, as for ``--set``: ``"acoustic_model.guidance=0.7"``.

    Returns
    -------
    Voice

    Raises
    ------
    ConfigError
        There is no such voice, or no such setting.
    """
    if name not in RECIPES:
        raise ConfigError(f"the course has no voice {name!r}", hint=f"it has {', '.join(RECIPES)}")
    told = repr((name, limit, tuple(settings), code_key()))
    place = kept() / "voices" / f"{name}-{hashlib.sha256(told.encode()).hexdigest()[:12]}"
    make_folder(place.parent)
    with one_at_a_time(place.parent / f".{place.name}.once"):
        if not place.exists():
            _build(name, place, [f"voice.limit={limit}", *settings])
    return sk.load(place)


@contextmanager
def context() -> Iterator[BuildContext]:
    """What stages that learn are given: one process, a folder that is gone afterwards, no progress bar."""
    from synthkit.pipeline.context import BuildContext
    from synthkit.pipeline.executors import SerialExecutor
    from synthkit.progress import Progress
    from synthkit.scratch import scratch_folder

    with scratch_folder() as folder:
        yield BuildContext(SerialExecutor(), Progress(enabled=False), folder)


def _build(name: str, place: Path, settings: Sequence[str]) -> None:
    from synthkit.pipeline.build import build
    from synthkit.pipeline.config import load
    from synthkit.pipeline.context import BuildContext
    from synthkit.pipeline.executors import SerialExecutor
    from synthkit.places import default_root
    from synthkit.progress import Progress
    from synthkit.scratch import scratch_folder

    recipe = RECIPES[name]
    text = (
        f'[voice]\nname = "{name}"\ncorpus = "{recipe["corpus"]}"\n'
        f'[alignment]\nplugin = "{recipe["alignment"]}"\n'
        '[features]\nplugin = "world"\naperiodicity = false\n[acoustic_model]\nplugin = "unit-selection"\n'
        '[vocoder]\nplugin = "overlap-add"\n'
    )
    with scratch_folder() as work:
        path = work / f"{name}.toml"
        path.write_text(text, encoding="utf-8")
        context = BuildContext(SerialExecutor(), Progress(enabled=False), default_root() / "work")
        build(load(path, list(settings)), place, context)
