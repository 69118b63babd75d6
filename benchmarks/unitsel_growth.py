# SPDX-License-Identifier: Apache-2.0
"""The same sentences from 1, 10 and 100 hours: time, resident memory and the cost of opening.

    python benchmarks/unitsel_growth.py [--voice FOLDER] [--hours 1 10 100] [--scratch FOLDER]

The units of a built voice are replicated with jitter (acoustics and join vectors get noise of a tenth of
their spread, so that no two copies cost the same) and indexed anew; the audio file is as long as the hours
say, but only its first copy is filled, the rest reads as silence without taking disk. Sentences are made
of halves of different corpus sentences, so that none is there whole. To reach: at 100 h at most twice
the time of 1 h, and at most 200 MB resident.

Every size is measured in a process of its own: opening (wall), the first pass over the sentences with the
voice's files dropped from the page cache (wall: what a disk costs), and warm passes (processor and wall time,
the least of several; the sizes take turns, so that a shared machine slows all of them alike). Resident memory
is the kernel's VmHWM of that process, pages of mapped files included. 100 hours take about 5 GB in
`--scratch`.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import IO, Any

import numpy as np
from unitsel_common import arguments, corpus_items, voice_folder

WORKER = """
import json, sys, time
from pathlib import Path
from synthkit.pipeline.voice import Voice
voice = Voice.open(sys.argv[1])
texts = json.loads(sys.stdin.readline())
model = voice.acoustic_model
model.close()
start = time.perf_counter()
model.open(Path(sys.argv[2]))
opening = time.perf_counter() - start
for line in sys.stdin:
    wall, cpu = time.perf_counter(), time.process_time()
    spoken = sum(voice.say(text).duration for text in texts)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    status = dict(l.split(":", 1) for l in open("/proc/self/status"))
    peak = int(status["VmHWM"].split()[0]) / 1024
    print(json.dumps([opening, wall, cpu, spoken, peak]), flush=True)
