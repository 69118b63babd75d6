"""The voice's configuration: TOML in, validated settings out; the resolved whole is saved in the voice."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from synthkit.errors import ConfigError
from synthkit.plugins import Registry, registry
from synthkit.settings import Field, Settings

STAGES = ("segmentation", "alignment", "features", "acoustic_model", "vocoder")
ADAPTERS = "adapters"
"""The section that holds a table of settings for each adapter, ``[adapters.NAME]``."""
DEFAULTS = {
    "segmentation": "text",
    "alignment": "hmm",
    "features": "world",
    "acoustic_model": "unit-selection",
    "vocoder": "overlap-add",
}


class VoiceSettings(Settings):
    """The ``[voice]`` table."""

    name: str = Field(pattern=r"^[\w][\w.-]*$", description="name of the voice and of its folder")
    corpus: str = Field(description="a registered corpus, or a folder of recordings and transcripts")
    language: str | None = Field(default=None, description="language of the corpus, where it does not say")
    layout: str | None = Field(
        default=None, description="layout of the corpus's folder, where what lies in it could be one of two"
    )
    sample_rate: int | None = Field(
        default=None, ge=8000, le=48000, description="Hz; the corpus's own when not given"
    )
    held_out: int = Field(
        default=0, ge=0, description="leave every n-th utterance out of the voice; 0 leaves out none"
    )
    limit: int = Field(default=0, ge=0, description="use only the first n utterances; 0 uses all")


@dataclass(frozen=True)
class StageConfig:
    """One stage: which plugin, its validated settings, and the adapters named to feed it."""

    plugin: str
    settings: Settings
    adapters: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """As it stands in TOML, defaults filled in."""
        out: dict[str, Any] = {"plugin": self.plugin}
        if self.adapters:
            out["adapters"] = list(self.adapters)
        return out | self.settings.model_dump(exclude_none=True)


@dataclass(frozen=True)
class Config:
    """A whole, valid configuration."""

    voice: VoiceSettings
    stages: dict[str, StageConfig]
    base: Path
    adapters: dict[str, Settings] = field(default_factory=dict)
    """Settings of the adapters that are named by the vocoder or have a table."""

    def to_dict(self) -> dict[str, Any]:
        """The resolved configuration, as it is saved in the voice."""
        out: dict[str, Any] = {"voice": self.voice.model_dump(exclude_none=True)}
        out |= {name: stage.to_dict() for name, stage in self.stages.items()}
        return out | adapter_tables(self.adapters)

    def to_toml(self) -> str:
        """`to_dict` as TOML."""
        import tomli_w

        return tomli_w.dumps(self.to_dict())


def load(path: Path, overrides: Iterable[str] = (), plugins: Registry | None = None) -> Config:
    """Read and validate a configuration file.

    Parameters
    ----------
    path : Path
        TOML file; relative paths in it are relative to its folder.
    overrides : iterable of str
        ``"stage.key=value"`` as given to ``--set``; values are TOML, or plain text.

    Raises
    ------
    ConfigError
        The file cannot be read, or a key or value is wrong; the message names it and what was meant.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError("there is no such file", where=str(path)) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot be read: {error}", where=str(path)) from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"is not valid TOML: {error}", where=str(path)) from error
    return resolve(override(data, overrides), base=path.parent.resolve(), source=str(path), plugins=plugins)


def override(data: dict[str, Any], overrides: Iterable[str]) -> dict[str, Any]:
    """Apply ``--set`` arguments; changing a stage's plugin drops the settings of the plugin it had."""
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


def resolve(data: dict[str, Any], *, base: Path, source: str = "", plugins: Registry | None = None) -> Config:
    """Validate a configuration that is already read."""
    plugins = plugins or registry()
    check_sections(data, source)
    if "voice" not in data:
        raise ConfigError(
            "the [voice] table is missing", where=source, hint='[voice]\nname = "…"\ncorpus = "…"'
        )
    voice = validate(VoiceSettings, data["voice"], where=f"{source} [voice]")
    stages = {name: resolve_stage(name, data.get(name, {}), base, source, plugins) for name in STAGES}
    adapters = resolve_adapters(data.get(ADAPTERS, {}), stages["vocoder"].adapters, base, source, plugins)
    return Config(voice, stages, base, adapters)


