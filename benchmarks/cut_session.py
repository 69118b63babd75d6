# SPDX-License-Identifier: Apache-2.0
"""A long recording and its text, cut into utterances: how many are right, and what it costs.

    python benchmarks/cut_session.py [--corpus msu-ru-nsh] [--minutes 60] [--changed 0.05] [--snr 30] [--show]

Recordings of a corpus are joined with gaps of 0.3 to 1.5 s and noise over all. Of the sentences a share is
altered: a word of the text is another one (read otherwise), or one too many, or one too few; or the sentence
is said twice, or is not said; and some are said that are not in the text. A clean sentence is right when it
is cut, without doubt, and begins and ends within 50 ms of the truth: of the first and last sound by the
corpus's labels, or by its level where there are none.
An altered one is found when it is not cut as it stands.
"""

from __future__ import annotations

import argparse
import random
import resource
import tempfile
import time
from pathlib import Path

import numpy as np
import soundfile

from synthkit import audio
from synthkit.corpora import open_corpus
from synthkit.labels import read_alignment
from synthkit.pipeline.context import BuildContext
from synthkit.pipeline.executors import SerialExecutor
from synthkit.plugins import registry
from synthkit.progress import Progress
from synthkit.types import Utterance

RATE = 16000
KINDS = ("word changed", "word too many", "word too few", "said twice", "not said", "not in the text")


