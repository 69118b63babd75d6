# SPDX-License-Identifier: Apache-2.0
"""Candidates for every half-phone of a target: similar contexts first, then similar sound, then neighbours.

1. A window of each ordering of the index around the target's own key, and every place where a run of the
   target's phones occurs in the corpus.
2. Of these the `keep` closest in predicted sound.
3. Every unit that follows or precedes one of them in its recording for as long as the phones are those of
   the target: successors of live candidates are always candidates, so natural runs survive.
"""

from __future__ import annotations

import numpy as np

from synthkit.errors import VoiceError
from synthkit_unit_selection.costs import acoustic_total
from synthkit_unit_selection.index import Index, fields
from synthkit_unit_selection.store import UnitStore

TOGETHER = 64
"""Half-phones whose windows are judged together."""


def allowed(units: np.ndarray, excluded: list[tuple[int, int]], forbidden: np.ndarray) -> np.ndarray:
    """Whether each unit may be used, given excluded spans of units and (sorted) forbidden ones."""
    ok = units >= 0
    for first, last in excluded:
        ok &= (units < first) | (units >= last)
    if len(forbidden):
        ok &= ~np.isin(units, forbidden)
    return ok


def first_choice(
    store: UnitStore,
    index: Index,
    context: np.ndarray,
    predicted: np.ndarray,
    factors: np.ndarray,
    excluded: list[tuple[int, int]],
    forbidden: np.ndarray,
    *,
    window: int,
    keep: int,
) -> np.ndarray:
    """The `keep` units closest in sound of those closest in context: ``(T, keep)``, -1 for none."""
    values = fields(context, predicted, index.shape, index.ranges)
    found, sound = index.windows(values, window)
    step = index.step
    wanted, factor = (predicted - index.middle) / step, factors * step**2
    cost = np.concatenate(
        [
            acoustic_total(sound[t : t + TOGETHER], wanted[t : t + TOGETHER], factor[t : t + TOGETHER])
            for t in range(0, len(sound), TOGETHER)
        ]
    )
    order = np.argsort(found, axis=1, kind="stable")
    line = np.arange(len(found))[:, None]
    found, cost = found[line, order], cost[line, order]
    ok = allowed(found, excluded, forbidden)
    ok[:, 1:] &= found[:, 1:] != found[:, :-1]
    cost[~ok] = np.inf
    if found.shape[1] > keep:
        best = np.argpartition(cost, keep - 1, axis=1)[:, :keep]
        found, ok = found[line, best], ok[line, best]
    found = np.where(ok, found, -1)
    for t in np.flatnonzero(~ok.any(1)).tolist():
        units = _anything(store, index, int(values["phone"][t]), int(values["half"][t]), excluded, forbidden)
        rows, at = store.units.fetch(units)
        sounds = rows["acoustics"][at, : predicted.shape[1]]
        cost = acoustic_total(sounds[None], predicted[t : t + 1], factors[t : t + 1])[0]
        units = units[np.argsort(cost, kind="stable")[: found.shape[1]]]
        found[t, : len(units)] = units
    return found


def _anything(
    store: UnitStore,
    index: Index,
    phone: int,
    half: int,
    excluded: list[tuple[int, int]],
    forbidden: np.ndarray,
) -> np.ndarray:
    """For a target whose whole window is excluded: some units of the phone, else of any phone at all."""
    for units in index.same_phone(phone, half, 4096):
        units = units[allowed(units, excluded, forbidden)]
        if len(units):
            return units
    units = 2 * np.flatnonzero(store.phone) + half
    return units[allowed(units, excluded, forbidden)][:4096]


def runs(
    store: UnitStore,
    phones: np.ndarray,
    times: np.ndarray,
    units: np.ndarray,
    excluded: list[tuple[int, int]],
    forbidden: np.ndarray,
    *,
    reach: int,
) -> tuple[np.ndarray, np.ndarray]:
    """Pairs (time, unit) extended along their recordings while the phones match, both ways.

    Parameters
    ----------
    phones : ndarray, shape (P,)
        Target phone numbers; time ``t`` is half ``t % 2`` of phone ``t // 2``.
    times, units : ndarray, shape (M,)
    reach : int
        Farthest extension in each direction, in units.

    Returns
    -------
    times, units : ndarray
        The given pairs and all found, sorted by time then unit, without repetition.

    Raises
    ------
    VoiceError
        The voice's index names a unit that the store has not.
    """
    total, unit_phone = 2 * len(store.phone), store.phone
    if len(units) and not 0 <= units.min() <= units.max() < total:
        raise VoiceError("the voice is damaged: its index names a unit that is not there")
    # No run reaches beyond its recording, after which there is an empty phone 0, nor beyond the target: -1 is
    # no phone.
    wanted = np.concatenate([[-1], phones, [-1]])
    seeds = _distinct(times * total + units)
    found = [seeds]
    for direction in (1, -1):
        step = direction * (total + 1)
        pairs = seeds[~_contains(seeds, seeds + step)]
        t, u = np.divmod(pairs, total)
        t += 2  # counted from the -1 before
        for _ in range(reach):
            t += direction
            u += direction
            pairs = pairs + step
            same = unit_phone[u >> 1] == wanted[t >> 1]
            if not same.any():
                break
            t, u, pairs = t[same], u[same], pairs[same]
            found.append(pairs)
    pairs = _distinct(np.concatenate(found))
    times, units = np.divmod(pairs, total)
    ok = allowed(units, excluded, forbidden)
    return (times, units) if ok.all() else (times[ok], units[ok])


def _distinct(values: np.ndarray) -> np.ndarray:
    values = np.sort(values)
    keep = np.ones(len(values), bool)
    np.not_equal(values[1:], values[:-1], out=keep[1:])
    return values[keep]


def _contains(values: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Whether each of `wanted` is in the sorted, non-empty `values`."""
    place = np.minimum(np.searchsorted(values, wanted), len(values) - 1)
    return values[place] == wanted
