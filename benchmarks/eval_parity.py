# SPDX-License-Identifier: Apache-2.0
"""Do the definitions that bear other tools' names give those tools' figures?

    python benchmarks/eval_parity.py [--tool versa …]

First the published figures of VERSA's own pair of files, then every tool beside ours on pairs of the bundled
recordings (other sentences, speakers, lengths, sample rates, 24 bits, two channels): the tool itself where an
index has it (pymcd, mel-cepstral-distance, pesq, pystoi), else the composition of pyworld, pysptk, fastdtw
and librosa that VERSA's, ESPnet's and Merlin's scripts are. Pairs and compositions are those of
plugins/metrics-world/tests. A pair that the tool refuses must be undefined by ours. Exit code 1 where a
figure differs by more than 1e-4.

Needs requirements-test.txt and requirements-no-deps.txt.
"""

from __future__ import annotations

import argparse
import logging
import math
import sys
import tempfile
import warnings
from importlib.util import find_spec
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "plugins" / "metrics-world" / "tests"))

from other_tools import TOOLS, differences
from parity_pairs import DATA, PAIRS, PUBLISHED, bound, write

from synthkit.eval import EvalSample, measure
from synthkit.eval.entries import find_metrics
from synthkit.eval.files import giving, read_clip
from synthkit.plugins import registry


def number(value: float | None) -> str:
    """Ten digits, or that there is none."""
    return "undefined" if value is None else f"{value:.10g}"


def published() -> int:
    """Print the published figures beside ours; how many differ."""
    sample = EvalSample("pair", "", "en", read_clip(DATA / "test2.wav"), read_clip(DATA / "test1.wav"))
    ours = {
        m.key: m.value
        for _, metric in find_metrics(registry(), giving(tuple(PUBLISHED)))[0]
        for m in measure(metric, sample)
    }
    print(
        f"{'published: test2.wav against test1.wav':24}\n  {'figure':24} {'published':>14} {'ours':>14}  "
        "relative difference"
    )
    missed = 0
    for key, (value, by) in PUBLISHED.items():
        mine = ours[key]
        difference = math.inf if mine is None else abs(mine - value) / abs(value)
        missed += difference > bound(key)
        print(
            f"  {key:24} {number(value):>14} {number(mine):>14}  {difference:.1e} "
            f"{verdict(difference, bound(key))}, {by}"
        )
    return missed


def verdict(difference: float, allowed: float = 1e-4) -> str:
    """In words."""
    return f"within {allowed:.0e}" if difference <= allowed else f"MISSED {allowed:.0e}"


def beside(name: str) -> int:
    """Print one tool's figures beside ours on every pair; how many differ."""
    tool = TOOLS[name]
    absent = [p for p in tool.packages if not find_spec(p)]
    if absent:
        print(f"{name}: not run, the package {absent[0]!r} is not installed")
        return 0
    print(f"\n{name}\n  {'pair':26} {'figure':24} {'the tool':>14} {'ours':>14}  relative difference")
    worst: dict[str, float] = {}
    for pair in PAIRS:
        with tempfile.TemporaryDirectory() as folder:
            found = differences(tool, *write(pair, Path(folder)))
        for key, theirs, mine, difference in found:
            worst[key] = max(worst.get(key, 0.0), difference)
            print(
                f"  {pair.name:26} {key:24} {number(theirs):>14} {number(mine):>14}  {difference:.1e}",
                flush=True,
            )
    for key, difference in worst.items():
        print(
            f"  largest of {len(PAIRS)} pairs      {key:24} {'':29}  {difference:.1e} {verdict(difference)}"
        )
    return sum(difference > 1e-4 for difference in worst.values())


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tool", nargs="*", choices=tuple(TOOLS), help="only these beside ours")
    args = parser.parse_args()
    warnings.simplefilter("ignore")  # the tools' own
    logging.disable(logging.WARNING)
    missed = published() + sum(beside(name) for name in args.tool or TOOLS)
    print(f"\n{'every figure within its bound' if not missed else f'{missed} figures MISSED'}")
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
