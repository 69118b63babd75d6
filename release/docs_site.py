# SPDX-License-Identifier: Apache-2.0
"""Hooks of MkDocs: formulas become MathML when the site is built, and no page is left out of the menu."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from synthkit_course.mathml import with_formulas

SHIM = "https://unpkg.com/iframe-worker/shim"
"""What the theme would fetch so that a page from disk can be searched; ours lies beside the pages."""
PLACE = "Do"
"""Where pages stand that the menu does not name."""
ELSEWHERE = ("metrics/", "course/")
"""Folders whose pages are reached from others, or put into the menu by another hook."""


def on_config(config: Any) -> Any:
    """Add pages that the menu does not name."""
    named = set(_pages(config.nav))
    folder = Path(config.docs_dir)
    found = sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*.md"))
    left = [page for page in found if page not in named and not page.startswith(ELSEWHERE)]
    for section in config.nav:
        if PLACE in section:
            section[PLACE] += left
    return config


def on_page_content(html: str, **more: Any) -> str:
    r"""Formulas as MathML: ``\(…\)`` within a line, ``\[…\]`` on a line of its own."""
    return with_formulas(html)


def on_post_page(output: str, page: Any, **more: Any) -> str:
    """Nothing is fetched: the theme's script for pages from disk is our own."""
    return output.replace(SHIM, "../" * page.url.count("/") + "assets/frame-worker.js")


def _pages(nav: Any) -> list[str]:
    if isinstance(nav, str):
        return [nav]
    rows = nav.values() if isinstance(nav, dict) else nav
    return [page for row in rows for page in _pages(row)]
