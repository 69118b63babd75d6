# SPDX-License-Identifier: Apache-2.0
"""Who did not listen: post-screening by stated rules, each with its figures.

The hidden-reference rule is that of ITU-R BS.1534-3. The others look at what every careful listener does:
answers attention pages as asked, takes as long as the sounds last, uses more than one score, and agrees with
the others more than chance would.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from synthkit.eval.listening.heard import Heard
from synthkit.eval.ratings import Rating
from synthkit.eval.scales import kind_of


@dataclass(frozen=True)
class Rules:
    """When a listener is left out.

    Attributes
    ----------
    reference_below, reference_share : float
        MUSHRA: the hidden reference rated below this in more than this share of trials.
    attention_share : float
        At least this share of attention pages failed.
    fast_share : float
        More than this share of pages answered sooner than their sounds last once.
    fast_seconds : float
        What a rated sound is taken to last where nothing says it.
    one_score_share : float
        One score given in more than this share of ratings, while the others use it less than two thirds as
        often; or one side of a pair chosen in more than this share.
    chance : float
        How sure one must be that agreement with the others is no better than chance: a listener whose
        agreement would be reached by this share of random ones is kept.
    fewest : int
        Ratings a listener needs for the last two rules.
    keep : tuple of str
        Listeners who stay whatever is found.
    """

    reference_below: float = 90.0
    reference_share: float = 0.15
    attention_share: float = 0.25
    fast_share: float = 0.15
    fast_seconds: float = 1.0
    one_score_share: float = 0.8
    chance: float = 0.02
    fewest: int = 8
    keep: tuple[str, ...] = ()

    def text(self) -> str:
        """The rules as a sentence each, for reports."""
        return (
            f"A listener is left out who rates the hidden reference below {self.reference_below:g} in more "
            f"than {self.reference_share:.0%} of trials (MUSHRA, ITU-R BS.1534-3); fails "
            f"{self.attention_share:.0%} or more of the attention pages; answers more than "
            f"{self.fast_share:.0%} of pages sooner than their sounds last once (taken as "
            f"{self.fast_seconds:g} s each where that is not known); gives one score, or chooses one side, "
            f"in more than {self.one_score_share:.0%} of ratings while the others do not; or agrees with the "
            f"others no better than a random listener would (one in {1 / self.chance:.0f}), where the others "
            "agree so well that it can be told."
        )


@dataclass(frozen=True)
class Objection:
    """One reason to leave a listener out: the rule's name, and what was found."""

    listener: str
    rule: str
    what: str


@dataclass(frozen=True)
class Screening:
    """Who is left out and why.

    Attributes
    ----------
    findings : list of Objection
    agreement : dict of str to float
        Of every listener, the correlation of his scores with what the others' say; NaN where there is none.
    notes : list of str
        What could not be told.
    """

    findings: list[Objection] = field(default_factory=list)
    agreement: dict[str, float] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def dropped(self) -> set[str]:
        """Listeners with at least one finding."""
        return {f.listener for f in self.findings}


def screen(heard: Heard, rules: Rules | None = None) -> Screening:
    """Apply `rules` to every listener."""
    rules = rules or Rules()
    out = Screening()
    for who in heard.listeners:
        mine = [r for r in heard.ratings if r.listener == who]
        out.findings.extend(_reference(heard, who, mine, rules))
        out.findings.extend(_conduct(heard, who, mine, rules))
    out.findings.extend(_one_score(heard, rules))
    out.findings.extend(_wrong(heard, rules))
    _agreement(heard, rules, out)
    for f in [f for f in out.findings if f.listener in rules.keep]:
        out.findings.remove(f)
        out.notes.append(f"{f.listener} is kept though: {f.what}")
    order = {who: k for k, who in enumerate(heard.listeners)}
    out.findings.sort(key=lambda f: order[f.listener])
    return out


