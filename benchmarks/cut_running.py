# SPDX-License-Identifier: Apache-2.0
"""A long recording and its text as one run of words, without sentences or punctuation: what is cut right.

    python benchmarks/cut_running.py [--corpus msu-ru-nsh] [--minutes 60] [--changed 0.05] [--snr 30] [--show]

Recordings of a corpus with phone labels are joined with gaps of 0.3 to 1.5 s and noise over all; their texts
become one line in small letters. Of the utterances a share is altered: a word of the text is another one, or
one too many, or one too few; the utterance is said twice, or not at all, or is not in the text. A piece is
right when it is cut, without doubt, and begins and ends within 100 ms of its first and last word's first and
last sound by the corpus's (automatic) labels; an alteration is found when no piece that was cut holds it.
"""

from __future__ import annotations

import argparse
import random
import re
import resource
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from cut_session import KINDS, RATE, altered

from synthkit import audio
from synthkit.corpora import open_corpus
from synthkit.corpora.running import read
from synthkit.labels import read_alignment
from synthkit.pipeline.context import BuildContext
from synthkit.pipeline.executors import SerialExecutor
from synthkit.plugins import registry
from synthkit.progress import Progress

NEAR = 0.1


@dataclass
class Token:
    """A word of the text, what was done to it, and when it is said (nan where nobody says it)."""

    text: str
    kind: str = ""
    start: float = np.nan
    end: float = np.nan
    again: float = 0.0  # seconds later

    def off(self, start: float | None, end: float | None) -> float:
        """How far it is from where a piece begins with it, or ends."""
        mine, there = (self.start, start) if start is not None else (self.end, end)
        return min(abs(mine - there), abs(mine + self.again - there))


def plain(text: str) -> list[str]:
    """Words in small letters, stress marks kept."""
    return [w for w in re.sub(r"[^\w\s'+-]", " ", text).lower().split() if any(map(str.isalpha, w))]


