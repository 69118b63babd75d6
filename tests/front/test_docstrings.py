# SPDX-License-Identifier: Apache-2.0
"""Every public name says what it takes and what it gives, in numpydoc's sections."""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from types import FunctionType
from typing import Any, Protocol

import pytest

PUBLIC = (
    "synthkit", "synthkit.types", "synthkit.stages", "synthkit.eval", "synthkit.testing", "synthkit.front",
    "synthkit.request", "synthkit.ssml",
)  # fmt: skip
"""What these modules offer; of packages, what stands in ``__all__``."""
ROOMS = ("synthkit",)
"""All public functions and methods in these, whether or not somebody offers them: each parameter is told, and
what is given where there are any; one that overrides another is told there."""
ELSEWHERE = ("synthkit.settings", "synthkit.hookspecs")
"""Not offered by those that import it: they are looked at where they are."""
HEAD = re.compile(r"^(?P<name>[A-Z][A-Za-z ]+)\n-{3,}$", re.M)


def sections(text: str) -> dict[str, str]:
    """Bodies of numpydoc's sections by name."""
    heads = list(HEAD.finditer(text))
    ends = [h.start() for h in heads[1:]] + [len(text)]
    return {h["name"]: text[h.end() : end] for h, end in zip(heads, ends, strict=False)}


def named(body: str) -> set[str]:
    """Names of the entries of a section: ``a, *b : type``."""
    entries = [line.partition(" : ")[0] for line in body.splitlines() if line and not line[0].isspace()]
    return {name.strip().lstrip("*") for entry in entries for name in entry.split(",")}


def offered() -> Iterator[tuple[str, Any]]:
    seen = set()
    for name in PUBLIC:
        module = importlib.import_module(name)
        names = getattr(module, "__all__", [n for n in vars(module) if not n.startswith("_")])
        for each in names:
            found = getattr(module, each)
            own = str(getattr(found, "__module__", ""))
            # Of a module, what it defines; of a package, what it says that it offers.
            ours = own.startswith("synthkit") and not own.startswith(ELSEWHERE)
            ours = ours and (hasattr(module, "__all__") or own == name)
            if isinstance(found, type | FunctionType) and ours and id(found) not in seen:
                seen.add(id(found))
                yield f"{own}.{found.__qualname__}", found


def functions() -> dict[str, FunctionType]:
    out = {}
    for name, found in offered():
        if isinstance(found, FunctionType):
            out[name] = found
            continue
        for key, value in vars(found).items():
            plain = value.__func__ if isinstance(value, classmethod | staticmethod) else value
            if not key.startswith("_") and isinstance(plain, FunctionType):
                out[f"{name}.{key}"] = plain
    return out


def inner() -> dict[str, FunctionType]:
    """Every public function of `ROOMS`."""
    names = []
    for room in ROOMS:
        package = importlib.import_module(room)
        below = pkgutil.walk_packages(getattr(package, "__path__", []), f"{room}.")
        names += [room, *(module.name for module in below if not module.name.endswith("__main__"))]
    out = {}
    for name in names:
        for key, found in vars(importlib.import_module(name)).items():
            if key.startswith("_") or getattr(found, "__module__", "") != name:
                continue
            if isinstance(found, FunctionType):
                out[f"{name}.{key}"] = found
            for own, value in vars(found).items() if isinstance(found, type) else ():
                plain = value.__func__ if isinstance(value, classmethod | staticmethod) else value
                if isinstance(plain, FunctionType) and not own.startswith("_") and not told_above(found, own):
                    out[f"{name}.{key}.{own}"] = plain
    return out


def told_above(kind: type, name: str) -> bool:
    """Whether a method takes the place of one of ours, or of a library's."""
    return any(vars(base).get(name) for base in kind.__mro__[1:])


def told_elsewhere(function: FunctionType) -> bool:
    """Whether a function fills a hook, or names in its first words what it takes the place of."""
    said = inspect.getdoc(function) or ""
    return hasattr(function, "synthkit_impl") or said.startswith("See `")


FUNCTIONS = functions()
INNER = {name: found for name, found in inner().items() if name not in FUNCTIONS}
CLASSES = {name: found for name, found in offered() if isinstance(found, type)}


def lacking(function: FunctionType) -> list[str]:
    """What the docstring of a function does not say."""
    if told_elsewhere(function):
        return []
    told = sections(inspect.getdoc(function) or "")
    signature = inspect.signature(function)
    known = named(told.get("Parameters", ""))
    out = [f"parameter {p}" for p in signature.parameters if p not in known | {"self", "cls"}]
    gives = signature.return_annotation
    if gives not in (None, "None", "Self", inspect.Signature.empty) and not told.keys() & {
        "Returns",
        "Yields",
    }:
        out.append(f"what it gives ({gives})")
    return out


def test_there_is_something_to_look_at() -> None:
    assert len(FUNCTIONS) > 100 and len(CLASSES) > 40
    text = "What.\n\nParameters\n----------\na, b : int\n    Hz.\n**more\n\nReturns\n-------\nstr\n"
    assert named(sections(text)["Parameters"]) == {"a", "b", "more"} and "Returns" in sections(text)


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_a_function_says_what_it_takes_and_gives(name: str) -> None:
    assert lacking(FUNCTIONS[name]) == []


def test_so_does_what_nobody_offers() -> None:
    assert len(INNER) > 400 and "synthkit.labels.ctm.parse" in INNER
    wrong = {}
    for name, function in INNER.items():
        found = lacking(function)
        takes = inspect.signature(function).parameters.keys() - {"self", "cls"}
        if found and takes:  # of what takes nothing the first line says what it gives
            wrong[name] = found
    assert wrong == {}


@pytest.mark.parametrize("name", sorted(CLASSES))
def test_a_class_says_what_it_is_made_of(name: str) -> None:
    kind = CLASSES[name]
    told = sections(inspect.getdoc(kind) or "")
    known = named(told.get("Parameters", "")) | named(told.get("Attributes", ""))
    assert inspect.getdoc(kind), "has no docstring"
    if Protocol in kind.__mro__ or "Make one with" in (kind.__doc__ or ""):
        return
    wanted = set()
    if dataclasses.is_dataclass(kind):
        wanted = {f.name for f in dataclasses.fields(kind) if not f.name.startswith("_")}
    elif "__init__" in vars(kind):
        wanted = set(inspect.signature(vars(kind)["__init__"]).parameters) - {"self"}
    assert wanted - known == set()
