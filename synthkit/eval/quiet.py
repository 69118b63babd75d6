# SPDX-License-Identifier: Apache-2.0
"""Keep what other people's code prints out of our output."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator


@contextlib.contextmanager
def quiet(*, errors: bool = True) -> Iterator[None]:
    """Nothing written to standard output within reaches it, be it by Python or by a library in C.

    Parameters
    ----------
    errors : bool
        The same for standard error.

    Yields
    ------
    None
    """
    kept: list[tuple[int, int]] = []
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        with contextlib.ExitStack() as stack:
            sink = stack.enter_context(open(os.devnull, "w"))
            stack.enter_context(contextlib.redirect_stdout(sink))
            if sys.__stdout__ is not None:
                sys.__stdout__.flush()
            if errors:
                stack.enter_context(contextlib.redirect_stderr(sink))
            for number in (1, 2) if errors else (1,):
                with contextlib.suppress(OSError):  # a process without that stream has nothing to keep quiet
                    kept.append((number, os.dup(number)))
                    os.dup2(nowhere, number)
            yield
    finally:
        for number, copy in kept:
            os.dup2(copy, number)
            os.close(copy)
        os.close(nowhere)
