# SPDX-License-Identifier: Apache-2.0
"""The one place that imports pyworld, so that its demand for ``pkg_resources`` is met in one place.

The module comes with the package ``pyworld-prebuilt``, which has wheels, or with ``pyworld``, which a
compiler builds. ``pyworld`` 0.3.5 asks ``pkg_resources`` (of setuptools < 81) for its own version number and
for nothing else. Later setuptools have it no more, and where they do, importing it costs a third of a second
and warns. While pyworld is imported it finds a stand-in that answers that one question; afterwards it is
gone.
"""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace
from typing import Any

from synthkit.errors import MissingDependency


def load_pyworld() -> Any:
    """The module ``pyworld``, imported without setuptools.

    Raises
    ------
    MissingDependency
        pyworld is not installed.
    """
    if "pyworld" in sys.modules:
        return sys.modules["pyworld"]
    from importlib.metadata import version  # most that ask for WORLD's frames compute none in this process

    stand_in = ModuleType("pkg_resources")
    stand_in.get_distribution = lambda name: SimpleNamespace(version=version(name))  # type: ignore[attr-defined]
    real = sys.modules.get("pkg_resources")
    sys.modules["pkg_resources"] = real or stand_in
    try:
        import pyworld
    except ModuleNotFoundError as error:
        if error.name != "pyworld":
            raise
        raise MissingDependency(
            "WORLD analysis needs the package 'pyworld'", hint="pip install pyworld-prebuilt"
        ) from error
    finally:
        if real is None:
            del sys.modules["pkg_resources"]
    return pyworld
