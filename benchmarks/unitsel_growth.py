"""The same sentences from 1, 10 and 100 hours: time and resident memory.

    python benchmarks/unitsel_growth.py [--voice FOLDER] [--hours 1 10 100] [--scratch FOLDER]

The units of a built voice are replicated with jitter (acoustics and join vectors get noise of a tenth of
their spread, so that no two copies cost the same) and indexed anew; the audio file is as long as the hours
say, but only its first copy is filled, the rest reads as silence without taking disk. Sentences are made
of halves of different corpus sentences, so that none is there whole. To reach: at 100 h at most twice
the time of 1 h, and at most 200 MB resident.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from unitsel_common import arguments, corpus_items, voice_folder

WORKER = """
import json, resource, sys, time
from synthkit.pipeline.voice import Voice
voice = Voice.open(sys.argv[1])
texts = json.load(sys.stdin)
voice.acoustic_model.close()
voice.acoustic_model.open(__import__('pathlib').Path(sys.argv[2]))
for text in texts: voice.say(text)
times = []
for repeat in range(3):
    start = time.process_time()
    spoken = sum(voice.say(text).duration for text in texts)
    times.append(time.process_time() - start)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(min(times), spoken, peak)
"""


def grow(model: Path, out: Path, hours: float) -> float:
    """Write a store of about `hours` from the one in `model`; returns the hours it has."""
    from synthkit_unit_selection.index import write_index

    info = json.loads((model / "units.json").read_text(encoding="utf-8"))
    own = info["first_sample"][-1] / info["sample_rate"] / 3600
    arrays = {n: np.load(model / f"{n}.npy") for n in ("context", "acoustics", "edges", "joins", "recording", "words")}
    keep = len(info["sources"])
    if hours < own:
        keep = int(np.searchsorted(info["first_sample"], hours * 3600 * info["sample_rate"]))
        units = int(np.searchsorted(arrays["recording"], keep))
        cut = {"context": units // 2, "words": units // 2, "edges": units + keep, "joins": units + keep}
        arrays = {n: a[: cut.get(n, units)] for n, a in arrays.items()}
    copies = max(round(hours / own), 1)
    out.mkdir(parents=True)
    for file in ("predictor.npz", "scales.npz"):
        shutil.copy(model / file, out / file)
    rng = np.random.default_rng(0)
    spread = {n: 0.1 * arrays[n].std(0) for n in ("acoustics", "joins")}
    spread["acoustics"][-1] = 0
    spread["joins"][1] = 0
    grown = {}
    for name, array in arrays.items():
        whole = np.lib.format.open_memmap(
            out / f"{name}.npy", "w+", array.dtype, (copies * len(array), *array.shape[1:])
        )
        for copy in range(copies):
            part = array
            if name in spread and copy:
                part = array + spread[name] * rng.standard_normal(array.shape, np.float32)
            elif name == "recording":
                part = array + copy * keep
            whole[copy * len(array) : (copy + 1) * len(array)] = part
        grown[name] = whole
    write_index(out, grown["context"], grown["acoustics"], len(info["phones"]))
    with np.load(model / "phrases.npz") as z:
        fit = z["spans"][:, 1] <= len(arrays["context"])
        keys, spans = z["keys"][fit], z["spans"][fit]
    shift = np.zeros(spans.shape[1], np.int64)
    shift[:2] = len(arrays["context"])
    keys, spans = np.tile(keys, copies), np.concatenate([spans + c * shift for c in range(copies)])
    order = np.argsort(keys, kind="stable")
    np.savez(out / "phrases.npz", keys=keys[order], spans=spans[order])
    first = np.array(info["first_sample"][: keep + 1], np.int64)
    starts = np.concatenate([first[:-1] + c * first[-1] for c in range(copies)] + [[copies * first[-1]]])
    sources = [f"{s}~{c}" for c in range(copies) for s in info["sources"][:keep]]
    shutil.copy(model / "audio.npy", out / "audio.npy")
    os.truncate(out / "audio.npy", info["audio_offset"] + 2 * int(starts[-1]))
    text = json.dumps({**info, "sources": sources, "first_sample": starts.tolist()})
    (out / "units.json").write_text(text, encoding="utf-8")
    return float(starts[-1] / info["sample_rate"] / 3600)


def main() -> None:
    """Print a line per size."""
    parser = arguments(__doc__)
    parser.add_argument("--hours", type=float, nargs="+", default=[1, 10, 100])
    parser.add_argument("--scratch", type=Path)
    options = parser.parse_args()
    voice = voice_folder(options.voice)
    texts = [i.text.split() for i in corpus_items()[3::31][:21]]
    halves = [" ".join(a[: len(a) // 2] + b[len(b) // 2 :]) for a, b in zip(texts, texts[1:], strict=False)]
    first = 0.0
    for hours in options.hours:
        with tempfile.TemporaryDirectory(dir=options.scratch) as scratch:
            folder = Path(scratch) / "grown"
            real = grow(voice / "acoustic_model", folder, hours)
            units = len(np.load(folder / "recording.npy", mmap_mode="r"))
            run = subprocess.run(
                [sys.executable, "-c", WORKER, str(voice), str(folder)], input=json.dumps(halves),
                capture_output=True, text=True, check=True, env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
            )  # fmt: skip
            seconds, spoken, memory = (float(v) for v in run.stdout.split())
            first = first or seconds
            print(
                f"{real:6.1f} h  {units:>9} units  {1000 * seconds / len(halves):6.1f} ms per sentence "
                f"(RTF {seconds / spoken:.4f}, {seconds / first:.2f} x the first)  {memory:4.0f} MB resident at most",
                flush=True,
            )
    print("to reach at 100 h: 2 x the time of 1 h, 200 MB")


if __name__ == "__main__":
    main()
