# SPDX-License-Identifier: Apache-2.0
"""What the cache holds, and how results leave it."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from synthkit.atomic import disk_errors, sweep
from synthkit.errors import ConfigError
from synthkit.pipeline import checked
from synthkit.pipeline.cache import Cache

_DAY = 86400.0
LOOSE = ("work", "verified", "plugins")
"""Folders without checksums: work in progress, what was found to be whole, what plugins offer."""


@dataclass(frozen=True)
class Holding:
    """What the cache holds of one stage.

    Attributes
    ----------
    stage : str
    results : int
    size : int
        Bytes.
    oldest_days, newest_days : float
        Since the results were last used.
    """

    stage: str
    results: int = 0
    size: int = 0
    oldest_days: float = 0.0
    newest_days: float = 0.0


@dataclass(frozen=True)
class Pruned:
    """What was removed: how many results, and their bytes."""

    results: int
    size: int


def holdings(root: Path) -> list[Holding]:
    """Each stage's results in the cache at `root`, by name.

    Parameters
    ----------
    root : Path

    Returns
    -------
    list of Holding
    """
    now, out = time.time(), []
    for stage in _stages(root):
        rows = [(_size(path), (now - _used(path)) / _DAY) for path in _results(root, stage)]
        ages = [age for _, age in rows]
        sizes = sum(size for size, _ in rows)
        out.append(Holding(stage, len(rows), sizes, max(ages, default=0.0), min(ages, default=0.0)))
    return out


def prune_results(root: Path, stages: Sequence[str] = (), unused_days: float = 0.0) -> Pruned:
    """Remove results.

    Parameters
    ----------
    root : Path
    stages : sequence of str
        Only these; all of them when empty.
    unused_days : float
        Only what was not used for so long.

    Returns
    -------
    Pruned

    Raises
    ------
    SynthkitError
        The cache is in use, there is no such stage in it, or the disk refuses.
    """
    known = _stages(root)
    for stage in stages:
        if stage not in known:
            raise ConfigError(
                f"the cache holds no stage {stage!r}",
                where=str(root),
                hint=f"it holds {', '.join(known) or 'nothing'}",
            )
    if not root.is_dir():
        return Pruned(0, 0)
    before = time.time() - unused_days * _DAY
    count = size = 0
    with Cache(root).alone():
        sweep(root, below=True)
        for stage in stages or known:
            for path in list(_results(root, stage)):
                if unused_days and _used(path) > before:
                    continue
                count, size = count + 1, size + _size(path)
                if stage in LOOSE:
                    with disk_errors(path):
                        shutil.rmtree(path) if path.is_dir() else path.unlink()
                else:
                    checked.remove(path)
    return Pruned(count, size)


def _stages(root: Path) -> list[str]:
    if not root.is_dir():
        return []
    return sorted(p.name for p in root.iterdir() if p.is_dir() and not p.name.startswith("."))


def _results(root: Path, stage: str) -> Iterator[Path]:
    """Files and folders of one stage: ``STAGE/KE/KEY``; of `LOOSE` ones what lies in them, of ``eval`` both
    its stages'."""
    folder = root / stage
    if stage in LOOSE:
        yield from sorted(folder.iterdir())
        return
    for shelf in sorted(p for p in folder.iterdir() if p.is_dir()):
        if len(shelf.name) > 2:  # a cache of its own in it, as a comparison's
            yield from _results(folder, shelf.name)
            continue
        for path in sorted(shelf.iterdir()):
            if path.suffix != checked.SUFFIX and not path.name.startswith("."):
                yield path


def _used(path: Path) -> float:
    """When it was last used, in seconds of the clock: a result's checksum says so, within a day."""
    own = checked.sum_of(path)
    return (own if own.exists() else path).stat().st_mtime


def _size(path: Path) -> int:
    if not path.is_dir():
        return path.stat().st_size
    return sum(os.lstat(os.path.join(r, f)).st_size for r, _, files in os.walk(path) for f in files)
