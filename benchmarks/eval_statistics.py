# SPDX-License-Identifier: Apache-2.0
"""Do the intervals cover, and does the family hold its level? Simulated studies with known truth.

Prints, for each kind of study, how often the 95 % interval contains the truth (target 93-97 %), the
studentised bootstrap that synthkit uses beside the plain percentile bootstrap; and in how many studies
without any difference the corrected tests find one (target ≤ 5 %). The same for listening tests,
whose ratings stand for their utterances and for their listeners.

    python benchmarks/eval_statistics.py [--studies 1000] [--parts coverage] [--json results.json]
"""

from __future__ import annotations

import argparse
import json
import time
from itertools import combinations

import numpy as np

from synthkit.eval.analysis import conclude
from synthkit.eval.families import joint
from synthkit.eval.listening import analyse_ratings
from synthkit.eval.ratings import Rating
from synthkit.eval.statistics import bootstrap_interval
from synthkit.eval.two_way import two_way_interval

RESAMPLES = 1000


def percentile(values, weights, clusters, seed):
    """The plain percentile bootstrap, clustered alike."""
    values, weights = np.asarray(values, float), np.asarray(weights, float)
    _, index = np.unique(clusters, return_inverse=True)
    a, b = np.bincount(index, values * weights), np.bincount(index, weights)
    drawn = np.random.default_rng(seed).integers(0, len(a), (RESAMPLES, len(a)))
    return np.percentile(a[drawn].sum(1) / b[drawn].sum(1), [2.5, 97.5])


def normal(rng):
    """MCD-like: 62 utterances, normal."""
    return rng.normal(6, 0.7, 62), np.ones(62), np.arange(62), 6.0


def small(rng):
    """MCD-like: 20 utterances, normal."""
    return rng.normal(6, 0.7, 20), np.ones(20), np.arange(20), 6.0


def five(rng):
    """MCD-like: 5 utterances, normal."""
    return rng.normal(6, 0.7, 5), np.ones(5), np.arange(5), 6.0


def skewed(rng):
    """F0-RMSE-like: 62 utterances, log-normal (σ = 0.5)."""
    return rng.lognormal(3, 0.5, 62), np.ones(62), np.arange(62), float(np.exp(3 + 0.125))


def error_rates(rng):
    """WER-like: 62 utterances of 4-20 words, beta-binomial errors, pooled over words."""
    words = rng.integers(4, 21, 62)
    rate = rng.beta(1.5, 8.5, 62)
    return rng.binomial(words, rate) / words, words, np.arange(62), 0.15


def repeated(rng):
    """Three renderings of each of 40 utterances, clustered by utterance."""
    utterance = np.repeat(np.arange(40), 3)
    return rng.normal(0, 0.6, 40)[utterance] + rng.normal(5, 0.3, 120), np.ones(120), utterance, 5.0


def ratings(rng):
    """MOS-like: 30 utterances × 20 listeners, each rating half of them (not rounded: the truth is known)."""
    utterance, listener = np.divmod(np.arange(600), 20)
    heard = rng.random(600) < 0.5
    score = (
        3.4 + rng.normal(0, 0.35, 30)[utterance] + rng.normal(0, 0.4, 20)[listener] + rng.normal(0, 0.6, 600)
    )
    return score[heard], utterance[heard], listener[heard], 3.4


VOICES = ("a", "b", "c", "d")


def listening(rng, *, latin: bool, utterances: int = 24, listeners: int = 16, slope: float = 0.15):
    """Ratings of four voices that are equally good in the long run, but not to each listener and in each
    utterance.

    In a Latin square a listener hears an utterance by one voice only. `slope` is the standard deviation of
    how much more or less a voice suits a listener, and an utterance.
    """
    base = 3.4 + rng.normal(0, 0.35, utterances)[:, None] + rng.normal(0, 0.4, listeners)[None, :]
    out = []
    for k, voice in enumerate(VOICES):
        suits = rng.normal(0, slope, utterances)[:, None] + rng.normal(0, slope, listeners)[None, :]
        score = base + suits + rng.normal(0, 0.6, base.shape)
        for u in range(utterances):
            for v in range(listeners):
                if not latin or (u + v) % len(VOICES) == k:
                    out.append(Rating(f"l{v}", f"u{u}", voice, float(score[u, v])))
    return out


def listening_tests(studies: int) -> list[dict]:
    """Of six pairs of equal voices: coverage of one pair's own interval (truth 0), of all six as they are
    shown, and family-wise error."""
    rows = []
    for latin in (False, True):
        hits = together = errors = 0
        for k in range(studies):
            ratings = listening(np.random.default_rng(9000 + k), latin=latin)
            tested = analyse_ratings(ratings, VOICES, seed=k, resamples=20)
            (found,) = [f for f in tested.found if (f.first, f.second) == ("a", "b")]
            alone = found.difference(0.95)
            hits += alone.low <= 0.0 <= alone.high
            analysis = conclude(tested, VOICES)
            together += all(p.difference.low <= 0.0 <= p.difference.high for p in analysis.pairs)
            errors += any(p.different for p in analysis.pairs)
        rows.append({
            "study": f"24 utterances × 16 listeners × 4 voices, {'Latin square' if latin else 'complete'}",
            "coverage": hits / studies, "joint": together / studies, "family": errors / studies,
        })  # fmt: skip
    return rows


