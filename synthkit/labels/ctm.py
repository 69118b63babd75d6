"""NIST CTM: ``UTTERANCE CHANNEL START DURATION LABEL [CONFIDENCE]`` per line, seconds, many utterances a file."""

from __future__ import annotations

from synthkit.errors import AlignmentError
from synthkit.types import Interval


def parse(text: str, where: str = "") -> dict[str, list[Interval]]:
    """Intervals by utterance id, each in order of time.

    Raises
    ------
    AlignmentError
        A line has fewer than five columns or times that are no numbers; names the line.
    """
    out: dict[str, list[Interval]] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith(";;"):
            continue
        parts = line.split()
        try:
            start, length = float(parts[2]), float(parts[3])
            label = parts[4]
            score = float(parts[5]) if len(parts) > 5 else None
        except (ValueError, IndexError):
            raise AlignmentError(
                f"line {number}: {line.strip()!r} is not 'utterance channel start duration label'",
                where=where,
            ) from None
        out.setdefault(parts[0], []).append(Interval(start, round(start + length, 9), label, score))
    for intervals in out.values():
        intervals.sort(key=lambda i: (i.start, i.end))
    return out


def render(id: str, intervals: tuple[Interval, ...]) -> str:
    """Lines of one utterance."""
    rows = []
    for i in intervals:
        confidence = "" if i.score is None else f" {i.score:.6g}"
        rows.append(f"{id} 1 {i.start:.7f} {i.end - i.start:.7f} {i.label}{confidence}\n")
    return "".join(rows)
