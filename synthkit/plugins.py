# SPDX-License-Identifier: Apache-2.0
"""Look components up by stage and name.

What plugins offer is found by `synthkit.discovery` and kept by `synthkit.remembered`. A plugin that fails to import,
misspells a hook or registers a name somebody else has taken is reported in `Registry.problems` and left out; everything
else goes on working. A registration is a string: no plugin is imported before one of its components is asked for.
"""

from __future__ import annotations

import difflib
import importlib
import sys
from collections.abc import Iterable
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from synthkit.errors import MissingDependency, PluginError

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
            if module in sys.modules:
                return getattr(sys.modules[module], attribute)
            with redirect_stdout(
                sys.stderr
            ):  # what a module says as it is imported is no result of a command
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


@dataclass(frozen=True)
class Offer:
    """What one plugin offers, or why it offers nothing."""

    plugin: str
    distribution: str
    version: str
    components: tuple[Registration, ...] = ()
    problem: str = ""


@dataclass
class Registry:
    """Everything that is installed, by stage and name."""

    components: dict[tuple[str, str], Registration] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    _taken: set[tuple[str, str]] = field(default_factory=set)

    @classmethod
    def of(cls, offers: Iterable[Offer]) -> Registry:
        """Everything that is offered; what is offered twice is a problem."""
        found = cls()
        for offer in offers:
            if offer.problem:
                found.problems.append(Problem(offer.plugin, offer.distribution, offer.version, offer.problem))
            for registration in offer.components:
                found.add(registration)
        return found

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


@lru_cache(maxsize=1)
def registry() -> Registry:
    """What is installed; found once per process.

    Raises
    ------
    PluginError
        Another program's package ``synthkit`` is mixed with this one.
    """
    from synthkit.remembered import offered

    return Registry.of(offered())
