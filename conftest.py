# SPDX-License-Identifier: Apache-2.0
"""What holds for every test of the core and of the plugins."""

from __future__ import annotations

import signal


def pytest_configure() -> None:
    """Tests that interrupt a command work where pytest itself is in the background: shells let what they
    start there ignore interrupts, and whatever that starts inherits it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
