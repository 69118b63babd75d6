# SPDX-License-Identifier: Apache-2.0
"""The version that the core and its plugins share stands in `synthkit/__init__.py`, and nowhere else.

    python release/version.py            print it; exit 1 if something here disagrees with it
    python release/version.py 0.2.0      set it, and what follows from it

What follows: the bounds that our distributions put on each other (`>=0.2,<0.3`), and CITATION.cff. The
plugins read the version when they are built; their source distributions carry it in PKG-INFO.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "synthkit" / "__init__.py"
BOUNDS = re.compile(r'("synthkit-[a-z-]+(?:\[[a-z,]+\])?)(>=[^"]*)"')
"""A requirement of one of ours, with its bounds."""


def version() -> str:
    """The shared version."""
    found = re.search(r'^__version__ = "([^"]+)"', SOURCE.read_text(encoding="utf-8"), re.MULTILINE)
    assert found, f"{SOURCE} has no __version__"
    return found[1]


def bounds(number: str) -> str:
    """What our distributions ask of each other: the same minor release, as ``>=0.1,<0.2``."""
    major, minor, *_ = (int(part) for part in number.split("."))
    return f">={major}.{minor},<{major}.{minor + 1}"


def projects() -> list[Path]:
    """Folders of the distributions that are released: the core, then each plugin but the template to copy."""
    plugins = sorted(p.parent for p in ROOT.glob("plugins/*/pyproject.toml"))
    return [ROOT, *(p for p in plugins if p.name != "template")]


def _followers(number: str) -> dict[Path, str]:
    """Each file whose text follows from the version, with the text it should have."""
    wanted = {}
    for path in (ROOT / "pyproject.toml", *ROOT.glob("plugins/*/pyproject.toml")):
        wanted[path] = BOUNDS.sub(rf'\g<1>{bounds(number)}"', path.read_text(encoding="utf-8"))
    citation = ROOT / "CITATION.cff"
    text = citation.read_text(encoding="utf-8")
    wanted[citation] = re.sub(r"^version: .*$", f"version: {number}", text, flags=re.MULTILINE)
    return wanted


def disagreeing() -> list[str]:
    """Files here that do not go with the version, by their path."""
    wrong = [path for path, text in _followers(version()).items() if text != path.read_text(encoding="utf-8")]
    for folder in projects()[1:]:
        path = folder / "pyproject.toml"
        if 'path = "../../synthkit/__init__.py"' not in path.read_text(encoding="utf-8"):
            wrong.append(path)
    return sorted({str(path.relative_to(ROOT)) for path in wrong})


def main(arguments: list[str]) -> None:
    """Print and check, or set."""
    if arguments:
        (number,) = arguments
        if not re.fullmatch(r"\d+\.\d+\.\d+((a|b|rc)\d+)?", number):
            sys.exit(f"{number!r} is no version such as 0.2.0 or 0.2.0rc1")
        text = SOURCE.read_text(encoding="utf-8")
        SOURCE.write_text(text.replace(f'"{version()}"', f'"{number}"', 1), encoding="utf-8")
        for path, wanted in _followers(number).items():
            path.write_text(wanted, encoding="utf-8")
    print(version())
    if wrong := disagreeing():
        sys.exit(f"these do not go with it: {', '.join(wrong)}\n  → python release/version.py {version()}")


if __name__ == "__main__":
    main(sys.argv[1:])
