# SPDX-License-Identifier: Apache-2.0
"""Sequences whose elements are made when they are asked for: what a stage works on is never there at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Generic, TypeVar, overload

A = TypeVar("A")
B = TypeVar("B")


class Made(Sequence[B], Generic[A, B]):
    """``make(element)`` of each element of `source`, made anew each time it is asked for.

    Parameters
    ----------
    source : sequence
        Small things that are kept: utterances, ids, numbers.
    make : callable
        What reads or puts together the large one.
    """

    def __init__(self, source: Sequence[A], make: Callable[[A], B]) -> None:
        self._source, self._make = source, make

    def __len__(self) -> int:
        return len(self._source)

    def __iter__(self) -> Iterator[B]:
        return map(self._make, self._source)

    @overload
    def __getitem__(self, place: int) -> B: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[B]: ...
    def __getitem__(self, place: int | slice) -> B | Sequence[B]:
        if isinstance(place, slice):
            return Made(self._source[place], self._make)
        return self._make(self._source[place])