def check_sections(data: Mapping[str, Any], source: str) -> None:
    """Raise `ConfigError` for a section that no configuration has, or that is no table."""
    known = ("voice", *STAGES, ADAPTERS)
    for name, table in data.items():
        if name not in known:
            raise _unknown(name, known, source, "section")
        if not isinstance(table, dict):
            raise ConfigError(f"[{name}] has to be a table", where=source)


def resolve_stage(
    stage: str,
    table: dict[str, Any],
    base: Path,
    source: str,
    plugins: Registry,
    *,
    checked: bool = False,
) -> StageConfig:
    """Validate one stage's table against its plugin's settings.

    A table that was `checked`, as a built voice's is by the same version of the plugin, is not checked again
    unless it has a key that the plugin does not know.
    """
    table = dict(table)
    where = f"{source} [{stage}]".strip()
    plugin = table.pop("plugin", DEFAULTS[stage])
    adapters = table.pop("adapters", ())
    if not isinstance(plugin, str):
        raise ConfigError("plugin has to be a name", where=where)
    if isinstance(adapters, str):
        adapters = (adapters,)
    kind = plugins.load(stage, plugin).Config
    known = checked and table.keys() <= kind.model_fields.keys()
    settings = kind.restored(table) if known else validate(kind, table, where=where)
    return StageConfig(plugin, _anchored(settings, base), tuple(adapters))


def resolve_adapters(
    tables: Mapping[str, Any], named: Sequence[str], base: Path, source: str, plugins: Registry
) -> dict[str, Settings]:
    """Validate the ``[adapters.NAME]`` tables; adapters that are `named` and have none get their defaults.

    A table for an adapter that is not named is kept: it waits for a vocoder that needs it.
    """
    out = {}
    for name in dict.fromkeys([*tables, *(n for n in named if n != "auto")]):
        where = f"{source} [{ADAPTERS}.{name}]".strip()
        table = tables.get(name, {})
        if not isinstance(table, dict):
            raise ConfigError(
                f"{ADAPTERS}.{name} has to be a table of that adapter's settings",
                where=where,
                hint="which adapters feed the vocoder is a key of [vocoder], as in adapters = ['units-to-frames']",
            )
        out[name] = _anchored(validate(plugins.load("adapter", name).Config, table, where=where), base)
    return out


def adapter_tables(adapters: Mapping[str, Settings]) -> dict[str, Any]:
    """The ``adapters`` section of settings by name; empty when there are none."""
    tables = {name: s.model_dump(exclude_none=True) for name, s in adapters.items()}
    return {ADAPTERS: tables} if tables else {}


def validate(model: type[Settings], values: dict[str, Any], *, where: str) -> Any:
    """Make settings of `values`, or raise `ConfigError` with every wrong key and what it may be."""
    for name in values:
        if name not in model.model_fields:
            raise _unknown(name, list(model.model_fields), where, "key")
    try:
        return model(**values)
    except ValueError as error:
        raise ConfigError(str(error), where=where) from None


def at_rate(settings: Any, rate: int, *, where: str) -> Any:
    """`settings` with their ``sample_rate`` set to `rate` (Hz), where they have one and were not given it.

    Raises
    ------
    ConfigError
        The other settings cannot be met at this rate.
    """
    kind = type(settings)
    if "sample_rate" not in kind.model_fields or "sample_rate" in settings.model_fields_set:
        return settings
    values = {name: getattr(settings, name) for name in settings.model_fields_set}
    return validate(kind, values | {"sample_rate": rate}, where=f"{where} at {rate} Hz".strip())


def _unknown(name: str, known: Iterable[str], where: str, what: str) -> ConfigError:
    known = list(known)
    close = difflib.get_close_matches(name, known, 1)
    meant = f"did you mean {close[0]!r}? " if close else ""
    return ConfigError(
        f"unknown {what} {name!r}", where=where, hint=f"{meant}known: {', '.join(known) or 'none'}"
    )


def _anchored(settings: Settings, base: Path) -> Settings:
    """Relative paths in a configuration are relative to the file they stand in."""
    changes = {
        name: base / value
        for name in type(settings).model_fields
        if isinstance(value := getattr(settings, name), Path) and not value.is_absolute()
    }
    return settings.model_copy(update=changes) if changes else settings


def parse_value(text: str) -> Any:
    """A TOML value as it is typed on the command line; what is not TOML is plain text."""
    try:
        return tomllib.loads(f"x = {text}")["x"]
    except tomllib.TOMLDecodeError:
        return text