def _reference(heard: Heard, who: str, mine: Sequence[Rating], rules: Rules) -> list[Objection]:
    hidden = [r for r in mine if r.metric == "mushra" and heard.role(r.voice) == "reference"]
    below = sum(r.score < rules.reference_below for r in hidden)
    if not hidden or below / len(hidden) <= rules.reference_share:
        return []
    what = f"hidden reference below {rules.reference_below:g} in {below} of {len(hidden)} trials"
    return [Objection(who, "hidden reference", what)]


def _conduct(heard: Heard, who: str, mine: Sequence[Rating], rules: Rules) -> list[Objection]:
    conduct = heard.conduct.get(who)
    if conduct is None:
        return []
    out = []
    failed = sum(not ok for ok in conduct.attention)
    if conduct.attention and failed / len(conduct.attention) >= rules.attention_share:
        out.append(
            Objection(who, "attention", f"{failed} of {len(conduct.attention)} attention pages not as asked")
        )
    if conduct.pages:
        sounds = max(1.0, len(mine) / len(conduct.pages))
        fast = sum(seconds < (least or rules.fast_seconds * sounds) for seconds, least in conduct.pages)
        if fast / len(conduct.pages) > rules.fast_share:
            out.append(
                Objection(
                    who,
                    "too fast",
                    f"{fast} of {len(conduct.pages)} pages answered sooner than their sounds last",
                )
            )
    return out


def _one_score(heard: Heard, rules: Rules) -> list[Objection]:
    """The same score nearly always, by a listener alone."""
    common: dict[str, tuple[str, float]] = {}
    judged = [r for r in heard.ratings if kind_of(r.metric, bool(r.against)) != "discrimination"]
    for who in heard.listeners:
        scores = Counter(_step(r) for r in judged if r.listener == who)
        if sum(scores.values()) >= rules.fewest:
            score, count = scores.most_common(1)[0]
            common[who] = (score, count / sum(scores.values()))
    out = []
    for who, (score, share) in common.items():
        if share <= rules.one_score_share:
            continue
        others = [r for r in judged if r.listener != who]
        usual = np.mean([_step(r) == score for r in others]) if others else 1.0
        if usual < share * 2 / 3:
            what = f"the score {score} in {share:.0%} of ratings; the others {usual:.0%}"
            out.append(Objection(who, "one score", what))
    for who, conduct in heard.conduct.items():
        side, count = Counter(conduct.sides).most_common(1)[0] if conduct.sides else ("", 0)
        if count >= rules.fewest and count / len(conduct.sides) > rules.one_score_share:
            what = f"{side} chosen on {count} of {len(conduct.sides)} pages"
            out.append(Objection(who, "one side", what))
    return out


def _wrong(heard: Heard, rules: Rules) -> list[Objection]:
    """ABX: wrong more often than guessing would be, so that the answers were given the other way round."""
    from scipy.stats import binomtest

    out = []
    judged = [r for r in heard.ratings if kind_of(r.metric, bool(r.against)) == "discrimination"]
    for who in dict.fromkeys(r.listener for r in judged):
        mine = [r.score for r in judged if r.listener == who]
        right = int(sum(mine))
        if binomtest(right, len(mine), 0.5, alternative="less").pvalue < rules.chance / 2:
            out.append(Objection(who, "agreement", f"{right} of {len(mine)} right, fewer than by guessing"))
    return out


def _step(r: Rating) -> str:
    """A score as one compares scores: of a scale of a hundred, a tenth of it."""
    return f"{round(r.score / 10) * 10:g}" if r.metric == "mushra" else f"{r.score:g}"


