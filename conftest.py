# SPDX-License-Identifier: Apache-2.0
"""What holds for every test of the core and of the plugins."""

from __future__ import annotations

import signal

import pytest


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Modules that take longest first (``pytestmark = pytest.mark.long(60)``).

    Tests are shared out among workers by modules, and nobody is to wait for one that was begun at the end.
    """
    items.sort(key=lambda item: -max((mark.args[0] for mark in item.iter_markers("long")), default=0))


def pytest_configure(config: pytest.Config) -> None:
    """Tests that interrupt a command work where pytest itself is in the background: shells let what they
    start there ignore interrupts, and whatever that starts inherits it."""
    config.addinivalue_line("markers", "long(seconds): about how long the tests of this module take")
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
