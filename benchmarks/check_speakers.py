# SPDX-License-Identifier: Apache-2.0
"""Whether `corpora check` finds other speakers: clips of corpora mixed, and what is said of a corpus alone.

    python benchmarks/check_speakers.py [CORPUS …] [--encoder resemblyzer] [--draws 60]

Each corpus is of one speaker. Alone, whatever is found is a false alarm: in all of it, and in draws of 8 to
60 clips. Then to draws of one corpus clips of another are added: one, a tenth, a third, or nearly as many.
"""

from __future__ import annotations

import argparse
import time

import numpy as np

from synthkit.corpora import open_corpus
from synthkit.corpora.speakers import SHORTEST, embedding_of, strangers, usable_encoder

SHARES = (0.0, 0.1, 0.3, 0.45)
"""Of the clips, those that are another's; 0 stands for one clip."""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("corpora", nargs="*", default=["bundled-ru", "bundled-en"])
    parser.add_argument("--encoder")
    parser.add_argument("--draws", type=int, default=60)
    parser.add_argument("--most", type=int, default=400, help="clips of a corpus, evenly taken")
    args = parser.parse_args()
    found = usable_encoder(args.encoder)
    assert found is not None, "no speaker encoder is ready"
    clips: dict[str, np.ndarray] = {}
    for name in args.corpora:
        began, rows = time.process_time(), []
        utterances = open_corpus(name).utterances
        for u in utterances[:: max(1, len(utterances) // args.most)]:
            embedding = embedding_of(u, found[1])
            if embedding is not None:
                rows.append(embedding)
        clips[name] = np.array(rows)
        each = (time.process_time() - began) / max(len(rows), 1)
        print(f"{name}: {len(rows)} clips of {SHORTEST:g} s or more, {each:.3f} s of CPU each by {found[0]}")
    draw = np.random.default_rng(0)
    for name, own in clips.items():
        wrong = seen = 0
        for _ in range(args.draws):
            some = own[draw.choice(len(own), min(len(own), int(draw.integers(8, 61))), replace=False)]
            wrong, seen = wrong + len(strangers(some)), seen + len(some)
        print(f"{name} alone: {len(strangers(own))} of {len(own)} false alarms; in draws {wrong / seen:.2%}")
    for host, own in clips.items():
        for guest, other in clips.items():
            for share in SHARES if guest != host else ():
                hits = guests = wrong = seen = 0
                for _ in range(args.draws):
                    count = int(draw.integers(10, min(len(own), 60) + 1))
                    more = max(1, round(share * count / (1 - share)))
                    if more > len(other):
                        continue
                    some = own[draw.choice(len(own), count, replace=False)]
                    added = other[draw.choice(len(other), more, replace=False)]
                    places = set(strangers(np.concatenate([some, added])))
                    hits, guests = hits + sum(k >= count for k in places), guests + more
                    wrong, seen = wrong + sum(k < count for k in places), seen + count
                what = f"{share:.0%}" if share else "one clip"
                print(f"{host} with {what} of {guest}: found {hits / max(guests, 1):.1%} of {guests}, "
                      f"false alarms {wrong / max(seen, 1):.2%}")  # fmt: skip


if __name__ == "__main__":
    main()
