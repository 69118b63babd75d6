# SPDX-License-Identifier: Apache-2.0
"""Temporary folders. What a killed process left of them, the next one that needs one takes away."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from synthkit.atomic import disk_errors, prefix, sweep
from synthkit.errors import MachineError, machine_fault, no_room

_NAME = Path("synthkit")


@contextmanager
def scratch_folder(parent: Path | None = None) -> Iterator[Path]:
    """An empty folder that is gone when the block ends, however it ends.

    Parameters
    ----------
    parent : Path, optional
        Where it is made; the system's folder of temporary files if not given. It has to exist.

    Yields
    ------
    Path

    Raises
    ------
    MachineError
        The disk is full or may not be written.
    """
    folder = new_folder(parent)
    try:
        yield folder
    except (MachineError, OSError) as error:
        fault = machine_fault(error)
        if fault is None or not fault.where.startswith(str(folder)):
            raise
        raise no_room(fault, folder.parent) from error  # what it names is gone by the time it is read
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def process_folder() -> Path:
    """An empty folder that is gone when this process ends.

    Raises
    ------
    MachineError
        The disk is full or may not be written.
    """
    folder = new_folder()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def new_folder(parent: Path | None = None) -> Path:
    """An empty folder; whoever asked for it takes it away, or, where its process is killed, the next one
    does.

    Parameters
    ----------
    parent : Path, optional
        Where it is made; the system's folder of temporary files if not given.

    Returns
    -------
    Path

    Raises
    ------
    MachineError
        The disk is full or may not be written.
    """
    parent = parent or Path(tempfile.gettempdir())
    sweep(parent, _NAME.name)
    with disk_errors(parent):
        return Path(tempfile.mkdtemp(prefix=prefix(_NAME), suffix=".part", dir=parent))
