# SPDX-License-Identifier: Apache-2.0
"""What a preflight check found before any work was done."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

MISSING = "missing-package"
"""The code of what something that can be installed would mend."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that will go wrong, or may, and the line that mends it.

    Attributes
    ----------
    severity : str
        ``"error"`` (the work would fail or be worthless; it is refused), ``"warning"`` or ``"note"``.
    code : str
        Short stable name, such as ``"languages-reordered"``.
    problem : str
        What is wrong, with the values seen.
    consequence : str
        What would have happened.
    mend : str
        The line to write or the command to run.
    where : str
        Stage, file or config key.
    """

    severity: str
    code: str
    problem: str
    consequence: str = ""
    mend: str = ""
    where: str = ""

    def __str__(self) -> str:
        lines = [f"{self.severity}: {self.where + ': ' if self.where else ''}{self.problem}"]
        if self.consequence:
            lines.append(f"  otherwise: {self.consequence}")
        if self.mend:
            lines.append(f"  → {self.mend}")
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """Plain strings, for JSON.

        Returns
        -------
        dict
        """
        return asdict(self)
