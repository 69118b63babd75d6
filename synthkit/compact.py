# SPDX-License-Identifier: Apache-2.0
"""What is kept for every utterance of a corpus, in as few bytes as it has: digests, and where an id stands.

A ``dict`` of texts takes 200 to 300 bytes for an utterance, which of a corpus of ten thousand hours are a
gigabyte for each of them.
"""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterable, Iterator, Sequence

import numpy as np


class Digests:
    """A hex digest for each number from 0 on, or none.

    Parameters
    ----------
    count : int
        How many numbers.
    size : int
        Bytes of a digest, half of its letters.
    """

    def __init__(self, count: int, size: int) -> None:
        self._bytes = np.zeros((count, size), np.uint8)
        self._there = np.zeros(count, bool)

    def __len__(self) -> int:
        return len(self._there)

    def __setitem__(self, number: int, digest: str | None) -> None:
        self._there[number] = digest is not None
        if digest is not None:
            self._bytes[number] = np.frombuffer(bytes.fromhex(digest), np.uint8)

    def get(self, number: int) -> str | None:
        """The digest of a number; None where it has none.

        Parameters
        ----------
        number : int

        Returns
        -------
        str or None
        """
        return self._bytes[number].tobytes().hex() if self._there[number] else None

    def __getitem__(self, number: int) -> str:
        found = self.get(number)
        if found is None:
            raise KeyError(number)
        return found

    def first_of_each(self, numbers: Sequence[int]) -> array[int]:
        """Of `numbers` that have the same digest the first, in the order given.

        Parameters
        ----------
        numbers : sequence of int

        Returns
        -------
        array of int
        """
        rows = self._bytes[np.asarray(numbers, np.int64)]
        whole = np.ascontiguousarray(rows).view(f"S{rows.shape[1]}").reshape(-1)
        first = np.sort(np.unique(whole, return_index=True)[1])
        return array("l", np.asarray(numbers, np.int64)[first].tolist())


class Places:
    """Where each id stands in a sequence of different ones: 12 bytes for each.

    What is found is a guess by a 64-bit hash of the id, which whoever asks compares with the id that stands
    there.
    """

    def __init__(self, ids: Iterable[str]) -> None:
        keys = np.fromiter(map(_key, ids), np.uint64)
        order = np.argsort(keys, kind="stable")
        self._keys, self._places = keys[order], order.astype(np.int32)

    def __len__(self) -> int:
        return len(self._keys)

    def of(self, id_: str) -> Iterator[int]:
        """Places where `id_` may stand, the last one first.

        Parameters
        ----------
        id_ : str

        Yields
        ------
        int
        """
        key = np.uint64(_key(id_))
        low, high = (int(np.searchsorted(self._keys, key, side)) for side in ("left", "right"))
        return iter(self._places[low:high][::-1].tolist())

    def doubled(self) -> list[list[int]]:
        """Places of the same hash, where there are several: ids that may be there twice."""
        again = np.flatnonzero(self._keys[1:] == self._keys[:-1])
        runs = np.split(again, np.flatnonzero(np.diff(again) > 1) + 1) if len(again) else []
        return [sorted(self._places[int(run[0]) : int(run[-1]) + 2].tolist()) for run in runs]


def _key(id_: str) -> int:
    data = id_.encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "little")
