# SPDX-License-Identifier: Apache-2.0
"""Sorted keys that find units of similar context, and whole phrases, by binary search.

Each *ordering* packs a few fields of a unit into one int64, most important first, and keeps all units
sorted by it. The units around the place where a target's own key would stand share its most important
fields, so a window there is a preselection whose cost grows with the logarithm of the corpus. With each
unit lies its sound in one byte per column, which is enough to choose among them.
Phrases are found the same way, by hashes of runs of phones.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from synthkit_unit_selection.context import COLUMN
from synthkit_unit_selection.growing import Column, places
from synthkit_unit_selection.table import Ordering, Rows, Sorted, SortedTable, open_tables

_BITS = {
    "phone": 8, "half": 1, "near": 8, "far": 8, "near2": 8, "stress": 2, "tonic": 3, "end": 5,
    "f0": 6, "shape": 6, "duration": 5,
}  # fmt: skip

ORDERINGS: dict[str, tuple[str, ...]] = {
    "context": ("phone", "half", "near", "stress", "far", "near2", "end", "tonic"),
    "pitch": ("phone", "half", "near", "f0", "stress", "far"),
    "sound": ("phone", "half", "near", "shape", "f0", "far"),
    "place": ("phone", "half", "stress", "far", "near", "end"),
}
"""Fields by importance. `near` is the neighbouring phone on the side of the half, `far` the other one."""

GRAMS = (5, 10)
"""Lengths of the phone runs that are looked up whole."""


def quantise(values: np.ndarray, low: float, high: float, bits: int) -> np.ndarray:
    """Integers ``0 … 2**bits - 1`` over the range from `low` to `high`."""
    steps = (1 << bits) - 1
    return np.clip(np.rint((values - low) * (steps / max(high - low, 1e-6))), 0, steps).astype(np.int64)


def fields(
    context: np.ndarray, acoustics: np.ndarray, shape: np.ndarray, ranges: np.ndarray
) -> dict[str, np.ndarray]:
    """Every field of both halves of each phone.

    Parameters
    ----------
    context : ndarray, shape (P, F)
    acoustics : ndarray, shape (2 P, A)
    shape : ndarray, shape (A - 4,)
        Direction of the spectrum that varies most; its projection is the field ``shape``.
    ranges : ndarray, shape (3, 2)
        Low and high of duration, F0 and shape.
    """
    rows = context.astype(np.int64).repeat(2, axis=0)
    second = np.arange(len(rows)) % 2 == 1

    def pick(first: str, other: str) -> np.ndarray:
        return np.where(second, rows[:, COLUMN[other]], rows[:, COLUMN[first]])

    near_end = np.minimum(rows[:, COLUMN["syllables_back"]], 3)
    return {
        "phone": rows[:, COLUMN["phone"]],
        "half": second.astype(np.int64),
        "near": pick("prev", "next"),
        "far": pick("next", "prev"),
        "near2": pick("prev2", "next2"),
        "stress": rows[:, COLUMN["stress"]],
        "tonic": rows[:, COLUMN["tonic"]],
        "end": near_end * 8 + np.where(near_end < 3, rows[:, COLUMN["phrase_end"]], 0),
        "duration": quantise(acoustics[:, 0], *ranges[0], _BITS["duration"]),
        "f0": quantise(acoustics[:, 1], *ranges[1], _BITS["f0"]),
        "shape": quantise(acoustics[:, 4 : 4 + len(shape)] @ shape, *ranges[2], _BITS["shape"]),
    }


def keys(values: dict[str, np.ndarray], names: tuple[str, ...]) -> np.ndarray:
    """Fields packed into int64, the first most significant."""
    out = np.zeros(len(values["phone"]), np.int64)
    for name in names:
        out = (out << _BITS[name]) | values[name]
    return out


def gram_hashes(phones: np.ndarray, length: int) -> np.ndarray:
    """Hash of the run of `length` phones that begins at each phone; the last ``length - 1`` have none."""
    count = len(phones) - length + 1
    if count <= 0:
        return np.zeros(0, np.int64)
    out = np.full(count, 1469598103934665603, np.uint64)
    for i in range(length):
        out = (out ^ phones[i : i + count].astype(np.uint64)) * np.uint64(1099511628211)
        out ^= out >> np.uint64(29)
    return out.view(np.int64)


def _gram(length: int) -> str:
    return f"gram-{length}"


class Index:
    """The orderings and phrase hashes of a store."""

    def __init__(self, folder: Path) -> None:
        with ExitStack() as opened:  # what is open when the rest cannot be is closed
            self._orderings = open_tables(Ordering, folder, ORDERINGS, opened)
            grams = partial(SortedTable, wanted=[("phone", "<i4")])
            self._grams = open_tables(grams, folder, [_gram(n) for n in GRAMS], opened)
            with np.load(folder / "index.npz") as z:
                self.blocks, self.shape, self.ranges = z["blocks"], z["shape"], z["ranges"]
                self.middle, self.step = z["middle"], z["step"]
            self._opened = opened.pop_all()

    def windows(self, values: dict[str, np.ndarray], width: int) -> tuple[np.ndarray, np.ndarray]:
        """Units near each target in every ordering.

        Returns
        -------
        units : ndarray, shape (T, orderings * width), int64
            -1 for none.
        sound : ndarray, shape (T, orderings * width, A), int8
            Their acoustics, in steps of `step` around `middle`.
        """
        low, high = self.blocks[values["phone"] * 2 + values["half"]].T
        units, sound = [], []
        for name, names in ORDERINGS.items():
            rows, inside = self._orderings[name].near(keys(values, names), low, high, width)
            units.append(np.where(inside, rows["unit"], -1).astype(np.int64))
            sound.append(rows["sound"])
        return np.concatenate(units, axis=1), np.concatenate(sound, axis=1)

    def same_phone(self, phone: int, half: int, count: int) -> Iterator[np.ndarray]:
        """All units that are `half` of `phone`, at most `count` at a time."""
        low, high = self.blocks[phone * 2 + half].tolist()
        rows = next(iter(self._orderings.values())).rows
        for start in range(low, high, count):
            yield rows.spans(np.array([start]), min(count, high - start))[0]["unit"].astype(np.int64)

    def phrases(self, phones: np.ndarray, limit: int) -> tuple[np.ndarray, np.ndarray]:
        """Places where runs of `phones` occur: (target phone, corpus phone) pairs, at most `limit` each."""
        here, there = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
        for length in GRAMS:
            rows, found = self._grams[_gram(length)].find(gram_hashes(phones, length), limit)
            here.append(np.nonzero(found)[0])
            there.append(rows["phone"][found].astype(np.int64))
        return np.concatenate(here), np.concatenate(there)

    def close(self) -> None:
        """Close every file."""
        self._opened.close()


SOME = 50_000
"""Units that the ranges of the fields are taken from, where there are more."""
TOGETHER = 1024
"""Phones that are looked at together."""
PART, MOST_RANGES = 50_000, 200
"""Runs of phones that are sorted together, about, and in how many ranges at most."""


def write_index(folder: Path, n_phones: int) -> None:
    """Sort the units of the store in `folder` by every ordering and write the result.

    All orderings begin with the phone and its half, so one phone after another is sorted: in memory is what
    the corpus's commonest phone needs.
    """
    units, phone = Rows(folder / "units.npy"), np.load(folder / "phone.npy")
    try:
        scale = _scale(units, phone)
        _write_orderings(folder, units, phone, n_phones, scale)
    finally:
        units.close()
    counts = np.bincount(phone, minlength=n_phones)[:n_phones]
    counts[0] = 0
    ends = np.cumsum(counts.repeat(2))
    blocks = np.stack([ends - counts.repeat(2), ends], axis=1)
    for length in GRAMS:
        _write_grams(folder, phone, length)
    np.savez(folder / "index.npz", blocks=blocks, **vars(scale))


@dataclass(frozen=True)
class _Scale:
    shape: np.ndarray
    ranges: np.ndarray
    middle: np.ndarray
    step: np.ndarray


def _scale(units: Rows, phone: np.ndarray) -> _Scale:
    """What the fields and the sounds are measured by."""
    real = places(phone)
    chosen = real[:: 2 * len(real) // SOME + 1].copy()
    del real
    some = np.concatenate([a for _, a in _halves(units, chosen)]).astype(np.float64)
    spectrum = some[:, 4:]
    shape = np.linalg.svd(np.cov(spectrum.T) + 1e-9 * np.eye(spectrum.shape[1]))[0][:, 0]
    shape = shape * np.sign(shape[np.argmax(np.abs(shape))])
    observed = np.stack([some[:, 0], some[:, 1], spectrum @ shape])
    ranges = np.percentile(observed, [1, 99], axis=1).T
    step = (np.maximum(some.std(0), 1e-3) * (6 / 127)).astype(np.float32)
    return _Scale(shape, ranges, some.mean(0).astype(np.float32), step)


def _halves(units: Rows, phones: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Context ``(n, F)`` and acoustics ``(2 n, A)`` of some phones, a part at a time."""
    for start in range(0, len(phones), TOGETHER):
        part = phones[start : start + TOGETHER]
        block, at = units.fetch(np.stack([2 * part, 2 * part + 1], axis=1).reshape(-1))
        rows = block[at]
        yield rows["context"][::2], np.ascontiguousarray(rows["acoustics"][:, :-1])


