# SPDX-License-Identifier: Apache-2.0
"""A chapter's page that is handed out while the chapter is run: what comes first is heard meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from html import escape
from typing import Any

from synthkit.errors import SynthkitError
from synthkit_course.chapters import Chapter
from synthkit_course.execute import executed
from synthkit_course.render import CLOSING, opening, piece

RUNNING = (
    "<style>#sk-running{position:fixed;bottom:0;left:0;right:0;margin:0;padding:.3em 1.2em;"
    "background:Canvas;border-top:1px solid #8886;font-size:.85em}</style>"
    '<p id="sk-running" role="status">This chapter is being run: what follows comes as it is made.</p>'
)
STOPPED = '<p role="alert">The chapter was stopped before its end.</p>'
ENDED = "<style>#sk-running{display:none}</style>"
BROKEN = (
    '<p role="alert">The chapter stopped here. <code>synthkit course open</code> says why:</p><pre>{}</pre>'
)
PATIENCE = 5.0
"""Seconds that readers of a page have to take its last piece."""


class Growing:
    """The page of a chapter, in pieces.

    Parameters
    ----------
    chapter : Chapter
    """

    def __init__(self, chapter: Chapter) -> None:
        self.chapter = chapter
        self._pieces = [opening(chapter) + RUNNING]
        self._cells = 0
        self._whole = False
        self._readers = 0
        self._changed = threading.Condition()

    def run(self) -> None:
        """Run the chapter; readers of `pieces` are given each cell when it is there.

        Raises
        ------
        CourseError
            A cell failed. Readers are told so.
        """
        ending = STOPPED
        try:
            notebook = executed(self.chapter, told=self._add)
            for place in range(self._cells, len(notebook.cells)):  # another process has run it
                self._add(place, notebook.cells[place])
            ending = ""
        except SynthkitError as error:
            ending = BROKEN.format(escape(str(error)))
            raise
        finally:
            with self._changed:
                self._pieces.append(ENDED + ending + CLOSING)
                self._whole = True
                self._changed.notify_all()
                self._changed.wait_for(lambda: not self._readers, PATIENCE)

    def pieces(self) -> Iterator[str]:
        """The page from its beginning; waits for what is not yet there."""
        with self._changed:
            self._readers += 1
        try:
            place = 0
            while True:
                with self._changed:
                    while not self._whole and len(self._pieces) == place:
                        self._changed.wait()
                    fresh, place = self._pieces[place:], len(self._pieces)
                    ended = self._whole
                yield from fresh
                if ended:
                    return
        finally:
            with self._changed:
                self._readers -= 1
                self._changed.notify_all()

    def _add(self, place: int, cell: Any) -> None:
        html = piece(self.chapter, cell)
        with self._changed:
            self._pieces.append(html)
            self._cells = place + 1
            self._changed.notify_all()
