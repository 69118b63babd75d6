"""Candidates for every half-phone of a target: similar contexts first, then similar sound, then neighbours.

1. A window of each ordering of the index around the target's own key, and every place where a run of the
   target's phones occurs in the corpus.
2. Of these the `keep` closest in predicted sound.
3. Every unit that follows or precedes one of them in its recording for as long as the phones are those of
   the target: successors of live candidates are always candidates, so natural runs survive.
"""

from __future__ import annotations

import numpy as np

from synthkit_unit_selection.context import COLUMN
from synthkit_unit_selection.costs import acoustic_total
from synthkit_unit_selection.index import Index, fields
from synthkit_unit_selection.store import UnitStore


def allowed(store: UnitStore, units: np.ndarray, excluded: np.ndarray, forbidden: np.ndarray) -> np.ndarray:
    """Whether each unit may be used, given excluded recordings and forbidden units (both sorted)."""
    ok = units >= 0
    if len(excluded):
        ok &= ~np.isin(store.recording[np.maximum(units, 0)], excluded)
    if len(forbidden):
        ok &= ~np.isin(units, forbidden)
    return ok


def first_choice(
    store: UnitStore,
    index: Index,
    context: np.ndarray,
    predicted: np.ndarray,
    factors: np.ndarray,
    excluded: np.ndarray,
    forbidden: np.ndarray,
    *,
    window: int,
    keep: int,
) -> np.ndarray:
    """The `keep` units closest in sound of those closest in context: ``(T, keep)``, -1 for none."""
    values = fields(context, predicted, index.shape, index.ranges)
    found = np.sort(index.windows(values, window), axis=1)
    found[:, 1:][found[:, 1:] == found[:, :-1]] = -1
    ok = allowed(store, found, excluded, forbidden)
    empty = ~ok.any(1)
    if empty.any():
        found, ok = _widen(store, index, values, found, ok, empty, excluded, forbidden)
    width = predicted.shape[1]
    cost = acoustic_total(store.acoustics[np.maximum(found, 0), :width], predicted, factors)
    cost[~ok] = np.inf
    if found.shape[1] > keep:
        best = np.argpartition(cost, keep - 1, axis=1)[:, :keep]
        line = np.arange(len(found))[:, None]
        found, ok = found[line, best], ok[line, best]
    return np.where(ok, found, -1)


def _widen(
    store: UnitStore,
    index: Index,
    values: dict[str, np.ndarray],
    found: np.ndarray,
    ok: np.ndarray,
    empty: np.ndarray,
    excluded: np.ndarray,
    forbidden: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """For targets whose whole window is excluded: any unit of the phone, else of any phone at all."""
    key_order = next(iter(index.orderings.values()))[1]
    extra = []
    for t in np.flatnonzero(empty):
        low, high = index.blocks[values["phone"][t] * 2 + values["half"][t]]
        units = key_order[low:high].astype(np.int64)
        units = units[allowed(store, units, excluded, forbidden)]
        if not len(units):
            units = np.arange(values["half"][t], len(store), 2)
            units = units[allowed(store, units, excluded, forbidden)]
        extra.append(units[:4096])
    width = max(found.shape[1], *(len(e) for e in extra))
    grown = np.full((len(found), width), -1, np.int64)
    grown[:, : found.shape[1]] = np.where(ok, found, -1)
    for t, units in zip(np.flatnonzero(empty), extra, strict=True):
        grown[t, : len(units)] = units
    return grown, grown >= 0


def runs(
    store: UnitStore,
    phones: np.ndarray,
    times: np.ndarray,
    units: np.ndarray,
    excluded: np.ndarray,
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
    """
    last, total = 2 * len(phones), len(store)
    unit_phone, recording = store.context[:, COLUMN["phone"]], store.recording
    seeds = _distinct(times * total + units)
    found = [seeds]
    for direction in (1, -1):
        step = direction * (total + 1)
        pairs = seeds[~_contains(seeds, seeds + step)]
        for _ in range(reach):
            t, u = np.divmod(pairs, total)
            t += direction
            inside = (t >= 0) & (t < last) & (u + direction >= 0) & (u + direction < total)
            if not inside.all():
                t, u = t[inside], u[inside]
            v = u + direction
            same = (unit_phone[v >> 1] == phones[t >> 1]) & (recording[v] == recording[u])
            pairs = t[same] * total + v[same]
            if not len(pairs):
                break
            found.append(pairs)
    pairs = _distinct(np.concatenate(found))
    times, units = np.divmod(pairs, total)
    ok = allowed(store, units, excluded, forbidden)
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
