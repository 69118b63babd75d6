# SPDX-License-Identifier: Apache-2.0
"""A run chapter as Markdown for the site, and as a page of its own.

Outputs that are HTML stand in the Markdown as empty elements and are put in when the page is HTML: no reader
of Markdown sees what is in them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any

from synthkit_course.chapters import Chapter, CourseError
from synthkit_course.mathml import with_formulas
from synthkit_course.shown import STATIC

PLACE = re.compile(r'<div class="sk-output" data-n="(\d+)"></div>')
TERM = re.compile(r"(?<![*\w])\*\*(?P<term>[^*\n]+?)\*\*(?![*\w])")
"""A term of the glossary where it is explained."""
OPENING = (
    '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">'
    "<title>{title}</title><style>{style}</style></head><body>"
)
CLOSING = "</body></html>\n"


@dataclass
class Page:
    """A chapter as Markdown.

    Attributes
    ----------
    markdown : str
        With a `PLACE` for each of `outputs`.
    outputs : list of str
        HTML.
    """

    markdown: str
    outputs: list[str] = field(default_factory=list)

    def filled(self, html: str) -> str:
        """HTML that was made of `markdown`, with the outputs in their places."""
        return PLACE.sub(lambda match: self.outputs[int(match[1])], html)


def page(chapter: Chapter, notebook: Any, *, terms: Mapping[str, str] | None = None, head: str = "") -> Page:
    """A chapter for a reader of Markdown.

    Parameters
    ----------
    chapter : Chapter
    notebook : nbformat.NotebookNode
        From `synthkit_course.execute.executed`.
    terms : mapping of str to str
        Address of each term of the glossary, in lower case; others stay as they are.
    head : str
        Markdown under the title.
    """
    out = Page("")
    parts: list[str] = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            parts.append(_linked(cell.source, terms or {}))
            if cell.source.startswith("# ") and head:
                parts.append(head)
            continue
        if cell.cell_type != "code":
            continue
        code = f"```python\n{cell.source}\n```"
        hidden = "hide" in cell.metadata.get("tags", ())
        if not hidden:
            parts.append(code)
        parts += [
            text for output in cell.outputs if (text := _output(output, out.outputs, terms or {}, chapter))
        ]
        if hidden:
            fold = code.replace("\n", "\n    ")
            parts.append(f'??? sk-code "the code of this"\n\n    {fold}')
    out.markdown = "\n\n".join(parts) + "\n"
    return out


def alone(chapter: Chapter, notebook: Any) -> str:
    """A chapter as one HTML file that asks for nothing else."""
    return opening(chapter) + "".join(piece(chapter, cell) for cell in notebook.cells) + CLOSING


def opening(chapter: Chapter) -> str:
    """What `alone` begins with."""
    from pygments.formatters import HtmlFormatter

    style = (STATIC / "alone.css").read_text(encoding="utf-8")
    return OPENING.format(
        title=escape(chapter.title), style=style + HtmlFormatter().get_style_defs(".highlight pre")
    )


def piece(chapter: Chapter, cell: Any) -> str:
    """A cell that was run, as the HTML of `alone`."""
    import markdown
    from nbformat.v4 import new_notebook

    made = page(chapter, new_notebook(cells=[cell]))
    body = markdown.markdown(
        made.markdown,
        extensions=[
            "tables", "def_list", "toc", "pymdownx.superfences", "pymdownx.highlight", "pymdownx.details",
            "pymdownx.arithmatex",
        ],
        extension_configs={"pymdownx.arithmatex": {"generic": True}},
    )  # fmt: skip
    # A wide table is scrolled by itself, by the keyboard too, and not the page.
    body = body.replace("<table>", '<div class="sk-wide" tabindex="0"><table>').replace(
        "</table>", "</table></div>"
    )
    return made.filled(with_formulas(body))


def slug(term: str) -> str:
    """The anchor of a term in the glossary."""
    return re.sub(r"[^a-z0-9]+", "-", term.lower()).strip("-")


def _linked(text: str, terms: Mapping[str, str]) -> str:
    def link(match: re.Match[str]) -> str:
        place = known(match["term"], terms)
        return f"[{match[0]}]({place})" if place else match[0]

    return TERM.sub(link, text)


def known(term: str, terms: Mapping[str, str]) -> str:
    """The address of a term, which may be in the plural; empty where the glossary has none."""
    words = " ".join(term.lower().split())
    found = (words, words.removesuffix("s"), words.removesuffix("es"))
    return next((terms[form] for form in found if form in terms), "")


def _output(output: Any, outputs: list[str], terms: Mapping[str, str], chapter: Chapter) -> str:
    """An output as Markdown; HTML goes to `outputs`."""
    if output.output_type == "error":
        raise CourseError(f"a cell failed: {output.ename}: {output.evalue}", where=str(chapter.path))
    if output.output_type == "stream":
        return _text(output.text) if output.name == "stdout" else ""
    data = output.data
    if "text/markdown" in data:
        return _linked(data["text/markdown"], terms)
    html = data.get("text/html")
    if html is None and "image/svg+xml" in data:
        html = data["image/svg+xml"]
    if html is None:
        return _text(data.get("text/plain", ""))
    outputs.append(html)
    return f'<div class="sk-output" data-n="{len(outputs) - 1}"></div>'


def _text(text: str) -> str:
    return f"```text\n{text.rstrip()}\n```" if text.strip() else ""
