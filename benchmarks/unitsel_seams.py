# SPDX-License-Identifier: Apache-2.0
"""What is heard at joins, by the weights of the join cost: the table that the default weights come from.

    python benchmarks/unitsel_seams.py [--voice FOLDER] [--corpus msu-ru-nsh] [--count 31] [--start 5]
        [--every 10] [--row "join.f0=26 join.spectrum=6 join.power=2 join.join=4"] …

Recordings ``items[start::every]``, which are not those that voices are judged by, spoken without their own
units by one voice under each row's weights. Share of F0 steps above two semitones and mean steps at joins,
by the metric ``seams``, pooled over all joins, each with what neighbours in one recording do at the same
kind of place; then joins an utterance, MCD and F0 RMSE by the metric ``world``. The paired differences of
MCD from the first row have 95 % bootstrap intervals.
"""

from __future__ import annotations

import numpy as np
from unitsel_common import arguments, voice_folder

from synthkit import audio
from synthkit.corpora import open_corpus
from synthkit.eval import Clip, EvalSample
from synthkit.eval.metric import measure
from synthkit.eval.statistics import bootstrap_interval
from synthkit.eval.voice_systems import record_of
from synthkit.pipeline.voice import Voice
from synthkit.plugins import registry

ROWS = (
    "join.join=10.2 join.f0=0.65 join.spectrum=1.0 join.power=0.3",
    "join.join=8 join.f0=26 join.spectrum=3 join.power=0.3",
    "join.join=4 join.f0=26 join.spectrum=6 join.power=2",
)
SHARES = [f"seam-{what}-{kind}" for what in ("jumps", "f0", "spectrum") for kind in ("boundary", "mid-phone")]


def spoken(voice: Voice, utterance: object) -> EvalSample:
    """An utterance spoken without its own units, beside its recording."""
    said = voice.speak(utterance.text, exclude=frozenset([utterance.id]))
    original = audio.read(utterance.audio, None, utterance.start, utterance.end)
    record = record_of(said, utterance.id)
    test = Clip(said.waveform)
    return EvalSample(utterance.id, utterance.text, utterance.language, test, Clip(original), record=record)


def main() -> None:
    """Print a Markdown table."""
    parser = arguments(__doc__)
    parser.add_argument("--corpus", default="msu-ru-nsh")
    parser.add_argument("--count", type=int, default=31)
    parser.add_argument("--start", type=int, default=5)
    parser.add_argument("--every", type=int, default=10)
    parser.add_argument("--row", action="append", default=[])
    options = parser.parse_args()
    folder = voice_folder(options.voice)
    chosen = list(open_corpus(options.corpus).utterances)[options.start :: options.every][: options.count]
    metrics = [registry().load("metric", name)() for name in ("seams", "world")]
    print(f"{len(chosen)} recordings of {options.corpus}, their own units left out; in brackets neighbours")
    print(
        "| weights | jumps, boundary / mid-phone, % | F0 step, semitones | spectral step, dB | joins "
        "| MCD, dB | F0 RMSE, Hz |\n|---|---|---|---|---|---|---|"
    )
    first: np.ndarray | None = None
    for row in options.row or ROWS:
        voice = Voice.open(folder, overrides=[f"acoustic_model.{part}" for part in row.split()])
        sums: dict[str, list[float]] = {}
        joins, mcd, f0 = [], [], []
        for utterance in chosen:
            sample = spoken(voice, utterance)
            assert sample.record is not None and sample.record.path is not None
            joins.append(sample.record.path.joins)
            found = {m.key: m for metric in metrics for m in measure(metric, sample)}
            mcd.append(found["mcd/synthkit"].value)
            f0.append(found["f0-rmse/synthkit"].value)
            for key, m in found.items():
                if key.startswith("seam-") and m.value is not None:
                    total = sums.setdefault(key, [0.0, 0.0])
                    total[0] += m.n * m.value
                    total[1] += m.n

        def pooled(name: str, whose: str, sums: dict[str, list[float]] = sums) -> float:
            total, n = sums.get(f"{name}/{whose}", (np.nan, 1.0))
            return total / n

        cells = []
        for boundary, inside in zip(SHARES[::2], SHARES[1::2], strict=True):
            mine, theirs = (
                " / ".join(f"{pooled(name, whose):.1f}" for name in (boundary, inside))
                for whose in ("synthkit", "neighbours")
            )
            cells.append(f"{mine} ({theirs})")
        values = np.array(mcd, dtype=float)
        told = f"{values.mean():.3f}"
        if first is None:
            first = values
        else:
            interval = bootstrap_interval(values - first)
            told += f" ({interval.estimate:+.3f}, {interval.low:+.3f} to {interval.high:+.3f})"
        f0_mean = np.nanmean(np.array(f0, dtype=float))
        print(
            f"| `{row}` | {' | '.join(cells)} | {np.mean(joins):.1f} | {told} | {f0_mean:.1f} |", flush=True
        )
        voice.close()


if __name__ == "__main__":
    main()
