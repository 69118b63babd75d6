# SPDX-License-Identifier: Apache-2.0
"""Find plugins by entry point, one by one, and look components up by stage and name.

A plugin that fails to import, misspells a hook or registers a name somebody else has taken is reported
in `Registry.problems` and left out; everything else goes on working. Nothing heavy is imported here: a
registration is a string, and `Component.load` imports it when the name is asked for.
"""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from types import ModuleType
from typing import Any, Protocol

import pluggy

from synthkit.distribution import NAME, refuse_namesake
from synthkit.errors import MissingDependency, PluginError

GROUP = "synthkit"
BUILTIN = (
    "synthkit.builtin.corpora",
    "synthkit.builtin.pipeline",
    "synthkit.builtin.evaluation",
)
STAGE_OF_HOOK = {
    "register_segmenters": "segmentation",
    "register_aligners": "alignment",
    "register_features": "features",
    "register_acoustic_models": "acoustic_model",
    "register_vocoders": "vocoder",
    "register_adapters": "adapter",
    "register_metrics": "metric",
    "register_speaker_encoders": "speaker_encoder",
    "register_corpora": "corpus",
    "register_layouts": "layout",
    "register_label_formats": "label_format",
    "register_executors": "executor",
    "register_commands": "command",
}
"""Hook name to the stage it fills."""


class Register(Protocol):
    """What a hook is given: call it once per component."""

    def __call__(self, name: str, reference: str, *, summary: str = "") -> None:
        """Offer component `name`, found at ``"module:attribute"`` when it is asked for."""
        ...


@dataclass(frozen=True)
class Registration:
    """One component as a plugin offered it."""

    stage: str
    name: str
    reference: str
    summary: str
    plugin: str
    distribution: str
    version: str

    def load(self) -> Any:
        """Import and return the component's class.

        Raises
        ------
        MissingDependency
            A package it needs is not installed.
        PluginError
            It cannot be imported for another reason.
        """
        module, _, attribute = self.reference.partition(":")
        try:
            return getattr(importlib.import_module(module), attribute)
        except ModuleNotFoundError as error:
            if error.name and module.split(".")[0] == error.name.split(".")[0]:
                raise PluginError(f"{self.reference} does not exist: {error}", where=self.where) from error
            raise MissingDependency(
                f"{self.stage} {self.name!r} needs the package {error.name!r}",
                where=self.where,
                hint=f"pip install {error.name}, or install {self.distribution} with its dependencies",
            ) from error
        except (ImportError, AttributeError) as error:
            raise PluginError(f"{self.reference} cannot be imported: {error}", where=self.where) from error

    @property
    def where(self) -> str:
        """Plugin and distribution, for messages."""
        return f"plugin {self.plugin!r} ({self.distribution} {self.version})"


@dataclass(frozen=True)
class Problem:
    """A plugin, or one component of it, that was left out, and why."""

    plugin: str
    distribution: str
    version: str
    reason: str


@dataclass
class Registry:
    """Everything that is installed, by stage and name."""

    components: dict[tuple[str, str], Registration] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    _taken: set[tuple[str, str]] = field(default_factory=set)

    def names(self, stage: str) -> list[str]:
        """Names registered for `stage`, sorted."""
        return sorted(name for s, name in self.components if s == stage)

    def of_stage(self, stage: str) -> list[Registration]:
        """Registrations for `stage`, sorted by name."""
        return [self.components[stage, name] for name in self.names(stage)]

    def find(self, stage: str, name: str) -> Registration:
        """The registration of `name`, or a `PluginError` that suggests what was meant."""
        try:
            return self.components[stage, name]
        except KeyError:
            pass
        if (stage, name) in self._taken:
            reasons = [p.reason for p in self.problems if f"{name!r}" in p.reason]
            raise PluginError(f"{stage} {name!r} is offered twice", hint="; ".join(reasons)) from None
        close = difflib.get_close_matches(name, self.names(stage), 1)
        known = ", ".join(self.names(stage)) or "none"
        broken = "".join(f"\n    left out: {p.plugin}: {p.reason}" for p in self.problems)
        meant = f"did you mean {close[0]!r}? " if close else ""
        raise PluginError(f"there is no {stage} named {name!r}", hint=f"{meant}installed: {known}{broken}")

    def load(self, stage: str, name: str) -> Any:
        """Import the class of component `name`."""
        return self.find(stage, name).load()

    def add(self, registration: Registration) -> None:
        """Add one; a second of the same stage and name is a problem naming both, and neither is used."""
        key = (registration.stage, registration.name)
        first = self.components.get(key)
        if first is None and key not in self._taken:
            self.components[key] = registration
            return
        other = f" and by {first.where}" if first else ""
        self.problems.append(
            Problem(
                registration.plugin,
                registration.distribution,
                registration.version,
                f"{registration.stage} {registration.name!r} is offered by {registration.where}{other}; "
                "uninstall one of them",
            )
        )
        self._taken.add(key)
        self.components.pop(key, None)


