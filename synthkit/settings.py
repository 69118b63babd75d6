# SPDX-License-Identifier: Apache-2.0
"""Typed settings of a component: declared in a class, checked by pydantic when values are given.

Importing pydantic and compiling its models takes longer than speaking a sentence does. So a class of settings
only declares its fields; pydantic is called in by the first values that are not plainly right. Defaults, and
what a built voice saved after checking it, come without.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, ClassVar, Self, dataclass_transform, get_type_hints

from synthkit.declared import REQUIRED, Declared
from synthkit.declared import Field as Field
from synthkit.declared import SettingsError as SettingsError
from synthkit.saving import Table, own, plain, restored_fields


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(Field,))
class Settings(Table):
    """Settings of one component: unknown keys are errors, values are checked, instances are frozen.

    Annotate each field, as in ``window_ms: float = Field(25.0, gt=0)``. What concerns several fields together
    is said by overriding `check`. What a field may hold, and comes back from `model_dump`, JSON and TOML as
    it was: numbers, strings, `Path`, enums and dates, `Literal`, other settings, and lists, tuples, sets and
    dicts of these, each ``| None`` or ``| `` another wherever the saved value tells which it was.

    Raises
    ------
    SettingsError
        A key is unknown or missing, or a value is not what its annotation and constraints allow.
    """

    model_fields: ClassVar[dict[str, Declared]] = {}
    places: ClassVar[frozenset[str]] = frozenset()
    """Fields that name a place on this machine. No cache key holds them and no voice keeps them: what results
    depend on in such a place is in the component's `fingerprint`, and what speaking or aligning needs is in
    what it saves."""
    building: ClassVar[frozenset[str]] = frozenset()
    """Fields that nothing but a build heeds: to change one when a voice is opened is refused."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        fields: dict[str, Declared] = {}
        for base in reversed(cls.__mro__[1:]):
            fields |= getattr(base, "model_fields", {})
        bare = [name for name in fields if name in cls.__dict__ and name not in cls.__annotations__]
        if bare:
            raise TypeError(f"{cls.__name__}.{bare[0]} is a setting: annotate it with its type")
        for name, annotation in cls.__annotations__.items():
            if "ClassVar" in str(annotation):
                continue
            given = cls.__dict__.get(name, REQUIRED)
            if type(given).__module__.startswith("pydantic"):
                raise TypeError(
                    f"{cls.__name__}.{name}: take Field from synthkit.settings, not from pydantic"
                )
            fields[name] = given if isinstance(given, Declared) else Declared(given)
            try:
                own(fields[name].default)
            except TypeError as error:
                raise TypeError(
                    f"{cls.__name__}.{name}: {error}; give it by Field(default_factory=…)"
                ) from None
            if name in cls.__dict__:
                delattr(cls, name)
        cls.model_fields = fields

    def __init__(self, /, **values: Any) -> None:
        values = self.prepare(values)
        if values or any(field.required for field in self.model_fields.values()):
            self.__dict__.update(_checked(type(self), values))
            self.model_dump()  # what could not be saved is refused here and not after the training
        else:
            self.__dict__.update({name: field.make() for name, field in self.model_fields.items()})
        self.__dict__["model_fields_set"] = frozenset(values)
        self.check()

    @classmethod
    def prepare(cls, values: dict[str, Any]) -> dict[str, Any]:
        """The given values as they shall be checked; override it to read another spelling of one.

        Parameters
        ----------
        values : dict of str to object

        Returns
        -------
        dict of str to object
        """
        return values

    def check(self) -> None:
        """Raise `ValueError` where fields that are right each by itself do not go together."""

    @classmethod
    def constraints(cls) -> dict[str, dict[str, Any]]:
        """What each field's value has to meet: as its type is annotated, and as the field says."""
        types = _annotated(cls)
        out = {name: dict[str, Any]() for name in cls.model_fields}
        for name, field in cls.model_fields.items():
            for part in getattr(types[name], "__metadata__", ()):
                out[name] |= part.constraints if isinstance(part, Declared) else {}
            out[name] |= field.constraints
        return out

    @classmethod
    def declaration(cls) -> str:
        """A digest of how the settings are declared: names, types, defaults and constraints."""
        limits = cls.constraints()
        fields = {
            name: [f.default, f.default_factory and repr(f.default_factory()), limits[name]]
            for name, f in cls.model_fields.items()
        }
        types = {
            name: t for k in reversed(cls.__mro__) for name, t in vars(k).get("__annotations__", {}).items()
        }
        return hashlib.sha256(repr((sorted(fields.items()), sorted(types.items()))).encode()).hexdigest()[:12]

    @classmethod
    def model_validate(cls, values: Mapping[str, Any]) -> Self:
        """Settings of `values`, checked.

        Parameters
        ----------
        values : mapping of str to object

        Returns
        -------
        Settings

        Raises
        ------
        SettingsError
            A name or a value is wrong.
        """
        return cls(**values)

    @classmethod
    def model_validate_json(cls, text: str) -> Self:
        """Settings of what `model_dump_json` gave, checked.

        Parameters
        ----------
        text : str

        Returns
        -------
        Settings

        Raises
        ------
        SettingsError
            A name or a value is wrong.
        """
        return cls(**json.loads(text))

    @classmethod
    def restored(cls, values: Mapping[str, Any]) -> Self:
        """Settings of what `model_dump` of this very class gave; nothing is checked again."""
        new = cls.__new__(cls)
        new.__dict__.update({name: field.make() for name, field in cls.model_fields.items()})
        new.__dict__.update(_restored(_hints(cls), values))
        new.__dict__["model_fields_set"] = frozenset(values)
        return new

    @classmethod
    def restored_as(cls, declaration: str, values: Mapping[str, Any]) -> Self | None:
        """`restored`, where `values` were checked against `declaration`, that still holds, and a quick look
        finds nothing that they could not be (a file of a voice may have been altered since); else None.

        Parameters
        ----------
        declaration : str
            What `declaration` gave when they were checked.
        values : mapping of str to object
            Plain, as `model_dump` gives them.

        Returns
        -------
        Settings or None
        """
        return cls.restored(values) if declaration == cls.declaration() and _stand(cls, values) else None

    def model_dump(self, *, exclude_none: bool = False) -> dict[str, Any]:
        """Plain values, as TOML and JSON have them: an enum by its value, a set sorted, a date in ISO 8601.

        Parameters
        ----------
        exclude_none : bool
            Leave fields that are None out: TOML has no word for it.

        Raises
        ------
        SettingsError
            A value would not come back as it is: of a type that has no plain form, of a union whose saved
            form does not tell which it was, or None left out where the default is another.
        """
        hints = _hints(type(self))
        out = {}
        for name, field in self.model_fields.items():
            value = getattr(self, name)
            if value is None and exclude_none:
                if not field.required and field.make() is not None:
                    raise SettingsError(f"{name}: None cannot be left out, since the default is another")
                continue
            try:
                out[name] = plain(hints[name], value, exclude_none)
            except TypeError as error:
                raise SettingsError(f"{name}: {error}") from None
        return out

    def model_dump_json(self) -> str:
        """`model_dump` as JSON."""
        return json.dumps(self.model_dump(), ensure_ascii=False)

    def model_copy(self, update: Mapping[str, Any], *, check: bool = True) -> Self:
        """The same with other values.

        Parameters
        ----------
        update : mapping
            Values by field.
        check : bool
            As a constructor would; without it (pydantic's way) the caller answers for the values.

        Raises
        ------
        SettingsError
            A key is unknown or a value not allowed.
        """
        if check:
            return type(self)(**{name: getattr(self, name) for name in self.model_fields_set} | dict(update))
        new = type(self).__new__(type(self))
        new.__dict__.update(self.__dict__ | dict(update))
        new.__dict__["model_fields_set"] = self.model_fields_set | frozenset(update)
        return new

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"settings are frozen: {name} cannot be set")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"settings are frozen: {name} cannot be deleted")

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in self.model_fields)

    def __hash__(self) -> int:
        return hash((type(self), self.model_dump_json()))

    def __repr__(self) -> str:
        inner = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.model_fields)
        return f"{type(self).__name__}({inner})"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        """Settings inside settings: the place of an error in them is told from the outermost one."""
        from pydantic_core import core_schema

        def fields(value: Any) -> Any:
            if isinstance(value, cls):
                return {name: getattr(value, name) for name in value.model_fields_set}
            return cls.prepare(value) if isinstance(value, dict) else value

        def made(model: Any) -> Settings:
            new = cls.__new__(cls)
            new.__dict__.update({name: getattr(model, name) for name in cls.model_fields})
            new.__dict__["model_fields_set"] = frozenset(model.model_fields_set)
            new.check()
            return new

        inner = core_schema.no_info_after_validator_function(made, handler.generate_schema(_model(cls)))
        return core_schema.no_info_before_validator_function(fields, inner)


