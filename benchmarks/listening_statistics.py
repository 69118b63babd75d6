# SPDX-License-Identifier: Apache-2.0
"""Listening tests simulated from plan to verdict: do intervals cover, are equal voices left alone, is who did
not listen found?

For every design, studies planned as `synthkit listen plan` plans them and rated by simulated listeners whose
truth is known (rounded to the steps of the scale): how often the 95 % interval of a difference of two voices
contains the truth, where they are alike and where they differ (target 93-97 %); in how many studies of three
equal voices any pair comes out different (target ≤ 5 %), with everybody and without those who were left out.
Then how often a random, an inverted and a lazy listener among twelve are found (target ≥ 95 %) and how many
careful ones are lost (≤ 5 %), by the scores and with attention pages, of which careful listeners fail three
in a hundred by a slip; and the same where the voices differ little, so that an inverted order is nearly as
likely as the right one (no target: it is what can be known). And how often the interval of the verdict holds
the truth after listeners were left out: of careful listeners alone (leaving out who disagrees must not make
it too narrow) and where three of 24 did not listen; beside it, that of the same with everybody.

    python benchmarks/listening_statistics.py [--studies 1000] [--designs mos ab] [--parts coverage] [--seed
    0]
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np

from synthkit.eval.analysis import conclude
from synthkit.eval.listening import analyse_ratings
from synthkit.eval.listening.design import ATTENTION, Trial, plan
from synthkit.eval.listening.heard import Heard
from synthkit.eval.listening.preference import bradley_terry
from synthkit.eval.listening.screening import screen
from synthkit.eval.listening.simulate import simulate, simulate_conduct
from synthkit.eval.listening.verdict import judge
from synthkit.eval.results import Analysis

DESIGNS = ("mushra", "mos", "smos", "cmos", "ab", "abx")
EQUAL = {"a": 3.2, "b": 3.2, "c": 3.2}
ANCHORS = {"reference": 5.0, "anchor35": 1.6, "anchor70": 2.6}
SCREENED = {"natural": 4.6, "copy:world": 4.1, "parametric": 3.3, "unit-selection": 2.9}
NEAR = {
    "recordings and two near voices": {"natural": 4.6, "a": 3.4, "b": 3.6},
    "two near voices": {"a": 3.0, "b": 3.5},
}
PAIRS = {"alike": {"a": 3.2, "b": 3.2}, "apart": {"a": 3.0, "b": 3.5}}
HABITS = ("random", "inverted", "lazy")
RESAMPLES = 400


def planned(design: str, voices: Sequence[str], listeners: int, seed: int) -> list[list[Trial]]:
    """A plan of a usual size: 20 sentences, 12 for MUSHRA."""
    items = [f"u{k}" for k in range(12 if design == "mushra" else 20)]
    return plan(design, items, voices, listeners, seed=seed)


def with_anchors(design: str, quality: dict[str, float]) -> dict[str, float]:
    """The voices, in a MUSHRA test beside reference and anchors."""
    return {**quality, **ANCHORS} if design == "mushra" else quality


def figure(design: str, ratings: Sequence, first: str, second: str) -> float:
    """What the interval of a pair is of: a difference of means, log-odds, or points above chance."""
    if design == "ab":
        won = np.mean([r.score if r.voice == second else 1 - r.score for r in ratings])
        return float(np.log(won / (1 - won)))
    if design == "abx":
        return 100 * (float(np.mean([r.score for r in ratings])) - 0.5)
    if design == "cmos":
        return float(np.mean([r.score if r.voice == second else -r.score for r in ratings]))
    return float(
        np.mean([r.score for r in ratings if r.voice == second])
        - np.mean([r.score for r in ratings if r.voice == first])
    )


def truth(design: str, quality: dict[str, float]) -> float:
    """The figure of very many listeners and sentences."""
    voices = list(with_anchors(design, quality))
    pair = tuple(quality)
    both = tuple(voices) if design == "mushra" else pair
    rng = np.random.default_rng(77)
    sums = []
    for part in range(40):
        trials = [
            [
                Trial(
                    f"u{part}-{n}-{k}",
                    both if len(both) > 2 else turn,
                    k // 2 % 2 if design == "abx" else None,
                )
                if design in ("cmos", "ab", "abx", "mushra")
                else Trial(f"u{part}-{n}-{k}", (pair[k % 2],))
                for k, turn in enumerate([pair, pair[::-1]] * 3)
            ]
            for n in range(400)
        ]
        sums.append(figure(design, simulate(design, trials, with_anchors(design, quality), rng), *pair))
    return float(np.mean(sums))


def verdict_truth(design: str, quality: dict[str, float]) -> float:
    """The figure of `a` and `b` among recordings: of preferences the model's, fitted to very many."""
    if design != "ab":
        return truth(design, {v: quality[v] for v in "ab"})
    rng = np.random.default_rng(78)
    turns = [p for pair in combinations(quality, 2) for p in (pair, pair[::-1])]
    ratings = []
    for part in range(20):
        trials = [[Trial(f"u{part}-{n}-{k}", t) for k, t in enumerate(turns)] for n in range(400)]
        ratings += simulate(design, trials, quality, rng)
    fitted = bradley_terry(ratings, list(quality))
    return float(fitted.worth[fitted.voices.index("b")] - fitted.worth[fitted.voices.index("a")])


