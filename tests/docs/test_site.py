# SPDX-License-Identifier: Apache-2.0
"""The site as a reader without a network has it: opened from disk, searched, its formulas drawn."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
pytestmark = [pytest.mark.timeout(1500), pytest.mark.long(40)]
"""The site runs those chapters of the course that no test has run yet: it comes after them."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    for package in ("mkdocs", "material", "mkdocstrings", "synthkit_course"):
        pytest.importorskip(package, reason="the extra docs is not installed")
    folder = tmp_path_factory.mktemp("site")
    base = tmp_path_factory.getbasetemp()
    # Chapters of the course are run once a session, here or in the course's own tests.
    run = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "course"
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "-q", "-d", str(folder)],
        cwd=ROOT, capture_output=True, text=True, check=False,
        env=os.environ | {"SYNTHKIT_CACHE": str(run)},
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
    assert tabs == ["Start", "Learn", "Course", "Do", "Look up", "Understand"]
    page.keyboard.press("s")
    page.keyboard.type("aperiodicity")
    page.wait_for_selector(".md-search-result__link")
    found = page.locator(".md-search-result__link").evaluate_all("all => all.map((a) => a.href)")
    assert any("glossary.html" in link or "features.html" in link for link in found)


def test_every_page_is_in_the_menu(site: Path) -> None:
    menu = (site / "index.html").read_text(encoding="utf-8")
    assert [p.stem for p in (ROOT / "docs").glob("*.md") if f'href="{p.stem}.html' not in menu] == []


def test_chapters_are_pages_whose_figures_change_and_whose_terms_are_explained(site: Path, open_page) -> None:
    page = open_page((site / "course" / "01-sound.html").as_uri())
    menu = page.locator(".md-nav--primary").inner_text()
    assert "1 Sound" in menu
    figure = page.locator(".sk-explore").first
    seen = figure.locator(".sk-frame:visible")
    assert seen.count() == 1
    before = seen.get_attribute("data-at")
    figure.locator("input").press("ArrowRight")
    assert figure.locator(".sk-frame:visible").count() == 1
    assert figure.locator(".sk-frame:visible").get_attribute("data-at") != before
    assert page.evaluate("[...document.querySelectorAll('figure img')].every((i) => i.naturalWidth > 100)")
    page.wait_for_function("[...document.querySelectorAll('audio')].every((a) => a.duration > 0.1)")
    assert page.locator("math").count() > 10 and "arithmatex" not in page.content()
    page.emulate_media(media="print")
    assert figure.locator(".sk-frame:visible").count() == figure.locator(".sk-frame").count() > 1
    terms = page.locator("a[href*='glossary.html#']").evaluate_all("all => all.map((a) => a.hash.slice(1))")
    assert len(terms) > 5
    page.goto((site / "glossary.html").as_uri())
    ids = page.locator("dt [id]").evaluate_all("all => all.map((e) => e.id)")
    assert [term for term in terms if term not in ids] == []


def test_what_chapters_are_made_of_is_not_on_the_site(site: Path) -> None:
    assert [p.name for p in (site / "course").rglob("*") if p.suffix in (".py", ".toml")] == []