"""


def grow(model: Path, out: Path, hours: float) -> float:
    """Write a store of about `hours` from the one in `model`; returns the hours it has."""
    from synthkit_unit_selection.index import write_index
    from synthkit_unit_selection.store import UnitStore, write_recordings
    from synthkit_unit_selection.table import write_sorted

    info = json.loads((model / "units.json").read_text(encoding="utf-8"))
    first_unit, first_sample, _ = np.load(model / "recordings.npy")
    own = first_sample[-1] / info["sample_rate"] / 3600
    keep = len(first_unit) - 1
    if hours < own:
        keep = int(np.searchsorted(first_sample, hours * 3600 * info["sample_rate"]))
    count, samples = int(first_unit[keep]), int(first_sample[keep])
    copies = max(round(hours / own), 1)
    out.mkdir(parents=True)
    for file in ("predictor.npz", "scales.npz"):
        shutil.copy(model / file, out / file)
    part = np.load(model / "units.npy", mmap_mode="r")[:count]
    units = np.lib.format.open_memmap(out / "units.npy", "w+", part.dtype, (copies * count,))
    rng = np.random.default_rng(0)
    spread = {name: 0.1 * part[name].std(0) for name in ("acoustics", "join")}
    spread["acoustics"][-1] = 0  # the hygiene penalty
    spread["join"][1] = 0  # voiced or not
    for copy in range(copies):
        rows = units[copy * count : (copy + 1) * count]
        rows[:] = part
        for name, size in spread.items():
            if copy:
                rows[name] += size * rng.standard_normal(rows[name].shape, np.float32)
    phone = np.load(model / "phone.npy")[: count // 2]
    np.save(out / "phone.npy", np.tile(phone, copies))
    units.flush()
    write_index(out, len(info["phones"]))

    phrases = np.load(model / "phrases.npy")
    phrases = np.tile(phrases[phrases["last"] <= count // 2], copies)
    shift = np.arange(copies).repeat(len(phrases) // copies) * (count // 2)
    phrases["first"] += shift
    phrases["last"] += shift
    write_sorted(out, "phrases", phrases)

    def starts(first: np.ndarray) -> np.ndarray:
        whole = [first[:keep] + c * int(first[keep]) for c in range(copies)]
        return np.concatenate([*whole, [copies * int(first[keep])]])

    store = UnitStore(model)
    names = [f"{store.source(r)}~{c}" for c in range(copies) for r in range(keep)]
    store.close()
    write_recordings(out, names, starts(first_unit), starts(first_sample))
    shutil.copy(model / "audio.npy", out / "audio.npy")
    os.truncate(out / "audio.npy", info["audio_offset"] + 2 * copies * samples)
    shutil.copy(model / "units.json", out / "units.json")
    return copies * samples / info["sample_rate"] / 3600


def drop_cache(folder: Path) -> None:
    """Ask the kernel to forget the pages of every file in `folder`."""
    for path in folder.iterdir():
        file = os.open(path, os.O_RDONLY)
        os.fsync(file)
        os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(file)


def start(voice: Path, folder: Path, texts: list[str]) -> subprocess.Popen[str]:
    """A process that has opened the voice of `folder` and waits for a line to speak `texts`."""
    child = subprocess.Popen(
        [sys.executable, "-c", WORKER, str(voice), str(folder)], stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, text=True, env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
    )  # fmt: skip
    _pipe(child.stdin).write(json.dumps(texts) + "\n")
    return child


def speak(child: subprocess.Popen[str]) -> list[float]:
    """One pass: seconds to open, wall and processor seconds, seconds of speech, MB resident at most."""
    _pipe(child.stdin).write("\n")
    _pipe(child.stdin).flush()
    out: list[float] = json.loads(_pipe(child.stdout).readline())
    return out


def _pipe(pipe: IO[str] | None) -> Any:
    assert pipe is not None
    return pipe


def main() -> None:
    """Print a line per size."""
    parser = arguments(__doc__)
    parser.add_argument("--hours", type=float, nargs="+", default=[1, 10, 100])
    parser.add_argument("--scratch", type=Path)
    parser.add_argument("--passes", type=int, default=8)
    options = parser.parse_args()
    voice = voice_folder(options.voice)
    texts = [i.text.split() for i in corpus_items()[3::31][:21]]
    halves = [" ".join(a[: len(a) // 2] + b[len(b) // 2 :]) for a, b in zip(texts, texts[1:], strict=False)]
    if options.scratch:
        options.scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=options.scratch) as scratch:
        folders, sizes = [], []
        for number, hours in enumerate(options.hours):
            begun = time.perf_counter()
            folders.append(Path(scratch) / str(number))
            sizes.append(grow(voice / "acoustic_model", folders[-1], hours))
            size = sum(f.stat().st_blocks for f in folders[-1].iterdir()) * 512 / 1e6
            print(
                f"# {sizes[-1]:.1f} h made in {time.perf_counter() - begun:.0f} s: {size:.0f} MB on disk",
                flush=True,
            )
        children, cold = [], []
        for folder in folders:
            drop_cache(folder)
            children.append(start(voice, folder, halves))
            cold.append(speak(children[-1]))
        passes = np.array([[speak(child) for child in children] for _ in range(options.passes)])
        for child in children:
            child.communicate()
        best = passes.min(0)
        for hours, folder, (opening, wall, *_), warm, last in zip(
            sizes, folders, cold, best, passes[-1], strict=True
        ):
            units = len(np.load(folder / "phone.npy", mmap_mode="r")) * 2
            n = len(halves)
            print(
                f"{hours:6.1f} h  {units:>9} units  opened in {1000 * opening:4.1f} ms  per sentence: "
                f"{1000 * warm[2] / n:5.1f} ms processor ({warm[2] / best[0][2]:.2f} x the first), "
                f"{1000 * warm[1] / n:5.1f} ms wall ({warm[1] / best[0][1]:.2f} x), "
                f"{1000 * wall / n:6.1f} ms wall with nothing cached  RTF {warm[2] / warm[3]:.4f}  "
                f"{last[4]:4.0f} MB resident at most"
            )
    print("to reach at 100 h: 2 x the time of 1 h, 200 MB")


if __name__ == "__main__":
    main()
