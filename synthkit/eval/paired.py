# SPDX-License-Identifier: Apache-2.0
"""Two systems in one figure, utterance by utterance, and whether there is anything to test of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from synthkit.eval.metric import Definition
from synthkit.eval.results import COPIES, Row

DISTANCES = ("spectral", "prosody", "duration")
"""Groups of figures that are 0 where the recordings themselves are said."""


@dataclass(frozen=True)
class Paired:
    """Two systems in one figure, on the utterances that both have.

    Attributes
    ----------
    key, metric, first, second : str
    x, y : ndarray, shape (N,)
        Of the first and of the second, in the figure's unit.
    weights : ndarray, shape (N,)
        How much each utterance counts.
    """

    key: str
    metric: str
    first: str
    second: str
    x: np.ndarray
    y: np.ndarray
    weights: np.ndarray

    recorded: str = ""
    """The voice that says the recordings themselves, by a figure of how far it is from them."""

    @property
    def described(self) -> str:
        """Why the pair is described and not tested: what is identical by construction is no finding."""
        if self.identical:
            return "identical in every sentence"
        return f"{COPIES}{self.recorded}" if self.recorded else ""

    @property
    def identical(self) -> bool:
        scale = np.maximum(np.abs(self.x), np.abs(self.y))
        return bool(np.all(np.abs(self.y - self.x) <= 1e-9 * scale))


def paired(
    definition: Definition, first: str, second: str, a: dict[str, Row], b: dict[str, Row]
) -> Paired | None:
    """Rows of two systems, put beside one another.

    Parameters
    ----------
    definition : Definition
    first, second : str
        The systems.
    a, b : dict of str to Row
        Their rows with a value, by utterance.

    Returns
    -------
    Paired or None
        None where they have no utterance in common.
    """
    common = [u for u in a if u in b]
    if not common:
        return None
    x, weights = arrays([a[u] for u in common], definition)
    y, _ = arrays([b[u] for u in common], definition)
    apart = definition.group in DISTANCES
    same = [v for v, values in ((first, x), (second, y)) if apart and np.all(np.abs(values) <= 1e-9)]
    recorded = ", ".join(same)
    return Paired(definition.key, definition.metric, first, second, x, y, weights, recorded)


def arrays(rows: Sequence[Row], definition: Definition) -> tuple[np.ndarray, np.ndarray]:
    """Values and weights ``(N,)`` of rows: words of an error rate, else ones.

    Parameters
    ----------
    rows : sequence of Row
        Each with a value.
    definition : Definition

    Returns
    -------
    values, weights : ndarray, shape (N,)
    """
    values = np.array([r.value for r in rows], float)
    if definition.pool == "ratio":
        return values, np.array([r.n for r in rows], float)
    return values, np.ones(len(rows))
