# SPDX-License-Identifier: Apache-2.0
"""Which metrics run and which figures are tested, from what a user asks for by name.

A figure is asked for by what the report prints (``mcd``, ``mcd/versa``, ``Word error rate``) or by the name
its metric is registered under (``world``).
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

from synthkit.errors import ConfigError, MissingDependency, PluginError
from synthkit.eval.metric import Definition
from synthkit.eval.quiet import quiet
from synthkit.plugins import Registry

SETS: dict[str, tuple[str, ...]] = {
    "fast": ("world", "f0-yin", "spectral", "duration-planned", "duration-dtw", "pauses",
             "concatenation", "seams", "smoothness", "cost"),
    "full": (),
}  # fmt: skip
"""Named sets: ``fast`` needs no model and a second or so a sentence; ``full`` is all that is installed."""

INSTEAD = {"f0-yin": "world"}
"""Metrics of a set that another one of it makes superfluous."""


@dataclass(frozen=True)
class Chosen:
    """What a run measures.

    Attributes
    ----------
    metrics : tuple of str
        Registered names; all that are installed when empty.
    required : frozenset of str
        Those asked for by name: they must be able to run.
    primary : tuple of str
        Figures that are tested, ``metric`` or ``metric/id``; the usual ones when empty.
    """

    metrics: tuple[str, ...]
    required: frozenset[str]
    primary: tuple[str, ...]


def catalogue(plugins: Registry) -> list[tuple[Definition, str]]:
    """Every definition that is installed, with its metric's registered name.

    Parameters
    ----------
    plugins : Registry

    Returns
    -------
    list of (Definition, str)
    """
    out = []
    for r in plugins.of_stage("metric"):
        try:
            with quiet():
                out += [(d, r.name) for d in r.load().gives]
        except (MissingDependency, PluginError):
            continue  # `synthkit plugins` reports it
    return out


def find(plugins: Registry, name: str) -> tuple[str, str]:
    """The metric and the figure (``metric`` or ``metric/id``; empty for all of the metric's) that a name
    means.

    Parameters
    ----------
    plugins : Registry
    name : str
        Of a figure or a metric.

    Returns
    -------
    (str, str)

    Raises
    ------
    ConfigError
        There is none; the message guesses.
    """
    if name in plugins.names("metric"):
        return name, ""
    known = sorted(catalogue(plugins), key=lambda pair: not pair[0].main)
    for d, metric in known:
        if name == d.key:
            return metric, d.key
    wanted = name.casefold()
    for d, metric in known:
        if wanted in (d.metric.casefold(), d.title.casefold(), d.label.casefold()):
            return metric, d.metric
    names = {n.casefold(): n for d, m in known for n in (m, d.metric, d.key, d.title)}
    close = difflib.get_close_matches(wanted, names, 1)
    meant = f"did you mean {names[close[0]]!r}? " if close else ""
    metrics = sorted({d.metric for d, _ in known})
    raise ConfigError(f"no metric gives {name!r}", hint=f"{meant}there are {', '.join(metrics)}")


def choose(
    plugins: Registry, named_set: str | None = None, names: Sequence[str] = (), primary: Sequence[str] = ()
) -> Chosen:
    """What runs and what is tested.

    Parameters
    ----------
    plugins : Registry
    named_set : str, optional
        One of `SETS`. ``fast`` when neither this nor `names` is given.
    names : sequence of str
        Figures or metrics, beside the set or alone.
    primary : sequence of str
        Figures to test; a metric that the set lacks is added. Where none are given, figures among `names` are
        tested.

    Returns
    -------
    Chosen

    Raises
    ------
    ConfigError
        A set or a name is not known.
    """
    if named_set is not None and named_set not in SETS:
        raise ConfigError(
            f"--metrics {named_set!r} is no set", hint=f"use one of {', '.join(SETS)}, or -m NAME"
        )
    asked = [find(plugins, name) for name in names]
    tested = [find(plugins, name) for name in primary]
    for name, (metric, figure) in zip(primary, tested, strict=True):
        if not figure:
            several = [d.metric for d, m in catalogue(plugins) if m == metric]
            if metric not in several:
                raise ConfigError(
                    f"--primary {name}: that metric gives several figures",
                    hint=f"name one: {', '.join(several)}",
                )
    required = frozenset(metric for metric, _ in (*asked, *tested))
    figures = tuple(figure or metric for metric, figure in tested)
    if not figures and any(figure for _, figure in asked):
        # `pauses` is a metric and its figure: who names it beside other figures wants it tested with them.
        namesakes = {metric for d, metric in catalogue(plugins) if d.metric == metric}
        figures = tuple(figure or metric for metric, figure in asked if figure or metric in namesakes)
    if named_set == "full":
        return Chosen((), required, figures)
    there = plugins.names("metric")
    usual = SETS["fast"] if named_set or not names else ()
    usual = tuple(
        m for m in usual if m in there and not (INSTEAD.get(m) in there and INSTEAD.get(m) in usual)
    )
    metrics = tuple(dict.fromkeys((*usual, *(metric for metric, _ in (*asked, *tested)))))
    return Chosen(metrics, required, figures)
