# SPDX-License-Identifier: Apache-2.0
"""Imported by the process that forks workers (multiprocessing's fork server), before the first of them."""

from __future__ import annotations

import sys
from types import TracebackType


def _tell(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Nothing where a request for a worker broke off, which ends the server: whoever asked could open no
    further file, and tells so itself. Anything else as Python does."""
    last = trace
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    if kind is not EOFError or last is None or last.tb_frame.f_code.co_name != "recvfds":
        sys.__excepthook__(kind, error, trace)


sys.excepthook = _tell
