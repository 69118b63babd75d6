"""Say clearly what this machine lacks for `make demo` and `make test`, and the command that installs it."""

import shutil
import sys
import sysconfig
from importlib.util import find_spec
from pathlib import Path

missing, packages = [], []
if sys.version_info < (3, 11):
    missing.append(f"Python 3.11 or newer (this is {sys.version.split()[0]}; set PYTHON=python3.11 or newer)")
    packages.append("python3.11")
if find_spec("ensurepip") is None:
    missing.append("Python's venv module")
    packages.append("python3-venv")
if shutil.which("c++") is None and shutil.which("g++") is None:
    missing.append("a C++ compiler (pyworld is built from source)")
    packages.append("g++")
if not (Path(sysconfig.get_paths()["include"]) / "Python.h").exists():
    missing.append("Python's C headers (pyworld is built from source)")
    packages.append("python3-dev")
if missing:
    print("synthkit cannot be installed here yet. Missing:", file=sys.stderr)
    for item in missing:
        print(f"  - {item}", file=sys.stderr)
    print(f"On Debian or Ubuntu: sudo apt-get install {' '.join(packages)}", file=sys.stderr)
    sys.exit(1)