@dataclass(frozen=True)
class _Source:
    name: str
    distribution: str
    version: str
    load: Callable[[], ModuleType]


def discover(sources: Iterable[_Source] | None = None) -> Registry:
    """Load every plugin and collect what it offers; never raises for a plugin's fault."""
    from synthkit import hookspecs

    registry = Registry()
    manager = pluggy.PluginManager("synthkit")
    manager.add_hookspecs(hookspecs)
    for source in _sources() if sources is None else sources:
        module = None
        try:
            module = source.load()
            manager.register(module, source.name)
            unknown = sorted(
                name
                for name in dir(module)
                if name.startswith("register_") and _is_hook(module, name) and name not in STAGE_OF_HOOK
            )
            if unknown:
                close = difflib.get_close_matches(unknown[0], STAGE_OF_HOOK, 1)
                meant = f"; did you mean {close[0]!r}?" if close else ""
                raise PluginError(f"unknown hook {unknown[0]!r}{meant}")
            manager.check_pending()
            found: list[Registration] = []
            for hook, stage in STAGE_OF_HOOK.items():
                getattr(manager.hook, hook)(register=_collector(found, stage, source))
        except (KeyboardInterrupt, MemoryError):
            raise
        except BaseException as error:  # a stranger's module may raise anything, SystemExit included
            reason = f"{type(error).__name__}: {error}".strip().split("\n")[0]
            registry.problems.append(Problem(source.name, source.distribution, source.version, reason))
            continue
        finally:
            # Each plugin is asked alone, so that a fault is known to be its own.
            if module is not None and manager.is_registered(module):
                manager.unregister(module)
        for registration in found:
            registry.add(registration)
    return registry


def _is_hook(module: ModuleType, name: str) -> bool:
    return hasattr(getattr(module, name), "synthkit_impl")


def _collector(found: list[Registration], stage: str, source: _Source) -> Register:
    def register(name: str, reference: str, *, summary: str = "") -> None:
        if ":" not in reference:
            raise PluginError(f"{stage} {name!r}: reference {reference!r} is not 'module:attribute'")
        found.append(
            Registration(stage, name, reference, summary, source.name, source.distribution, source.version)
        )

    return register


def _sources() -> list[_Source]:
    from synthkit import __version__

    def builtin(name: str) -> _Source:
        return _Source(name, NAME, __version__, lambda: importlib.import_module(name))

    def installed(point: EntryPoint) -> _Source:
        return _Source(point.name, *_name_and_version(point), point.load)

    points = sorted(entry_points(group=GROUP), key=lambda p: (p.name, p.value))
    return [builtin(name) for name in BUILTIN] + [installed(point) for point in points]


def _name_and_version(point: EntryPoint) -> tuple[str, str]:
    """Of the distribution; read as lines, since the standard library parses each METADATA as an e-mail."""
    metadata = (point.dist.read_text("METADATA") if point.dist else None) or ""
    found: dict[str, str] = {}
    for line in metadata.partition("\n\n")[0].splitlines():
        field, _, value = line.partition(": ")
        found.setdefault(field, value)
    return found.get("Name", "?"), found.get("Version", "?")


@lru_cache(maxsize=1)
def registry() -> Registry:
    """What is installed; found once per process.

    Raises
    ------
    PluginError
        Another program's package ``synthkit`` is mixed with this one.
    """
    refuse_namesake()
    return discover()