def verdicts(design: str, studies: int, seed: int) -> dict[str, float]:
    """Share of studies whose verdict's interval of the difference contains the truth: of 24 careful
    listeners, some of whom are left out; and where a random, an inverted and a lazy one are among them,
    without those left out and with everybody."""
    out: dict[str, float] = {}
    for name, pair in PAIRS.items():
        # A MUSHRA page has its reference; elsewhere the recordings are rated as one more voice.
        quality = with_anchors(design, pair) if design == "mushra" else {"natural": 4.6, **pair}
        true = verdict_truth(design, quality) if name == "apart" or design == "abx" else 0.0
        hits = dict.fromkeys(("careful, screened", "bad ones, screened", "bad ones, everybody"), 0)
        for k in range(seed, seed + studies):
            for habits in ((), HABITS):
                rng = np.random.default_rng([4, k, len(habits)])
                trials = planned(design, list(quality), 24, k)
                ratings = simulate(design, trials, quality, rng, habits=habits)
                conduct = simulate_conduct(
                    design, trials, ratings, rng, habits=habits, attention=ATTENTION[design]
                )
                references = [v for v in quality if v not in pair]
                heard = Heard(ratings, conduct=conduct)
                v = judge(heard, voices=list(quality), references=references, seed=k, resamples=20)
                if not habits:
                    hits["careful, screened"] += holds(v.kept, true)
                else:
                    hits["bad ones, screened"] += holds(v.kept, true)
                    hits["bad ones, everybody"] += holds(v.everybody, true)
        out |= {f"{name}, {case}": n / studies for case, n in hits.items()}
    return out


def holds(analysis: Analysis, true: float) -> bool:
    """Whether the interval of the one pair that is tested contains the truth."""
    (found,) = [p.difference for p in analysis.pairs if {p.first, p.second} == {"a", "b"}]
    assert found.low is not None and found.high is not None
    return found.low <= true <= found.high


def coverage(design: str, studies: int, seed: int) -> dict[str, float]:
    """Share of studies whose interval of the difference contains the truth, for voices alike and apart."""
    out = {}
    for name, quality in PAIRS.items():
        true = truth(design, quality) if name == "apart" or design == "abx" else 0.0
        hits = 0
        for k in range(studies):
            voices = list(with_anchors(design, quality))
            ratings = simulate(
                design,
                planned(design, voices, 24, seed + k),
                with_anchors(design, quality),
                np.random.default_rng([1, seed + k]),
            )
            mine = [r for r in ratings if r.voice in quality]
            tested = analyse_ratings(mine, list(quality), seed=seed + k, resamples=RESAMPLES)
            hits += holds(conclude(tested, list(quality)), true)
        out[name] = hits / studies
    return out


def family(design: str, studies: int, seed: int) -> dict[str, float]:
    """Share of studies of three equal voices in which any pair comes out different, with everybody and
    screened."""
    quality = with_anchors(design, EQUAL)
    # Guessing is all that is left of equal voices in an ABX test only where no sentence and no listener tells
    # them apart.
    hits = screened = 0
    for k in range(seed, seed + studies):
        rng = np.random.default_rng([2, k])
        trials = planned(design, list(quality), 24, k)
        ratings = simulate(design, trials, quality, rng)
        if design == "abx":
            ratings = [
                type(r)(r.listener, r.utterance, r.voice, float(rng.random() < 0.5), r.metric, r.against)
                for r in ratings
            ]
        verdict = judge(Heard(ratings), references=set(ANCHORS), seed=k, resamples=20)
        hits += any(p.different for p in verdict.everybody.pairs)
        screened += any(p.different for p in verdict.kept.pairs)
    return {"everybody": hits / studies, "screened": screened / studies}


def screening(
    design: str, studies: int, seed: int, attention: int, voices: Mapping[str, float] = SCREENED
) -> dict[str, float]:
    """Share of studies in which each bad listener is found, and share of careful listeners who are lost."""
    quality = with_anchors(design, dict(voices))
    quality = {v: q for v, q in quality.items() if not (design == "mushra" and v == "natural")}
    found = dict.fromkeys(HABITS, 0)
    lost = 0
    for k in range(seed, seed + studies):
        rng = np.random.default_rng([3, k])
        trials = planned(design, list(quality), 12, k)
        ratings = simulate(design, trials, quality, rng, habits=HABITS)
        conduct = simulate_conduct(design, trials, ratings, rng, habits=HABITS, attention=attention)
        dropped = screen(Heard(ratings, conduct=conduct)).dropped
        for n, habit in enumerate(HABITS):
            found[habit] += f"l{n:02d}" in dropped
        lost += len(dropped - {"l00", "l01", "l02"})
    return {**{h: n / studies for h, n in found.items()}, "lost": lost / (9 * studies)}


