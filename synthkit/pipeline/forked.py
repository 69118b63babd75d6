# SPDX-License-Identifier: Apache-2.0
"""Imported by the process that forks workers (multiprocessing's fork server), before the first of them."""

from __future__ import annotations

import errno
import sys
from types import TracebackType


def _tell(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Nothing where the server ends since no further file can be opened, by it or by whoever asked it for a
    worker (a request broke off): who asked tells so. Anything else as Python does."""
    last = trace
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    broken_off = kind is EOFError and last is not None and last.tb_frame.f_code.co_name == "recvfds"
    no_handles = isinstance(error, OSError) and error.errno in (errno.EMFILE, errno.ENFILE)
    if not (broken_off or no_handles):
        sys.__excepthook__(kind, error, trace)


sys.excepthook = _tell
