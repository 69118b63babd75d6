# SPDX-License-Identifier: Apache-2.0
"""What listeners said as a table of ours, with how they went about it, so that who reads it screens alike."""

from __future__ import annotations

import csv
import io
from itertools import groupby
from pathlib import Path

from synthkit.atomic import write_text
from synthkit.eval.listening.heard import Conduct, Heard
from synthkit.eval.ratings import OPTIONAL, REQUIRED, Rating, Table
from synthkit.eval.scales import kind_of

COLUMNS = (*REQUIRED, *OPTIONAL)


def write_tidy(path: Path, heard: Heard) -> None:
    """A rating a row, as `synthkit.eval.ratings.read_table` reads it.

    How long a page took, and how long its sounds last, stand in the row of its first rating.

    Parameters
    ----------
    path : Path
    heard : Heard
    """
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n", restval="")
    writer.writeheader()
    for who in heard.listeners:
        conduct = heard.conduct.get(who, Conduct())
        pages = _pages([r for r in heard.ratings if r.listener == who])
        times = iter(conduct.pages if len(conduct.pages) == len(pages) else ())
        judged = [r for page in pages for r in page if _chosen(r)]
        sides = iter(conduct.sides if len(conduct.sides) == len(judged) else ())
        for page in pages:
            seconds, least = next(times, (None, None))
            for k, r in enumerate(page):
                row = {
                    "listener": who, "utterance": r.utterance, "voice": r.voice, "score": f"{r.score:g}",
                    "metric": r.metric, "against": r.against, "role": heard.role(r.voice),
                }  # fmt: skip
                if k == 0 and seconds is not None:
                    row |= {"seconds": f"{seconds:g}", "least": f"{least:g}"}
                if _chosen(r):
                    row["side"] = next(sides, "")
                if conduct.attention:
                    row["attention"] = f"{sum(conduct.attention)}/{len(conduct.attention)}"
                writer.writerow(row)
    write_text(path, text.getvalue())


def conduct_of(table: Table) -> dict[str, Conduct]:
    """How each listener of a table went about it, as far as it says.

    Parameters
    ----------
    table : Table

    Returns
    -------
    dict of str to Conduct
        By listener.
    """
    pages: dict[str, list[tuple[float, float]]] = {}
    sides: dict[str, list[str]] = {}
    for rating, seconds, least, side in zip(
        table.ratings, table.seconds, table.least, table.sides, strict=True
    ):
        if seconds is not None:
            pages.setdefault(rating.listener, []).append((seconds, least or 0.0))
        if side:
            sides.setdefault(rating.listener, []).append(side)
    return {
        who: Conduct(
            attention=tuple(k < table.attention[who][0] for k in range(table.attention[who][1]))
            if who in table.attention
            else (),
            pages=tuple(pages.get(who, ())),
            sides=tuple(sides.get(who, ())),
        )
        for who in dict.fromkeys([*pages, *sides, *table.attention])
    }


def _chosen(r: Rating) -> bool:
    """Whether a side of a pair was chosen."""
    return kind_of(r.metric, bool(r.against)) in ("preference", "discrimination") and r.score != 0.5


def _pages(ratings: list[Rating]) -> list[list[Rating]]:
    """Ratings by page: those of a MUSHRA trial stand on one."""
    out: list[list[Rating]] = []
    for (_, metric), some in groupby(ratings, key=lambda r: (r.utterance, r.metric)):
        page = list(some)
        out += [page] if metric == "mushra" else [[r] for r in page]
    return out
