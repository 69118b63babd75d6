"""Why these units: a table of a path, and its sums."""

from __future__ import annotations

from typing import Any

from synthkit.types import UnitPath
from synthkit_unit_selection.costs import JOIN_TERMS, TARGET_TERMS


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
    for row, unit in zip(out["units"], path.units, strict=True):
        row["target_cost"], row["join_cost"] = sum(unit.target.values()), sum(unit.join.values())
    return out


def table(path: UnitPath) -> str:
    """One line per natural run, then the terms by what they cost."""
    rate = path.audio.sample_rate
    rows = [("time", "phones", "recording", "from", "to", "target", "join", "join by term")]
    at = 0.0
    for run in path.runs():
        phones: list[str] = []
        for unit in run:
            name, half = unit.label.split(".")[0], unit.label.split(".")[1][0]
            full = phones and phones[-1] == f"{name}(" and half == "2"
            if full:
                phones[-1] = name
            else:
                phones.append(f"{name}(" if half == "1" else f"){name}")
        join = run[0].join
        by_term = " ".join(f"{n} {join[n]:.2f}" for n in JOIN_TERMS if join.get(n, 0) > 0.005)
        rows.append(
            (
                f"{at:.2f}", " ".join(phones), run[0].source, f"{run[0].start / rate:.3f}", f"{run[-1].end / rate:.3f}",
                f"{sum(sum(u.target.values()) for u in run):.2f}", f"{sum(join.values()):.2f}", by_term,
            )
        )  # fmt: skip
        at += (run[-1].end - run[0].start) / rate
    widths = [max(len(r[i]) for r in rows) for i in range(len(rows[0]) - 1)]
    right = {0, 3, 4, 5, 6}
    lines = []
    for row in rows:
        cells = [c.rjust(w) if i in right else c.ljust(w) for i, (c, w) in enumerate(zip(row, widths, strict=False))]
        lines.append("  ".join([*cells, row[-1]]).rstrip())
    whole = explanation(path)
    terms = sorted(whole["terms"].items(), key=lambda item: -item[1])
    lines.append("")
    lines.append("  ".join(f"{name} {value:.2f}" for name, value in terms if value > 0))
    lines.append(
        f"cost {path.cost:.4f}   {len(path.units)} units of {len(path.phones)} phones, {path.joins} joins, "
        f"{whole['contiguity']:.1%} of neighbours contiguous"
    )
    lines.append("phone( is the first half of a phone, )phone the second; join inside a phone unless it begins whole")
    return "\n".join(lines)
