# SPDX-License-Identifier: Apache-2.0
"""Parameters of a spec: named values in one canonical form, so that equal statements are equal and hash
alike."""

from __future__ import annotations

import json
import math
from collections.abc import ItemsView, Iterator, KeysView, Mapping
from typing import Any

import numpy as np

Param = str | bool | int | float | tuple["Param", ...]


class Params(Mapping[str, Param]):
    """An immutable, sorted, hashable mapping of names to values in canonical form.

    Numbers are numbers, however they were written: ``0``, ``0.0``, ``-0.0`` and ``np.float64(0)`` are one
    value, a ``np.float32`` is the decimal number it prints as, lists and arrays are tuples. True is no 1.
    None states nothing and is left out.

    Parameters
    ----------
    values : mapping of str to str, bool, number, or (nested) sequence of those

    Raises
    ------
    TypeError
        A name or value of another type.
    ValueError
        A number that is not finite.
    """

    __slots__ = ("_text", "_values")

    def __init__(self, values: Mapping[str, Any]) -> None:
        for name in values:
            if not isinstance(name, str) or not name:
                raise TypeError(f"a parameter's name is a text, not {name!r}")
        self._values = {k: canonical(values[k], k) for k in sorted(values) if values[k] is not None}
        self._text = json.dumps(self._values)

    def __getitem__(self, name: str) -> Param:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def keys(self) -> KeysView[str]:
        """The names, in order."""
        return self._values.keys()

    def items(self) -> ItemsView[str, Param]:
        """Names and values, in order."""
        return self._values.items()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Params) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __repr__(self) -> str:
        return repr(self._values)

    def __reduce__(self) -> tuple[type[Params], tuple[dict[str, Param]]]:
        return Params, (self._values,)

    def to_dict(self) -> dict[str, Any]:
        """The values as JSON has them: lists where there are tuples."""
        found: dict[str, Any] = json.loads(self._text)
        return found


NONE = Params({})
"""No parameters: a spec of a kind that its name says all about."""


def canonical(value: Any, name: str) -> Param:
    """`value` in the one form that equal statements share; `name` is for the message.

    Parameters
    ----------
    value : object
        A text, number, truth value, or a (nested) sequence or array of those.
    name : str
        Of the parameter, for messages.

    Returns
    -------
    str, bool, int, float or tuple

    Raises
    ------
    TypeError, ValueError
        As `Params`.
    """
    if isinstance(value, np.floating):
        value = float(str(value)) if value.itemsize < 8 else float(value)
    elif isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(f"parameter {name!r} is {value}, and only finite numbers can be compared")
        return int(value) if value.is_integer() else float(value)
    if isinstance(value, (list, tuple, np.ndarray)):
        return tuple(canonical(v, name) for v in value)
    raise TypeError(
        f"parameter {name!r} is a {type(value).__name__}; a spec holds texts, numbers, truth values and "
        "lists of them"
    )
