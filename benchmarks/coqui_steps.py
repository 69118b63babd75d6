# SPDX-License-Identifier: Apache-2.0
"""Steps per second of our training loop against coqui-tts's Trainer: same model, same batches, same machine.

    python benchmarks/coqui_steps.py [--kind glowtts] [--preset small] [--steps 40] [--rounds 5]  (about 15
    CPU seconds a round)

Each side runs in processes of its own, one after the other, and which goes first changes with every round.
The Trainer is given the batches ready made and told to print, evaluate and save nothing; our side is the loop
as it is used: it makes its batches, watches, logs and writes its events. The ratio is taken within each
round, by CPU seconds (all threads, start-up excluded) and by the clock; printed are all of them, their median
and their range. On a machine with other jobs the clock says little, and CPU time too varies through caches
that are shared.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "plugins" / "coqui" / "tests"))

from coqui_samples import bare_trainer, make_data, run_folder

WARM = 5
"""Steps before the clock starts."""


def ours(folder: Path, steps: int) -> dict[str, float]:
    from synthkit_coqui.run import Run

    run = Run(folder)
    run.tell = lambda *a, **k: None  # type: ignore[method-assign]
    run.begin()
    run.train(WARM)  # warm caches
    cpu, wall = time.process_time(), time.perf_counter()
    run.checkpoint = lambda: None  # type: ignore[method-assign]  # neither side writes checkpoints
    run.train(WARM + steps)
    return {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall}


def theirs(folder: Path, steps: int) -> dict[str, float]:
    """A bare script over Trainer 0.4.0, with the batches that our side takes."""
    from synthkit_coqui.run import Run

    run = Run(folder)
    # The Trainer's own threads may still write into its run folder when it is cleared away.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as out:
        settings = {"scheduler_after_epoch": False, "grad_clip": run.settings.grad_clip}
        bare = bare_trainer(run, WARM + steps, Path(out), **settings)
        began = bare.model.on_train_step_start
        clock: dict[str, float] = {}

        def start(trainer: Any) -> None:
            began(trainer)
            if trainer.total_steps_done == WARM:
                clock["cpu"], clock["wall"] = time.process_time(), time.perf_counter()

        bare.model.on_train_step_start = start
        bare.train_epoch()
        cpu, wall = time.process_time(), time.perf_counter()
    assert bare.total_steps_done == WARM + steps
    return {"cpu": cpu - clock["cpu"], "wall": wall - clock["wall"]}


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--kind", default="glowtts", choices=["glowtts", "tacotron2"])
    parser.add_argument("--preset", default="small")
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--steps", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--side", choices=["ours", "theirs"], help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.side:
        side = ours if options.side == "ours" else theirs
        print("RESULT " + json.dumps(side(options.folder, options.steps)))
        return 0
    work = Path(tempfile.mkdtemp(prefix="synthkit-steps-"))
    data = make_data(count=12, held_out=0, seconds=3.0)
    settings = {"preset": options.preset, "batch_size": options.batch, "log_every": 50, "rehearsal": False}
    run_folder(work, options.kind, data, **settings, checkpoint_every=10**6, steps=10**4)
    seconds: dict[str, list[dict[str, float]]] = {"ours": [], "theirs": []}
    import shutil

    for number in range(options.rounds):
        for side in ("theirs", "ours") if number % 2 == 0 else ("ours", "theirs"):
            shutil.rmtree(work / "checkpoints", ignore_errors=True)
            command = [
                sys.executable,
                __file__,
                "--side",
                side,
                "--folder",
                str(work),
                "--steps",
                str(options.steps),
            ]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            found = [line for line in done.stdout.splitlines() if line.startswith("RESULT ")]
            if not found:
                print(done.stdout[-2000:], done.stderr[-3000:], file=sys.stderr)
                return 1
            seconds[side].append(json.loads(found[0][7:]))
    shutil.rmtree(work)
    print(
        f"{options.kind} {options.preset}, batch {options.batch}, {options.steps} steps, {options.rounds} "
        "rounds"
    )
    for clock in ("cpu", "wall"):
        rates = {side: [options.steps / r[clock] for r in rounds] for side, rounds in seconds.items()}
        ratios = [a / b for a, b in zip(rates["ours"], rates["theirs"], strict=True)]
        for a, b, ratio in zip(rates["ours"], rates["theirs"], ratios, strict=True):
            print(f"{clock:>5}: synthkit {a:7.2f} steps/s  Trainer {b:7.2f} steps/s  ratio {ratio:.3f}")
        target = "  (target ≥ 0.98)" if clock == "cpu" else ""
        print(
            f"{clock:>5}: ratio, median {median(ratios):.3f}, from {min(ratios):.3f} to "
            f"{max(ratios):.3f}{target}"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
