# SPDX-License-Identifier: Apache-2.0
"""Does a voice speak words? What Whisper hears of held-out sentences, beside the recordings of the same ones.

    python benchmarks/words_spoken.py VOICE [VOICE …] --whisper FOLDER [--count 20] [--keep FOLDER]
        [--distillmos]

Text in, waveform out, for the utterances that the first voice's manifest lists as held out, spread evenly;
each voice by its own vocoder. A voice speaks words when its word error rate is at most twice that of the
recordings. FOLDER is a CTranslate2 model of Whisper base (docs/evaluation.md says where one is). With
--distillmos the quality that DistillMOS predicts for every second of the sentences is told too (slow).
"""

from __future__ import annotations

import argparse
import json
import time
import tomllib
from pathlib import Path

import numpy as np

from synthkit import audio
from synthkit.corpora import open_corpus
from synthkit.eval import Clip, EvalSample, measure
from synthkit.eval.statistics import bootstrap_interval
from synthkit.pipeline.voice import Voice
from synthkit.plugins import registry
from synthkit.types import Utterance, Waveform

TO_REACH = 2.0


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("voices", type=Path, nargs="+")
    parser.add_argument("--whisper", type=Path, required=True)
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--keep", type=Path, help="write what was spoken here")
    parser.add_argument("--distillmos", action="store_true")
    asked = parser.parse_args()
    first = asked.voices[0]
    held_out = json.loads((first / "manifest.json").read_text(encoding="utf-8"))["held_out"]
    corpus = tomllib.loads((first / "voice.toml").read_text(encoding="utf-8"))["voice"]["corpus"]
    known = {u.id: u for u in open_corpus(corpus).utterances}
    chosen = [known[held_out[k]] for k in np.linspace(0, len(held_out) - 1, asked.count).round().astype(int)]
    kind = registry().load("metric", "whisper")
    metric = kind(kind.Config(model=str(asked.whisper)))

    def told(name: str, spoken: list[tuple[Utterance, Waveform]], more: str = "") -> float:
        counts: dict[str, list[tuple[float, int]]] = {"wer": [], "cer": []}
        for u, wave in spoken:
            for m in measure(metric, EvalSample(u.id, u.text, u.language, Clip(wave))):
                if m.value is None or m.n is None:
                    raise SystemExit(f"{u.id}: {m.reason}")
                counts[m.metric].append((m.value, m.n))
        wer, cer = (bootstrap_interval(*np.array(counts[k]).T) for k in ("wer", "cer"))
        print(
            f"{name:32} WER {wer.estimate:5.1f} % ({wer.low:.1f} … {wer.high:.1f})  CER {cer.estimate:5.1f} %"
            f"{more}",
            flush=True,
        )
        return float(wer.estimate)

    def quality(spoken: list[tuple[Utterance, Waveform]]) -> None:
        judge = registry().load("metric", "distillmos")()
        judge.prepare()
        found = [
            m.value
            for u, wave in spoken[::2]
            for m in measure(judge, EvalSample(u.id, u.text, u.language, Clip(wave)))
            if m.value is not None
        ]
        mos = bootstrap_interval(np.array(found))
        print(f"{'':32} DistillMOS of {len(found)}: {mos.estimate:.2f} ({mos.low:.2f} … {mos.high:.2f})")

    print(f"{len(chosen)} held-out sentences of {corpus}, heard by {asked.whisper.name}")
    recorded = [(u, audio.read(u.audio, start=u.start, end=u.end)) for u in chosen]
    anchor = told("recordings", recorded)
    for folder in asked.voices:
        voice, spoken = Voice.open(folder), []
        started = time.process_time()
        for u in chosen:
            wave = voice.speak(u.text).waveform
            spoken.append((u, wave))
            if asked.keep:
                (asked.keep / folder.name).mkdir(parents=True, exist_ok=True)
                audio.write(asked.keep / folder.name / f"{u.id}.wav", wave)
        seconds = sum(w.duration for _, w in spoken)
        length = seconds / sum(w.duration for _, w in recorded)
        cpu = (time.process_time() - started) / seconds
        more = f"  {length:.2f} × as long, {cpu:.2f} × real time of CPU"
        wer = told(folder.name, spoken, more)
        verdict = "reached" if wer <= TO_REACH * anchor else "MISSED"
        print(f"{'':32} {wer / anchor:.2f} × the recordings (to reach: {TO_REACH:g} ×): {verdict}")
        if asked.distillmos:
            quality(spoken)


if __name__ == "__main__":
    main()
