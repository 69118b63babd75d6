"""Sorted keys that find units of similar context, and whole phrases, by binary search.

Each *ordering* packs a few fields of a unit into one int64, most important first, and keeps all units
sorted by it. The units around the place where a target's own key would stand share its most important
fields, so a window there is a preselection whose cost grows with the logarithm of the corpus.
Phrases are found the same way, by hashes of runs of phones.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from synthkit_unit_selection.context import COLUMN

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


def fields(context: np.ndarray, acoustics: np.ndarray, shape: np.ndarray, ranges: np.ndarray) -> dict[str, np.ndarray]:
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


class Index:
    """The orderings and phrase hashes of a store, memory-mapped."""

    def __init__(self, folder: Path) -> None:
        def load(name: str) -> np.ndarray:
            return np.asarray(np.load(folder / f"{name}.npy", mmap_mode="r"))

        self.orderings = {n: (load(f"key-{n}"), load(f"order-{n}")) for n in ORDERINGS}
        self.grams = {n: (load(f"gram-{n}"), load(f"gramat-{n}")) for n in GRAMS}
        with np.load(folder / "index.npz") as z:
            self.blocks, self.shape, self.ranges = z["blocks"], z["shape"], z["ranges"]

    def windows(self, values: dict[str, np.ndarray], width: int) -> np.ndarray:
        """Units near each target in every ordering: ``(T, orderings * width)`` int64, -1 for none."""
        block = self.blocks[values["phone"] * 2 + values["half"]]
        low, high = block[:, 0], block[:, 1]
        parts = []
        for name, names in ORDERINGS.items():
            sorted_keys, order = self.orderings[name]
            at = np.searchsorted(sorted_keys, keys(values, names))
            start = np.clip(at - width // 2, low, np.maximum(low, high - width))
            place = start[:, None] + np.arange(width)
            inside = place < high[:, None]
            parts.append(np.where(inside, order[np.minimum(place, len(order) - 1)], -1))
        return np.concatenate(parts, axis=1)

    def phrases(self, phones: np.ndarray, limit: int) -> tuple[np.ndarray, np.ndarray]:
        """Places where runs of `phones` occur: (target phone, corpus phone) pairs, at most `limit` each."""
        here: list[np.ndarray] = []
        there: list[np.ndarray] = []
        for length, (hashes, at) in self.grams.items():
            wanted = gram_hashes(phones, length)
            if not len(wanted) or not len(hashes):
                continue
            place = np.searchsorted(hashes, wanted)[:, None] + np.arange(limit)
            clipped = np.minimum(place, len(hashes) - 1)
            found = (place < len(hashes)) & (hashes[clipped] == wanted[:, None])
            here.append(np.nonzero(found)[0])
            there.append(at[clipped[found]].astype(np.int64))
        if not here:
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        return np.concatenate(here), np.concatenate(there)


def write_index(folder: Path, context: np.ndarray, acoustics: np.ndarray, n_phones: int) -> None:
    """Sort the units of a corpus by every ordering and write the result."""
    spectrum = acoustics[:, 4:-1].astype(np.float64)
    shape = np.linalg.svd(np.cov(spectrum.T) + 1e-9 * np.eye(spectrum.shape[1]))[0][:, 0]
    shape = shape * np.sign(shape[np.argmax(np.abs(shape))])
    observed = np.stack([acoustics[:, 0], acoustics[:, 1], spectrum @ shape])
    ranges = np.percentile(observed, [1, 99], axis=1).T
    values = fields(context, acoustics, shape, ranges)
    for name, names in ORDERINGS.items():
        key = keys(values, names)
        order = np.argsort(key, kind="stable")
        np.save(folder / f"key-{name}.npy", key[order])
        np.save(folder / f"order-{name}.npy", order.astype(np.int32))
    halves = np.sort(values["phone"] * 2 + values["half"])
    wanted = np.arange(2 * n_phones)
    blocks = np.stack([np.searchsorted(halves, wanted), np.searchsorted(halves, wanted, side="right")], axis=1)
    for length in GRAMS:
        hashes = gram_hashes(context[:, COLUMN["phone"]], length)
        order = np.argsort(hashes, kind="stable")
        np.save(folder / f"gram-{length}.npy", hashes[order])
        np.save(folder / f"gramat-{length}.npy", order.astype(np.int32))
    np.savez(folder / "index.npz", blocks=blocks, shape=shape, ranges=ranges)
