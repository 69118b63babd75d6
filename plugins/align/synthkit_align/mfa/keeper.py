# SPDX-License-Identifier: Apache-2.0
"""Runs a command and ends it, with all that it started, when whoever started us is gone.

Run as a script, in a session of its own, with a pipe for standard input: the pipe's end is the sign. It comes
when the parent closes it, and also when the parent is killed without a word, which no clean-up in the parent
would survive. Standard library alone: it starts in a few milliseconds.
"""

import os
import signal
import subprocess
import sys
import threading
import time

GRACE = 5.0
"""Seconds between asking to end and killing."""


def main() -> int:
    """Run ``sys.argv[1:]``; the exit status is the command's, 128 + the signal where one ended it."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # we ask the whole group to end, and are part of it

    def as_usual() -> None:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)

    child = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, preexec_fn=as_usual)

    def watch() -> None:
        while os.read(0, 1024):
            pass
        os.killpg(0, signal.SIGTERM)
        time.sleep(GRACE)
        os.killpg(0, signal.SIGKILL)

    threading.Thread(target=watch, daemon=True).start()
    status = child.wait()
    os.killpg(0, signal.SIGTERM)  # workers that the command left behind
    return status if status >= 0 else 128 - status


if __name__ == "__main__":
    sys.exit(main())
