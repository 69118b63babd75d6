# SPDX-License-Identifier: Apache-2.0
"""What this program is called where packages are installed, and whether its namesake stands in the way.

The name ``synthkit`` on the package index belongs to another program. Its files and ours would lie in one
folder ``synthkit/``, so the two cannot share an environment.
"""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, distribution

from synthkit.errors import PluginError

NAME = "synthkit-speech"
"""The distribution; the import name and the command are ``synthkit``."""
NAMESAKE = "synthkit"
"""Somebody else's distribution, which installs a package ``synthkit`` and a command ``synthkit`` too."""


def refuse_namesake() -> None:
    """Make sure that no other program's files are mixed with ours.

    Raises
    ------
    PluginError
        The other distribution has files in the folder ``synthkit/``.
    """
    try:
        record = distribution(NAMESAKE).read_text("RECORD") or ""
    except PackageNotFoundError:
        return
    # A record without such files is a checkout of this program, installed under the name it once had.
    if any(line.startswith("synthkit/") for line in record.splitlines()):
        raise PluginError(
            f"another program called {NAMESAKE!r} is installed in this environment, over the files of "
            f"{NAME!r}",
            hint=f"pip uninstall -y {NAMESAKE} {NAME} && pip install {NAME} (what was meant is {NAME}), or "
            "give "
            "each an environment of its own",
        )
