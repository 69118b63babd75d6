# SPDX-License-Identifier: Apache-2.0
"""Chapters are run once a session, whichever test asks first: here, and in the tests of the site."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from synthkit_course.chapters import chapters, find
from synthkit_course.checking import judge, judged
from synthkit_course.execute import LONGEST, executed
from synthkit_course.exercise import exercises, solution
from synthkit_course.render import alone


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test with ``chapter`` is one of each chapter."""
    if "chapter" in metafunc.fixturenames:
        metafunc.parametrize("chapter", chapters(), ids=lambda c: c.name)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Chapters are run before the site, and what else asks for all of them, would run them one by one."""
    for item in items:
        if item.path.parent.name == "chapters":
            item.add_marker(pytest.mark.long(60))


@pytest.fixture
def kept(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of this session's own, shared by its workers: what was run before is not believed."""
    base = tmp_path_factory.getbasetemp()
    place = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "course"
    monkeypatch.setenv("SYNTHKIT_CACHE", str(place))
    return place


@pytest.fixture
def run_chapter(kept: Path) -> Callable[[int], Any]:
    """``run_chapter(3)``: the notebook of chapter 3 with its outputs."""
    return lambda number: executed(find(number))


@pytest.fixture
def chapter_is_whole(run_chapter: Callable[[int], Any]) -> Callable[[int], None]:
    """``chapter_is_whole(3)``: chapter 3 runs, every cell of code that shows something has shown it."""

    def check(number: int) -> None:
        notebook = run_chapter(number)
        assert notebook.metadata["seconds"] < LONGEST
        html, told = [], []
        for cell in notebook.cells:
            for output in cell.get("outputs", ()):
                assert output.output_type != "error"
                assert not (output.output_type == "stream" and output.name == "stderr"), output.text
                data = output.get("data", {})
                html.append(data.get("text/html", ""))
                told.append(data.get("text/markdown", ""))
                if "<figure" not in html[-1] and not told[-1]:
                    assert "object at 0x" not in data.get("text/plain", ""), "shows an address of memory"
        assert sum("sk-explore" in h for h in html) >= 2 and sum("<audio" in h for h in html) >= 1
        assert not [t for t in told if "nan" in t.lower().split() or "inf" in t.lower().split()]

    return check


@pytest.fixture
def exercises_are_judged() -> Callable[[int], None]:
    """``exercises_are_judged(3)``: solutions of chapter 3 are accepted, what students typically write is
    refused with the word that the exercise declares."""

    def check(number: int) -> None:
        for one in exercises(number):
            found = judge(one, solution(one))
            assert found.accepted, f"{one.id}: {found.word}"
            assert len({wrong.word for wrong in one.wrong}) >= 3, f"{one.id}: three different wrong answers"
            for wrong in one.wrong:
                accepted, word = judged(one, wrong.code)
                assert not accepted, f"{one.id} accepts {wrong.code}"
                assert wrong.word in word, f"{one.id} says {word!r}, not {wrong.word!r}, to {wrong.code}"
            assert not judged(one, one.skeleton)[0], f"{one.id} accepts what a student begins with"

    return check


@pytest.fixture
def page_fits_a_phone(
    run_chapter: Callable[[int], Any], tmp_path: Path, open_page: Callable[..., Any]
) -> Callable[[int], None]:
    """``page_fits_a_phone(3)``: nothing of chapter 3 is wider than a telephone, so that the page need not be
    scrolled sideways."""

    def check(number: int) -> None:
        path = tmp_path / "chapter.html"
        path.write_text(alone(find(number), run_chapter(number)), encoding="utf-8")
        page = open_page(path.as_uri(), width=390)
        assert page.locator("figure").count() > 2
        assert page.evaluate("document.documentElement.scrollWidth") == 390

    return check
