# SPDX-License-Identifier: Apache-2.0
"""Does `compare --plan` promise what a comparison then finds? Simulated studies of voices with known
differences.

Prints, for each design, the power that `synthkit.eval.power` predicts beside the share of simulated studies
in which the test itself (`synthkit.eval.families.joint`) finds the difference (target: within 3 points); and,
of studies of equal voices, how often anything is found (target ≤ 5 %) and how often all intervals shown hold
the truth (target ≥ 95 %). Figures of a sentence correlate by 0.3. Then, of plans for 80 % by a pilot of few
sentences, what power they really have: by the upper end of its deviation, as `--pilot` takes it, and by the
deviation as found.

    python benchmarks/eval_power.py [--studies 2000] [--json results.json]
"""

from __future__ import annotations

import argparse
import json
import math
import time
from itertools import combinations

import numpy as np

from synthkit.eval.families import joint
from synthkit.eval.power import power, sentences, upper_deviation

FIGURES = 5
PILOTS = (5, 15, 30)
SHAPES = {
    "normal": lambda rng, size: rng.standard_normal(size),
    "Student's t, 4 degrees": lambda rng, size: rng.standard_t(4, size) / math.sqrt(2),
    "log-normal": lambda rng, size: (rng.lognormal(0, 0.5, size) - math.exp(0.125)) / 0.6039,
}
POWER = ((2, 10, 1.7), (2, 15, 1.3), (2, 30, 0.8), (2, 62, 0.5), (3, 15, 1.5), (3, 40, 0.75), (4, 60, 0.65))
"""Voices, sentences, true difference of the first two voices in standard deviations of a voice."""
EQUAL = ((2, 10), (3, 15), (2, 30), (4, 62))


def run(shape: str, voices: int, n: int, difference: float, studies: int) -> dict[str, float]:
    """Shares of studies: the first pair found in a figure, anything found, all intervals right.

    Every voice but the first is worse by `difference`; a voice's figures have standard deviation 1.
    """
    root = np.linalg.cholesky(0.3 + 0.7 * np.eye(FIGURES))
    pairs = list(combinations(range(voices), 2))
    tests = FIGURES * len(pairs)
    found = anything = covered = 0
    for k in range(studies):
        rng = np.random.default_rng(10_000 + k)
        values = np.einsum("fg,vgn->vfn", root, SHAPES[shape](rng, (voices, FIGURES, n)))
        values = values + rng.normal(0, 2, (1, 1, n))  # what makes pairing worth while
        values[1:] += difference
        got = [
            (joint(values[b, f] - values[a, f], tests=tests), difference if a == 0 else 0.0)
            for f in range(FIGURES)
            for a, b in pairs
        ]
        found += got[0][0].adjusted <= 0.05
        anything += any(j.adjusted <= 0.05 for j, _ in got)
        covered += all(j.difference.low <= truth <= j.difference.high for j, truth in got)
    return {"found": found / studies, "anything": anything / studies, "covered": covered / studies}


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--studies", type=int, default=2000)
    parser.add_argument("--json")
    args = parser.parse_args()
    started = time.process_time()
    out = []
    print(f"power, {args.studies} studies each (target: within 3 points)")
    print("  voices  sentences  difference  planned  simulated")
    for voices, n, difference in POWER:
        tests = FIGURES * math.comb(voices, 2)
        planned = power(difference, math.sqrt(2), n, tests)
        got = run("normal", voices, n, difference, args.studies)
        mark = "ok" if abs(planned - got["found"]) <= 0.03 else "MISSED"
        print(f"  {voices:6}  {n:9}  {difference:7} sd  {planned:7.1%}  {got['found']:9.1%}  {mark}")
        out.append({"voices": voices, "sentences": n, "difference": difference, "planned": planned, **got})
    print("equal voices (anything found: target ≤ 5 %; all intervals right: ≥ 95 %)")
    for shape in SHAPES:
        for voices, n in EQUAL:
            got = run(shape, voices, n, 0.0, args.studies)
            noise = 2 * math.sqrt(0.05 * 0.95 / args.studies)
            mark = "ok" if got["anything"] <= 0.05 + noise and got["covered"] >= 0.95 - noise else "MISSED"
            print(
                f"  {voices} voices, {n:2} sentences, {shape}: found {got['anything']:.1%}, covered "
                f"{got['covered']:.1%}  {mark}"
            )
            out.append({"voices": voices, "sentences": n, "shape": shape, **got})
    print("a plan for 80 % by a pilot, difference 0.6 sd: true power, share of plans that have 80 %")
    for n in PILOTS:
        rng = np.random.default_rng([11, n])
        found = [float(np.std(rng.standard_normal(n), ddof=1)) for _ in range(300)]
        row: dict[str, float] = {"pilot": n}
        for name, spreads in {"upper end": [upper_deviation(s, n) for s in found], "as found": found}.items():
            true = np.array([power(0.6, 1.0, sentences(0.6, s, FIGURES) or 2, FIGURES) for s in spreads])
            row |= {f"{name}, power": float(true.mean()), f"{name}, kept": float((true >= 0.8).mean())}
        shares = {k: f"{v:.0%}" for k, v in row.items()}
        print(
            f"  {n:2} sentences: by the upper end {shares['upper end, power']}, {shares['upper end, kept']}; "
            f"as found {shares['as found, power']}, {shares['as found, kept']}"
        )
        out.append(row)
    print(f"CPU {time.process_time() - started:.0f} s; seeds 10000+k")
    if args.json:
        with open(args.json, "w", encoding="utf-8") as file:
            json.dump(out, file, indent=1)


if __name__ == "__main__":
    main()
