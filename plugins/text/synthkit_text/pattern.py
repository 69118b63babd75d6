# SPDX-License-Identifier: Apache-2.0
"""Regular expressions that are compiled when a text first needs them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any


class LazyPattern:
    """Stands for ``re.compile(source, flags)`` and has its methods.

    A normaliser has dozens of expressions and compiling them all takes 40 ms, most of a short sentence's time
    from a cold start; a text needs few of them.
    """

    def __init__(self, source: str, flags: int = 0) -> None:
        self.source, self.flags_given = source, flags

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        value = getattr(re.compile(self.source, self.flags_given), name)
        setattr(self, name, value)
        return value


if TYPE_CHECKING:

    def lazy(source: str, flags: int = 0) -> re.Pattern[str]:
        """A pattern, compiled at its first use."""
        ...

else:
    lazy = LazyPattern
