# SPDX-License-Identifier: Apache-2.0
"""Tables of settings: as TOML and ``--set`` give them, checked against the class that declares them."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, get_type_hints

from synthkit.errors import ConfigError
from synthkit.paths import read_text
from synthkit.settings import Settings

MOST_BYTES = 4 << 20
"""Of a file of settings."""


def read(path: Path) -> dict[str, Any]:
    """The tables of a TOML file.

    Parameters
    ----------
    path : Path

    Returns
    -------
    dict

    Raises
    ------
    ConfigError
        It cannot be read, or is no TOML.
    """
    try:
        return tomllib.loads(read_text(path, ConfigError, hint="save it as UTF-8", limit=MOST_BYTES))
    except (ValueError, RecursionError) as error:  # a number of 5,000 digits, tables in tables in tables
        odd = path.suffix.lower() != ".toml"
        hint = "a recipe is a .toml file; of recordings and their texts name the folder" if odd else ""
        raise ConfigError(f"is not valid TOML: {error}", where=str(path), hint=hint) from error


def override(data: dict[str, Any], overrides: Iterable[str]) -> dict[str, Any]:
    """Apply ``--set`` arguments; changing a stage's plugin drops the settings of the plugin it had.

    Parameters
    ----------
    data : dict
        Tables by section; left as it is.
    overrides : iterable of str
        ``"stage.key=value"``.

    Returns
    -------
    dict

    Raises
    ------
    ConfigError
        One is not of this form, or goes into what is no table.
    """
    data = {name: dict(t) if isinstance(t, dict) else t for name, t in data.items()}
    parsed: list[tuple[str, str, Any]] = []
    for text in overrides:
        dotted, equals, value = text.partition("=")
        section, dot, name = dotted.strip().partition(".")
        if not (equals and dot and name):
            raise ConfigError(
                f"--set {text!r} is not section.key=value", hint="as in --set vocoder.plugin=world"
            )
        parsed.append((section, name, parse_value(value.strip())))
    for section, name, value in parsed:
        table = data.setdefault(section, {})
        if name == "plugin" and isinstance(table, dict) and table.get("plugin") != value:
            data[section] = {"plugin": value}
    for section, name, value in parsed:
        table = data[section]
        if not isinstance(table, dict):
            raise ConfigError(f"{section!r} is not a table", where=section)
        *parents, last = name.split(".")
        for parent in parents:
            table = table.setdefault(parent, {})
            if not isinstance(table, dict):
                raise ConfigError(f"{section}.{name}: {parent!r} is not a table", where=section)
        table[last] = value
    return data


def parse_value(text: str) -> Any:
    """A TOML value as it is typed on the command line; what is not TOML is plain text.

    Parameters
    ----------
    text : str

    Returns
    -------
    object
    """
    try:
        return tomllib.loads(f"x = {text}")["x"]
    except (ValueError, RecursionError):
        return text


def validate(model: type[Settings], values: Mapping[str, Any], *, where: str, what: str = "key") -> Any:
    """Make settings of `values`.

    Parameters
    ----------
    model : type of Settings
    values : mapping
    where : str
        Named in messages: a file, a section.
    what : str
        What a name of `values` is called there.

    Returns
    -------
    Settings
        An instance of `model`.

    Raises
    ------
    ConfigError
        With every wrong `what`, and what it may be.
    """
    check_names(model, values, where, what)
    try:
        return model(**values)
    except ValueError as error:
        raise ConfigError(str(error), where=where) from None


def check_names(model: type[Settings], values: Mapping[str, Any], where: str, what: str = "key") -> None:
    """Raise `ConfigError` for the first name that `model`, or one of its settings within, does not have.

    Parameters
    ----------
    model : type of Settings
    values : mapping of str
    where : str
        Named in messages.
    what : str
        What a name is called there.
    """
    for name in values:
        if name not in model.model_fields:
            raise unknown(name, model.model_fields, where, what)
    inner = {name: value for name, value in values.items() if isinstance(value, dict) and value}
    hints = get_type_hints(model) if inner else {}
    for name, value in inner.items():
        kind = hints[name]
        if isinstance(kind, type) and issubclass(kind, Settings):
            check_names(kind, value, f"{where} {name}".strip(), what)


def unknown(name: str, known: Iterable[str], where: str, what: str) -> ConfigError:
    """The error of a name that is not one of `known`, with the one that was meant.

    Parameters
    ----------
    name : str
    known : iterable of str
    where : str
        Named in the message.
    what : str
        What a name is called there.

    Returns
    -------
    ConfigError
        To be raised.
    """
    known = list(known)
    close = difflib.get_close_matches(name, known, 1)
    meant = f"did you mean {close[0]!r}? " if close else ""
    return ConfigError(
        f"unknown {what} {name!r}", where=where, hint=f"{meant}known: {', '.join(known) or 'none'}"
    )
