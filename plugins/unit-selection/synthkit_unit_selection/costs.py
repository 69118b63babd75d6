"""What a unit costs at a place, by named terms, and what a join costs, by named terms.

Terms are dimensionless: acoustic ones are divided by the variance that the predictor leaves unexplained
(target) or by the mean squared distance of two units of one phone (join), so that an ordinary unit costs
about 1 by each and the weights say what matters, not which unit of measurement a stream has.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthkit_unit_selection.context import COLUMN

TARGET_TERMS = ("context", "stress", "position", "phrase", "duration", "f0", "voicing", "power", "spectrum", "hygiene")
JOIN_TERMS = ("join", "spectrum", "f0", "power")
JOIN_F0, JOIN_VOICED, JOIN_POWER, JOIN_SPECTRUM = 0, 1, 2, 3
"""Columns of a join vector; the spectrum takes the rest."""

_NEIGHBOURS = ("prev2", "prev", "next", "next2")
_NEIGHBOUR_WEIGHT = np.array([[0.25, 1.0, 0.4, 0.1], [0.1, 0.4, 1.0, 0.25]], np.float32)
"""Of each neighbour, for first and second halves."""


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


def symbolic_terms(target: np.ndarray, unit: np.ndarray, half: np.ndarray, scales: Scales) -> dict[str, np.ndarray]:
    """Unweighted terms of context rows.

    Parameters
    ----------
    target : ndarray, shape (T, F)
    unit : ndarray, shape (T, K, F)
    half : ndarray, shape (T,)

    Returns
    -------
    dict of ndarray, shape (T, K), float32
    """
    n = len(scales.phones)
    flat = scales.phones.reshape(-1)
    weight = _NEIGHBOUR_WEIGHT[half]
    context = np.zeros(unit.shape[:2], np.float32)
    for i, name in enumerate(_NEIGHBOURS):
        wanted = target[:, COLUMN[name]].astype(np.int64)[:, None] * n
        context += flat[wanted + unit[:, :, COLUMN[name]]] * weight[:, i, None]

    def differs(name: str) -> np.ndarray:
        return unit[:, :, COLUMN[name]] != target[:, COLUMN[name], None]

    def is_zero_differs(name: str) -> np.ndarray:
        return (unit[:, :, COLUMN[name]] == 0) != (target[:, COLUMN[name], None] == 0)

    def gap(name: str, most: int) -> np.ndarray:
        a = np.minimum(unit[:, :, COLUMN[name]], most).astype(np.int16)
        b = np.minimum(target[:, COLUMN[name], None], most).astype(np.int16)
        return np.abs(a - b) * np.float32(1 / most)

    stress = differs("stress") + np.float32(0.3) * differs("tonic")
    position = 0.5 * is_zero_differs("word_fwd") + 0.5 * is_zero_differs("word_back") + 0.2 * differs("function")
    near_end = target[:, COLUMN["syllables_back"], None] <= 3
    phrase = gap("syllables_back", 4) + 0.5 * gap("syllables_fwd", 4) + 0.5 * (differs("phrase_end") & near_end)
    return {
        "context": context,
        "stress": stress.astype(np.float32),
        "position": position.astype(np.float32),
        "phrase": phrase.astype(np.float32),
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


def acoustic_total(unit: np.ndarray, predicted: np.ndarray, factors: np.ndarray) -> np.ndarray:
    """Sum of the weighted acoustic terms: units ``(T, K, A)`` against targets ``(T, A)`` → ``(T, K)``."""
    difference = unit - predicted[:, None]
    difference *= difference
    return np.matmul(difference, factors[:, :, None])[:, :, 0]


def join_vectors(edges: np.ndarray, weights: Weights, scales: Scales) -> tuple[np.ndarray, np.ndarray]:
    """Left and right factors whose products are weighted join distances.

    For edges ``(…, J)`` gives ``a, b`` of shape ``(…, D)`` with ``a[i] · b[j]`` the weighted squared
    distance of spectrum and power plus that of F0 where both sides are voiced.
    """
    w = weights.join
    spectral = edges[..., JOIN_SPECTRUM:] * np.sqrt(w["spectrum"] * scales.join[JOIN_SPECTRUM:])
    power = edges[..., JOIN_POWER, None] * np.sqrt(w["power"] * scales.join[JOIN_POWER])
    plain = np.concatenate([power, spectral], axis=-1)
    norm = (plain * plain).sum(-1, keepdims=True)
    one = np.ones_like(norm)
    f0 = edges[..., JOIN_F0, None] * np.sqrt(w["f0"] * scales.join[JOIN_F0])
    voiced = edges[..., JOIN_VOICED, None]
    vf, vff = voiced * f0, voiced * f0 * f0
    left = np.concatenate([-2 * plain, norm, one, vff, -2 * vf, voiced], axis=-1)
    right = np.concatenate([plain, one, norm, voiced, vf, vff], axis=-1)
    return left.astype(np.float32), right.astype(np.float32)


def join_terms(left: np.ndarray, right: np.ndarray, place: str, weights: Weights, scales: Scales) -> dict[str, float]:
    """Weighted terms of one join of the edge `left` (end of a unit) with the edge `right`, in float64.

    `place` is ``"inside"`` a phone, at a ``"boundary"`` or inside a ``"pause"``.
    """
    a, b = left.astype(np.float64), right.astype(np.float64)
    square = (a - b) ** 2 * scales.join
    w = weights.join
    factor = w["pause"] if place == "pause" else 1.0
    return {
        "join": factor * (w["join"] + (w["boundary"] if place == "boundary" else 0.0)),
        "spectrum": factor * w["spectrum"] * float(square[JOIN_SPECTRUM:].sum()),
        "f0": factor * w["f0"] * float(square[JOIN_F0] * a[JOIN_VOICED] * b[JOIN_VOICED]),
        "power": factor * w["power"] * float(square[JOIN_POWER]),
    }
