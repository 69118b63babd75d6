# SPDX-License-Identifier: Apache-2.0
"""Chapters in a browser: JupyterLab where it is installed, else pages on this machine."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from synthkit.atomic import write_text
from synthkit.errors import SynthkitError
from synthkit_course.chapters import Chapter
from synthkit_course.execute import executed, kept
from synthkit_course.render import alone

HERE = "127.0.0.1"


def has_lab() -> bool:
    """Whether JupyterLab is installed."""
    return find_spec("jupyterlab") is not None


def lab_command(notebook: Path, opens: bool) -> list[str]:
    """What opens a notebook in JupyterLab, for this machine alone."""
    return [
        sys.executable, "-m", "jupyterlab", str(notebook), f"--ServerApp.ip={HERE}",
        *([] if opens else ["--no-browser"]),
    ]  # fmt: skip


def write_page(chapter: Chapter) -> Path:
    """Run a chapter if need be, and write it as a page; its file."""
    path = kept() / "pages" / f"{chapter.name}.html"
    write_text(path, alone(chapter, executed(chapter)))
    return path


def serve(folder: Path, port: int, ready: Callable[[int], None]) -> None:
    """Hand out the pages of `folder` until interrupted.

    Parameters
    ----------
    folder : Path
    port : int
        0: any that is free.
    ready : callable
        Called with the port when pages are handed out.

    Raises
    ------
    SynthkitError
        The port is taken.
    """
    try:
        server = ThreadingHTTPServer((HERE, port), partial(_Quiet, directory=str(folder)))
    except OSError as error:
        raise SynthkitError(
            f"cannot listen there: {error.strerror}",
            where=f"{HERE}:{port}",
            hint="--port 0 takes any that is free",
        ) from None
    with server:
        ready(server.server_address[1])
        with contextlib.suppress(KeyboardInterrupt):
            server.serve_forever()


class _Quiet(SimpleHTTPRequestHandler):
    """Says nothing of pages that were handed out, and lists no folder."""

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def list_directory(self, path: Any) -> None:
        self.send_error(404)