def _write_orderings(folder: Path, units: Rows, phone: np.ndarray, n_phones: int, scale: _Scale) -> None:
    width = len(scale.middle)
    row = np.dtype([("unit", "<i4"), ("sound", "i1", (width,))])
    out = {name: Sorted.ordering(folder, name, row) for name in ORDERINGS}
    for number in range(1, n_phones):
        mine = places(phone == number)
        from synthkit.scratch import scratch_folder

        with scratch_folder(folder) as scratch:
            halves = [_Half(scratch, half, row) for half in (0, 1)]
            at = 0
            for context, acoustics in _halves(units, mine):
                values = fields(context, acoustics, scale.shape, scale.ranges)
                sound = np.clip(np.rint((acoustics - scale.middle) / scale.step), -127, 127)
                numbers = 2 * mine[at : at + len(context)]
                at += len(context)
                for h, half in enumerate(halves):
                    rows = np.zeros(len(numbers), row)
                    rows["unit"], rows["sound"] = numbers + h, sound[h::2]
                    half.rows.append(rows)
                    for name, names in ORDERINGS.items():
                        half.keys[name].append(keys(values, names)[h::2])
            for half in halves:
                rows = half.rows.whole()
                for name, sorted_ in out.items():
                    sorted_.append(half.keys[name].whole(), rows)
                half.close()
    for sorted_ in out.values():
        sorted_.close()


