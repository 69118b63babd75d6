"""Steps per second of our training loop against coqui-tts's Trainer: same model, same batches, same machine.

    python benchmarks/coqui_steps.py [--kind glowtts] [--preset small] [--steps 40] [--rounds 5]  (about 15 CPU seconds a round)

Each side runs in processes of its own, one after the other, and which goes first changes with every round. The
Trainer is given the batches ready made and told to print, evaluate and save nothing; our side is the loop as it is
used: it makes its batches, watches, logs and writes its events. The ratio is taken within each round, by CPU seconds
(all threads, start-up excluded) and by the clock; printed are all of them, their median and their range. On a machine
with other jobs the clock says little, and CPU time too varies through caches that are shared.
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

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "plugins" / "coqui" / "tests"))

from coqui_samples import TINY, context, make_data
from synthkit_coqui import launch
from synthkit_coqui.corpus import prepare

from synthkit.plugins import registry


def ours(folder: Path, steps: int) -> dict[str, float]:
    from synthkit_coqui.train import Run

    run = Run(folder)
    run.tell = lambda *a, **k: None  # type: ignore[method-assign]
    run.begin()
    run.train(5)  # warm caches
    cpu, wall = time.process_time(), time.perf_counter()
    run.checkpoint = lambda: None  # type: ignore[method-assign]  # neither side writes checkpoints
    run.train(5 + steps)
    return {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall}


def theirs(folder: Path, steps: int) -> dict[str, float]:
    """A bare script over Trainer 0.4.0, with the batches that our side takes."""
    from synthkit_coqui.train import Run

    run = Run(folder)
    learner, clock = run.learner, {}
    learner.initialise(run.make(0, run.batches.at(0)))
    batches = [run.make(s, run.batches.at(s)) for s in range(5 + steps)]
    import trainer
    from trainer import Trainer, TrainerArgs

    class Bare(type(learner.model)):  # type: ignore[misc]
        def get_data_loader(self, *args, **kwargs):
            return batches

        def format_batch(self, batch):
            return batch

        def on_train_step_start(self, of):
            if of.total_steps_done == 5:
                clock["start"] = (time.process_time(), time.perf_counter())

        def train_log(self, *args, **kwargs):
            return None

    model = learner.model
    model.__class__ = Bare
    model.run_data_dep_init = False
    config = model.config
    config.epochs, config.batch_size, config.run_eval, config.test_delay_epochs = 1, run.settings.batch_size, False, 10
    config.print_step = config.plot_step = config.log_model_step = 10**6
    config.save_step, config.save_best_after, config.save_checkpoints = 10**6, 10**6, False
    config.mixed_precision, config.grad_clip, config.scheduler_after_epoch = False, run.settings.grad_clip, False
    if hasattr(config, "data_dep_init_steps"):
        config.data_dep_init_steps = 0
    with tempfile.TemporaryDirectory() as out:
        bare = Trainer(TrainerArgs(), config, output_path=out, model=model, train_samples=batches, eval_samples=batches[:1])
        bare.keep_avg_train = None
        bare.train_loader = batches
        bare.train_epoch()
        end = (time.process_time(), time.perf_counter())
    assert bare.total_steps_done == 5 + steps, (bare.total_steps_done, trainer.__name__)
    return {"cpu": end[0] - clock["start"][0], "wall": end[1] - clock["start"][1]}


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
    kind = registry().load("acoustic_model", options.kind)
    settings = {**TINY, "preset": options.preset, "batch_size": options.batch, "log_every": 50}
    model = kind(kind.Config(**{**settings, "rehearsal": False, "checkpoint_every": 10**6}, steps=10**4))
    voice = model._describe(data)
    tokens = {i.utterance.id: model._tokens(i) for i in data.items}
    prepare(data, work / "data", context(work), symbols=voice.symbols, tokens=tokens, with_mel=True)
    launch.write_run(work, voice, model.config)
    seconds: dict[str, list[dict[str, float]]] = {"ours": [], "theirs": []}
    import shutil

    for number in range(options.rounds):
        for side in ("theirs", "ours") if number % 2 == 0 else ("ours", "theirs"):
            shutil.rmtree(work / "checkpoints", ignore_errors=True)
            command = [sys.executable, __file__, "--side", side, "--folder", str(work), "--steps", str(options.steps)]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            found = [line for line in done.stdout.splitlines() if line.startswith("RESULT ")]
            if not found:
                print(done.stdout[-2000:], done.stderr[-3000:], file=sys.stderr)
                return 1
            seconds[side].append(json.loads(found[0][7:]))
    shutil.rmtree(work)
    print(f"{options.kind} {options.preset}, batch {options.batch}, {options.steps} steps, {options.rounds} rounds")
    for clock in ("cpu", "wall"):
        rates = {side: [options.steps / r[clock] for r in rounds] for side, rounds in seconds.items()}
        ratios = [a / b for a, b in zip(rates["ours"], rates["theirs"], strict=True)]
        for a, b, ratio in zip(rates["ours"], rates["theirs"], ratios, strict=True):
            print(f"{clock:>5}: synthkit {a:7.2f} steps/s  Trainer {b:7.2f} steps/s  ratio {ratio:.3f}")
        target = "  (target ≥ 0.98)" if clock == "cpu" else ""
        print(f"{clock:>5}: ratio, median {median(ratios):.3f}, from {min(ratios):.3f} to {max(ratios):.3f}{target}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
