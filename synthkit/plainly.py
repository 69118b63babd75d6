# SPDX-License-Identifier: Apache-2.0
"""Values that are plainly what a field may hold, told without pydantic; and what pydantic says of others.

Importing pydantic and compiling its models takes 0.15 s, a third of what refusing a voice whose parts do not
fit takes, and nearly every value that is given is of the very type that was declared. So a value of a plain
type within its limits is taken here; for any other pydantic is called in, which converts it or says what is
wrong. Nothing is refused here, and nothing taken that pydantic would refuse or change otherwise.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

SCALARS = (bool, int, float, str)
LIMITS: Mapping[str, Callable[[Any, Any], bool]] = {
    "ge": lambda value, limit: value >= limit,
    "gt": lambda value, limit: value > limit,
    "le": lambda value, limit: value <= limit,
    "lt": lambda value, limit: value < limit,
    "multiple_of": lambda value, limit: type(value) is type(limit) is int and value % limit == 0,
}
"""The limits of numbers that are known here."""
SHOULD = "Input should be "
"""What most of pydantic's sentences begin with."""


class Doubtful(Exception):
    """Whether the value is allowed is for pydantic to say."""


def plainly(hint: Any, value: Any, limits: Mapping[str, Any]) -> Any:
    """`value` as a field annotated with `hint` holds it.

    Parameters
    ----------
    hint : type
        A scalar type, `Path`, a `Literal`, a list of scalars, a dict of scalars or of anything by strings,
        or a union of these and None.
    value : object
    limits : mapping
        Constraints by pydantic's names.

    Returns
    -------
    object

    Raises
    ------
    Doubtful
        It is not plainly allowed.
    """
    kinds = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    if value is None and NoneType in kinds:
        return None
    kinds = tuple(kind for kind in kinds if kind is not NoneType)
    if len(kinds) == 1:
        if kinds[0] is float and type(value) is int and abs(value) < 2**53:
            value = float(value)
        if kinds[0] is Path and type(value) is str and not limits:
            return Path(value)
    if not any(_is_of(kind, value) for kind in kinds) or not _meets(value, limits):
        raise Doubtful
    return type(value)(value) if type(value) in (list, dict) else value


def truths_for_numbers(hints: Mapping[str, Any], values: Mapping[str, Any]) -> list[str]:
    """What is wrong where true or false stands for a number: pydantic would take them for 1 and 0.

    Parameters
    ----------
    hints : mapping
        Types of fields by name; a type that has ``model_fields`` is a table of its own.
    values : mapping

    Returns
    -------
    list of str
        A sentence each.
    """
    return [
        said for name, value in values.items() if name in hints for said in _truths(hints[name], value, name)
    ]


def _truths(hint: Any, value: Any, name: str) -> list[str]:
    kinds = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    if type(value) is bool:
        number = bool not in kinds and (int in kinds or float in kinds)
        return [f"{name}: Input should be a number (got {value})"] if number else []
    found: list[str] = []
    for kind in kinds:
        origin, inner = get_origin(kind), get_args(kind)
        if isinstance(value, Mapping) and hasattr(kind, "model_fields"):
            found += [f"{name}.{said}" for said in truths_for_numbers(get_type_hints(kind), value)]
        elif isinstance(value, Mapping) and origin is dict:
            found += [said for key, one in value.items() for said in _truths(inner[1], one, f"{name}.{key}")]
        elif isinstance(value, (list, tuple)) and origin in (list, set, frozenset, tuple):
            each = inner if origin is tuple and inner[-1] is not Ellipsis else inner[:1] * len(value)
            pairs = enumerate(zip(each, value, strict=False))
            found += [said for k, (item, one) in pairs for said in _truths(item, one, f"{name}.{k}")]
    return found


def _is_of(kind: Any, value: Any) -> bool:
    """Whether `value` is of this very type, so that no other member of a union comes before it."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Literal:
        return any(type(one) is type(value) and one == value for one in inner)
    if origin is list and len(inner) == 1:
        return type(value) is list and all(_is_of(inner[0], one) for one in value)
    if origin is dict and inner[0] is str:
        return type(value) is dict and all(
            type(key) is str and (inner[1] is Any or _is_of(inner[1], one)) for key, one in value.items()
        )
    if kind is float and type(value) is float:
        return math.isfinite(value)
    return kind in SCALARS and type(value) is kind


def _meets(value: Any, limits: Mapping[str, Any]) -> bool:
    if limits.keys() == {"pattern"} and type(value) is str:
        # pydantic's expressions are Rust's, which are Python's as far as ASCII goes.
        return value.isascii() and value.isprintable() and re.search(limits["pattern"], value) is not None
    if limits and type(value) not in (int, float):
        return False
    return all(name in LIMITS and LIMITS[name](value, limit) for name, limit in limits.items())


def explained(error: Any) -> str:
    """One of pydantic's errors as a sentence; one about several keys together has no one value.

    Parameters
    ----------
    error : dict
        One of ``ValidationError.errors()``.

    Returns
    -------
    str
    """
    message = error["msg"].removeprefix("Value error, ")
    got = f" (got {error['input']!r})" if error["type"] not in ("missing", "value_error") else ""
    return f"{'.'.join(str(p) for p in error['loc'])}: {message}{got}"


def explained_all(errors: Iterable[Any], values: Any) -> str:
    """Pydantic's errors of `values` as sentences, one for each place.

    What may be of several types has an error of each, at a place that ends with the type, which is no key of
    the user's.

    Parameters
    ----------
    errors : iterable of dict
        ``ValidationError.errors()``.
    values : object
        What was checked.

    Returns
    -------
    str
    """
    found: dict[tuple[Any, ...], list[Any]] = {}
    for error in errors:
        found.setdefault(_in_values(error, values), []).append(error)
    said = []
    for place, several in found.items():
        first = several[0]
        if len(several) > 1:
            others = [e["msg"].removeprefix(SHOULD) for e in several[1:]]
            first = {**first, "loc": place, "msg": " or ".join([first["msg"], *others])}
        said.append(explained(first))
    return "; ".join(said)


def _in_values(error: Any, values: Any) -> tuple[Any, ...]:
    """How far an error's place leads into `values`; all of it where a key is missing."""
    if error["type"] == "missing":
        return tuple(error["loc"])
    place: list[Any] = []
    inside = values
    for part in error["loc"]:
        try:
            inside = inside[part]
        except (KeyError, IndexError, TypeError):
            return tuple(place) if inside is error["input"] else tuple(error["loc"])
        place.append(part)
    return tuple(place)
