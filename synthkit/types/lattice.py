# SPDX-License-Identifier: Apache-2.0
"""Everything that a search looked at: the units that might have stood at each place, and what each costs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthkit.types.units import UnitPath


@dataclass(frozen=True, slots=True)
class Lattice:
    """The candidates among which a unit path was found, T places with M candidates in all.

    Attributes
    ----------
    path : UnitPath
        The cheapest one.
    starts : ndarray, shape (T + 1,), int64
        Candidates of place t are ``starts[t]:starts[t + 1]`` of what follows.
    chosen : ndarray, shape (T,), int64
        Which candidates the path is made of.
    units : ndarray, shape (M,), int64
        Positions in the voice's unit store.
    sources : tuple of str
        Utterance id of each unit's recording.
    spans : ndarray, shape (M, 2), int64
        Samples of the recording, from and to.
    labels : tuple of str
        What each is, as `Unit.label` has it.
    target_terms, join_terms : tuple of str
        Names of the columns of `target` and `join`.
    target : ndarray, shape (M, A), float32
        Weighted target cost by term.
    join : ndarray, shape (M, B), float32
        Weighted cost, by term, of the join to the candidate before; zero between neighbours in a recording.
    before, after : ndarray, shape (M,), int64
        The candidates that stand before and after it in the cheapest path that passes through it; -1 at the
        ends.
    through : ndarray, shape (M,), float64
        Cost of that path.
    """

    path: UnitPath
    starts: np.ndarray
    chosen: np.ndarray
    units: np.ndarray
    sources: tuple[str, ...]
    spans: np.ndarray
    labels: tuple[str, ...]
    target_terms: tuple[str, ...]
    join_terms: tuple[str, ...]
    target: np.ndarray
    join: np.ndarray
    before: np.ndarray
    after: np.ndarray
    through: np.ndarray

    @property
    def excess(self) -> np.ndarray:
        """By how much the cheapest path through each candidate costs more than the chosen one: ``(M,)``."""
        out: np.ndarray = np.maximum(self.through - self.through[self.chosen].min(initial=np.inf), 0.0)
        out[self.chosen] = 0.0
        return out
