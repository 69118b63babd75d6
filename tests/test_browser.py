# SPDX-License-Identifier: Apache-2.0
"""The browser fixture: a page is opened at its size, and what it complains of is not lost."""

import pytest

from synthkit.testing.browser import missing, pages, watch


def test_a_page_opens_at_its_size_and_in_its_colours(open_page, tmp_path):
    path = tmp_path / "page.html"
    path.write_text("<title>здесь</title><script>document.title += innerWidth</script>", encoding="utf-8")
    page = open_page(path.as_uri(), width=390, dark=True)
    assert page.title() == "здесь390"
    assert page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")


def test_complaints_are_kept(open_page, tmp_path):
    path = tmp_path / "page.html"
    path.write_text("<script>console.error('bad'); missing()</script>")
    page = open_page("about:blank", complains=True)
    complaints = watch(page)
    page.goto(path.as_uri())
    assert any("bad" in line for line in complaints)
    assert any("missing is not defined" in line for line in complaints)


def test_what_is_missing_is_named_with_its_command(monkeypatch):
    monkeypatch.setenv("SYNTHKIT_CHROMIUM", "/nowhere/chromium")
    assert "apt-get install chromium" in missing()


def test_the_test_of_a_page_that_complains_fails(chromium, tmp_path):
    path = tmp_path / "page.html"
    path.write_text("<script>console.error('bad')</script>")
    opening = pages(chromium)
    next(opening)(path.as_uri())
    with pytest.raises(AssertionError, match="bad"):
        next(opening)
