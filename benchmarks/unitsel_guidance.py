# SPDX-License-Identifier: Apache-2.0
"""What units are chosen by, on recordings that nothing of it has heard: own predictor, guide, and both.

    python benchmarks/unitsel_guidance.py [--voice FOLDER] [--guide FOLDER]

The voice is one of all of ``msu-ru-nsh`` by the recipe, whose units are what is predicted. The guide is a
parametric voice that learned from every second recording; where it is not given it is trained, in 1,300 steps
(some ten minutes of CPU). The evaluation set (``items[::10]``) is never looked at. Of the other recordings
that the guide has not heard, those with ``index % 10`` of 4 and 8 judge; own predictor and regression learn,
as at a build, from all the rest. Printed is the variance that each leaves unexplained in them, pauses left
out, and first the time: processor seconds per second of speech of the guide's vectors and of its frames.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from unitsel_common import ROOT, arguments, corpus_items, voice_folder

EVALUATION, JUDGING, UNHEARD = (0,), (4, 8), (0, 2, 4, 6, 8)
"""Places in ten: of the evaluation set, of what judges, of what the guide must not hear."""


def guide_folder(given: Path | None) -> Path:
    """The guide, trained where none was given."""
    out = given or Path(tempfile.gettempdir()) / "synthkit-benchmark-half-guide"
    if not (out / "manifest.json").exists():
        held = [item.id for k, item in enumerate(corpus_items()) if k % 10 in UNHEARD]
        recipe = ROOT / "plugins/parametric/recipes/nsh-parametric.toml"
        sets = ("voice.held_out=" + json.dumps(held), "acoustic_model.steps=1300")
        more = [part for text in sets for part in ("--set", text)]
        synthkit = str(Path(sys.executable).parent / "synthkit")
        subprocess.run([synthkit, "build", str(recipe), "-o", str(out), *more], check=True)
    return out


def recordings(voice: Any, guide: Any) -> dict[str, np.ndarray]:
    """Of all recordings but the evaluation set, phone by phone: place in ten, context, acoustics of both
    halves, what the guide's frames say, `head.padded` rows of its vectors, and whether it said the phone."""
    from synthkit_unit_selection.context import COLUMN
    from synthkit_unit_selection.phone_row import PhoneRow

    store = voice.acoustic_model.store
    units = store.units.mapped()
    parts: dict[str, list[np.ndarray]] = {
        k: [] for k in ("ten", "context", "real", "frames", "rows", "places", "said")
    }
    spent, base = np.zeros(3), 0
    for k, item in enumerate(corpus_items()):
        if k % 10 in EVALUATION:
            continue
        low, high = store.span(store.number(item.id))
        records = units[low:high]
        context = np.array(records["context"][::2])
        symbols = tuple(store.phones[p] for p in context[:, COLUMN["phone"]])
        words = tuple(int(w) for w in records["word"][::2])
        nothing = (0,) * len(symbols)
        spoken = PhoneRow(symbols, nothing, words, nothing, (), ())
        text, real = voice.segment(item.text), np.array(records["acoustics"][:, :-1])
        start = time.process_time()
        vectors, theirs, ours = guide.vectors(text, spoken)
        middle = time.process_time()
        frames, said = guide.targets(text, spoken, real.shape[1])
        spent += (middle - start, time.process_time() - middle, np.exp(real[:, 0]).sum())
        places = np.zeros(len(symbols), np.int64)
        places[ours] = theirs + base
        base += len(vectors)
        for name, rows in (
            ("ten", np.full(len(symbols), k % 10)), ("context", context), ("real", real), ("frames", frames),
            ("rows", vectors), ("places", places), ("said", said & (places > 0)),
        ):  # fmt: skip
            parts[name].append(rows)
    print(
        f"the guide, processor seconds per second of speech: {spent[0] / spent[2]:.5f} its vectors, "
        f"{spent[1] / spent[2]:.5f} its frames\n"
    )
    return {name: np.concatenate(rows) for name, rows in parts.items()}


def main() -> None:
    """Print a Markdown table."""
    parser = arguments(__doc__)
    parser.add_argument("--guide", type=Path, help="a parametric voice that heard every second recording")
    options = parser.parse_args()
    from synthkit_unit_selection.context import COLUMN
    from synthkit_unit_selection.guide import open_guide
    from synthkit_unit_selection.head import fit_head
    from synthkit_unit_selection.predictor import InMemory, fit_predictor

    from synthkit.pipeline.voice import Voice

    voice, guide = Voice.open(voice_folder(options.voice)), open_guide(guide_folder(options.guide))
    r = recordings(voice, guide)
    real, said = r["real"], r["said"]
    judged = np.isin(r["ten"], JUDGING) & said & (r["context"][:, COLUMN["word_length"]] > 0)
    learned = ~np.isin(r["ten"], JUDGING)
    heard = ~np.isin(r["ten"], UNHEARD) & said
    pairs = {
        name: rows.repeat(2) for name, rows in (("judged", judged), ("learned", learned), ("heard", heard))
    }
    phones = len(voice.acoustic_model.store.phones)
    predictor = fit_predictor(InMemory(r["context"][learned], real[pairs["learned"]]), phones)
    own = predictor.predict(r["context"].astype(np.int16))
    frames = r["frames"] - (r["frames"] - real)[pairs["heard"]].mean(0)

    def regression(target: np.ndarray) -> np.ndarray:
        some = learned & said
        head = fit_head(r["rows"], r["places"][some], target[some.repeat(2)])
        return head.predict(r["rows"], np.maximum(r["places"], 1))

    head = regression(real)
    print("| unexplained variance | duration | F0 | voicing | power | spectrum |\n|---|---|---|---|---|---|")
    where, voiced = pairs["judged"], real[:, 2] > 0.5
    for name, rows in (
        ("own predictor", own), ("the guide's frames", frames), ("regression on its vectors", head),
        ("regression taught by its frames instead of recordings", regression(frames)),
        ("mean of own predictor and regression", (own + head) / 2),
    ):  # fmt: skip
        error = (rows - real) ** 2
        cells = (
            error[where, 0].mean(), error[where & voiced, 1].mean(), error[where, 2].mean(),
            error[where, 3].mean(), error[where, 4:].sum(1).mean(),
        )  # fmt: skip
        print(f"| {name} | " + " | ".join(f"{c:.4f}" if c < 0.1 else f"{c:.3f}" for c in cells) + " |")


if __name__ == "__main__":
    main()
