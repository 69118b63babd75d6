# SPDX-License-Identifier: Apache-2.0
"""How many threads numeric libraries take: one in a command, which reads it when BLAS is loaded; what it
starts to train may take more."""

from __future__ import annotations

import os

VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_set_here: set[str] = set()


def one_thread() -> None:
    """Have libraries that are loaded from now on take one thread, where the user's environment says nothing.

    More would only change the order of sums, and wait for one another on matrices as small as a sentence's.
    """
    for name in VARIABLES:
        if name not in os.environ:
            os.environ[name] = "1"
            _set_here.add(name)


def users_environment() -> dict[str, str]:
    """The environment as the user has it, for a program that chooses its own number of threads.

    Returns
    -------
    dict
    """
    return {name: value for name, value in os.environ.items() if name not in _set_here}