_models: dict[type[Settings], Any] = {}


def _model(kind: type[Settings]) -> Any:
    """The pydantic model that checks values for `kind`; made once."""
    if kind in _models:
        return _models[kind]
    import pydantic

    hints = get_type_hints(kind, include_extras=True)
    fields: dict[str, Any] = {}
    for name, field in kind.model_fields.items():
        given: dict[str, Any] = {} if field.required else {"default_factory": field.make}
        fields[name] = (hints[name], pydantic.Field(**given, **field.constraints))
    config = pydantic.ConfigDict(extra="forbid", allow_inf_nan=False, protected_namespaces=())
    _models[kind] = pydantic.create_model(kind.__name__, __config__=config, **fields)
    return _models[kind]


def _checked(kind: type[Settings], values: Mapping[str, Any]) -> dict[str, Any]:
    """Every field's value, or `SettingsError`."""
    if (found := _plainly(kind, values)) is not None:
        return found
    from pydantic import ValidationError

    from synthkit.plainly import explained_all, truths_for_numbers

    if truths := truths_for_numbers(_hints(kind), values):
        raise SettingsError("; ".join(truths))
    try:
        model = _model(kind).model_validate(values)
    except ValidationError as error:
        raise SettingsError(explained_all(error.errors(), values)) from None
    return {name: getattr(model, name) for name in kind.model_fields}