def _agreement(heard: Heard, rules: Rules, out: Screening) -> None:
    """Listeners whose scores have no more to do with the others' than chance.

    Listeners are left out one by one, the worst first, and the others compared anew, until none is left to
    leave out. A random listener's ``atanh(r)·sqrt(n − 3)`` is normal about 0 with variance 1; careful ones
    lie about their median. The limit is where a random listener comes with the probability `Rules.chance`, or
    as far below the careful listeners' median, whichever is the lower: a careful listener is rather kept than
    lost. Where the limit is not above 0 by a standard deviation, a random listener cannot be told, only one
    who answers the other way round.
    """
    from scipy.stats import norm

    judged = [
        r
        for r in heard.ratings
        if kind_of(r.metric, bool(r.against)) in ("score", "comparison", "preference")
    ]
    counts = Counter(r.listener for r in judged)
    candidates = [who for who in heard.listeners if counts[who] >= max(rules.fewest, 4)]
    if len(candidates) < 4:
        if candidates:
            out.notes.append(
                f"{len(candidates)} listeners with {rules.fewest} ratings: too few to ask whether they agree"
            )
        return
    spread = float(norm.isf(rules.chance))
    others = _Others(judged)
    away: set[str] = set()
    z: dict[str, float] = {}
    told = True
    limit = 0.0
    while len(candidates) - len(away) >= 3:
        r_all = {who: others.correlation(who, away) for who in candidates}
        z = {
            who: float(np.arctanh(np.clip(r, -0.999, 0.999)) * np.sqrt(counts[who] - 3))
            for who, r in r_all.items()
        }
        out.agreement.update(r_all)
        middle = float(np.median([z[who] for who in candidates if who not in away]))
        limit = min(spread, middle - spread)
        told = limit >= 1.0
        left = {who: v for who, v in z.items() if who not in away}
        worst = min(left, key=left.__getitem__)
        if left[worst] >= (limit if told else -spread):
            break
        away.add(worst)
    if not told:
        out.notes.append(
            "the listeners agree too little for a random one to be told from a careful one by the scores "
            "alone"
        )
    for who in candidates:
        if who in away:
            r = out.agreement[who]
            way = "against" if z[who] < -spread else "no better than chance with"
            out.findings.append(
                Objection(who, "agreement", f"answers go {way} the others' (r = {r:+.2f}, n = {counts[who]})")
            )


class _Others:
    """What the scores of all but one listener make expected of his: an additive model (listener + voice −
    other voice + sentence), least squares with the weight of one rating on nothing known.

    The normal equations are sums over listeners, so that leaving one out is a subtraction.
    """

    def __init__(self, ratings: Sequence[Rating]) -> None:
        listeners = list(dict.fromkeys(r.listener for r in ratings))
        columns: dict[tuple[str, ...], int] = {}

        def place(*name: str) -> int:
            return columns.setdefault(name, len(columns))

        cells = []
        for r in ratings:
            row = [(place(r.metric, "voice", r.voice), 1.0)]
            if r.against:
                row.append((place(r.metric, "voice", r.against), -1.0))
            else:
                row.append((place(r.metric, "sentence", r.utterance), 1.0))
            cells.append(row)
        self.width = len(columns)
        a = np.zeros((len(ratings), self.width + len(listeners)))
        for k, row in enumerate(cells):
            for column, value in row:
                a[k, column] = value
        who = np.array([listeners.index(r.listener) for r in ratings])
        a[np.arange(len(ratings)), self.width + who] = 1.0
        y = np.array([r.score for r in ratings], np.float64)
        self.rows = {name: a[who == k] for k, name in enumerate(listeners)}
        self.scores = {name: y[who == k] for k, name in enumerate(listeners)}
        self.square = {name: own.T @ own for name, own in self.rows.items()}

    def correlation(self, who: str, away: set[str]) -> float:
        """Of a listener's scores with what the others' make expected; 0 where he gives one score."""
        others = [name for name in self.rows if name != who and name not in away]
        x = self.scores[who]
        if not others or np.ptp(x) < 1e-12:
            return 0.0
        mean = float(np.concatenate([self.scores[name] for name in others]).mean())
        left = np.sum([self.square[name] for name in others], axis=0)
        right = np.sum([self.rows[name].T @ (self.scores[name] - mean) for name in others], axis=0)
        solved = np.linalg.solve(left + np.eye(len(left)), right)[: self.width]
        expected = self.rows[who][:, : self.width] @ solved
        return 0.0 if np.ptp(expected) < 1e-12 else float(np.corrcoef(x, expected)[0, 1])