def mark(ok: bool) -> str:
    """The verdict on a row."""
    return "ok" if ok else "MISSED"


def print_coverage(design: str, studies: int, seed: int) -> dict[str, float]:
    """A row."""
    c = coverage(design, studies, seed)
    ok = all(0.93 <= x <= 0.97 for x in c.values())
    print(f"  {design:7} {c['alike']:6.1%} {c['apart']:6.1%}  {mark(ok)}", flush=True)
    return c


def print_family(design: str, studies: int, seed: int) -> dict[str, float]:
    """A row."""
    f = family(design, studies, seed)
    print(
        f"  {design:7} {f['everybody']:6.1%} {f['screened']:6.1%}  {mark(max(f.values()) <= 0.05)}",
        flush=True,
    )
    return f


def print_screening(design: str, studies: int, seed: int) -> dict[str, dict[str, float]]:
    """A row with the attention pages that `listen plan` has, and one without."""
    out = {}
    for attention in (ATTENTION[design], 0):
        s = out[f"{attention} attention pages"] = screening(design, studies, seed, attention)
        ok = min(s[h] for h in HABITS) >= 0.95 and s["lost"] <= 0.05
        print(
            f"  {design:7} {attention} attention pages: random {s['random']:6.1%}, "
            f"inverted {s['inverted']:6.1%}, lazy {s['lazy']:6.1%}, careful lost {s['lost']:5.2%}  "
            f"{mark(ok) if attention else '(for comparison)'}",
            flush=True,
        )
    return out


def print_near(design: str, studies: int, seed: int) -> dict[str, dict[str, float]]:
    """A row for each choice of voices that differ little."""
    out = {}
    for name, voices in NEAR.items():
        s = out[name] = screening(design, studies, seed, ATTENTION[design], voices)
        print(
            f"  {design:7} {name:30}: random {s['random']:6.1%}, inverted {s['inverted']:6.1%}, "
            f"lazy {s['lazy']:6.1%}, careful lost {s['lost']:5.2%}",
            flush=True,
        )
    return out


def print_verdicts(design: str, studies: int, seed: int) -> dict[str, float]:
    """A row."""
    v = verdicts(design, studies, seed)
    ok = all(0.93 <= x <= 0.97 for case, x in v.items() if case.endswith("screened"))
    figures = ", ".join(
        f"{case} {v[f'alike, {case}']:6.1%} {v[f'apart, {case}']:6.1%}"
        for case in ("careful, screened", "bad ones, screened", "bad ones, everybody")
    )
    print(f"  {design:7} {figures}  {mark(ok)}", flush=True)
    return v


PARTS: dict[str, tuple[str, Callable[[str, int, int], Mapping[str, Any]]]] = {
    "coverage": (
        "coverage of the 95 % interval of a difference (93-97 %): voices alike, apart", print_coverage,
    ),
    "family": (
        "family-wise error of three equal voices (≤ 5 %): with everybody, without those left out",
        print_family,
    ),
    "screening": (
        "of 12 listeners one is random, one inverted, one lazy: found (≥ 95 %), careful ones, who slip on "
        "3 % of attention pages, lost (≤ 5 %)",
        print_screening,
    ),
    "verdict": (
        "coverage after screening (93-97 %), voices alike and apart: 24 careful listeners; three bad ones "
        "among 24",
        print_verdicts,
    ),
    "near": ("the same where voices differ little (for comparison)", print_near),
}  # fmt: skip


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--studies", type=int, default=1000)
    parser.add_argument("--designs", nargs="+", default=DESIGNS, choices=DESIGNS)
    parser.add_argument("--parts", nargs="+", default=list(PARTS), choices=list(PARTS))
    parser.add_argument("--seed", type=int, default=0, help="Of the first study; the next has the next.")
    parser.add_argument("--json")
    args = parser.parse_args()
    started = time.process_time()
    print(
        f"{args.studies} studies of each design: 24 listeners, 20 sentences (MUSHRA 12), "
        "scores rounded to the scale"
    )
    rows: dict[str, dict[str, Any]] = {}
    for part in args.parts:
        title, run = PARTS[part]
        print(title)
        rows[part] = {d: run(d, args.studies, args.seed) for d in args.designs}
    print(f"CPU {time.process_time() - started:.0f} s; seeds {args.seed} to {args.seed + args.studies - 1}")
    if args.json:
        with open(args.json, "w", encoding="utf-8") as file:
            json.dump(rows, file, indent=1)


if __name__ == "__main__":
    main()
