# SPDX-License-Identifier: Apache-2.0
"""Chapters in a browser: JupyterLab where it is installed, else pages on this machine.

A chapter that was not run yet is handed out as it grows.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
from collections.abc import Callable
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from synthkit.atomic import write_text
from synthkit.errors import SynthkitError
from synthkit_course.chapters import Chapter
from synthkit_course.execute import executed, kept, known
from synthkit_course.growing import Growing
from synthkit_course.render import alone

HERE = "127.0.0.1"


def has_lab() -> bool:
    """Whether JupyterLab is installed."""
    return find_spec("jupyterlab") is not None


def open_lab(notebook: Path, port: int, opens: bool) -> int:
    """Run JupyterLab, for this machine alone, until it ends; its exit status.

    Parameters
    ----------
    notebook : Path
        That it opens.
    port : int
        The next one that is free is taken; 0: any.
    opens : bool
        Open it in a browser.
    """
    # By its address and not as its file: so the address that is printed leads to the notebook, too.
    command = [
        sys.executable, "-m", "jupyterlab", f"--ServerApp.ip={HERE}", f"--ServerApp.port={port}",
        f"--ServerApp.root_dir={notebook.parent.resolve()}",
        f"--LabApp.default_url=/lab/tree/{notebook.name}",
        *([] if opens else ["--no-browser"]),
    ]  # fmt: skip
    process = subprocess.Popen(command)
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:  # is JupyterLab's as well, which asks whether it is to stop
            continue


def write_page(chapter: Chapter) -> Path:
    """Run a chapter if need be, and write it as a page; its file."""
    path = kept() / "pages" / f"{chapter.name}.html"
    write_text(path, alone(chapter, executed(chapter)))
    return path


def show(
    chapter: Chapter, port: int, ready: Callable[[str], None], whole: Callable[[], None] = lambda: None
) -> None:
    """Hand out a chapter's page until interrupted.

    Parameters
    ----------
    chapter : Chapter
    port : int
        0: any that is free.
    ready : callable
        Called with the page's address when it is handed out: at once, whether it was run before or not.
    whole : callable
        Called when the chapter has been run to its end.

    Raises
    ------
    SynthkitError
        The port is taken, or a cell failed.
    """
    folder, name = kept() / "pages", f"{chapter.name}.html"
    growing = None if known(chapter) else Growing(chapter)
    if growing is None:
        write_page(chapter)
    try:
        server = ThreadingHTTPServer((HERE, port), partial(_Pages, folder, f"/{name}", growing))
    except OSError as error:
        raise SynthkitError(
            f"cannot listen there: {error.strerror}",
            where=f"{HERE}:{port}",
            hint="--port 0 takes any that is free",
        ) from None
    with server, contextlib.suppress(KeyboardInterrupt):
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            ready(f"http://{HERE}:{server.server_address[1]}/{name}")
            if growing is not None:
                growing.run()
            whole()
            threading.Event().wait()
        finally:
            server.shutdown()


class _Pages(SimpleHTTPRequestHandler):
    """Hands out pages, one of them as it grows; says nothing of them, and lists no folder."""

    def __init__(self, folder: Path, path: str, growing: Growing | None, *more: Any) -> None:
        self._growing = (path, growing)
        super().__init__(*more, directory=str(folder))

    def do_GET(self) -> None:
        path, growing = self._growing
        if growing is None or self.path != path:
            super().do_GET()
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()  # without a length: the page ends where the connection does
        with contextlib.suppress(ConnectionError):  # the tab was closed
            for piece in growing.pieces():
                self.wfile.write(piece.encode())
                self.wfile.flush()

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def list_directory(self, path: Any) -> None:
        self.send_error(404)
