# SPDX-License-Identifier: Apache-2.0
"""One stage of a voice as it is configured, and the component it makes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from synthkit import tables
from synthkit.errors import ConfigError, PluginError, SynthkitError, VoiceError, machine_fault
from synthkit.plugins import registry
from synthkit.settings import Settings
from synthkit.stages import Component

DEFAULTS = {
    "segmentation": "text",
    "alignment": "hmm",
    "features": "world",
    "prosody": "contours",
    "acoustic_model": "unit-selection",
    "vocoder": "overlap-add",
}


@dataclass(frozen=True)
class ComponentRef:
    """A component by name and settings: small, picklable, made once per process."""

    stage: str
    plugin: str
    settings: str

    def get(self) -> Any:
        """The component; the same object for every call in one process."""
        return _made(self)


@lru_cache(maxsize=32)
def _made(ref: ComponentRef) -> Any:
    kind = registry().load(ref.stage, ref.plugin)
    return kind(kind.Config.restored(json.loads(ref.settings)))  # they were checked before they were dumped


@dataclass(frozen=True)
class Part:
    """One stage as it is configured: which plugin, its valid settings, and the adapters named to feed it."""

    stage: str
    plugin: str
    settings: Settings
    adapters: tuple[str, ...] = ()
    kind: type[Component] = field(default=Component, repr=False, compare=False)
    """The component's class; found by its name where it is not given."""

    @classmethod
    def of(
        cls,
        stage: str,
        table: Mapping[str, Any],
        *,
        base: Path,
        source: str = "",
        rate: int | None = None,
        checked: str = "",
    ) -> Part:
        """The part that a stage's table describes; see `synthkit.pipeline.parts.Parts.of`.

        `checked` is the `Settings.declaration` of the settings that the table was checked against.

        Parameters
        ----------
        stage : str
        table : mapping
            ``plugin``, ``adapters``, and the plugin's settings.
        base : Path
            Relative paths are relative to it.
        source : str
            Where the table comes from, for messages.
        rate : int, optional
            Hz, of the recordings.
        checked : str

        Returns
        -------
        Part

        Raises
        ------
        ConfigError, PluginError
            There is no such plugin, or a setting is wrong.
        """
        where = f"{source} [{stage}]".strip()
        table = dict(table)
        plugin = table.pop("plugin", DEFAULTS.get(stage))
        adapters = table.pop("adapters", ())
        if not isinstance(plugin, str):
            raise ConfigError("plugin has to be a name", where=where)
        if isinstance(adapters, str):
            adapters = (adapters,)
        if not (isinstance(adapters, (list, tuple)) and all(isinstance(name, str) for name in adapters)):
            raise ConfigError(f"adapters has to be a list of names (got {adapters!r})", where=where)
        try:
            kind: type[Component] = registry().load(stage, plugin)
        except PluginError as error:
            if error.where:
                raise
            raise type(error)(error.message, where=where, hint=error.hint) from error
        settings = kind.Config.restored_as(checked, table) if checked else None
        if settings is None:
            settings = tables.validate(kind.Config, table, where=where)
        part = cls(stage, plugin, anchored(settings, base), tuple(adapters), kind)
        return part if rate is None else part.at(rate)

    def __post_init__(self) -> None:
        if self.kind is Component:
            object.__setattr__(self, "kind", registry().load(self.stage, self.plugin))

    @property
    def ref(self) -> ComponentRef:
        """As it crosses to another process."""
        return ComponentRef(self.stage, self.plugin, self.settings.model_dump_json())

    def get(self) -> Any:
        """The component; the same object for every call in one process."""
        return self.ref.get()

    def new(self) -> Any:
        """A component of its own, for work that leaves something learnt or opened in it."""
        return self.kind(self.settings)

    def opened(self, folder: Path) -> Any:
        """A component of its own that has read what it wrote into the voice at `folder`.

        Parameters
        ----------
        folder : Path
            Of the voice.

        Returns
        -------
        Component

        Raises
        ------
        VoiceError
            That is not what it wrote, though its checksums may agree.
        """
        component, place = self.new(), folder / self.stage
        try:
            component.open(place)
        except SynthkitError:
            raise
        except Exception as error:
            fault = machine_fault(error)
            raise fault or VoiceError(
                f"{self.plugin!r} cannot read its part of the voice ({type(error).__name__}: {error})",
                where=str(place),
                hint="build the voice again, or copy it again from where it is whole; "
                "--debug shows the place",
            ) from error
        return component

    def at(self, rate: int) -> Part:
        """The same with ``sample_rate`` set to `rate` (Hz), where it has that setting and was not given it.

        Parameters
        ----------
        rate : int

        Returns
        -------
        Part

        Raises
        ------
        ConfigError
            The other settings cannot be met at this rate.
        """
        kind, given = type(self.settings), self.settings.model_fields_set
        if "sample_rate" not in kind.model_fields or "sample_rate" in given:
            return self
        values = {name: getattr(self.settings, name) for name in given} | {"sample_rate": rate}
        where = f"[{self.stage}] {self.plugin} at {rate} Hz"
        return replace(self, settings=tables.validate(kind, values, where=where))

    def identity(self) -> dict[str, Any]:
        """What results of this component depend on, besides its inputs.

        Of versions only the component's own, which is raised when results change: a release that leaves it as
        it is finds everything that the one before has cached.
        """
        component = self.get()
        return {
            "stage": self.stage,
            "plugin": self.plugin,
            "distribution": registry().find(self.stage, self.plugin).distribution,
            "version": component.version,
            "settings": {
                name: value
                for name, value in self.settings.model_dump().items()
                if name not in component.Config.places
            },
            "fingerprint": component.fingerprint(),
        }

    def made(self) -> dict[str, str]:
        """What a voice's manifest says of it."""
        r = registry().find(self.stage, self.plugin)
        return {
            "plugin": r.name,
            "distribution": r.distribution,
            "version": r.version,
            "component": self.kind.version,
            "settings": self.kind.Config.declaration(),
        }

    def to_dict(self) -> dict[str, Any]:
        """As it stands in TOML, defaults filled in."""
        out: dict[str, Any] = {"plugin": self.plugin}
        if self.adapters:
            out["adapters"] = list(self.adapters)
        return out | self.settings.model_dump(exclude_none=True)


def installed(name: str) -> str:
    """Versions of the component that a stage and a plugin's name stand for, as ``"stage:plugin"``: of the
    distribution it comes with and its own; or why it is not there.

    Parameters
    ----------
    name : str

    Returns
    -------
    str
    """
    stage, _, plugin = name.partition(":")
    try:
        found = registry().find(stage, plugin)
        version = registry().load(stage, plugin).version
        return f"{found.distribution} {found.version}, results of version {version}"
    except SynthkitError as error:
        return f"missing ({error.message})"


def anchored(settings: Settings, base: Path) -> Settings:
    """Relative paths in a configuration are relative to the file they stand in.

    Parameters
    ----------
    settings : Settings
    base : Path
        Folder of that file.

    Returns
    -------
    Settings
        The same where no path in it is relative.
    """
    changes = {
        name: base / value
        for name in type(settings).model_fields
        if isinstance(value := getattr(settings, name), Path) and not value.is_absolute()
    }
    return settings.model_copy(changes, check=False) if changes else settings
