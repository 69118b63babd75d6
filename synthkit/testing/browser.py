# SPDX-License-Identifier: Apache-2.0
"""A real Chromium for tests of pages, driven by Playwright.

The browser is the system's own; Playwright's downloads are not used. What a page complains of (console errors
and warnings, exceptions, failed loads, requests that leave the machine) fails the test that opened it.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
INSTALL = {
    "chromium": "apt-get install chromium (or name one by SYNTHKIT_CHROMIUM)",
    "playwright": "pip install playwright",
}
LOCAL = ("127.0.0.1", "localhost", "::1", "")


def find_chromium() -> str | None:
    """Path of a Chromium on this machine: ``SYNTHKIT_CHROMIUM``, or one on the path."""
    named = os.environ.get("SYNTHKIT_CHROMIUM")
    names = [named] if named else ["chromium", "chromium-browser", "google-chrome"]
    return next((found for name in names if (found := shutil.which(name))), None)


def missing() -> str:
    """What a test in a browser lacks here and how it is installed; empty where nothing is."""
    from importlib.util import find_spec

    lacking = [] if find_chromium() else ["chromium"]
    lacking += [] if find_spec("playwright") else ["playwright"]
    return "; ".join(f"needs {name}: {INSTALL[name]}" for name in lacking)


@contextmanager
def launch(*flags: str) -> Iterator[Browser]:
    """A headless Chromium, ended with the block.

    While it runs, the thread has Playwright's event loop: no ``asyncio.run`` beside it.

    Parameters
    ----------
    *flags : str
        Beside `FLAGS`, as ``--use-fake-device-for-media-stream``.

    Yields
    ------
    Browser
    """
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_chromium(), args=[*FLAGS, *flags], chromium_sandbox=False
        )
        try:
            yield browser
        finally:
            browser.close()


def watch(page: Page) -> list[str]:
    """A list that fills with what goes wrong in `page` from now on.

    Parameters
    ----------
    page : Page

    Returns
    -------
    list of str
        Errors and warnings of the console, exceptions, and requests to other machines.
    """
    complaints: list[str] = []

    def request(r: Any) -> None:
        parts = urlsplit(r.url)
        if parts.scheme not in ("data", "blob", "file") and (parts.hostname or "") not in LOCAL:
            complaints.append(f"asks another machine: {r.url}")

    page.on("request", request)
    page.on("pageerror", lambda e: complaints.append(f"exception: {e}"))
    page.on(
        "console",
        lambda m: (
            complaints.append(f"console {m.type}: {m.text}") if m.type in ("error", "warning") else None
        ),
    )
    page.on(
        "requestfailed",
        # Sounds that a page stops loading when it goes on are no fault.
        lambda r: None if r.failure == "net::ERR_ABORTED" else complaints.append(f"{r.url}: {r.failure}"),
    )
    page.on(
        "response", lambda r: complaints.append(f"{r.url}: status {r.status}") if r.status >= 400 else None
    )
    return complaints


def pages(browser: Browser) -> Iterator[Callable[..., Page]]:
    """The body of the fixture ``open_page``: a function that opens pages, each in a profile of its own.

    Parameters
    ----------
    browser : Browser

    Yields
    ------
    callable
    """
    opened: list[tuple[Any, list[str]]] = []

    def open_page(
        url: str,
        *,
        width: int = 1280,
        height: int = 900,
        dark: bool = False,
        complains: bool = False,
        **context: Any,
    ) -> Page:
        """Open `url` in a window of that size; `complains` allows complaints; the rest is for the context."""
        own = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme="dark" if dark else "light", **context
        )
        page = own.new_page()
        page.set_default_timeout(60_000)  # a machine with ten others at work
        complaints = watch(page)
        opened.append((own, [] if complains else complaints))
        page.goto(url)
        return page

    yield open_page
    found = [line for _, complaints in opened for line in complaints]
    for own, _ in opened:
        own.close()
    assert found == []
