# SPDX-License-Identifier: Apache-2.0
"""Values of settings to what TOML and JSON have, and back into the types they had.

`plain` and `restored` are each other's inverse for every value that `plain` takes; where the saved form would
not tell what it was, `plain` refuses instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from enum import Enum
from functools import lru_cache
from pathlib import PurePath
from types import NoneType, UnionType
from typing import Any, ClassVar, Literal, Self, Union, get_args, get_origin

SCALARS = (str, bool, int, float, NoneType)


class Table:
    """What is a table in TOML and knows its fields: `synthkit.settings.Settings`."""

    model_fields: ClassVar[Mapping[str, Any]] = {}
    model_fields_set: frozenset[str]
    """The fields that were given, and not left at their defaults."""

    @classmethod
    def restored(cls, values: Mapping[str, Any]) -> Self:
        """What `model_dump` was of.

        Parameters
        ----------
        values : mapping of str
        """
        raise NotImplementedError

    def model_dump(self, *, exclude_none: bool = False) -> dict[str, Any]:
        """The table.

        Parameters
        ----------
        exclude_none : bool
            Whether fields that are None are left out.

        Returns
        -------
        dict of str
        """
        raise NotImplementedError


def own(default: Any) -> Any:
    """`default` without a part that can be changed and is shared.

    Parameters
    ----------
    default : object
        Of a field.

    Returns
    -------
    object

    Raises
    ------
    TypeError
        It has such a part of unknown type.
    """
    if isinstance(default, Table):
        held = {name: getattr(default, name) for name in default.model_fields}
        owned = {name: own(value) for name, value in held.items()}
        if all(owned[name] is held[name] for name in held):
            return default
        new = type(default).__new__(type(default))
        new.__dict__.update(owned, model_fields_set=default.model_fields_set)
        return new
    if type(default) in (list, set):
        return type(default)(own(value) for value in default)
    if type(default) is dict:
        return {key: own(value) for key, value in default.items()}
    if type(default) is tuple:
        parts = tuple(own(value) for value in default)
        return default if all(a is b for a, b in zip(parts, default, strict=True)) else parts
    if type(default).__hash__ is None:
        raise TypeError(f"the default {default!r} can be changed and would be shared")
    return default


def plain(hint: Any, value: Any, exclude_none: bool = False) -> Any:
    """`value` of a field annotated with `hint` as TOML and JSON have it.

    Parameters
    ----------
    hint : type
    value : object
    exclude_none : bool
        Whether fields of tables within that are None are left out.

    Returns
    -------
    object

    Raises
    ------
    TypeError
        It has no such form, or would come back as another.
    """
    out = _plain(value, exclude_none)
    if not _certain(hint):
        back = restored(hint, out)
        if type(back) is not type(value) or back != value:
            raise TypeError(f"{value!r} cannot be saved: it would be read back as {back!r}")
    return out


def restored_fields(hints: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Fields annotated with `hints` as `plain` left each, in the types they had.

    Parameters
    ----------
    hints : mapping of str to type
    values : mapping of str

    Returns
    -------
    dict of str
    """
    return {name: restored(hints[name], value) for name, value in values.items()}


def restored(hint: Any, value: Any) -> Any:
    """`value` as `plain` left it, in the type it had.

    Parameters
    ----------
    hint : type
    value : object

    Returns
    -------
    object
    """
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return _of_union(inner, value)
    if origin is Literal:
        return next(
            (one for one in inner if type(value) is type(_plain(one)) and _plain(one) == value), value
        )
    kind = origin or getattr(hint, "__supertype__", hint)
    if not isinstance(kind, type) or value is None:
        return value
    if kind is tuple and inner:
        each = [inner[0]] * len(value) if inner[-1] is Ellipsis else inner
        return tuple(restored(h, v) for h, v in zip(each, value, strict=True))
    if isinstance(value, list):
        made = [restored(inner[0], v) for v in value] if inner else value
        return kind(made) if kind in (tuple, set, frozenset) else made
    if isinstance(value, Mapping) and not issubclass(kind, Table):
        key, item = inner if len(inner) == 2 else (Any, Any)
        return {_restored_key(key, k): restored(item, v) for k, v in value.items()}
    return _restored_scalar(kind, value)


def _restored_scalar(kind: type, value: Any) -> Any:
    if issubclass(kind, Table):
        if isinstance(value, Mapping) and not value.keys() <= kind.model_fields.keys():
            raise ValueError(f"{kind.__name__} has no {sorted(value.keys() - kind.model_fields.keys())}")
        return kind.restored(value)
    if issubclass(kind, (Enum, PurePath)):
        return kind(value)
    if issubclass(kind, (date, time)):
        return kind.fromisoformat(value) if isinstance(value, str) else value
    return timedelta(seconds=value) if issubclass(kind, timedelta) else value


def _plain(value: Any, exclude_none: bool = False) -> Any:
    if isinstance(value, Enum):
        if type(value.value) not in SCALARS:
            raise TypeError(f"{value!r} cannot be saved: its value is no string and no number")
        return value.value
    if type(value) in SCALARS:
        return value
    if isinstance(value, Table):
        return value.model_dump(exclude_none=exclude_none)
    if isinstance(value, Mapping):
        return {
            _plain_key(k): _plain(v, exclude_none)
            for k, v in value.items()
            if v is not None or not exclude_none
        }
    if isinstance(value, (list, tuple)):
        return [_plain(v, exclude_none) for v in value]
    if isinstance(value, (set, frozenset)):
        return sorted((_plain(v, exclude_none) for v in value), key=lambda v: (type(v).__name__, v))
    if isinstance(value, PurePath):
        return str(value)
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    for kind in (str, bool, int, float):
        if isinstance(value, kind):
            return kind(value)
    raise TypeError(f"{value!r} cannot be saved: {type(value).__name__} has no form in TOML")


def _plain_key(key: Any) -> str:
    out = _plain(key)
    return out if isinstance(out, str) else str(out)


def _restored_key(hint: Any, key: str) -> Any:
    return hint(key) if hint in (int, float) else restored(hint, key)


@lru_cache(maxsize=1024)
def _certain(hint: Any) -> bool:
    """Whether the type of a saved value says what it was: only unions and what is nothing definite leave that
    open."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        inner = tuple(one for one in inner if one is not NoneType)
        if len(inner) > 1 and not all(one in SCALARS or get_origin(one) is Literal for one in inner):
            return False
    if origin is Literal:
        return all(type(one) in SCALARS for one in inner)
    if hint is Any or (not inner and isinstance(hint, type) and issubclass(hint, (list, tuple, set, dict))):
        return False
    return all(_certain(one) for one in inner if one is not Ellipsis)


def _of_union(kinds: Iterable[Any], value: Any) -> Any:
    """`value` as the first of `kinds` whose saved form it is; what is a plain type of theirs goes before."""
    kinds = list(kinds)
    if type(value) in kinds or any(get_origin(k) is Literal and value in get_args(k) for k in kinds):
        return value
    for kind in kinds:
        try:
            made = restored(kind, value)
            if _fits(kind, made) and value in (plain(kind, made), plain(kind, made, exclude_none=True)):
                return made
        except (TypeError, ValueError, AttributeError):
            continue  # not this one
    return value


def _fits(kind: Any, value: Any) -> bool:
    """Whether `value` is of `kind` on the outside."""
    if get_origin(kind) is Literal:
        return value in get_args(kind)
    outer = get_origin(kind) or kind
    return outer is Any or (isinstance(outer, type) and isinstance(value, outer))
