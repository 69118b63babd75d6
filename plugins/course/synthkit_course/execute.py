# SPDX-License-Identifier: Apache-2.0
"""A chapter run from its first cell to its last, in a kernel of its own and without a network.

What came of it is kept under a key of all that it depends on: the chapter, the exercises, the code of
synthkit and of every plugin, and the versions of the packages. Whoever wants the same chapter at the same
time waits for the first.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from importlib.metadata import entry_points, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from synthkit.atomic import make_folder, write_text
from synthkit.places import default_root
from synthkit.scratch import scratch_folder
from synthkit_course.chapters import Chapter, CourseError, folder

LONGEST = 300
"""Seconds that a cell may take."""
PACKAGES = ("numpy", "scipy", "matplotlib", "nbclient", "jupytext", "ipykernel")
PRELUDE = """\
from synthkit_course.offline import refuse
refuse()
%config InlineBackend.figure_formats = ['svg']
"""


def known(chapter: Chapter) -> bool:
    """Whether the chapter was run before, so that `executed` has it at once."""
    return _outputs(chapter).is_file()


def executed(chapter: Chapter, *, again: bool = False, told: Callable[[int, Any], None] | None = None) -> Any:
    """The chapter with its outputs.

    Parameters
    ----------
    chapter : Chapter
    again : bool
        Run it although its outputs are known.
    told : callable, optional
        Called with the place of each cell and the cell, with its outputs, as soon as it was run. Not called
        of a chapter whose outputs are known.

    Returns
    -------
    nbformat.NotebookNode
        ``metadata["seconds"]`` is how long it ran.

    Raises
    ------
    CourseError
        A cell failed; the message has the cell and its error.
    """
    import nbformat

    path = _outputs(chapter)
    with one_at_a_time(kept() / f".{chapter.name}.lock"):
        if path.is_file() and not again:
            return nbformat.read(path, 4)
        notebook = run(chapter, told)
        write_text(path, nbformat.writes(notebook))
        for old in kept().glob(f"{chapter.name}-*.ipynb"):
            if old != path:
                old.unlink(missing_ok=True)
    return notebook


def run(chapter: Chapter, told: Callable[[int, Any], None] | None = None) -> Any:
    """The chapter run now; see `executed`."""
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
    from nbformat.v4 import new_code_cell

    notebook = chapter.notebook()
    notebook.cells.insert(0, new_code_cell(PRELUDE))
    environment = os.environ | {"PYTHONHASHSEED": "0", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    # Before the first import of matplotlib: the reader's own style is not the book's.
    environment |= {"MPLBACKEND": "module://matplotlib_inline.backend_inline", "MATPLOTLIBRC": os.devnull}
    began = time.monotonic()
    with scratch_folder() as place:
        client = NotebookClient(
            notebook,
            timeout=LONGEST,
            kernel_name="python3",
            kernel_manager_class=_kernel(place),
            resources={"metadata": {"path": str(place)}},
            **({} if told is None else _hooks(told)),
        )
        try:
            client.execute(env=environment)
        except (CellExecutionError, CellTimeoutError) as error:
            raise CourseError(f"a cell failed:\n{error}", where=str(chapter.path)) from error
        except AssertionError as error:  # nbclient's, after it has ended the kernel because of Ctrl-C
            raise KeyboardInterrupt from error
        except DeadKernelError:
            raise CourseError(
                "stopped before it was whole: its kernel ended", where=str(chapter.path)
            ) from None
    del notebook.cells[0]
    notebook.metadata.pop("widgets", None)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)  # times: the same run is the same file
    notebook.metadata["seconds"] = round(time.monotonic() - began, 2)
    return notebook


def _hooks(told: Callable[[int, Any], None]) -> dict[str, Any]:
    """What tells of each cell once: of text when it is come to, of code when it was run without an error."""

    def begun(cell: Any, cell_index: int) -> None:
        if cell.cell_type != "code" and cell_index:
            told(cell_index - 1, cell)

    def ended(cell: Any, cell_index: int, execute_reply: Any) -> None:
        if cell_index and execute_reply["content"]["status"] == "ok":  # the first one is the prelude
            told(cell_index - 1, cell)

    return {"on_cell_start": begun, "on_cell_executed": ended}


def _outputs(chapter: Chapter) -> Path:
    return kept() / f"{chapter.name}-{key(chapter)}.ipynb"


def kept() -> Path:
    """The folder of chapters that were run."""
    place = default_root() / "work" / "course"
    make_folder(place)
    return place


def key(chapter: Chapter) -> str:
    """What the outputs of a chapter depend on, in twelve letters."""
    told = hashlib.sha256(chapter.path.read_bytes())
    told.update(code_key().encode())
    return told.hexdigest()[:12]


@contextmanager
def one_at_a_time(path: Path) -> Iterator[None]:
    """Wait until no other process is in a block of this path."""
    with open(path, "a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _kernel(place: Path) -> Any:
    """A class of kernels of this Python: one called ``python3`` may belong to another installation."""
    from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
    from jupyter_client.manager import AsyncKernelManager

    class Ours(KernelSpecManager):
        def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
            command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
            return KernelSpec(argv=command, display_name="Python 3", language="python")

    class Kernel(AsyncKernelManager):
        def __init__(self, **more: Any) -> None:
            # Sockets of the file system: nobody else on the machine can talk to the kernel.
            more |= {"transport": "ipc", "ip": str(place / "kernel")}
            more |= {"connection_file": str(place / "kernel.json"), "kernel_spec_manager": Ours()}
            super().__init__(**more)

    return Kernel


@lru_cache(maxsize=1)
def code_key() -> str:
    """All code that chapters may call, and versions of what they call."""
    told = hashlib.sha256(sys.version.encode())
    for package in PACKAGES:
        told.update(f"{package} {version(package)}".encode())
    places = {folder() / "exercises"}
    for name in {"synthkit", *(point.module for point in entry_points(group="synthkit"))}:
        found = find_spec(name.partition(".")[0])
        places |= {Path(place) for place in (found and found.submodule_search_locations) or ()}
    for place in sorted(places):
        for path in sorted(place.rglob("*.py")):
            told.update(path.relative_to(place).as_posix().encode() + b"\0" + path.read_bytes())
    return told.hexdigest()
