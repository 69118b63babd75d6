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

from synthkit.eval.listening.agreement import Agreement, agreements
from synthkit.eval.listening.heard import Heard
from synthkit.eval.ratings import Rating, people
from synthkit.eval.scales import kind_of


@dataclass(frozen=True)
class Rules:
    """When a listener is left out.

    Attributes
    ----------
    reference_below, reference_share : float
        MUSHRA: the hidden reference rated below this in more than this share of trials.
    slips : float
        Share of attention pages that a careful listener fails by a slip. Left out is who fails more than
        `allowed`.
    fast_share : float
        More than this share of pages answered sooner than their sounds last once.
    fast_seconds : float
        What a rated sound is taken to last where nothing says it.
    one_score_share : float
        One score given in more than this share of ratings, while the others use it less than two thirds as
        often; or one side of a pair chosen in more than this share.
    chance : float
        How sure one must be that agreement with the others is no better than chance (a listener whose
        agreement would be reached by this share of random ones is kept), and that attention pages were not
        failed by a slip.
    fewest : int
        Ratings a listener needs for the last two rules.
    keep : tuple of str
        Listeners who stay whatever is found.
    """

    reference_below: float = 90.0
    reference_share: float = 0.15
    slips: float = 0.03
    fast_share: float = 0.15
    fast_seconds: float = 1.0
    one_score_share: float = 0.8
    chance: float = 0.02
    fewest: int = 8
    keep: tuple[str, ...] = ()

    def allowed(self, pages: int) -> int:
        """How many of so many attention pages may be failed: as many as careful listeners, who slip, fail in
        all but `chance` of tests.

        Parameters
        ----------
        pages : int

        Returns
        -------
        int

        Examples
        --------
        >>> [Rules().allowed(n) for n in (1, 2, 3, 5, 10, 20)]
        [1, 1, 1, 1, 2, 3]
        """
        from scipy.stats import binom

        return int(binom.isf(self.chance, pages, self.slips))

    def text(self) -> str:
        """The rules as a sentence each, for reports."""
        return (
            f"A listener is left out who rates the hidden reference below {self.reference_below:g} in more "
            f"than {self.reference_share:.0%} of trials (MUSHRA, ITU-R BS.1534-3); fails "
            f"more of the attention pages than one who slips on {self.slips:.0%} does in one test of "
            f"{1 / self.chance:.0f} (so that one slip is borne); answers more than "
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
    """Apply `rules` to every listener.

    Parameters
    ----------
    heard : Heard
    rules : Rules, optional
        The defaults if left out.

    Returns
    -------
    Screening
    """
    rules = rules or Rules()
    out = Screening()
    for who in heard.listeners:
        mine = [r for r in heard.ratings if r.listener == who]
        out.findings.extend(_reference(heard, who, mine, rules))
        out.findings.extend(_conduct(heard, who, mine, rules))
    out.findings.extend(_one_score(heard, rules))
    for answers in agreements(heard.ratings):
        _agreement(heard, answers, rules, out)
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
    if failed > rules.allowed(len(conduct.attention)):
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


def _step(r: Rating) -> str:
    """A score as one compares scores: of a scale of a hundred, a tenth of it."""
    return f"{round(r.score / 10) * 10:g}" if r.metric == "mushra" else f"{r.score:g}"


def _agreement(heard: Heard, answers: Agreement, rules: Rules, out: Screening) -> None:
    """Listeners whose answers have no more to do with the others' than chance.

    Listeners are left out one by one, the worst first, and the others compared anew, until none is left to
    leave out. A random listener's figure is standard normal; careful ones lie about their median. The limit
    is where a random listener comes with the probability `Rules.chance`, or as far below the careful
    listeners' median, whichever is the lower: a careful listener is rather kept than lost. Where that is
    below 0 the listeners agree too little to tell a random one by, and nobody is left out but who scores the
    other way round; in an ABX test not even he: where all guess, some guess badly, and what is left of the
    guesses would look like hearing.
    """
    from scipy.stats import norm

    candidates = [who for who in heard.listeners if answers.count(who) >= max(rules.fewest, 4)]
    if len(candidates) < 4:
        if candidates:
            out.notes.append(
                f"{people(len(candidates))} with {max(rules.fewest, 4)} ratings or more: too few to ask "
                "whether they agree"
            )
        return
    spread = float(norm.isf(rules.chance))
    against = -float(norm.isf(rules.chance / 20)) if answers.signed else -np.inf
    away: list[str] = []
    told = True
    while len(candidates) - len(away) >= 3:
        z = {who: answers.standard(who, away) for who in candidates if who not in away}
        middle = float(np.median(list(z.values())))
        told = middle >= spread
        limit = min(spread, middle - spread) if told else against
        worst = min(z, key=z.__getitem__)
        if z[worst] >= limit:
            break
        away.append(worst)
    out.agreement.update({who: answers.figure(who, away) for who in candidates})
    if not told:
        out.notes.append(
            "the listeners agree too little for a random one to be told from a careful one by the scores "
            "alone"
        )
    out.findings.extend(
        Objection(who, "agreement", answers.words(who, away)) for who in candidates if who in away
    )