def _plainly(kind: type[Settings], values: Mapping[str, Any]) -> dict[str, Any] | None:
    """Every field's value where each is plainly right; else None, and pydantic has its say."""
    fields = kind.model_fields
    if not values.keys() <= fields.keys() or any(
        field.required and name not in values for name, field in fields.items()
    ):
        return None
    from synthkit.plainly import Doubtful, plainly

    hints, annotated, limits = _hints(kind), _annotated(kind), kind.constraints()
    found = {name: field.make() for name, field in fields.items() if name not in values}
    for name, value in values.items():
        if isinstance(value, Settings) and type(value) is hints[name]:
            found[name] = value
            continue
        if not _is_ours(annotated[name]):
            return None
        try:
            found[name] = plainly(hints[name], value, limits[name])
        except Doubtful:
            return None
    return found


def _is_ours(annotation: Any) -> bool:
    """Whether all that a type is annotated with was declared here, and nothing of it by pydantic's means."""
    return all(isinstance(part, Declared) for part in getattr(annotation, "__metadata__", ()))


def _stand(kind: type[Settings], values: Mapping[str, Any]) -> bool:
    """Whether saved values are plainly what the fields of `kind` may hold, tables among them too."""
    from synthkit.plainly import Doubtful, plainly

    fields, hints, limits = kind.model_fields, _hints(kind), kind.constraints()
    annotated = _annotated(kind)
    if any(field.required and name not in values for name, field in fields.items()):
        return False
    try:
        for name, value in values.items():
            if name not in fields or not _is_ours(annotated[name]):
                return False
            if isinstance(hints[name], type) and issubclass(hints[name], Settings):
                if not isinstance(value, Mapping) or not _stand(hints[name], value):
                    return False
            else:
                plainly(hints[name], value, limits[name])
        kind.restored(values).check()
    except (Doubtful, ValueError):
        return False
    return True


_known_hints: dict[type[Settings], dict[str, Any]] = {}


def _hints(kind: type[Settings]) -> dict[str, Any]:
    """The types of the fields of `kind`, without pydantic's annotations; found once."""
    if kind not in _known_hints:
        _known_hints[kind] = get_type_hints(kind)
    return _known_hints[kind]


_known_annotations: dict[type[Settings], dict[str, Any]] = {}


def _annotated(kind: type[Settings]) -> dict[str, Any]:
    """The types of the fields of `kind` with all that they are annotated with; found once."""
    if kind not in _known_annotations:
        _known_annotations[kind] = get_type_hints(kind, include_extras=True)
    return _known_annotations[kind]


def _restored(hints: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Fields of settings as `model_dump` left each, in the types they had; most of them never lost it."""
    known: dict[str, Any] = {}
    for name, value in values.items():
        hint = hints[name]
        table = isinstance(hint, type) and issubclass(hint, Settings) and isinstance(value, Mapping)
        if type(value) is hint:
            known[name] = value
        elif table and value.keys() <= hint.model_fields.keys():
            known[name] = hint.restored(value)
    rest = {name: value for name, value in values.items() if name not in known}
    return known | restored_fields(hints, rest) if rest else known
