# SPDX-License-Identifier: Apache-2.0
"""What a voice can say from whole units, what it lacks, and which sentence to record next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

import numpy as np

from synthkit.types import Segmentation
from synthkit_unit_selection.context import EDGE
from synthkit_unit_selection.store import UnitStore


def coverage(store: UnitStore, *, rare: int = 3, listed: int = 60) -> dict[str, Any]:
    """Counts of phones, diphones and triphones of a store, JSON-ready.

    Missing diphones are judged against all ordered pairs of the voice's own phones, so some of them do
    not exist in the language; they are listed by how common their two phones are.
    """
    names = store.phones
    count = len(names)
    pairs, triples = _runs(store)
    single = np.bincount(store.phone, minlength=count)
    real = [i for i, n in enumerate(names) if n != EDGE]
    weight = np.outer(single, single)
    missing = [(int(weight[i, j]), names[i], names[j]) for i in real for j in real if not pairs[i, j]]
    missing.sort(key=lambda row: (-row[0], row[1], row[2]))
    seldom = [(int(pairs[i, j]), names[i], names[j]) for i in real for j in real if 0 < pairs[i, j] < rare]
    return {
        "minutes": round(store.seconds / 60, 2),
        "recordings": store.recordings,
        "units": 2 * int(single[1:].sum()),
        "phones": {names[i]: int(single[i]) for i in sorted(real, key=lambda i: (-single[i], names[i]))},
        "diphones": {
            "kinds": int((pairs > 0).sum()),
            "possible": len(real) ** 2,
            "missing": [f"{a} {b}" for _, a, b in missing[:listed]],
            "missing_count": len(missing),
            "rare": {f"{a} {b}": n for n, a, b in sorted(seldom)[:listed]},
            "rare_count": len(seldom),
        },
        "triphones": {"kinds": triples},
        "doubted_units": sum(int((b["acoustics"][:, -1] >= 1).sum()) for b in store.units.blocks()),
    }


def _runs(store: UnitStore, size: int = 1 << 17) -> tuple[np.ndarray, int]:
    """How often each phone follows each ``(N, N)``, and the number of different runs of three."""
    count = len(store.phones)
    pairs, triples = np.zeros(count * count, np.int64), np.zeros(0, np.int64)
    for start in range(0, len(store.phone), size):
        phones = store.phone[start : start + size + 2].astype(np.int64)
        follows = phones[:-1] * count + phones[1:]
        inside = (phones[1:] > 0) & (phones[:-1] > 0)
        pairs += np.bincount(follows[:size][inside[:size]], minlength=count * count)
        two = inside[:-1] & inside[1:]
        triples = np.union1d(triples, (follows[:-1] * count + phones[2:])[two])
    return pairs.reshape(count, count), len(triples)


def report(found: dict[str, Any]) -> str:
    """`coverage` for people."""
    diphones = found["diphones"]
    rarest = list(found["phones"].items())[-8:]
    return "\n".join(
        [
            f"{found['recordings']} recordings, {found['minutes']} min, {found['units']} half-phone units "
            f"({found['doubted_units']} of doubtful label or odd sound, penalised)",
            f"{len(found['phones'])} phones; rarest: " + ", ".join(f"{p} {n}" for p, n in rarest),
            f"{diphones['kinds']} of {diphones['possible']} thinkable diphones, {diphones['rare_count']} of "
            f"them rare; {found['triphones']['kinds']} triphones",
            "missing, likeliest first: " + ", ".join(diphones["missing"][:20]),
            *(
                [f"{found['phrases']} different sentences and phrases can be said whole"]
                if "phrases" in found
                else []
            ),
            *(f"record next: {row['text']}{_new(row)}" for row in found.get("record_next", ())),
            *([] if found.get("record_next") else [f"which sentence to record next: {ASK}"]),
        ]
    )


ASK = "synthkit coverage -v VOICE --sentences FILE"
"""What to run where no sentence is at hand to choose from."""


def _new(row: dict[str, Any]) -> str:
    return f"   new: {', '.join(row['new_diphones'])}" if row["new_diphones"] else ""


def advise(
    found: dict[str, Any], store: UnitStore, phrases: int, others: Iterable[Segmentation]
) -> dict[str, Any]:
    """`found` with the number of different `phrases` that can be said whole, and which of `others` to record
    next, if there are any."""
    rows = next_sentences(store, others, count=5)
    return {**found, "phrases": phrases, "record_next": [named(row) for row in rows]}


def named(row: tuple[str, float, list[str]]) -> dict[str, Any]:
    """A row of `next_sentences`, JSON-ready."""
    text, gain, new = row
    return {"text": text, "gain": gain, "new_diphones": new}


def diphones(segmentation: Segmentation) -> list[tuple[str, str]]:
    """Neighbouring phones of a text, pauses at its breaks included."""
    symbols = segmentation.symbols()
    return list(zip(symbols[:-1], symbols[1:], strict=True))


def next_sentences(
    store: UnitStore, sentences: Iterable[Segmentation], *, count: int = 10
) -> list[tuple[str, float, list[str]]]:
    """Which of `sentences` to record next, best first, each with its gain and the diphones it would add.

    Greedy. What another example of a diphone is worth falls as ``1 / (1 + n)²`` with the n examples there
    are, times how often texts ask for it; the gain is counted per phone to be spoken, so that a long
    sentence is not preferred for its length.
    """
    have: Counter[tuple[str, str]] = Counter()
    names = store.phones
    pairs, _ = _runs(store)
    for a, b in np.argwhere(pairs).tolist():
        have[names[a], names[b]] = int(pairs[a, b])
    left: list[tuple[str, Counter[tuple[str, str]]]] = [(s.text, Counter(diphones(s))) for s in sentences]
    asked: Counter[tuple[str, str]] = Counter()
    for _, found in left:
        asked.update(found)
    out: list[tuple[str, float, list[str]]] = []

    def gain(found: Counter[tuple[str, str]]) -> float:
        worth = sum(asked[d] / (1 + have[d] + k) ** 2 for d, n in found.items() for k in range(n))
        return worth / (5 + sum(found.values()))

    while left and len(out) < count:
        best = max(range(len(left)), key=lambda i: gain(left[i][1]))
        text, found = left.pop(best)
        new = sorted(f"{a} {b}" for a, b in found if not have[a, b])
        out.append((text, gain(found), new))
        have.update(found)
    return out
