# SPDX-License-Identifier: Apache-2.0
"""What was asked of listeners, as figures of a report: how each is made of ratings and tested."""

from __future__ import annotations

from collections.abc import Sequence

from synthkit.eval.metric import Definition
from synthkit.eval.ratings import Rating
from synthkit.eval.scales import SCALES, kind_of

ID = "listeners"
_HOW = {
    "score": "95 % intervals of means resample listeners and utterances (pigeonhole bootstrap, studentised "
    "by the two-way cluster-robust variance), each end no nearer than Student's t; those of differences are "
    "Student's t over that error. A pair of voices is tested by Wilcoxon's signed-rank test over utterances "
    "(means over listeners), by the same over listeners (means over utterances), and by the difference over "
    "its two-way standard error (Student's t); the largest p counts, never below that of one sign for each "
    "of so many listeners or utterances, and an interval that would leave out 0 "
    "where that p finds nothing reaches to 0. The effect is that over utterances. "
    "Where listeners have not heard everything by both voices, what a listener or an utterance does to both "
    "alike is taken off first (least squares).",
    "preference": "The worth of a voice in the Bradley–Terry model of all comparisons, in log-odds: 0.5 more "
    "is preferred in 62 % of comparisons, 1 in 73 %, 2 in 88 %. Half a win for each side is added to every "
    "pair. Intervals and p: two-way cluster-robust, Student's t; p is never below that of one sign for each "
    "of so many listeners or utterances. The effect is the share of direct "
    "comparisons won less the share lost.",
    "discrimination": "Share of right answers beyond the half that guessing gives, in percentage points: 0 "
    "cannot be told apart, 50 always. p: exact binomial, one-sided. Interval: Wilson's, with the effective "
    "number of answers of the two-way cluster-robust variance; its lower end is above 0 exactly "
    "where the one-sided test finds something.",
}
_HOW["comparison"] = _HOW["score"]
_SOURCE = {
    "score": "Owen 2007; Cameron, Gelbach and Miller 2011",
    "comparison": "Owen 2007; Cameron, Gelbach and Miller 2011",
    "preference": "Bradley and Terry 1952; Cameron, Gelbach and Miller 2011",
    "discrimination": "Clark 1982; Korn and Graubard 1998",
}


def definitions(ratings: Sequence[Rating]) -> list[Definition]:
    """What was asked of the listeners, in the order of the file.

    Parameters
    ----------
    ratings : sequence of Rating

    Returns
    -------
    list of Definition
        One for each metric.
    """
    out = []
    for metric in dict.fromkeys(r.metric for r in ratings):
        mine = [r for r in ratings if r.metric == metric]
        scale = SCALES.get(metric)
        title = scale.title if scale else metric
        kind = kind_of(metric, bool(mine[0].against))
        anchors = sorted({r.against for r in mine if r.against})
        if kind == "comparison":
            what = (
                f"Mean of listeners' comparison scores ({metric!r}) of a voice against another: above 0 the "
                "voice is better. "
            )
            if len(anchors) == 1:
                title = f"{title}, against {anchors[0]}"
        else:
            what = {
                "score": f"Mean of listeners' ratings ({metric!r}). ",
                "preference": "Which of two voices listeners prefer. ",
                "discrimination": "Whether listeners tell which of two voices a third sound is. ",
            }[kind]
        people = len({r.listener for r in mine})
        what += f"{len(mine)} ratings by {people} listener{'s' if people != 1 else ''}. "
        limits = (scale.low, scale.high) if scale and kind in ("score", "comparison") else None
        out.append(
            Definition(
                metric, ID, {"preference": "log-odds", "discrimination": "%"}.get(kind, ""), "higher", title,
                what + _HOW[kind], _SOURCE[kind], group="listeners", main=True, range=limits or (None, None),
            )
        )  # fmt: skip
    return out
