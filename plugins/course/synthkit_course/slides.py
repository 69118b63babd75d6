# SPDX-License-Identifier: Apache-2.0
"""The figures of chapters as slides: one HTML file each, to show and to print, with nothing to fetch."""

from __future__ import annotations

import re
from html import escape
from typing import Any

from synthkit_course.chapters import Chapter
from synthkit_course.shown import STATIC

TOP = (
    '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width">'
)


def slides(chapter: Chapter, notebook: Any) -> str:
    """A chapter's title, then each of its figures under the heading where it stands.

    Parameters
    ----------
    chapter : Chapter
    notebook : nbformat.NotebookNode
        From `synthkit_course.execute.executed`.
    """
    parts = [f"<section><h1>{escape(chapter.title)}</h1><p>{escape(chapter.question)}</p></section>"]
    for heading, html in figures(notebook):
        parts.append(f"<section><h2>{escape(heading)}</h2>{html}</section>")
    style, script = ((STATIC / name).read_text(encoding="utf-8") for name in ("slides.css", "slides.js"))
    return (
        f"{TOP}<title>{escape(chapter.title)}</title><style>{style}</style></head><body>"
        f"{''.join(parts)}<footer></footer><script type='module'>{script}</script></body></html>\n"
    )


def figures(notebook: Any) -> list[tuple[str, str]]:
    """Heading and HTML of each figure and player of a run chapter."""
    heading, out = "", []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            found = re.findall(r"^#{2,3} (.+)$", cell.source, re.M)
            heading = found[-1] if found else heading
        elif cell.cell_type == "code":
            shown = [o.data.get("text/html", "") for o in cell.outputs if "data" in o]
            out += [(heading, html) for html in shown if "<figure" in html]
    return out
