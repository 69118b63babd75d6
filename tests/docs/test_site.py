# SPDX-License-Identifier: Apache-2.0
"""The site as a reader without a network has it: opened from disk, searched, its formulas drawn."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    for package in ("mkdocs", "material", "mkdocstrings", "latex2mathml"):
        pytest.importorskip(package, reason="the extra docs is not installed")
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "-q", "-d", str(folder)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return folder


def test_from_disk_it_is_searched_and_its_formulas_are_drawn(site: Path, open_page) -> None:
    page = open_page((site / "formulas.html").as_uri(), dark=True)
    assert page.locator("math").count() > 10
    assert page.locator("math[display=block]").first.bounding_box()["height"] > 20
    assert "arithmatex" not in page.content()
    page.set_viewport_size({"width": 390, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.set_viewport_size({"width": 1400, "height": 900})
    assert page.get_attribute("body", "data-md-color-scheme") == "slate"
    tabs = [text.strip() for text in page.locator(".md-tabs__link").all_text_contents()]
    assert tabs == ["Start", "Learn", "Do", "Look up", "Understand"]
    page.keyboard.press("s")
    page.keyboard.type("aperiodicity")
    page.wait_for_selector(".md-search-result__link")
    found = page.locator(".md-search-result__link").evaluate_all("all => all.map((a) => a.href)")
    assert any("glossary.html" in link or "features.html" in link for link in found)


def test_every_page_is_in_the_menu(site: Path) -> None:
    menu = (site / "index.html").read_text(encoding="utf-8")
    assert [p.stem for p in (ROOT / "docs").glob("*.md") if f'href="{p.stem}.html' not in menu] == []