def speech(u: Utterance, samples: np.ndarray) -> tuple[float, float]:
    """Seconds of the first and the last sound."""
    step = RATE // 200
    power = np.square(samples[: len(samples) // step * step]).reshape(-1, step).mean(axis=1)
    db = 10 * np.log10(power + 1e-12)
    high = np.flatnonzero(db > np.percentile(db, 95) - 32)
    low, top = high[0] / 200, (high[-1] + 1) / 200
    if u.labels is not None:
        sounds = read_alignment(u.labels).speech()
        return sounds[0].start, sounds[-1].end
    return low, top


def altered(text: str, kind: str, words: list[str], draw: random.Random) -> str:
    """`text` as it stands where the sentence was read otherwise."""
    parts = text.split()
    at = draw.randrange(len(parts))
    if kind == "word changed":
        parts[at] = draw.choice([w for w in words if w.lower() != parts[at].lower()])
    elif kind == "word too many":
        parts.insert(at, draw.choice(words))
    else:
        long = [i for i, p in enumerate(parts) if len(p) > 4] or [at]
        del parts[draw.choice(long)]
    return " ".join(parts)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--corpus", default="msu-ru-nsh")
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--changed", type=float, default=0.05)
    parser.add_argument("--snr", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--show", action="store_true")
    args = parser.parse_args()
    draw, noise = random.Random(args.seed), np.random.default_rng(args.seed)
    corpus = open_corpus(args.corpus)
    words = [w.strip(".,!?-:;—\"'") for u in corpus.utterances for w in u.text.split()]
    words = [w for w in words if len(w) > 4 and w.isalpha()]
    utterances = list(corpus.utterances)
    draw.shuffle(utterances)
    lines: list[tuple[str, str]] = []  # text, what was done to it
    truth: list[tuple[float, float] | None] = []
    extra: list[tuple[float, float, str]] = []
    with tempfile.TemporaryDirectory() as made:
        path = Path(made) / "session.wav"
        at, level = 1.0, 0.0
        with soundfile.SoundFile(path, "w", RATE, 1, "PCM_16") as file:

            def put(samples: np.ndarray) -> None:
                file.write(samples + level * noise.standard_normal(len(samples)))

            first = audio.read(utterances[0].audio, RATE).samples
            level = float(np.sqrt(np.mean(np.square(first)))) * 10 ** (-args.snr / 20)
            put(np.zeros(RATE))
            for u in utterances:
                if at > args.minutes * 60:
                    break
                samples = audio.read(u.audio, RATE, u.start, u.end).samples
                a, b = speech(u, samples)
                kind = draw.choice(KINDS) if draw.random() < args.changed else ""
                if kind in KINDS[:3] and len(u.text.split()) < 4:
                    kind = ""
                gap = np.zeros(int(draw.uniform(0.3, 1.5) * RATE))
                if kind == "not in the text":
                    extra.append((at + a, at + b, kind))
                elif kind == "not said":
                    lines.append((u.text, kind))
                    truth.append(None)
                    continue
                else:
                    text = altered(u.text, kind, words, draw) if kind in KINDS[:3] else u.text
                    lines.append((text, kind))
                    truth.append((at + a, at + b))
                put(samples)
                put(gap)
                at += (len(samples) + len(gap)) / RATE
                if kind == "said twice":
                    extra.append((at + a, at + b, kind))
                    put(samples)
                    put(gap)
                    at += (len(samples) + len(gap)) / RATE
        seconds = at
        plugins = registry()
        segmenter = plugins.load("segmentation", "text")()
        aligner = plugins.load("alignment", "hmm")()
        before, started = time.process_time(), time.monotonic()
        sentences = [segmenter.segment(text, u.language) for text, _ in lines]
        ctx = BuildContext(SerialExecutor(), Progress(), Path(made) / "work")
        found = aligner.find(path, sentences, ctx)
        cpu, wall = time.process_time() - before, time.monotonic() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    by = {s.sentence: s for s in found if s.sentence is not None}
    clean = right = near = doubted = 0
    missed: dict[str, list[int]] = {k: [0, 0] for k in KINDS}
    for i, ((_, kind), where) in enumerate(zip(lines, truth, strict=True)):
        s = by[i]
        if kind in ("", "said twice"):
            off = 9.0
            if s.start is not None and s.end is not None and where is not None:
                off = max(abs(s.start - where[0]), abs(s.end - where[1]))
                if kind == "said twice":
                    again = min(extra, key=lambda e: abs(e[0] - s.start))
                    off = min(off, max(abs(s.start - again[0]), abs(s.end - again[1])))
            if kind == "":
                clean += 1
                near += off <= 0.05
                right += off <= 0.05 and not s.doubt
                doubted += bool(s.doubt) and s.start is not None
            if args.show and (off > 0.05 or s.doubt):
                print(f"clean {i}: {s} truth {where} off {off:.3f}")
        if kind == "said twice":
            missed[kind][1] += 1
            missed[kind][0] += any(x.sentence is None and x.again == i for x in found)
        elif kind:
            missed[kind][1] += 1
            missed[kind][0] += s.start is None or bool(s.doubt)
            if args.show and s.start is not None and not s.doubt:
                print(f"{kind} {i}: {s} {lines[i][0][:70]}")
    for a, b, kind in extra:
        if kind == "not in the text":
            missed[kind][1] += 1
            missed[kind][0] += any(
                x.sentence is None and min(x.end, b) - max(x.start, a) > 0.5 * (b - a) for x in found
            )
    altered_found, altered_all = (sum(v[k] for v in missed.values()) for k in (0, 1))
    print(
        f"{args.corpus}: {seconds / 60:.1f} min, {len(lines)} sentences, noise {args.snr:g} dB below speech"
    )
    print(f"clean sentences cut within 50 ms, without doubt: {right} of {clean} ({right / clean:.1%})")
    print(f"  within 50 ms, doubted or not: {near / clean:.1%}; doubted: {doubted / clean:.1%}")
    print(f"altered ones found: {altered_found} of {altered_all} ({altered_found / max(altered_all, 1):.1%})")
    for kind, (got, all_) in missed.items():
        print(f"  {kind:<16}{got} of {all_}")
    print(
        f"{cpu:.0f} s of CPU, {cpu / seconds:.3f} x real time ({wall:.0f} s by the clock), "
        f"{peak:.0f} MB at most"
    )


if __name__ == "__main__":
    main()