def coverage(studies: int) -> list[dict]:
    """Share of studies whose interval holds the truth."""
    rows = []
    for make in (normal, small, five, skewed, error_rates, repeated):
        hits = np.zeros(2)
        for k in range(studies):
            values, weights, clusters, truth = make(np.random.default_rng(1000 + k))
            ours = bootstrap_interval(values, weights, clusters, resamples=RESAMPLES, seed=k)
            low, high = percentile(values, weights, clusters, k)
            hits += [ours.low <= truth <= ours.high, low <= truth <= high]
        rows.append(
            {"study": make.__doc__.strip(), "studentised": hits[0] / studies, "percentile": hits[1] / studies}
        )
    hits = np.zeros(2)
    for k in range(studies):
        values, utterance, listener, truth = ratings(np.random.default_rng(1000 + k))
        ours = two_way_interval(values, utterance, listener, resamples=400, seed=k)
        low, high = percentile(values, np.ones(len(values)), utterance, k)
        hits += [ours.low <= truth <= ours.high, low <= truth <= high]
    rows.append(
        {
            "study": ratings.__doc__.strip() + " Two-way; the percentile column clusters by utterance alone.",
            "studentised": hits[0] / studies,
            "percentile": hits[1] / studies,
        }
    )
    return rows


def family_error(studies: int, voices: int = 4, metrics: int = 5, utterances: int = 62) -> dict:
    """Share of studies of equal voices in which any pair × metric comes out different at 5 %."""
    raw = corrected = 0
    for k in range(studies):
        rng = np.random.default_rng(5000 + k)
        sentence = rng.normal(0, 1, (1, metrics, utterances))  # what makes pairing worth while
        values = sentence + rng.standard_t(4, (voices, metrics, utterances))
        pairs = [(m, a, b) for m in range(metrics) for a, b in combinations(range(voices), 2)]
        found = [joint(values[b, m] - values[a, m], tests=len(pairs)) for m, a, b in pairs]
        raw += any(f.p <= 0.05 for f in found)
        corrected += any(f.adjusted <= 0.05 for f in found)
    return {"tests": len(pairs), "corrected": corrected / studies, "uncorrected": raw / studies}


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--studies", type=int, default=1000)
    parser.add_argument("--parts", nargs="+", default=list(PARTS), choices=list(PARTS))
    parser.add_argument("--json")
    args = parser.parse_args()
    started = time.process_time()
    rows = {part: PARTS[part](args.studies) for part in args.parts}
    print(f"CPU {time.process_time() - started:.0f} s; seeds 1000+k, 5000+k, 9000+k and k")
    if args.json:
        with open(args.json, "w", encoding="utf-8") as file:
            json.dump(rows, file, indent=1)


def print_coverage(studies: int) -> list[dict]:
    """Rows of `coverage`."""
    rows = coverage(studies)
    print(f"coverage of 95 % intervals over {studies} studies (target 93-97 %)")
    print("  studentised  percentile")
    for row in rows:
        mark = "ok" if 0.93 <= row["studentised"] <= 0.97 else "MISSED"
        print(
            f"  {row['studentised']:11.1%}  {row['percentile']:10.1%}  {mark:6}  {row['study']}", flush=True
        )
    return rows


def print_family(studies: int) -> dict:
    """The row of `family_error`."""
    family = family_error(studies)
    mark = "ok" if family["corrected"] <= 0.05 else "MISSED"
    print(
        f"family-wise error over {studies} studies of {family['tests']} tests (target ≤ 5 %): "
        f"corrected {family['corrected']:.1%} {mark}, uncorrected {family['uncorrected']:.1%}",
        flush=True,
    )
    return family


def print_listening(studies: int) -> list[dict]:
    """Rows of `listening_tests`."""
    rows = listening_tests(studies)
    print(
        f"listening tests of equal voices, {studies} studies each (coverage 93-97 %, family-wise error ≤ 5 %)"
    )
    for row in rows:
        mark = "ok" if 0.93 <= row["coverage"] <= 0.97 and row["family"] <= 0.05 else "MISSED"
        print(
            f"  difference covered {row['coverage']:.1%}, all six at once {row['joint']:.1%}, "
            f"family {row['family']:.1%}  {mark:6}  {row['study']}"
        )
    return rows


PARTS = {"coverage": print_coverage, "family": print_family, "listening": print_listening}


if __name__ == "__main__":
    main()
