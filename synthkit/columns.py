# SPDX-License-Identifier: Apache-2.0
"""A table as text, for a terminal."""

from __future__ import annotations

from typing import Any


def columns(rows: list[tuple[Any, ...]], header: tuple[str, ...] = ()) -> str:
    """Columns padded to their widest cell; the last column wraps to the terminal's width. `header` is a row
    of heads; there is none if it is empty.

    Where that leaves it fewer than 24 columns and it needs more, it goes under the others.

    Parameters
    ----------
    rows : list of tuple
    header : tuple of str

    Returns
    -------
    str
        Lines.
    """
    import shutil  # here, since a cold `say` shows no table
    import textwrap

    cells = [tuple(str(c) for c in row) for row in ((header, *rows) if header else rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(cells[0]) - 1)]
    indent = sum(widths) + 2 * len(widths)
    room = shutil.get_terminal_size((100, 24)).columns - indent
    if room < min(24, max(len(row[-1]) for row in cells)):
        width = shutil.get_terminal_size((100, 24)).columns - 4
        out = []
        for row in cells:
            out.append("  ".join(c.ljust(w) for c, w in zip(row[:-1], widths, strict=True)).rstrip())
            out += ["    " + line for line in textwrap.wrap(row[-1], max(width, 20))]
        return "\n".join(out)
    lines = []
    for row in cells:
        start = "".join(c.ljust(w) + "  " for c, w in zip(row[:-1], widths, strict=True))
        last = textwrap.wrap(row[-1], room) or [""]
        lines.append((start + last[0]).rstrip())
        lines += [" " * indent + more for more in last[1:]]
    return "\n".join(lines)
