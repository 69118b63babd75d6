# SPDX-License-Identifier: Apache-2.0
"""The comparison's answer in one sentence, as far as its tests go and no further."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from synthkit.eval.metric import Definition
from synthkit.eval.report.numbers import number
from synthkit.eval.results import Analysis, Pair
from synthkit.eval.scales import SCALES, Kind

CLAIMS = {
    "listeners": "is rated higher by listeners in",
    "intelligibility": "is understood better:",
    "predicted quality": "is judged more natural by a model's prediction,",
    "speaker": "is more like the speaker in",
    "spectral": "is nearer to the recordings in",
    "prosody": "is nearer to the recordings in",
    "duration": "is nearer to the recordings in",
}
"""What a better figure of a group means, before the figure's name."""

PREFERRED = "is preferred by listeners:"


@dataclass(frozen=True)
class Found:
    """A figure's part of the answer: the better voice, the other, by how much."""

    definition: Definition
    better: str
    other: str
    size: str


def verdict(analysis: Analysis, voices: Sequence[str], names: dict[str, str] | None = None) -> str:
    """One sentence that answers which voice is better in what.

    Parameters
    ----------
    analysis : Analysis
    voices : sequence of str
        The systems that were asked about.
    names : dict of str to str, optional
        How to call them.

    Returns
    -------
    str
    """
    called = names or {}
    if len(voices) < 2:
        return _described(analysis, voices)
    found: list[Found] = []
    apart: list[str] = []
    same: list[str] = []
    powerless: list[str] = []
    unheard: list[str] = []
    by_key = {d.key: d for d in analysis.definitions}
    for key in analysis.tested:
        d = by_key[key]
        mine = [p for p in analysis.pairs if p.key == key and p.first in voices and p.second in voices]
        different = [p for p in mine if p.different]
        if _asked(d) == "discrimination":  # who hears a difference has not said what is better
            apart += [_told_apart(p, called) for p in different]
        else:
            found += [_found(d, p) for p in different]
        if different or not mine:
            continue
        strength = analysis.strengths.get(key)
        if all(not p.tested and p.note.startswith("identical") for p in mine):
            copies = ", ".join(sorted({p.note.partition(": ")[2] for p in mine} - {""}))
            same.append(f"{_title(d)}: identical" + (f" to the recordings ({copies})" if copies else ""))
        elif any(not p.tested for p in mine) or (strength is not None and strength.weak):
            (unheard if d.group == "listeners" else powerless).append(_title(d))
        else:
            same.append(f"{_title(d)}: no difference found")
    parts = _claims(found, called, len(voices) > 2)
    parts += apart + same
    if powerless:
        parts.append(f"{', '.join(powerless)}: too few sentences to tell")
    if unheard:
        parts.append(f"{', '.join(unheard)}: too few listeners or sentences to tell")
    if not parts:
        return "Nothing was measured of two voices."
    text = "; ".join(parts) + "."
    named = any(text.startswith(v) for v in voices if v not in called)  # a name is written as it is
    return text if named else text[:1].upper() + text[1:]


def _asked(d: Definition) -> Kind | None:
    """What listeners were asked; None of a measured figure."""
    if d.group != "listeners":
        return None
    return SCALES[d.metric].kind if d.metric in SCALES else "score"


def _told_apart(p: Pair, called: dict[str, str]) -> str:
    i = p.difference
    names = [called.get(v, v) for v in (p.first, p.second)]
    span = (
        f" [{number(50 + i.low)}, {number(50 + i.high)}]" if i.low is not None and i.high is not None else ""
    )
    return f"listeners tell {names[0]} from {names[1]} in {number(50 + i.estimate)} %{span} of ABX trials"


def _found(d: Definition, p: Pair) -> Found:
    i = p.difference
    second_better = (i.estimate < 0) == (d.better == "lower")
    better, other = (p.second, p.first) if second_better else (p.first, p.second)
    low, high = i.low or 0.0, i.high or 0.0
    span = sorted(abs(x) for x in (low, high))
    unit = f" {d.unit}" if d.unit else ""
    return Found(
        d, better, other, f"by {number(abs(i.estimate))}{unit} [{number(span[0])}, {number(span[1])}]"
    )


def _claims(found: Sequence[Found], called: dict[str, str], several: bool) -> list[str]:
    """One claim for each voice, what it is better than, and kind of figure."""
    groups: dict[tuple[str, str, str], list[Found]] = {}
    for f in found:
        claim = CLAIMS.get(f.definition.group, "is better in")
        claim = PREFERRED if _asked(f.definition) == "preference" else claim
        groups.setdefault((f.better, f.other, claim), []).append(f)
    out = []
    last = ""
    for (better, other, claim), some in groups.items():
        who = called.get(better, better)
        than = f" than {called.get(other, other)}" if several else ""
        if than and "nearer" in claim:
            claim = claim.replace("nearer to the recordings", f"nearer to the recordings{than}")
        elif than:
            claim = (
                claim.replace(" in", f"{than} in")
                .replace(" by", f"{than} by")
                .replace("better:", f"better{than}:")
                .replace("listeners:", f"listeners{than.replace('than', 'to')}:")
            )
        figures = _listed([f"{_title(f.definition)} {f.size}" for f in some])
        out.append(f"{'it' if who == last else who} {claim} {figures}")
        last = who
    return out


def _listed(texts: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(texts[:-1]), texts[-1])))


def _described(analysis: Analysis, voices: Sequence[str]) -> str:
    by_key = {d.key: d for d in analysis.definitions}
    out = []
    for voice in voices or analysis.systems:
        shown = []
        for key in analysis.tested:
            s = analysis.summary(key, voice)
            if s is not None and s.interval is not None:
                d, i = by_key[key], s.interval
                span = f" [{number(i.low)}, {number(i.high)}]" if i.low is not None else ""
                shown.append(f"{_title(d)} {number(i.estimate)}{f' {d.unit}' if d.unit else ''}{span}")
        if shown:
            out.append(f"{voice}: {', '.join(shown)}")
    tail = " Nothing is tested: there are no two voices."
    return ("; ".join(out) + "." + tail) if out else "Nothing was measured." + tail


def _title(d: Definition) -> str:
    """As in a sentence: ``MCD``, ``word error rate``; a unit in the title is left to the figure."""
    title = d.title.removesuffix(f", {d.unit}") if d.unit else d.title
    return title if title[:2].isupper() or title[1:2].isdigit() else title[0].lower() + title[1:]