def main() -> None:
    from synthkit_align.words import find_words

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
    segmenter = registry().load("segmentation", "text")()
    aligner = registry().load("alignment", "hmm")()
    pool = [w for u in corpus.utterances for w in plain(u.text) if len(w) > 4 and w.isalpha()]
    utterances = [u for u in corpus.utterances if u.labels is not None]
    draw.shuffle(utterances)
    tokens: list[Token] = []
    done: list[tuple[str, float, float, int, int]] = []  # kind, seconds, tokens from and to
    parts, at = [np.zeros(RATE, np.float32)], 1.0
    for u in utterances:
        if at > args.minutes * 60:
            break
        samples = audio.read(u.audio, RATE, u.start, u.end).samples
        said = plain(u.text)
        kind = draw.choice(KINDS) if draw.random() < args.changed and len(said) > 4 else ""
        labels = read_alignment(u.labels)
        row = []
        for word in said:
            words = segmenter.segment(word, u.language).words
            row.append(Token(word) if len(words) == 1 else None)
        spans, _ = find_words(labels.symbols(), segmenter.segment(" ".join(said), u.language))
        if None in row or spans is None or len(spans) != len(row):
            continue  # a word that is read as several has no time of its own here
        gap = np.zeros(int(draw.uniform(0.3, 1.5) * RATE), np.float32)
        first = len(tokens)
        if kind != "not in the text":
            wanted = altered(" ".join(said), kind, pool, draw).split() if kind in KINDS[:3] else said
            times = dict(enumerate(spans)) if kind != "not said" else {}
            same = {}
            if kind in KINDS[:3]:  # the words that stand as they are said, from both ends
                ahead = next((k for k, (a, b) in enumerate(zip(said, wanted, strict=False)) if a != b),
                             min(len(said), len(wanted)))  # fmt: skip
                same = {k: k for k in range(ahead)}
                more = len(wanted) - len(said)
                same |= {k: k - more for k in range(ahead + max(more, 0) + (more == 0), len(wanted))}
            else:
                same = {k: k for k in range(len(wanted))}
            for k, word in enumerate(wanted):
                token = Token(word, kind if k not in same or kind == "not said" else "")
                if k in same and same[k] in times:
                    a, b = times[same[k]]
                    token.start, token.end = at + labels.phones[a].start, at + labels.phones[b - 1].end
                    token.again = (len(samples) + len(gap)) / RATE if kind == "said twice" else 0.0
                tokens.append(token)
        began = at
        times_said = 0 if kind == "not said" else 2 if kind == "said twice" else 1
        for _ in range(times_said):
            parts += [samples, gap]
            at += (len(samples) + len(gap)) / RATE
        if kind:
            done.append((kind, began, at, first, len(tokens)))
    sound = np.concatenate(parts)
    level = float(np.sqrt(np.mean(np.square(sound[: 60 * RATE])))) * 10 ** (-args.snr / 20)
    with tempfile.TemporaryDirectory() as made:
        path = Path(made) / "running.wav"
        with soundfile.SoundFile(path, "w", RATE, 1, "PCM_16") as file:
            for minute in np.split(sound, range(60 * RATE, len(sound), 60 * RATE)):
                file.write(minute + level * noise.standard_normal(len(minute)))
        del sound, parts
        language = utterances[0].language
        before, started = time.process_time(), time.monotonic()
        ctx = BuildContext(SerialExecutor(), Progress(), Path(made) / "work")
        whole = read(" ".join(t.text for t in tokens), segmenter, language)
        ranges, found = aligner.part(
            path, whole.segmentation, ctx, shortest=2.0, longest=12.0, whole=whole.whole
        )
        texts = whole.part(ranges)
        cpu, wall = time.process_time() - before, time.monotonic() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    count, spans_of = 0, []
    for text in texts:
        spans_of.append((count, count + len(text.split())))
        count += len(text.split())
    assert count == len(tokens)
    by = {s.sentence: s for s in found if s.sentence is not None}
    kept, lengths, right, clean, off = set[int](), [], 0, 0, []
    for n, (a, b) in enumerate(spans_of):
        s, mine = by[n], tokens[a:b]
        good = s.start is not None and not s.doubt
        untouched = all(not t.kind and not np.isnan(t.start) for t in mine)
        # Between its words nothing may be left out: a word too few in the text is no token.
        holes = [k for k, *_, f, t in done if k == "word too few" and f < b and t > a]
        clean += untouched and not holes
        if good:
            kept |= set(range(a, b))
            lengths.append(s.end - s.start)
        if good and untouched:
            off.append(max(mine[0].off(s.start, None), mine[-1].off(None, s.end)))
            right += off[-1] <= NEAR and not holes
            if args.show and off[-1] > NEAR:
                print(f"off {off[-1]:.2f}: {s} {texts[n][:70]}")
    print(f"{args.corpus}: {at / 60:.1f} min, {len(tokens)} words in one line, noise {args.snr:g} dB below")
    print(f"{len(texts)} pieces, {len(lengths)} cut without doubt: {sum(lengths) / 60:.1f} min, "
          f"{np.percentile(lengths, 5):.1f} to {np.percentile(lengths, 95):.1f} s (5 and 95 %)")  # fmt: skip
    near = f"within {1000 * NEAR:.0f} ms"
    print(f"clean pieces cut {near}, without doubt: {right} of {clean} ({right / clean:.1%})")
    share = np.mean(np.array(off) <= NEAR)
    print(f"  of those without doubt: {share:.1%}, median {1000 * np.median(off):.0f} ms")
    for kind in KINDS:
        mine = [d for d in done if d[0] == kind]
        if kind in KINDS[:2] or kind == "not said":
            hits = [not any(k in kept for k in range(f, t) if tokens[k].kind) for *_, f, t in mine]
        elif kind == "word too few":
            hits = [not set(range(f, t)) <= kept for *_, f, t in mine]
        else:
            hits = [any(s.sentence is None or s.doubt for s in found if s.start is not None
                        and s.start < b and s.end > a) for _, a, b, *_ in mine]  # fmt: skip
        print(f"  {kind:<16}{sum(hits)} of {len(hits)} found")
    print(
        f"{cpu:.0f} s of CPU, {cpu / at:.3f} x real time ({wall:.0f} s by the clock), {peak:.0f} MB at most"
    )


if __name__ == "__main__":
    main()
