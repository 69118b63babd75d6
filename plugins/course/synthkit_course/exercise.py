# SPDX-License-Identifier: Apache-2.0
"""What an exercise is.

An exercise is a module of ``exercises``, called by its number (``3.2.py``). Its docstring has its title and
its task; it has ``SKELETON`` (what a student begins with), ``HINTS`` (steps, the last nearly the solution), a
function ``check(answer, rng)`` that works out afresh what is right, of numbers drawn from `rng`, and raises
`Refused` with a useful word, and ``WRONG``: answers that students typically give, each with a part of the
word they are told. The solution lies apart, in ``solutions``.
"""

from __future__ import annotations

import re
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from synthkit.paths import read_text
from synthkit_course.chapters import CourseError, find, folder

ID = re.compile(r"(?P<chapter>\d{1,2})\.(?P<number>\d)")


class Refused(Exception):
    """An answer that is not accepted; the message is what the student is told."""


class Answer:
    """What a student's file defines.

    Attributes
    ----------
    names : mapping of str to object
    path : Path
        The file, whose lines errors are told of.
    """

    def __init__(self, names: Mapping[str, Any], path: Path) -> None:
        self.names, self.path = names, path

    def value(self, name: str) -> Any:
        """What the file calls `name`.

        Raises
        ------
        Refused
            It has no such name, or leaves it as it was given.
        """
        if name not in self.names:
            raise Refused(f"your file defines no `{name}`: keep the name that the exercise gives")
        if self.names[name] is ...:
            raise Refused(f"`{name}` is still `...`: write your answer in its place")
        return self.names[name]

    def call(self, name: str, *given: Any, **more: Any) -> Any:
        """What the function `name` returns.

        Raises
        ------
        Refused
            There is no such function, it fails, or it returns nothing.
        """
        function = self.value(name)
        if not callable(function):
            raise Refused(f"`{name}` has to be a function: def {name}(…):")
        try:
            result = function(*given, **more)
        except Exception as error:
            raise Refused(f"`{name}` stopped: {self.told(error)}") from error
        if result is None or result is ...:
            raise Refused(f"`{name}` returns nothing: end it with `return` and the result")
        return result

    def number(self, name: str, *given: Any, **more: Any) -> float:
        """A number that the function `name` returns.

        Raises
        ------
        Refused
            As `call`; or it is not one finite number.
        """
        return as_number(name, self.call(name, *given, **more))

    def array(self, name: str, *given: Any, shape: tuple[int, ...] | None = None, **more: Any) -> np.ndarray:
        """Numbers that the function `name` returns, as ``float64``.

        Raises
        ------
        Refused
            As `call`; or they have another shape, or are not all finite.
        """
        return as_array(name, self.call(name, *given, **more), shape)

    def told(self, error: BaseException) -> str:
        """An error of the student's in one line, with the line of the file where it came up."""
        own = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == str(self.path)]
        line = error.lineno if isinstance(error, SyntaxError) else own[-1].lineno if own else None
        place = f" in line {line}" if line else ""
        return f"{type(error).__name__}{place}: {error}"


def as_number(name: str, result: Any) -> float:
    """`result` as one finite number; see `Answer.number`."""
    try:
        if isinstance(result, (str, bytes)):
            raise TypeError("a text that looks like a number")
        out = float(result)
    except (TypeError, ValueError):
        raise Refused(f"`{name}` has to be one number, not {_kind(result)}") from None
    if not np.isfinite(out):
        raise Refused(f"`{name}` is {out}: is something divided by zero, or the logarithm of zero taken?")
    return out


def as_array(name: str, result: Any, shape: tuple[int, ...] | None = None) -> np.ndarray:
    """`result` as finite numbers of a shape; see `Answer.array`."""
    try:
        out = np.asarray(result, np.float64)
    except (TypeError, ValueError):
        raise Refused(f"`{name}` has to be an array of real numbers, not {_kind(result)}") from None
    if shape is not None and out.shape != shape:
        raise Refused(f"`{name}` has the shape {out.shape}, and should have {shape}")
    if not np.isfinite(out).all():
        raise Refused(
            f"{np.count_nonzero(~np.isfinite(out))} of the numbers of `{name}` are infinite or no numbers: "
            "is something divided by zero, or the logarithm of zero taken?"
        )
    return out


def near(got: Any, wanted: Any, *, relative: float = 1e-3, absolute: float = 1e-9) -> bool:
    """Whether all numbers agree."""
    return bool(np.allclose(got, wanted, rtol=relative, atol=absolute))


@dataclass(frozen=True)
class Wrong:
    """An answer that students typically give.

    Attributes
    ----------
    code : str
        A whole file.
    word : str
        A part of what is said to it.
    """

    code: str
    word: str


@dataclass(frozen=True)
class Exercise:
    """An exercise; the module's parts by name."""

    id: str
    title: str
    task: str
    skeleton: str
    hints: tuple[str, ...]
    check: Callable[[Answer, np.random.Generator], None]
    wrong: tuple[Wrong, ...]

    @property
    def solution_path(self) -> Path:
        """Where the solution lies."""
        return folder() / "solutions" / f"{self.id}.py"


def exercises(number: int) -> tuple[Exercise, ...]:
    """The exercises of a chapter, in order."""
    found = sorted(
        (folder() / "exercises").glob(f"{number}.[0-9].py"), key=lambda path: int(path.stem.split(".")[1])
    )
    return tuple(exercise(path.stem) for path in found)


def exercise(id: str) -> Exercise:
    """An exercise by its number, ``"3.2"``.

    Raises
    ------
    CourseError
        There is none of that number, or its module lacks a part.
    """
    match = ID.fullmatch(id.strip())
    if match is None:
        raise CourseError(f"{id!r} is no exercise's number", hint="chapter.exercise, as in 3.2")
    path = folder() / "exercises" / f"{int(match['chapter'])}.{match['number']}.py"
    if not path.is_file():
        chapter = find(match["chapter"])
        known = sorted(p.stem for p in path.parent.glob(f"{chapter.number}.[0-9].py"))
        raise CourseError(
            f"there is no exercise {id}", hint=f"chapter {chapter.number} has {', '.join(known)}"
        )
    module = _module(path)
    title, _, task = (module.__doc__ or "").strip().partition("\n")
    try:
        return Exercise(
            path.stem,
            title.rstrip("."),
            " ".join(task.split("\n\n")[0].split()) + _rest(task),
            module.SKELETON.strip() + "\n",
            tuple(module.HINTS),
            module.check,
            tuple(Wrong(code.strip() + "\n", word) for code, word in module.WRONG),
        )
    except AttributeError as error:
        raise CourseError(f"an exercise without a part: {error}", where=str(path)) from error


def solution(one: Exercise) -> str:
    """The solution's text."""
    text = read_text(one.solution_path, CourseError)
    return "\n".join(line for line in text.splitlines() if not line.startswith("# SPDX")).strip() + "\n"


def _rest(task: str) -> str:
    paragraphs = task.strip().split("\n\n")[1:]
    return "".join("\n\n" + part for part in paragraphs)


def _module(path: Path) -> ModuleType:
    spec = spec_from_file_location(f"synthkit_course_exercise_{path.stem.replace('.', '_')}", path)
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _kind(result: Any) -> str:
    if isinstance(result, np.ndarray):
        return f"an array of shape {result.shape} and type {result.dtype}"
    return f"{type(result).__name__}"
