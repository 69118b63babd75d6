# SPDX-License-Identifier: Apache-2.0
"""Figures of a path through recorded units."""

from __future__ import annotations

from dataclasses import dataclass

from synthkit.eval.sample import PathRecord


@dataclass(frozen=True, slots=True)
class PathFigures:
    """Joins per second of units, units per unbroken run, join and target cost per join and unit, own
    share."""

    joins_per_second: float
    run_length: float
    join_cost: float | None
    target_cost: float
    own_share: float


def path_figures(path: PathRecord) -> PathFigures:
    """Figures of `path`; `join_cost` is None where there is no join.

    Parameters
    ----------
    path : PathRecord

    Returns
    -------
    PathFigures

    Raises
    ------
    ValueError
        The path is empty.
    """
    if not path.units or path.seconds <= 0:
        raise ValueError("the unit path is empty")
    return PathFigures(
        joins_per_second=path.joins / path.seconds,
        run_length=path.units / len(path.runs),
        join_cost=path.join_cost / path.joins if path.joins else None,
        target_cost=path.target_cost / path.units,
        own_share=path.own_units / path.units,
    )
