# SPDX-License-Identifier: Apache-2.0
"""Whether a package that is missing is one that a plugin declares, or a slip in its sources."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution, packages_distributions


def undeclared(module: str, distribution_name: str) -> str:
    """Why `module`, which cannot be imported, is no optional dependency of a distribution; empty where
    it may be.

    What is declared are the requirements of the distribution and of its extras, and what these require in
    turn. A package is called otherwise than its module often enough (``scikit-learn``, ``sklearn``) that a
    module which is not among them may still come with one that is not installed.

    Parameters
    ----------
    module : str
        As `ModuleNotFoundError` names it.
    distribution_name : str
        Of the plugin.

    Returns
    -------
    str
    """
    top = _normal(module.partition(".")[0])
    present, absent = _required(distribution_name)
    if top in absent:
        return ""
    importable = {m: names for m, names in packages_distributions().items() if not m.startswith("_")}
    theirs = [m for m, names in importable.items() if {_normal(name) for name in names} & present]
    close = difflib.get_close_matches(module, theirs, 1, cutoff=0.8)
    if absent and not close:
        return ""
    meant = f"; did you mean {close[0]!r}?" if close else ""
    return f"which {distribution_name} declares neither as a dependency nor in an extra{meant}"


def _required(name: str) -> tuple[set[str], set[str]]:
    """Normal names of what a distribution and its extras require, at any depth: installed, and not."""
    present: set[str] = set()
    absent: set[str] = set()
    asked = [(_normal(name), "*")]
    seen = set(asked)
    while asked:
        required, extra = asked.pop()
        try:
            found = distribution(required)
        except PackageNotFoundError:
            absent.add(required)
            continue
        present.add(required)
        new = set(_requirements(found, extra)) - seen
        seen |= new
        asked += new
    return present, absent


def _requirements(found: Distribution, extra: str) -> Iterator[tuple[str, str]]:
    """Requirements of a distribution with an extra (``"*"``: with any, ``""``: with none), each with its own
    extra."""
    from packaging.requirements import Requirement  # pytest brings it

    extras = ["", *found.metadata.get_all("Provides-Extra", [])] if extra == "*" else ["", extra]
    for text in found.requires or []:
        requirement = Requirement(text)
        marker = requirement.marker
        if marker is None or any(marker.evaluate({"extra": e}) for e in extras):
            for own in ("", *requirement.extras):
                yield _normal(requirement.name), own


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
