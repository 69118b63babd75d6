# SPDX-License-Identifier: Apache-2.0
"""How a field of settings is declared; see `synthkit.settings`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from synthkit.saving import own


class _Required:
    def __repr__(self) -> str:
        """The same in every process: voices keep a digest of how their settings are declared."""
        return "REQUIRED"


REQUIRED: Any = _Required()
"""The default of a field that has none."""


class SettingsError(ValueError):
    """Values that settings cannot have or save; each wrong key is named with what it may be."""


class Declared:
    """One declared field.

    Attributes
    ----------
    default : object
        `REQUIRED` where there is none. A list, set or dict is copied for every instance.
    default_factory : callable or None
        Makes the default anew for every instance.
    description : str
    constraints : dict
        As pydantic's ``Field`` takes them: ``ge``, ``gt``, ``le``, ``lt``, ``pattern``, ``min_length`` …
    """

    __slots__ = ("constraints", "default", "default_factory", "description")
    __is_annotated_types_grouped_metadata__ = True

    def __init__(
        self,
        default: Any = REQUIRED,
        default_factory: Callable[[], Any] | None = None,
        description: str = "",
        constraints: Mapping[str, Any] | None = None,
    ) -> None:
        self.default, self.default_factory = default, default_factory
        self.description, self.constraints = description, dict(constraints or {})

    def __iter__(self) -> Iterator[Any]:
        """The constraints, as a type that is annotated with them has them for pydantic."""
        import pydantic

        return iter(pydantic.Field(**self.constraints).metadata)

    @property
    def required(self) -> bool:
        """Whether a value has to be given."""
        return self.default is REQUIRED and self.default_factory is None

    def make(self) -> Any:
        """The default, of which no other instance has a part that could be changed."""
        return self.default_factory() if self.default_factory else own(self.default)


def Field(
    default: Any = REQUIRED,
    *,
    default_factory: Callable[[], Any] | None = None,
    description: str = "",
    **constraints: Any,
) -> Any:
    """Declare a field with its default and the values it may have; see `Declared`.

    Values that several fields may have are declared once, as a type: ``Weight = Annotated[float,
    Field(ge=0)]``.

    Parameters
    ----------
    default : object
        The field has to be given when left out.
    default_factory : callable, optional
        Makes the default of each object, where it is a list, a dict or the like.
    description : str
    **constraints
        ``gt``, ``ge``, ``lt``, ``le`` and the others of pydantic.

    Returns
    -------
    object
        A `Declared`; to a type checker anything, as the field's own type tells.
    """
    return Declared(default, default_factory, description, constraints)
