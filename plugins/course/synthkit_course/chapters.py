# SPDX-License-Identifier: Apache-2.0
"""Where the chapters lie, and what they are called."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from synthkit.errors import SynthkitError
from synthkit.paths import read_text

NAME = re.compile(r"(?P<number>\d\d)-[a-z0-9-]+\.py")
_TITLE = re.compile(r"^# # (?P<title>.+)$", re.M)
_QUESTION = re.compile(r"^# \*(?P<question>.+\?)\*$", re.M)


class CourseError(SynthkitError):
    """A chapter or an exercise that there is not, or that is not in its form."""


@dataclass(frozen=True)
class Chapter:
    """A chapter.

    Attributes
    ----------
    number : int
        From 1.
    title : str
    question : str
        What a person would ask, and the chapter answers.
    path : Path
        Its text: cells in jupytext's percent format.
    """

    number: int
    title: str
    question: str
    path: Path

    @property
    def name(self) -> str:
        """``"01-sound"``."""
        return self.path.stem

    def text(self) -> str:
        """Its cells as text."""
        return read_text(self.path, CourseError)

    def notebook(self) -> Any:
        """The cells as a notebook that was not run (`nbformat.NotebookNode`).

        Cells of code with the tag ``hide`` are folded away in Jupyter.
        """
        import jupytext

        body = self.text()
        notebook = jupytext.reads(body[body.index("# %%") :], fmt="py:percent")
        notebook.metadata["kernelspec"] = {
            "name": "python3",
            "display_name": "Python 3",
            "language": "python",
        }
        notebook.metadata["language_info"] = {"name": "python"}
        for number, cell in enumerate(notebook.cells):
            cell["id"] = f"cell-{number}"  # else it is another with every reading
            if "hide" in cell.metadata.get("tags", ()):
                cell.metadata["jupyter"] = {"source_hidden": True}
        return notebook


def folder() -> Path:
    """Where the chapters are: in the installed package, or in the source tree.

    Raises
    ------
    CourseError
        They are in neither.
    """
    carried = Path(__file__).parent / "chapters"
    tree = Path(__file__).resolve().parents[3] / "docs" / "course"
    for place in (carried, tree):
        if place.is_dir():
            return place
    raise CourseError(
        "the chapters are missing",
        where=str(carried),
        hint="install synthkit-course again: they come with it",
    )


@lru_cache(maxsize=1)
def chapters() -> tuple[Chapter, ...]:
    """All chapters, in order.

    Raises
    ------
    CourseError
        A chapter has no title or no question where they are looked for.
    """
    return tuple(_chapter(path) for path in sorted(folder().iterdir()) if NAME.fullmatch(path.name))


def find(which: str | int) -> Chapter:
    """A chapter by its number, or by a part of its name.

    Raises
    ------
    CourseError
        There is none, or more than one.
    """
    word = str(which).strip().lower()
    if word.isdecimal():
        found = [c for c in chapters() if c.number == int(word)]
    else:
        exact = [c for c in chapters() if word in (c.name, c.title.lower())]
        found = exact or [c for c in chapters() if word and word in f"{c.name} {c.title.lower()}"]
    if len(found) != 1:
        told = "more than one chapter has that in its name" if found else "there is no such chapter"
        listed = ", ".join(f"{c.number} {c.title}" for c in chapters())
        raise CourseError(f"{told}: {which!r}", hint=f"there are {listed}")
    return found[0]


def _chapter(path: Path) -> Chapter:
    text = read_text(path, CourseError)
    title, question = _TITLE.search(text), _QUESTION.search(text)
    if title is None or question is None:
        raise CourseError(
            "a chapter begins with its title and its question",
            where=str(path),
            hint="# # Title, and under it in italics: # *What is it that a person would ask?*",
        )
    return Chapter(int(path.name[:2]), title["title"], question["question"], path)
