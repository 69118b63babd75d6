# SPDX-License-Identifier: Apache-2.0
"""``python -m synthkit``, and the command `synthkit`.

Only what Python itself has in memory is imported before `main` runs: where the machine is out of file handles
or memory, the rest of synthkit cannot be, and that is told in one line as it is later.
"""

import gc
import sys


def main() -> None:
    """Entry point: run the command line and exit with its code."""
    try:
        from synthkit.cli import main as run
    except (OSError, MemoryError) as error:
        told = str(error) or "the machine is out of memory"
        sys.stderr.write(f"error: synthkit cannot start: {told}\n")
        sys.exit(2)
    try:
        run()
    finally:
        gc.freeze()  # all memory goes with the process: to look for cycles in torch's costs 0.4 s of CPU


if __name__ == "__main__":
    main()
