# SPDX-License-Identifier: Apache-2.0
"""What a unit costs at a place, by named terms, and what a join costs, by named terms.

Terms are dimensionless: acoustic ones are divided by the variance that the predictor leaves unexplained
(target) or by the mean squared distance of two units of one phone (join), so that an ordinary unit costs
about 1 by each and the weights say what matters, not which unit of measurement a stream has.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthkit_unit_selection.context import COLUMN

TARGET_TERMS = (
    "context",
    "stress",
    "position",
    "phrase",
    "duration",
    "f0",
    "voicing",
    "power",
    "spectrum",
    "hygiene",
)
JOIN_TERMS = ("join", "spectrum", "f0", "power")
JOIN_F0, JOIN_VOICED, JOIN_POWER, JOIN_SPECTRUM = 0, 1, 2, 3
"""Columns of a join vector; the spectrum takes the rest."""

_NEIGHBOURS = ("prev2", "prev", "next", "next2")
_NEIGHBOUR_WEIGHT = np.array([[0.25, 1.0, 0.4, 0.1], [0.1, 0.4, 1.0, 0.25]], np.float32)
"""Of each neighbour, for first and second halves."""
_HALF, _THIRD, _FIFTH = np.float32(0.5), np.float32(1 / 3), np.float32(0.2)


@dataclass(frozen=True)
class Weights:
    """Weights by term, after the guidance slider.

    Attributes
    ----------
    target : dict
        By `TARGET_TERMS`.
    join : dict
        ``join`` (any join inside a phone), ``boundary`` (added for a join between phones), ``pause``
        (factor on joins inside pauses), ``spectrum``, ``f0``, ``power``.
    """

    target: dict[str, float]
    join: dict[str, float]


@dataclass(frozen=True)
class Scales:
    """What the data say a unit of each stream is worth.

    Attributes
    ----------
    target : ndarray, shape (A,)
        Factor on the squared difference of each acoustic column.
    join : ndarray, shape (J,)
        Factor on the squared difference of each join column.
    phones : ndarray, shape (n, n), float32
        Distance of phones as neighbours, 0 to 1.
    """

    target: np.ndarray
    join: np.ndarray
    phones: np.ndarray


def symbolic_terms(
    target: np.ndarray, unit: np.ndarray, half: np.ndarray, scales: Scales
) -> dict[str, np.ndarray]:
    """Unweighted terms of context rows.

    Parameters
    ----------
    target, unit : ndarray, shape (M, F)
        What is wanted and what is offered, pair by pair.
    half : ndarray, shape (M,)

    Returns
    -------
    dict of ndarray, shape (M,), float32
    """
    asked, got = np.ascontiguousarray(target.T), np.ascontiguousarray(unit.T)
    n = len(scales.phones)
    flat = scales.phones.reshape(-1)
    weight = _NEIGHBOUR_WEIGHT[half]
    context = np.zeros(len(half), np.float32)
    for i, name in enumerate(_NEIGHBOURS):
        column = COLUMN[name]
        context += flat[asked[column].astype(np.int64) * n + got[column]] * weight[:, i]

    def differs(name: str) -> np.ndarray:
        return asked[COLUMN[name]] != got[COLUMN[name]]

    def is_zero_differs(name: str) -> np.ndarray:
        return (asked[COLUMN[name]] == 0) != (got[COLUMN[name]] == 0)

    def gap(name: str, most: int) -> np.ndarray:
        a = np.minimum(asked[COLUMN[name]], most).astype(np.int16)
        b = np.minimum(got[COLUMN[name]], most).astype(np.int16)
        return np.abs(a - b) * np.float32(1 / most)

    near_end = asked[COLUMN["syllables_back"]] <= 3
    position = _HALF * is_zero_differs("word_fwd") + _HALF * is_zero_differs("word_back")
    phrase = gap("syllables_back", 4) + _HALF * gap("syllables_fwd", 4)
    return {
        "context": context,
        "stress": differs("stress") + _THIRD * differs("tonic"),
        "position": position + _FIFTH * differs("function"),
        "phrase": phrase + _HALF * (differs("phrase_end") & near_end),
    }


def acoustic_columns(width: int) -> dict[str, slice]:
    """Columns of an acoustic row (without the hygiene penalty) by target term."""
    return {
        "duration": slice(0, 1),
        "f0": slice(1, 2),
        "voicing": slice(2, 3),
        "power": slice(3, 4),
        "spectrum": slice(4, width),
    }


def acoustic_weights(predicted: np.ndarray, weights: Weights, scales: Scales) -> np.ndarray:
    """Factor on the squared difference of every acoustic column at every target: ``(T, A)``.

    F0 counts as much as the target is expected to be voiced.
    """
    width = predicted.shape[1]
    out = np.empty_like(predicted)
    for term, columns in acoustic_columns(width).items():
        out[:, columns] = weights.target[term] * scales.target[columns]
    out[:, 1] *= np.clip(predicted[:, 2], 0, 1)
    return out


def acoustic_terms(
    units: np.ndarray, times: np.ndarray, predicted: np.ndarray, weights: Weights, scales: Scales
) -> dict[str, np.ndarray]:
    """Weighted acoustic terms ``(M,)`` of units ``(M, A)`` at the targets `times` ``(M,)`` of ``(T, A)``, in
    float64."""
    factors = acoustic_weights(predicted, weights, scales).astype(np.float64)
    square = (units - predicted[times]) ** 2 * factors[times]
    return {term: square[:, columns].sum(1) for term, columns in acoustic_columns(units.shape[1]).items()}


def acoustic_total(unit: np.ndarray, predicted: np.ndarray, factors: np.ndarray) -> np.ndarray:
    """Sum of the weighted acoustic terms: units ``(T, K, A)`` against targets ``(T, A)`` → ``(T, K)``."""
    difference = unit - predicted[:, None]
    difference *= difference
    return np.matmul(difference, factors[:, :, None])[:, :, 0]


def join_vectors(
    ends: np.ndarray, begins: np.ndarray, weights: Weights, scales: Scales
) -> tuple[np.ndarray, np.ndarray]:
    """Factors whose products are weighted join distances.

    For the edges at which units end and begin, each ``(M, J)``, gives ``a, b`` of shape ``(M, J + 4)``:
    ``a[i] · b[j]`` is the weighted squared distance of spectrum and power between the end of unit ``i``
    and the beginning of unit ``j``, plus that of F0 where both are voiced.
    """
    w = weights.join
    root = np.sqrt(scales.join * w["spectrum"]).astype(np.float32)
    root[JOIN_F0] = np.sqrt(scales.join[JOIN_F0] * w["f0"])
    root[JOIN_VOICED] = 1
    root[JOIN_POWER] = np.sqrt(scales.join[JOIN_POWER] * w["power"])
    size = ends.shape[1]
    left, right = np.empty((2, len(ends), size + 4), np.float32)[:]
    for out, edges, one, norm in ((left, ends, size - 1, size - 2), (right, begins, size - 2, size - 1)):
        np.multiply(edges, root, out=out[:, :size])
        f0, voiced = out[:, JOIN_F0].copy(), out[:, JOIN_VOICED].copy()
        plain = out[:, : size - 2]
        plain[:] = out[:, JOIN_POWER:size].copy()
        np.einsum("ij,ij->i", plain, plain, out=out[:, norm])
        out[:, one] = 1
        out[:, size] = voiced
        out[:, size + 1] = voiced * f0
        out[:, size + 2] = out[:, size + 1] * f0
        out[:, size + 3] = 0
    left[:, : size - 2] *= -2
    left[:, size + 1] *= -2
    left[:, [size, size + 2]] = left[:, [size + 2, size]]
    return left, right


def join_columns(
    ends: np.ndarray,
    begins: np.ndarray,
    pause: np.ndarray,
    boundary: np.ndarray,
    weights: Weights,
    scales: Scales,
) -> np.ndarray:
    """Weighted cost of each of N joins by `JOIN_TERMS`, in float64: ``(N, 4)``.

    Parameters
    ----------
    ends, begins : ndarray, shape (N, J)
        Edges where units end, and where the next begin.
    pause, boundary : ndarray, shape (N,), bool
        Whether the join is inside a pause, and whether it is between phones.
    """
    a, b = ends.astype(np.float64), begins.astype(np.float64)
    square = (a - b) ** 2 * scales.join
    w = weights.join
    columns = (
        w["join"] + w["boundary"] * (boundary & ~pause),
        w["spectrum"] * square[:, JOIN_SPECTRUM:].sum(1),
        w["f0"] * square[:, JOIN_F0] * a[:, JOIN_VOICED] * b[:, JOIN_VOICED],
        w["power"] * square[:, JOIN_POWER],
    )
    return np.stack(columns, axis=1) * np.where(pause, w["pause"], 1.0)[:, None]
