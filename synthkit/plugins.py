# SPDX-License-Identifier: Apache-2.0
"""Look components up by stage and name.

What plugins offer is found by `synthkit.discovery` and kept by `synthkit.remembered`. A plugin that fails to
import, misspells a hook or registers a name somebody else has taken is reported in `Registry.problems` and
left out; everything else goes on working. A registration is a string: no plugin is imported before one of its
components is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from synthkit.errors import PluginError
from synthkit.offers import Offer, Registration
from synthkit.remembered import offered


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

    @classmethod
    def of(cls, offers: Iterable[Offer]) -> Registry:
        """Everything that is offered; what is offered twice is a problem.

        Parameters
        ----------
        offers : iterable of Offer

        Returns
        -------
        Registry
        """
        found = cls()
        for offer in offers:
            if offer.problem:
                found.problems.append(Problem(offer.plugin, offer.distribution, offer.version, offer.problem))
            for registration in offer.components:
                found.add(registration)
        return found

    def names(self, stage: str) -> list[str]:
        """Names registered for `stage`, sorted.

        Parameters
        ----------
        stage : str

        Returns
        -------
        list of str
        """
        return sorted(name for s, name in self.components if s == stage)

    def of_stage(self, stage: str) -> list[Registration]:
        """Registrations for `stage`, sorted by name.

        Parameters
        ----------
        stage : str

        Returns
        -------
        list of Registration
        """
        return [self.components[stage, name] for name in self.names(stage)]

    def find(self, stage: str, name: str) -> Registration:
        """The registration of `name`, or a `PluginError` that suggests what was meant.

        Parameters
        ----------
        stage, name : str

        Returns
        -------
        Registration

        Raises
        ------
        PluginError
            There is none, or it is offered twice.
        """
        try:
            return self.components[stage, name]
        except KeyError:
            pass
        if (stage, name) in self._taken:
            reasons = [p.reason for p in self.problems if f"{name!r}" in p.reason]
            raise PluginError(f"{stage} {name!r} is offered twice", hint="; ".join(reasons)) from None
        from difflib import get_close_matches

        close = get_close_matches(name, self.names(stage), 1)
        known = ", ".join(self.names(stage)) or "none"
        broken = "".join(f"\n    left out: {p.plugin}: {p.reason}" for p in self.problems)
        meant = f"did you mean {close[0]!r}? " if close else ""
        what = stage.replace("_", " ")
        raise PluginError(f"there is no {what} named {name!r}", hint=f"{meant}installed: {known}{broken}")

    def load(self, stage: str, name: str) -> Any:
        """Import the class of component `name`.

        Parameters
        ----------
        stage, name : str

        Returns
        -------
        type or object
            A command is no class.

        Raises
        ------
        PluginError, MissingDependency
            There is none, or it cannot be imported.
        """
        return self.find(stage, name).load()

    def add(self, registration: Registration) -> None:
        """Add one; a second of the same stage and name is a problem naming both, and neither is used.

        Parameters
        ----------
        registration : Registration
        """
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
    return Registry.of(offered())
