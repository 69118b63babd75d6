# SPDX-License-Identifier: Apache-2.0
"""Why these units: a table of a path, and its sums."""

from __future__ import annotations

import textwrap
from typing import Any

from synthkit.types import Unit, UnitPath
from synthkit_unit_selection.costs import JOIN_TERMS, TARGET_TERMS

WIDE = 76
"""Columns from which on a run fits on one line."""
KEY = (
    "place: number of the half-phone; a- is the first half of a phone, -a the second; unit: the run's first. "
    "A join is inside a phone unless the run begins with a whole one."
)


def explanation(path: UnitPath) -> dict[str, Any]:
    """Everything about `path`, JSON-ready.

    On top of `UnitPath.to_dict`: ``terms`` (the cost of the whole path by term, named ``target.…`` and
    ``join.…``) and ``contiguity`` (share of neighbouring units that are neighbours in a recording).
    ``cost`` is the sum of the units' costs, and so of their terms.
    """
    out = path.to_dict()
    terms = {f"target.{n}": sum(u.target.get(n, 0.0) for u in path.units) for n in TARGET_TERMS}
    terms |= {f"join.{n}": sum(u.join.get(n, 0.0) for u in path.units) for n in JOIN_TERMS}
    pairs = max(len(path.units) - 1, 1)
    out["terms"] = terms
    out["contiguity"] = 1 - path.joins / pairs
    for place, (row, unit) in enumerate(zip(out["units"], path.units, strict=True)):
        row["place"] = place
        row["target_cost"], row["join_cost"] = sum(unit.target.values()), sum(unit.join.values())
    return out


def phones_of(run: tuple[Unit, ...]) -> str:
    """What a run says: ``a`` a whole phone, ``a-`` its first half alone, ``-a`` its second."""
    said: list[str] = []
    for unit in run:
        name, _, half = unit.label.partition(".")
        name += half[1:]  # "~x" where another phone stands for the one wanted
        if half[:1] == "2" and said and said[-1] == f"{name}-":
            said[-1] = name
        else:
            said.append(f"{name}-" if half[:1] == "1" else f"-{name}")
    return " ".join(said)


def table(path: UnitPath, *, width: int = 100) -> str:
    """A row per natural run, then the terms by what they cost, in lines of at most `width` columns."""
    rate = path.audio.sample_rate
    rows = []
    at, place = 0.0, 0
    for run in path.runs():
        join = run[0].join
        rows.append(
            {
                "place": str(place), "time": f"{at:.2f}", "phones": phones_of(run),
                "recording": run[0].source, "from": f"{run[0].start / rate:.3f}",
                "to": f"{run[-1].end / rate:.3f}", "unit": str(run[0].index),
                "target": f"{sum(sum(u.target.values()) for u in run):.2f}",
                "join": f"{sum(join.values()):.2f}" if run[0].joined else "",
                **{name: f"{join[term]:.2f}" if term in join else "" for term, name in _TERMS.items()},
            }
        )  # fmt: skip
        at += (run[-1].end - run[0].start) / rate
        place += len(run)
    lines = _wide(rows, width) if width >= WIDE else _narrow(rows, width)
    whole = explanation(path)
    for kind in ("target", "join"):
        terms = [
            (n.removeprefix(f"{kind}."), v) for n, v in whole["terms"].items() if n.startswith(kind) and v > 0
        ]
        named = ", ".join(
            f"{_TERMS[n] if kind == 'join' else n}~{v:.2f}" for n, v in sorted(terms, key=_cost)
        )
        lines += [
            *([""] if kind == "target" else []),
            *_wrapped(f"{kind} {sum(v for _, v in terms):.2f}: {named}", width, "  "),
        ]
    total = (
        f"cost {path.cost:.4f}: {len(path.units)} units of {len(path.phones)} phones, {path.joins} joins, "
        f"{whole['contiguity']:.1%} of neighbours contiguous"
    )
    lines += ["", *_wrapped(total, width, "  "), *_wrapped(KEY, width, "")]
    return "\n".join(lines)


_TERMS = {"join": "any", "spectrum": "spect", "f0": "f0", "power": "power"}
"""Headings of the join terms; ``join``, the cost of any join at all, is not to be taken for their sum."""


def _cost(term: tuple[str, float]) -> float:
    return -term[1]


def _wrapped(text: str, width: int, indent: str) -> list[str]:
    """Lines of `text`; a ``~`` becomes a space at which no line ends."""
    lines = textwrap.wrap(text, width, subsequent_indent=indent, break_on_hyphens=False)
    return [line.replace("~", " ") for line in lines]


def _wide(rows: list[dict[str, str]], width: int) -> list[str]:
    """One line a run; the phones of a long one go on below. Columns that do not fit are left to
    ``--json``."""
    columns = list(rows[0])
    sizes = {c: max(len(c), *(len(r[c]) for r in rows)) for c in columns}
    sizes["recording"] = min(sizes["recording"], 24)
    for spare in ("to", "any", "time"):
        if sum(sizes[c] for c in columns if c != "phones") + 12 + len(columns) + 1 > width:
            columns.remove(spare)
    room = width - sum(sizes[c] for c in columns if c != "phones") - len(columns) - 1
    sizes["phones"] = max(min(sizes["phones"], room), 6)
    left = {"phones", "recording"}

    def line(cells: dict[str, str]) -> str:
        made = ((" " if c == "phones" else "") + _cell(cells[c], sizes[c], c in left) for c in columns)
        return " ".join(made).rstrip()

    out = [line({c: c for c in columns})]
    for row in rows:
        said = textwrap.wrap(row["phones"], sizes["phones"], break_on_hyphens=False)
        out.append(line(row | {"phones": said[0]}))
        out += [line(dict.fromkeys(columns, "") | {"phones": more}) for more in said[1:]]
    return out


def _cell(text: str, size: int, left: bool) -> str:
    text = text if len(text) <= size else text[: size - 1] + "…"
    return text.ljust(size) if left else text.rjust(size)


def _narrow(rows: list[dict[str, str]], width: int) -> list[str]:
    """A few short lines a run."""
    out = []
    for row in rows:
        out += textwrap.wrap(
            f"{row['place']:>4}  {row['phones']}", width, subsequent_indent="      ", break_on_hyphens=False
        )
        out += textwrap.wrap(
            f"{row['recording']} {row['from']}-{row['to']} s, unit {row['unit']}, at {row['time']} s",
            width - 6,
        )
        costs = f"target {row['target']}"
        if row["join"]:
            costs += f", join {row['join']}: " + ", ".join(f"{n}~{row[n]}" for n in _TERMS.values() if row[n])
        out += _wrapped(costs, width - 6, "")
    return [
        line if line[:4].strip().isdigit() or line.startswith("      ") else "      " + line for line in out
    ]
