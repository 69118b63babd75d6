# SPDX-License-Identifier: Apache-2.0
"""What a command costs as a process of its own; for the benchmarks beside it."""

from __future__ import annotations

import os
import resource
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path


def spent(command: Sequence[str], compiled: Path | None, **more: str) -> tuple[float, float]:
    """Wall and CPU seconds of one process.

    Parameters
    ----------
    compiled : Path or None
        Where compiled modules are kept, as an installation has them. None keeps none: what a checkout that
        was never compiled costs where PYTHONDONTWRITEBYTECODE is set.
    **more
        Variables of its environment.
    """
    env = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")} | more
    env |= {"PYTHONPYCACHEPREFIX": str(compiled)} if compiled else {"PYTHONDONTWRITEBYTECODE": "1"}
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, check=False, capture_output=True, env=env)
    after, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter() - start
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
