# SPDX-License-Identifier: Apache-2.0
"""Say clearly what this machine lacks for `make demo` and `make test`, and the command that installs it.

With `--compiler`: whether packages without wheels can be built here (exit code 0), or what is left out since
they cannot.
"""

import shutil
import sys
import sysconfig
from importlib.util import find_spec
from pathlib import Path


def lacking_for_python():
    """What is missing, with the Debian package that has it."""
    missing = []
    if sys.version_info < (3, 11):
        found = sys.version.split()[0]
        missing.append(
            (f"Python 3.11 or newer (this is {found}; set PYTHON=python3.11 or newer)", "python3.11")
        )
    if find_spec("ensurepip") is None:
        missing.append(("Python's venv module", "python3-venv"))
    return missing


def lacking_for_compiler():
    """The same, for building a package from its sources."""
    missing = []
    if shutil.which("c++") is None and shutil.which("g++") is None:
        missing.append(("a C++ compiler", "g++"))
    if not (Path(sysconfig.get_paths()["include"]) / "Python.h").exists():
        missing.append(("Python's C headers", "python3-dev"))
    return missing


def tell(head, missing):
    """The list, and the command."""
    print(head, file=sys.stderr)
    for item, _ in missing:
        print(f"  - {item}", file=sys.stderr)
    packages = " ".join(package for _, package in missing)
    print(f"On Debian or Ubuntu: sudo apt-get install {packages}", file=sys.stderr)


if "--compiler" in sys.argv:
    if missing := lacking_for_compiler():
        tell(
            "pesq and pysptk have no wheels; the tests that need them are skipped, all others run. Missing:",
            missing,
        )
        sys.exit(1)
elif missing := lacking_for_python():
    tell("synthkit cannot be installed here yet. Missing:", missing)
    sys.exit(1)
