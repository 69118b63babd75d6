# SPDX-License-Identifier: Apache-2.0
"""The pytest side of the conformance kit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


@pytest.fixture
def conformance(tmp_path: Path) -> Callable[..., Any]:
    """Run the whole conformance kit on a registered component.

    Call it as ``conformance("vocoder", "buzz", settings={…})``. What the component works on is made from the
    bundled corpora; ``texts=``, ``item=``, ``accepted=``, ``data=``, ``sample=``, ``source=`` or ``corpus=``
    choose it (see `synthkit.testing.conformance.Provided`). Where a package that the component needs is not
    installed, the test is skipped and says how to install it; one that the plugin's distribution does not
    declare is a failure.
    """
    from synthkit.errors import MissingDependency
    from synthkit.testing.conformance import run

    def check(stage: str, name: str, **how: Any) -> Any:
        try:
            return run(stage, name, tmp_path, **how)
        except MissingDependency as error:
            pytest.skip(str(error))

    return check


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A headless Chromium for the tests of one module; skips where there is none."""
    from synthkit.testing.browser import launch, missing

    if lacking := missing():
        pytest.skip(lacking)
    with launch() as browser:
        yield browser


@pytest.fixture
def open_page(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """``open_page(url, width=1280, height=900, dark=False)``: a Playwright page in a profile of its own.

    When the test ends, nothing that was opened may have complained on the console, failed to load, or asked
    another machine; ``complains=True`` allows it.
    """
    from synthkit.testing.browser import pages

    yield from pages(chromium)
