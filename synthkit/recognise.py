# SPDX-License-Identifier: Apache-2.0
"""Whose a file or folder is: every registered reader is asked for its evidence, and the strongest has it.

The order of registration and of installation plays no part. Two readers with equally strong evidence are an
error for the caller to tell, with the names of both.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from enum import IntEnum
from typing import Any

from synthkit.errors import SynthkitError, SynthkitWarning, reason
from synthkit.plugins import registry


class Evidence(IntEnum):
    """How sure a reader is that a file or a folder is one of its own."""

    NONE = 0
    """It is not."""
    LOOSE = 1
    """It could be read so, and so could much else: a text beside a recording."""
    NAME = 2
    """A name says so; the content was not looked at, or is not what it should be (reading will say why)."""
    CONTENT = 3
    """The content is as it should be: a table's header and first lines, a label line's columns."""
    OWN = 4
    """A mark that nothing else leaves: a file's magic number, the pair of files one program writes."""


def strongest(stage: str, ask: Callable[[Any], Evidence]) -> list[str]:
    """Names of the readers of `stage` whose evidence is strongest; empty when none has any.

    Parameters
    ----------
    stage : str
        ``"layout"`` or ``"label_format"``.
    ask : callable
        Given an instance of each reader; its evidence. What one raises, a package of its that is missing
        included, is told as a warning that names it, and the others are asked all the same.

    Returns
    -------
    list of str
    """
    found: dict[str, Evidence] = {}
    for registration in registry().of_stage(stage):
        try:
            evidence = ask(registration.load()())
        except (
            Exception
        ) as error:  # a stranger's code may raise anything; `reason` lets the machine's faults pass
            why = (
                reason(error)
                if isinstance(error, SynthkitError)
                else f"{type(error).__name__}: {reason(error)}"
            )
            warnings.warn(
                f"{stage} {registration.name!r} of {registration.where} was not asked: {why}",
                SynthkitWarning,
                stacklevel=2,
            )
            continue
        if evidence > Evidence.NONE:
            found[registration.name] = evidence
    best = max(found.values(), default=Evidence.NONE)
    return [name for name, evidence in found.items() if evidence == best]