class _Half:
    """Rows and keys of one half of a phone, until they are sorted."""

    def __init__(self, folder: Path, half: int, row: np.dtype) -> None:
        self.rows = Column(folder / f"{half}-rows", row)
        self.keys = {name: Column(folder / f"{half}-{name}", np.int64) for name in ORDERINGS}

    def close(self) -> None:
        for column in (self.rows, *self.keys.values()):
            column.close()


def _write_grams(folder: Path, phone: np.ndarray, length: int) -> None:
    """The table of runs of phones: put into ranges of their hashes, and those sorted one after another."""
    row = np.dtype([("key", "<i8"), ("phone", "<i4")])
    out = Sorted.table(folder, _gram(length), row)
    limits = np.linspace(-(2.0**63), 2.0**63, min(len(phone) // PART, MOST_RANGES) + 2)[1:-1]
    from synthkit.scratch import scratch_folder

    with scratch_folder(folder) as scratch:
        ranges = [Column(scratch / str(n), row) for n in range(len(limits) + 1)]
        for start in range(0, max(len(phone) - length + 1, 0), PART):
            hashes = gram_hashes(phone[start : start + PART + length - 1], length)
            rows = np.zeros(len(hashes), row)
            rows["key"], rows["phone"] = hashes, np.arange(start, start + len(hashes))
            which = np.searchsorted(limits, hashes.astype(np.float64), side="right")
            for n in np.unique(which).tolist():
                ranges[n].append(rows[which == n])
        for some in ranges:
            rows = some.whole()
            out.append(rows["key"], rows)
            some.close()
    out.close()
