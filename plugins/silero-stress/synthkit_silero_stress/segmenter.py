# SPDX-License-Identifier: Apache-2.0
"""`SileroStress`: the segmenter ``text`` with stress marks from silero-stress.

Usable in two ways: as the segmentation plugin ``silero-stress``, or as the setting
``stress = "silero-stress"`` of ``text``, which asks for `SileroStress.accent`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from synthkit.plugins import registry
from synthkit.settings import Settings
from synthkit.stages import Segmenter
from synthkit.types import Segmentation

_BRACES = re.compile(r"(\{[^{}]*\})")
_MARKED = re.compile(r"\+(?=[аеёиоуыэюя])", re.IGNORECASE)
_WORD = re.compile(r"[а-яё+]+(?:-[а-яё+]+)*", re.IGNORECASE)


@lru_cache(maxsize=1)
def _model() -> Any:
    with _torch_as_it_was():
        from silero_stress import load_accentor

        return load_accentor("ru")


@contextmanager
def _torch_as_it_was() -> Iterator[None]:
    """The model's package switches gradients off for the whole process, which ends anybody's training."""
    import torch

    gradients, threads = torch.is_grad_enabled(), torch.get_num_threads()
    try:
        yield
    finally:
        torch.set_grad_enabled(gradients)
        torch.set_num_threads(threads)


class SileroStress(Segmenter):
    """Russian by ``text``, with every word's stress from the model; marks in the text are kept."""

    Config = Settings
    version = "1"

    def __init__(self, config: Settings | None = None) -> None:
        super().__init__(config)
        self._text: Segmenter | None = None

    def languages(self) -> tuple[str, ...]:
        """Russian."""
        return ("ru",)

    def segment(self, text: str, language: str) -> Segmentation:
        """Words and phones of `text`; see `synthkit.stages.Segmenter.segment`."""
        return self._segmenter().segment(text, language)

    def phones(self, language: str) -> tuple[str, ...]:
        """Those of ``text``."""
        return self._segmenter().phones(language)

    def fingerprint(self) -> str:
        """Version of the model's package and the fingerprint of ``text``."""
        from importlib.metadata import version

        return f"silero-stress {version('silero-stress')} {self._segmenter().fingerprint()}"

    def accent(self, text: str, language: str) -> str:
        """`text` with ``+`` before the stressed vowel of each word that had no mark.

        Words the model changes otherwise than by marks and ё are left as they were.
        """
        if not language.lower().startswith("ru"):
            return text
        return "".join(p if p.startswith("{") else _accented(p) for p in _BRACES.split(text))

    def _segmenter(self) -> Segmenter:
        if self._text is None:
            kind = registry().load("segmentation", "text")
            self._text = kind(kind.Config(stress="silero-stress"))
        return self._text


def _accented(text: str) -> str:
    if not _WORD.search(text):
        return text
    model = _model()
    with _torch_as_it_was():
        said = model(text)
    ours, theirs = _WORD.findall(text), _WORD.findall(said)
    if len(ours) != len(theirs):
        return text
    chosen = iter([_choose(a, b) for a, b in zip(ours, theirs, strict=True)])
    return _WORD.sub(lambda _: next(chosen), text)


def _choose(ours: str, theirs: str) -> str:
    if _MARKED.search(ours):
        return ours
    same = theirs.replace("+", "").replace("ё", "е").lower() == ours.replace("ё", "е").lower()
    return theirs if same and "+" in theirs else ours
