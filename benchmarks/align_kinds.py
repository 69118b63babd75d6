# SPDX-License-Identifier: Apache-2.0
"""What any voice does with a sound of its kind: the table `KINDS` of `synthkit_align.running`, printed.

    python benchmarks/align_kinds.py [--corpus bundled-ru]

Of every frame of speech the first six cepstra are replaced by their ranks, 0 to 1; the mean of each phone's
is then a sum over how the phone is made (`synthkit.phones.features`), by ridge regression over the phones.
"""

from __future__ import annotations

import argparse

import numpy as np
from synthkit_align.running import KINDS, ranks
from synthkit_align.session import CEPSTRA

from synthkit import audio
from synthkit.corpora import open_corpus
from synthkit.labels import read_alignment
from synthkit.phones import NAMES, features
from synthkit.types import PAUSE

RIDGE = 200.0
"""Frames by which each weight is drawn to 0."""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--corpus", default="bundled-ru")
    parser.add_argument("--set", default="msu-ru", help="the labels' phone set")
    args = parser.parse_args()
    frames, labels = [], []
    for u in open_corpus(args.corpus).utterances[::2]:
        found = CEPSTRA.frames(audio.read(u.audio, CEPSTRA.sample_rate))[:, : KINDS.shape[1]]
        own = np.full(len(found), PAUSE, object)
        for phone in read_alignment(u.labels).phones:
            own[round(phone.start / CEPSTRA.hop) : round(phone.end / CEPSTRA.hop)] = phone.label
        frames.append(found)
        labels.append(own)
    label = np.concatenate(labels)
    rank = ranks(np.concatenate(frames)[label != PAUSE])
    label = label[label != PAUSE]
    made = {s: features(args.set, s) for s in sorted(set(label))}
    known = [s for s, f in made.items() if f is not None]
    a = np.array([(*made[s], 1.0) for s in known])
    b = np.array([rank[label == s].mean(axis=0) for s in known])
    weight = np.array([(label == s).sum() for s in known], float)[:, None]
    draw = RIDGE * np.eye(a.shape[1])
    draw[-1, -1] = 0.0
    table = np.linalg.solve((a * weight).T @ a + draw, (a * weight).T @ b)
    for name, row in zip([*NAMES, "any"], table, strict=True):
        print(f"        ({', '.join(f'{v:.2f}' for v in row)}),  # {name}")
    rest = np.sqrt((weight * np.square(a @ table - b)).sum(axis=0) / weight.sum())
    print(
        "phones' means beside what is said of them:",
        np.round(rest, 3),
        "their spread:",
        np.round(b.std(0), 3),
    )


if __name__ == "__main__":
    main()
