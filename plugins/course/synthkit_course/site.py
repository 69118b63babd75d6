# SPDX-License-Identifier: Apache-2.0
"""Hooks of MkDocs: each chapter becomes a page with its sounds and figures, run as the site is built.

What was run once is kept until the chapter or the code changes, so that only the first build takes minutes.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from synthkit_course.chapters import Chapter, chapters
from synthkit_course.execute import executed
from synthkit_course.exercise import exercises
from synthkit_course.render import Page, page, slug

FOLDER = "course"
SECTION = "Course"
"""Of the menu."""
TERM = re.compile(r"<dt>(?P<term>.*?)</dt>", re.S)
TAG = re.compile(r"<[^>]+>")
_pages: dict[str, Page] = {}


def address(chapter: Chapter) -> str:
    """The chapter's page among the sources of the site."""
    return f"{FOLDER}/{chapter.name}.md"


def on_config(config: Any) -> Any:
    """Add the chapters to the menu, behind the course's own page."""
    for section in config.nav:
        if SECTION in section:
            section[SECTION] += [{f"{c.number} {c.title}": address(c)} for c in chapters()]
    return config


def on_files(files: Any, config: Any) -> Any:
    """Add the chapters' pages, and leave out what they are made of."""
    from mkdocs.structure.files import File

    for file in list(files):
        if file.src_uri.startswith(f"{FOLDER}/") and file.src_uri.endswith((".py", ".toml")):
            files.remove(file)
    terms = glossary(Path(config.docs_dir) / "glossary.md")
    # From the last one on: the course's tests, which may run beside this, begin with the first, and whoever
    # wants a chapter that another is running waits for it.
    run = {chapter.number: executed(chapter) for chapter in reversed(chapters())}
    for chapter in chapters():
        made = page(chapter, run[chapter.number], terms=terms, head=_head(chapter))
        _pages[address(chapter)] = made
        files.append(File.generated(config, address(chapter), content=made.markdown))
    return files


def on_page_content(html: str, page: Any, **more: Any) -> str:
    """Put the outputs in; terms of the glossary can be linked to."""
    if page.file.src_uri in _pages:
        return _pages[page.file.src_uri].filled(html)
    if page.file.src_uri == "glossary.md":
        return TERM.sub(_anchored, html)
    return html


def glossary(path: Path) -> dict[str, str]:
    """The address of each term, as a chapter's page has to write it."""
    entries = re.findall(r"^(?P<entry>\S.*)\n:   ", path.read_text(encoding="utf-8"), re.M)
    return {name.lower(): f"../glossary.md#{slug(name)}" for entry in entries for name in names(entry)}


def names(entry: str) -> list[str]:
    """Terms of an entry of the glossary: ``Mel, mel-cepstrum (`mcep`)`` are three."""
    return [name for part in re.split(r"[,()]", entry.replace("`", "")) if (name := part.strip())]


def _anchored(match: re.Match[str]) -> str:
    anchors = "".join(f'<span id="{slug(name)}"></span>' for name in names(TAG.sub("", match["term"])))
    return f"<dt>{anchors}{match['term']}</dt>"


def _head(chapter: Chapter) -> str:
    count = len(exercises(chapter.number))
    return (
        f"Open it on your own machine: `synthkit course open {chapter.number}`; as a notebook: "
        f"`synthkit course notebook {chapter.number}`; {count} exercises: "
        f"`synthkit exercise list {chapter.number}`."
    )
