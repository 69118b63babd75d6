# SPDX-License-Identifier: Apache-2.0
"""Who should guide unit selection: the voice's own predictor, or a parametric voice of the same speaker?

    python benchmarks/unitsel_guidance.py [--voice FOLDER] [--guided FOLDER] [--count 31] [--weights]

Two voices of ``msu-ru-nsh``, one by the recipe, one with ``guidance_model``; each is built where it is not
given (the guide then is the parametric demo voice, whose bundled weights learned from 89 minutes of the same
recordings, every tenth utterance left out). Both speak the same recordings without their own units, text in.
The recordings are every tenth from the sixth: outside the evaluation set, but heard by both predictors, so a
guide that learns by heart flatters itself there. The last table therefore asks both about the recordings the
guide never heard (the evaluation set), the own predictor trained again without them: the variance that each
leaves unexplained. The weights of the costs were tuned for the own predictor; ``--weights`` also tries the
guided voice with its target terms at other strengths (the slider ``guidance``).

Then the time: processor seconds per second of speech of choosing units, without rendering them.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from unitsel_common import ROOT, arguments, corpus_items, voice_folder
from unitsel_loo import forget, measure


def guided_folder(given: Path | None) -> Path:
    """The guided voice, built with its guide where none was given."""
    if given:
        return given
    scratch = Path(tempfile.gettempdir())
    guide, out = scratch / "synthkit-benchmark-guide", scratch / "synthkit-benchmark-guided"
    synthkit = str(Path(sys.executable).parent / "synthkit")
    if not (out / "manifest.json").exists():
        recipe = ROOT / "plugins/parametric/recipes/demo-ru-parametric.toml"
        subprocess.run(
            [synthkit, "build", str(recipe), "-o", str(guide), "--set", "voice.limit=8"], check=True
        )
        setting = f"acoustic_model.guidance_model={guide}"
        recipe = ROOT / "corpora/recipes/nsh.toml"
        subprocess.run([synthkit, "build", str(recipe), "-o", str(out), "--set", setting], check=True)
    return out


def speed(voice, items) -> float:  # type: ignore[no-untyped-def]
    """Processor seconds of the acoustic model per second of speech."""
    spent = spoken = 0.0
    for item in items:
        text = voice.segment(item.text)
        start = time.process_time()
        path = voice.predict(text, exclude=frozenset([item.id]))
        spent += time.process_time() - start
        spoken += sum(u.end - u.start for u in path.units) / voice.sample_rate
    return spent / spoken


def unexplained(model, recordings) -> list[float]:  # type: ignore[no-untyped-def]
    """Mean squared error of what was predicted of `recordings`, pauses left out: duration, F0 (voiced),
    power, spectrum."""
    store, errors, voiced = model.store, [], []
    for number in recordings:
        low, high = store.span(number)
        units = store.units.mapped()[low:high]
        speech = units["word"] >= 0
        real = units["acoustics"][speech, :-1]
        errors.append((model.predicted(number)[speech] - real) ** 2)
        voiced.append(real[:, 2] > 0.5)
    error, where = np.concatenate(errors), np.concatenate(voiced)
    return [
        float(v)
        for v in (error[:, 0].mean(), error[where, 1].mean(), error[:, 3].mean(), error[:, 4:].sum(1).mean())
    ]


def main() -> None:
    """Print a Markdown table."""
    parser = arguments(__doc__)
    parser.add_argument("--guided", type=Path, help="a built voice with guidance_model")
    parser.add_argument("--count", type=int, default=31)
    parser.add_argument("--weights", action="store_true")
    options = parser.parse_args()
    from synthkit.pipeline.voice import Voice

    items = corpus_items()[5::10][: options.count]
    own, guided = Voice.open(voice_folder(options.voice)), Voice.open(guided_folder(options.guided))
    cases = [("own predictor", own, {}), ("guidance_model", guided, {})]
    if options.weights:
        cases += [
            (f"{name}, guidance {g}", v, {"guidance": g}) for g in (0.4, 0.6) for name, v, _ in cases[:2]
        ]
    print(f"{len(items)} recordings, without their own units")
    print("| | MCD dB | F0 RMSE Hz | joins per utterance | joins per phone |\n|---|---|---|---|---|")
    rows = []
    for name, voice, changed in cases:
        rows.append(measure(voice, items, **changed))
        mcd, f0, joins, _, rate = np.nanmean(rows[-1], 0)
        print(f"| {name} | {mcd:.3f} | {f0:.2f} | {joins:.1f} | {rate:.3f} |", flush=True)
    change = rows[1][:, :3] - rows[0][:, :3]
    sample = np.random.default_rng(0).integers(0, len(change), (2000, len(change)))
    low, high = np.percentile(np.nanmean(change[sample], 1), [2.5, 97.5], axis=0)
    print("\nguided less own, 95 % bootstrap interval over recordings:")
    for name, a, b, mean in zip(
        ("MCD dB", "F0 RMSE Hz", "joins"), low, high, np.nanmean(change, 0), strict=True
    ):
        print(f"  {name}: {mean:+.3f} ({a:+.3f} … {b:+.3f})")
    print("\n| unexplained variance | duration | F0 | power | spectrum |\n|---|---|---|---|---|")
    show = "| {} | {:.4f} | {:.4f} | {:.3f} | {:.3f} |".format
    total = own.acoustic_model.store.recordings
    for heard, first in (("heard by both", 5), ("not heard", 0)):
        if not first:
            forget(own.acoustic_model, [i.id for i in corpus_items()[::10]])
        for name, voice in (("own predictor", own), ("guide", guided)):
            print(show(f"{name}, {heard}", *unexplained(voice.acoustic_model, range(first, total, 10))))
    print(
        f"\nchoosing units, processor seconds per second of speech: {speed(own, items):.5f} own, "
        f"{speed(guided, items):.5f} guided"
    )


if __name__ == "__main__":
    main()
