# SPDX-License-Identifier: Apache-2.0
"""What smoothing at bad joins does: steps of F0 and of the spectrum there, and what it costs elsewhere.

    python benchmarks/unitsel_joins.py [--voice FOLDER] [--count 31] [--above 5]

Recordings outside the evaluation set, spoken without their own units. At every join that was smoothed: the
greatest change of F0 from one frame of 5 ms to the next within 40 ms (by Harvest, which smoothing knows
nothing of), and the mel-cepstral distance of the frames 10 ms before and after. Then MCD and F0 RMSE of whole
utterances against the recordings.
"""

from __future__ import annotations

import numpy as np
from unitsel_common import K, arguments, compare, corpus_items, voice_folder

from synthkit import audio


def frames(samples: np.ndarray, rate: int) -> tuple[np.ndarray, np.ndarray]:
    """F0 by Harvest (0 unvoiced) and mel-cepstra 1-24, every 5 ms."""
    import pysptk
    import pyworld

    x = samples.astype(np.float64)
    f0, times = pyworld.harvest(x, rate, f0_floor=60, f0_ceil=400, frame_period=5)
    return f0, pysptk.sp2mc(pyworld.cheaptrick(x, f0, times, rate), 24, 0.41)[:, 1:]


def steps(samples: np.ndarray, rate: int, at: list[int]) -> np.ndarray:
    """Greatest F0 step (semitones; NaN unvoiced) and spectral step (dB) at each of `at`, in samples: ``(N,
    2)``."""
    f0, mcep = frames(samples, rate)
    out = []
    for sample in at:
        t = round(sample / rate / 0.005)
        here = f0[max(t - 8, 0) : t + 9]
        voiced = (here[1:] > 0) & (here[:-1] > 0)
        step = np.abs(12 * np.log2(here[1:][voiced] / here[:-1][voiced])).max() if voiced.any() else np.nan
        a, b = mcep[max(t - 2, 0)], mcep[min(t + 2, len(mcep) - 1)]
        out.append((step, K * np.sqrt(((a - b) ** 2).sum())))
    return np.array(out).reshape(-1, 2)


def main() -> None:
    """Print a Markdown table."""
    parser = arguments(__doc__)
    parser.add_argument("--count", type=int, default=31)
    parser.add_argument("--above", type=float, default=5.0, help="smooth_joins_above")
    options = parser.parse_args()
    from synthkit.pipeline.voice import Voice

    folder = voice_folder(options.voice)
    plain = Voice.open(folder)
    smooth = Voice.open(folder, overrides=[f"vocoder.smooth_joins_above={options.above}"])
    joins, smoothed, whole, where = 0, 0, [], []
    for item in corpus_items()[5::10][: options.count]:
        path = plain.predict(plain.segment(item.text), exclude=frozenset([item.id]))
        reference = audio.read(item.audio)
        rate = reference.sample_rate
        a, b = plain.render(path).samples, smooth.render(path).samples
        changed = np.flatnonzero(a != b)
        made = [join.at for join in plain.vocoder.joined(path)[1]]
        joins += len(made)
        at = [sample for sample in made if len(changed) and np.abs(changed - sample).min() < 0.004 * rate]
        smoothed += len(at)
        where.append(np.hstack([steps(a, rate, at), steps(b, rate, at)]))
        whole.append((*compare(reference.samples, a, rate), *compare(reference.samples, b, rate)))
    table = np.nanmean(np.concatenate(where), 0)
    mean = np.nanmean(whole, 0)
    print(f"{smoothed} of {joins} joins smoothed (their cost, the constant left out, above {options.above})")
    print(
        "| | F0 step there, semitones | spectral step there, dB | MCD dB | F0 RMSE Hz "
        "|\n|---|---|---|---|---|"
    )
    print(f"| as joined | {table[0]:.2f} | {table[1]:.2f} | {mean[0]:.3f} | {mean[1]:.2f} |")
    print(f"| smoothed | {table[2]:.2f} | {table[3]:.2f} | {mean[2]:.3f} | {mean[3]:.2f} |")


if __name__ == "__main__":
    main()
