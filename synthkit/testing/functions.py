# SPDX-License-Identifier: Apache-2.0
"""Functions for an executor's workers, in a module that they can import."""

from __future__ import annotations

import os
import time
from pathlib import Path

import numpy as np

from synthkit.errors import TextError


def project(seed: int) -> bytes:
    """A product of matrices large enough that BLAS with several threads sums it in another order.

    Parameters
    ----------
    seed : int

    Returns
    -------
    bytes
    """
    rng = np.random.default_rng(seed)
    a = rng.standard_normal((200, 300))
    return bytes((a @ a.T).tobytes())


def refuse_three(n: int) -> int:
    """`n`, but a `TextError` for 3.

    Parameters
    ----------
    n : int

    Returns
    -------
    int
    """
    if n == 3:
        raise TextError("three", where="here", hint="not three")
    return n


def die(n: int) -> int:
    """`n`, but 2 kills the process that computes it.

    Parameters
    ----------
    n : int

    Returns
    -------
    int
    """
    if n == 2:
        os.kill(os.getpid(), 9)
    return n


def who(item: tuple[int, int, float]) -> tuple[int, int]:
    """The number of ``(number, process, seconds)`` and the process that has it; that process takes `seconds`
    for it, others a hundredth of one.

    Parameters
    ----------
    item : (int, int, float)

    Returns
    -------
    (int, int)
    """
    number, process, seconds = item
    time.sleep(seconds if os.getpid() == process else 0.01)
    return number, os.getpid()


def die_once(item: tuple[int, Path]) -> int:
    """The number of ``(number, file)``; the first process that sees no file makes it and is killed.

    Parameters
    ----------
    item : (int, Path)

    Returns
    -------
    int
    """
    number, file = item
    if not file.exists():
        file.touch()
        os.kill(os.getpid(), 9)
    return number
