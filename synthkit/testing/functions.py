# SPDX-License-Identifier: Apache-2.0
"""Functions for an executor's workers, in a module that they can import."""

from __future__ import annotations

import os

import numpy as np

from synthkit.errors import TextError


def project(seed: int) -> bytes:
    """A product of matrices large enough that BLAS with several threads sums it in another order."""
    rng = np.random.default_rng(seed)
    a = rng.standard_normal((200, 300))
    return bytes((a @ a.T).tobytes())


def refuse_three(n: int) -> int:
    """`n`, but a `TextError` for 3."""
    if n == 3:
        raise TextError("three", where="here", hint="not three")
    return n


def die(n: int) -> int:
    """`n`, but 2 kills the process that computes it."""
    if n == 2:
        os.kill(os.getpid(), 9)
    return n
