# SPDX-License-Identifier: Apache-2.0
"""What correcting some utterances does for the boundaries of those that nobody has looked at.

    python benchmarks/align_corrections.py [--corpus bundled-ru] [--correct 0,5,10,20,40] [--folds 2]

The corpus's own labels are the person: N utterances are handed over as corrected, the aligner trains on all,
and the boundaries of the others are compared with their labels. Which utterances are corrected is drawn anew
for each fold; the counted ones are the same for every N of a fold, those that none of its N has corrected.
Pronunciations are the segmenter's. Beside it stands the same aligner without corrections (N = 0), which is
the anchor.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import align_boundaries
import numpy as np

from synthkit.corpora import open_corpus
from synthkit.labels import write_alignment
from synthkit.pipeline.context import BuildContext
from synthkit.pipeline.executors import SerialExecutor
from synthkit.plugins import registry
from synthkit.progress import Progress
from synthkit.types import Alignment


def main() -> int:
    """Run; exit 1 if the most corrections do not bring the others nearer in every fold."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--corpus", default="bundled-ru")
    parser.add_argument("--limit", type=int, default=0, help="only the first utterances")
    parser.add_argument("--correct", default="0,5,10,20,40", help="numbers of corrected utterances")
    parser.add_argument("--folds", type=int, default=2)
    parser.add_argument("--lexicon", choices=["labels", "text"], default="text")
    args = parser.parse_args()
    numbers = [int(n) for n in args.correct.split(",")]
    cls = registry().load("alignment", "hmm")
    better = True
    with tempfile.TemporaryDirectory() as work:
        ctx = BuildContext(SerialExecutor(), Progress(enabled=False), Path(work) / "work")
        utterances = list(open_corpus(args.corpus).utterances)
        items, truth = align_boundaries.prepare(utterances[: args.limit or None], args.lexicon, ctx)
        print(f"{args.corpus}: {len(items)} utterances, pronunciations from the {args.lexicon}")
        for fold in range(args.folds):
            drawn = np.random.default_rng(fold).permutation([u.id for u, _ in items])
            counted = {str(i) for i in drawn[max(numbers) :]}
            first, last = float("nan"), float("nan")
            for n in numbers:
                folder = Path(work) / f"corrections-{fold}-{n}"
                folder.mkdir()
                for id_ in drawn[:n]:
                    write_alignment(folder / f"{id_}.TextGrid", truth[str(id_)])
                aligner = cls(cls.Config(corrections=folder) if n else cls.Config())
                found = aligner.align(items, ctx)
                ours = {i: a for i, a in found.items() if isinstance(a, Alignment) and i in counted}
                rows = [e for i in counted for e, both in _late(truth[i], ours.get(i)) if both]
                last = float(np.mean(np.abs(rows)))
                first = last if n == numbers[0] else first
                within = np.mean(np.abs(rows) <= 0.010), np.mean(np.abs(rows) <= 0.020)
                print(
                    f"  fold {fold}, {n:3} corrected: {len(rows)} boundaries of {len(counted)} others are "
                    f"off by {last * 1e3:.2f} ms on the mean ({last / first - 1:+.1%}), late by "
                    f"{np.mean(rows) * 1e3:+.1f}; within 10 ms {within[0]:.3f}, 20 ms {within[1]:.3f}",
                    flush=True,
                )
            better = better and last < first
    return 0 if better else 1


def _late(truth: Alignment, ours: Alignment | None) -> list[tuple[float, bool]]:
    return [] if ours is None else align_boundaries.errors(truth.phones, ours.phones)


if __name__ == "__main__":
    sys.exit(main())
