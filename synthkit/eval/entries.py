# SPDX-License-Identifier: Apache-2.0
"""A metric as a run has it: its registration and its settings."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from synthkit.errors import MissingDependency, PluginError, SynthkitError
from synthkit.eval.metric import NEEDS, Metric
from synthkit.eval.quiet import quiet
from synthkit.offers import Registration
from synthkit.plugins import Registry


@dataclass(frozen=True)
class MetricEntry:
    """A metric of a run: its registration and validated settings (picklable)."""

    registration: Registration
    settings: dict[str, Any] = field(default_factory=dict)

    def make(self) -> Metric:
        """The metric, unprepared.

        Raises
        ------
        PluginError
            It needs something that no sample can have.
        """
        from synthkit.tables import validate

        with quiet():
            kind = self.registration.load()
        made: Metric = kind(validate(kind.Config, self.settings, where=f"metric {self.registration.name}"))
        unknown = [need for need in made.needs if need not in NEEDS]
        if unknown:
            raise PluginError(
                f"metric {self.registration.name!r} needs {unknown[0]!r}, and a sample has "
                f"{', '.join(NEEDS)}",
                where=self.registration.where,
            )
        return made

    @property
    def tag(self) -> str:
        """Name and settings as text."""
        return json.dumps([self.registration.name, self.settings], sort_keys=True, default=str)

    @property
    def identity(self) -> list[Any]:
        """What its results depend on besides the sample."""
        r, made = self.registration, self.make()
        settings = made.config.model_dump()
        packages = [[name, installed_version(name)] for name in made.packages]
        return [r.name, r.distribution, made.version, settings, made.fingerprint(), packages]


def prepare_here(entry: MetricEntry, metric: Metric) -> None:
    """Load what a metric needs, in this process.

    Parameters
    ----------
    entry : MetricEntry
    metric : Metric
    """
    metric.prepare()


def unprepared(entry: MetricEntry, metric: Metric) -> None:
    """Take it for granted that a metric can run.

    Parameters
    ----------
    entry : MetricEntry
    metric : Metric
    """


def find_metrics(
    plugins: Registry,
    names: Sequence[str] = (),
    settings: dict[str, dict[str, Any]] | None = None,
    *,
    compatible: bool = True,
    required: Iterable[str] | None = None,
    prepare: Callable[[MetricEntry, Metric], None] = prepare_here,
) -> tuple[list[tuple[MetricEntry, Metric]], list[tuple[str, str]]]:
    """Metrics that can run here.

    Parameters
    ----------
    plugins : Registry
    names : sequence of str
        Which; all that are installed when empty.
    settings : dict
        Settings by metric name.
    compatible : bool
        Whether metrics that only reproduce another tool's figures run without being required.
    required : iterable of str, optional
        Which of them must be able to run; all of `names` when left out.
    prepare : callable
        How to find out whether a metric can run.

    Returns
    -------
    usable : list of (MetricEntry, Metric)
    left_out : list of (name, reason)
        Those whose package or model is missing, or that cannot be loaded.

    Raises
    ------
    SynthkitError
        A required metric cannot be used.
    """
    settings = settings or {}
    needed = set(names if required is None else required)
    for name in (*names, *settings):
        plugins.find("metric", name)
    usable, left_out = [], []
    for name in names or plugins.names("metric"):
        entry = MetricEntry(plugins.find("metric", name), settings.get(name, {}))
        try:
            metric = entry.make()
            if metric.compatible and not compatible and name not in needed:
                left_out.append((name, "reproduces another tool's figures → --all-definitions runs it"))
                continue
            prepare(entry, metric)
        except (MissingDependency, PluginError, Unusable) as error:
            if name in needed:
                raise
            left_out.append((name, f"{error.message}" + (f" → {error.hint}" if error.hint else "")))
            continue
        usable.append((entry, metric))
    return usable, left_out


class Unusable(SynthkitError):
    """A metric that cannot be made ready to measure."""


SAME_MODULE = {"pyworld": ("pyworld-prebuilt",)}
"""Distributions that bring the module another one is known for."""


def installed_version(distribution: str) -> str:
    """Release of an installed distribution, or of one that brings the same module, or ``"not installed"``.

    Parameters
    ----------
    distribution : str

    Returns
    -------
    str
    """
    from importlib.metadata import PackageNotFoundError, version

    for name in (distribution, *SAME_MODULE.get(distribution, ())):
        try:
            return version(name)
        except PackageNotFoundError:
            continue
    return "not installed"
