# SPDX-License-Identifier: Apache-2.0
"""Every source file says its licence in its first line.

python release/headers.py            name those that do not; exit 1 if there are any
python release/headers.py --write    write the line into them
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LINE = "# SPDX-License-Identifier: Apache-2.0"


def without_line() -> list[Path]:
    """Python files that git knows, or would add, and that do not say their licence."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", "*.py"]
    names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
    paths = [ROOT / name for name in names if name]
    return [p for p in paths if p.exists() and LINE not in p.read_text(encoding="utf-8").split("\n")[:2]]


def main(arguments: list[str]) -> None:
    """Check, or write."""
    missing = without_line()
    if "--write" in arguments:
        for path in missing:
            path.write_text(f"{LINE}\n{path.read_text(encoding='utf-8')}", encoding="utf-8")
        print(f"{len(missing)} files changed")
    elif missing:
        for path in missing:
            print(path.relative_to(ROOT))
        sys.exit("these do not say their licence\n  → python release/headers.py --write")


if __name__ == "__main__":
    main(sys.argv[1:])
