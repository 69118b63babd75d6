"""Functions for worker processes, in a module they can import."""

import os

import numpy as np

from synthkit.errors import TextError


def project(seed: int) -> bytes:
    rng = np.random.default_rng(seed)
    a = rng.standard_normal((200, 300))
    return (a @ a.T).tobytes()


def fail(n: int) -> int:
    if n == 3:
        raise TextError("three", where="here", hint="not three")
    return n


def die(n: int) -> int:
    if n == 2:
        os.kill(os.getpid(), 9)
    return n
