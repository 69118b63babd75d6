# SPDX-License-Identifier: Apache-2.0
"""From what listeners said to what is shown: with everybody, and without those who did not listen."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from synthkit.eval.analysis import conclude
from synthkit.eval.listening.heard import Heard
from synthkit.eval.listening.scores import analyse_ratings, rows
from synthkit.eval.listening.screening import Rules, Screening, screen
from synthkit.eval.ratings import people
from synthkit.eval.results import Analysis
from synthkit.eval.results_files import to_json
from synthkit.eval.statistics import RESAMPLES, SEED

FAR = 0.5
"""A voice whose mean is at most this much of the next lowest looks like an anchor."""


@dataclass(frozen=True)
class Verdict:
    """A listening test, analysed.

    Attributes
    ----------
    heard : Heard
        All of it.
    screening : Screening
    rules : Rules
    kept, everybody : Analysis
        Without those left out, and with them; the same where nobody is, or where nobody would be left.
    references : frozenset of str
        Voices that are described and not tested: hidden references and anchors.
    """

    heard: Heard
    screening: Screening
    rules: Rules
    kept: Analysis
    everybody: Analysis
    references: frozenset[str]

    @property
    def ratings_kept(self) -> Heard:
        """The answers behind `kept`."""
        left = self.heard.without(self.screening.dropped)
        return left if left.ratings else self.heard

    def to_json(self) -> dict[str, Any]:
        """Plain values: the analysis without those left out, the one with everybody, and who and why."""
        about = {"ratings": self.heard.source, "listeners": len(self.heard.listeners)}
        return {
            **to_json(self.kept, rows(self.ratings_kept.ratings), about),
            "everybody": to_json(self.everybody, rows(self.heard.ratings), about),
            "roles": {v: self.heard.role(v) for v in self.heard.voices},
            "rules": asdict(self.rules),
            "rules_text": self.rules.text(),
            "left_out": [asdict(f) for f in self.screening.findings],
            "agreement": self.screening.agreement,
            "notes": [*self.heard.guesses, *self.heard.notes, *self.screening.notes],
            "comments": [list(c) for c in self.heard.comments],
        }


def judge(
    heard: Heard,
    *,
    voices: Sequence[str] = (),
    rules: Rules | None = None,
    references: Collection[str] | None = None,
    seed: int = SEED,
    resamples: int = RESAMPLES,
) -> Verdict:
    """Screen the listeners, and analyse what is left and all there is.

    Parameters
    ----------
    heard : Heard
    voices : sequence of str
        In the order to show; as they come when left out.
    rules : Rules, optional
    references : collection of str, optional
        Voices not to be tested. Left out: those whose role is reference or anchor, and copy synthesis.
    seed, resamples : int
        Of the bootstrap.

    Returns
    -------
    Verdict
    """
    rules = rules or Rules()
    systems = list(voices) or heard.voices
    described = frozenset(
        references
        if references is not None
        else [v for v in systems if heard.role(v) != "voice" or v.startswith("copy:")]
    )
    heard = replace(heard, notes=[*heard.notes, *_doubts(heard)])
    screening = screen(heard, rules)
    left = heard.without(screening.dropped)

    def analysed(some: Heard) -> Analysis:
        tested = analyse_ratings(some.ratings, systems, references=described, seed=seed, resamples=resamples)
        return conclude(tested, systems, seed=seed, resamples=resamples)

    everybody = analysed(heard)
    nobody_else = not screening.dropped or not left.ratings
    kept = everybody if nobody_else else analysed(left)
    return Verdict(heard, screening, rules, kept, everybody, described)


def _doubts(heard: Heard) -> list[str]:
    """What is odd about ratings of MUSHRA: a scale of five points, an anchor that nobody has called one."""
    scores: dict[str, list[float]] = {}
    for r in heard.ratings:
        if r.metric == "mushra":
            scores.setdefault(r.voice, []).append(r.score)
    if not scores:
        return []
    most = max(max(some) for some in scores.values())
    if most <= 5:
        return [f"no score of 'mushra', 0 to 100, is above {most:g}: was it a 'mos'?"]
    roles = {heard.role(v) for v in scores}
    means = sorted((sum(some) / len(some), v) for v, some in scores.items() if heard.role(v) == "voice")
    if "anchor" in roles or len(means) < 3 or means[0][0] > FAR * means[1][0]:
        return []
    low, name = means[0]
    return [
        f"{name!r} is rated {low:.0f} where the next has {means[1][0]:.0f}, and is tested as a voice: if it "
        "is an anchor, say so (a column 'role')"
    ]


def verdict_text(v: Verdict) -> str:
    """For the terminal: who was left out and why, then the figures, then those with everybody.

    Parameters
    ----------
    v : Verdict

    Returns
    -------
    str
        Lines for 80 columns or more.
    """
    from synthkit.columns import columns
    from synthkit.eval.report.text import as_text

    everybody, said = len(v.heard.listeners), len(v.heard.ratings)
    dropped = v.screening.dropped
    out = [f"{said} rating{'s' if said != 1 else ''} by {people(everybody)}"]
    if dropped:
        lines = [(f.listener, f.rule, f.what) for f in v.screening.findings]
        out += ["", columns(lines, ("left out", "rule", "why"))]
    out += ["", v.rules.text()]
    out += [f"note: {n}" for n in (*v.heard.guesses, *v.heard.notes, *v.screening.notes)]
    if len([s for s in v.kept.systems if s not in v.references]) < 2:
        out.append("note: fewer than two voices: nothing is tested, references and anchors are described")
    if v.kept is not v.everybody:
        out += ["", f"Without those left out ({people(everybody - len(dropped))})", "", as_text(v.kept)]
        out += ["", f"With everybody ({people(everybody)})", "", as_text(v.everybody)]
    else:
        if dropped:
            out += ["", "nobody would be left: the figures are of everybody"]
        out += ["", as_text(v.kept)]
    return "\n".join(out)
