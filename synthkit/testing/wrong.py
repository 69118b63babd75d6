# SPDX-License-Identifier: Apache-2.0
"""Values that settings must not take: for every field one of another type, and those just beyond its
limits."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from synthkit.settings import Settings

OTHERS: tuple[Any, ...] = ("no such value", 987654321, 0.123, {"no such key": 1}, [["nested"]], True)
"""Values of many types; of those a field can be, none is like another."""


@dataclass(frozen=True)
class Wrong:
    """A value that is to be refused.

    Attributes
    ----------
    field : str
    value : object
    why : str
        ``"another type"``, ``"below ge=0"`` …
    """

    field: str
    value: Any
    why: str


def wrong_values(kind: type[Settings]) -> Iterator[Wrong]:
    """For every field of `kind`, one value of another type and one beyond each of its limits.

    Settings within settings are gone through too.

    Parameters
    ----------
    kind : type of Settings

    Yields
    ------
    Wrong

    Raises
    ------
    AssertionError
        A field takes a value of any type, or is a number without limits.
    """
    hints = get_type_hints(kind, include_extras=True)
    limits = kind.constraints()
    for name in kind.model_fields:
        hint = hints[name]
        inner = next(
            (h for h in _alternatives(hint) if isinstance(h, type) and issubclass(h, Settings)), None
        )
        refused = [value for value in OTHERS if not _fits(hint, value)]
        assert refused, f"{kind.__name__}.{name} takes values of every type: annotate it with the one it has"
        yield Wrong(name, refused[0], "another type")
        if inner is not None:
            for wrong in wrong_values(inner):
                yield Wrong(name, {wrong.field: wrong.value}, wrong.why)
        beyond = list(_beyond(limits[name]))
        assert beyond or not _is(hint, int, float), (
            f"{kind.__name__}.{name} is a number without limits: say with Field which values it may have"
        )
        yield from (Wrong(name, value, why) for value, why in beyond)
        if _is(hint, float):
            yield Wrong(name, math.nan, "no number")
            yield Wrong(name, math.inf, "without end")


def _fits(hint: Any, value: Any) -> bool:
    """Whether pydantic takes `value` for `hint`, limits apart."""
    from pydantic import TypeAdapter, ValidationError

    try:
        TypeAdapter(hint).validate_python(value)
    except ValidationError:
        return False
    return True


def _is(hint: Any, *kinds: type) -> bool:
    """Whether `hint` is one of `kinds`, or that or None."""
    return any(h in kinds for h in _alternatives(hint)) and str not in _alternatives(hint)


def _alternatives(hint: Any) -> tuple[Any, ...]:
    """What a value of `hint` may be: the members of a union, the type that an annotation is of."""
    if get_origin(hint) is Annotated:
        return _alternatives(get_args(hint)[0])
    if get_origin(hint) in (Union, UnionType):
        return tuple(a for h in get_args(hint) for a in _alternatives(h))
    return (hint,)


def _beyond(limits: Mapping[str, Any]) -> Iterator[tuple[Any, str]]:
    for name, step in (("ge", -1), ("gt", 0), ("le", 1), ("lt", 0)):
        if name in limits:
            yield (
                limits[name] + step,
                f"{'below' if step < 0 or name == 'gt' else 'above'} {name}={limits[name]}",
            )
    if "multiple_of" in limits:
        start = max(limits.get("ge", 0), limits.get("gt", 0))
        yield (
            (start // limits["multiple_of"] + 1) * limits["multiple_of"] + 1,
            f"no multiple of {limits['multiple_of']}",
        )
