# SPDX-License-Identifier: Apache-2.0
"""What a build hands to a component: executor, progress, a scratch folder."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from synthkit.atomic import make_folder
from synthkit.pipeline.executors import Executor
from synthkit.progress import Progress

A = TypeVar("A")
B = TypeVar("B")


@dataclass(frozen=True)
class BuildContext:
    """The `synthkit.stages.Context` of a build."""

    executor: Executor
    progress: Progress
    work: Path

    def map(self, function: Callable[[A], B], items: Sequence[A], *, label: str) -> Iterator[B]:
        """Map over the executor with a progress bar.

        Parameters
        ----------
        function : callable
            Picklable.
        items : sequence
        label : str
            Of the progress bar.

        Returns
        -------
        iterator
            Of results, in the order of `items`.
        """
        return self.progress.track(self.executor.map(function, items), label=label, total=len(items))

    def track(
        self, items: Iterable[A], *, label: str, total: int | Callable[[], int] | None = None
    ) -> Iterator[A]:
        """Iterate with a progress bar.

        Parameters
        ----------
        items : iterable
        label : str
        total : int or callable, optional
            Where `items` has no length; called each time that it is shown where it changes on the way.

        Returns
        -------
        iterator
        """
        return self.progress.track(items, label=label, total=total)

    def log(self, message: str) -> None:
        """Tell the user.

        Parameters
        ----------
        message : str
        """
        self.progress.log(message)

    def stage(self, name: str) -> None:
        """A stage of the build begins.

        Parameters
        ----------
        name : str
        """
        self.progress.tell("stage", name=name)

    @contextmanager
    def working(self, work: Path) -> Iterator[BuildContext]:
        """The same with another scratch folder, which is made, and goes again where nothing was put in it.

        Parameters
        ----------
        work : Path

        Yields
        ------
        BuildContext
        """
        make_folder(work)
        self.progress.tell("work", folder=str(work.resolve()))
        yield replace(self, work=work)
        if not any(work.iterdir()):
            work.rmdir()
