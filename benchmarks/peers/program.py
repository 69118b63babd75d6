# SPDX-License-Identifier: Apache-2.0
"""A peer that is a program: how long it takes, and how much memory it has at most."""

from __future__ import annotations

import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Run:
    """Seconds of wall clock and of processor, and resident MB at most."""

    wall: float
    processor: float
    memory: float


def run(command: list[str]) -> Run:
    """Run `command` to its end.

    Memory is the kernel's high-water mark of the program's own address space, read while it runs
    (``VmHWM``); ``ru_maxrss`` would count this interpreter, which starts it, too.

    Raises
    ------
    subprocess.CalledProcessError
        It failed.
    """
    start = time.perf_counter()
    child = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    status = Path(f"/proc/{child.pid}/status")
    most = 0.0
    while True:
        most = max(most, high_water(status))
        pid, code, usage = os.wait4(child.pid, os.WNOHANG)
        if pid:
            break
        time.sleep(0.0005)
    wall = time.perf_counter() - start
    child.returncode = os.waitstatus_to_exitcode(code)
    if child.returncode:
        raise subprocess.CalledProcessError(child.returncode, command)
    return Run(wall, usage.ru_utime + usage.ru_stime, most)


def high_water(status: Path) -> float:
    """``VmHWM`` of a process in MB; 0 where it has no memory any more."""
    for line in status.read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    return 0.0
