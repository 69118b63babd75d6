# SPDX-License-Identifier: Apache-2.0
"""The training loop, run as ``python -m synthkit_coqui.train RUN_FOLDER`` in a process of its own.

`RUN_FOLDER` holds ``run.json`` (voice and settings) and ``data/`` (the prepared corpus), and is all it needs, so
it can be carried to another machine. It tells what it does as JSON lines on stdout. Killed at any moment and
started again, it goes on from its last checkpoint to the step asked for, and ends with the bytes that the
uninterrupted training ends with (on a CPU; a GPU's sums are not that repeatable).

Under ``torchrun`` every process trains on its share of each batch.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from synthkit.atomic import lock
from synthkit.errors import SynthkitError, VoiceError
from synthkit_coqui import checkpoints
from synthkit_coqui.architectures import find
from synthkit_coqui.batching import maker, prefetched, to_device
from synthkit_coqui.corpus import Batches, Corpus
from synthkit_coqui.description import VoiceConfig
from synthkit_coqui.learner import Learner, learning_rate, pick_device
from synthkit_coqui.models import load_weights
from synthkit_coqui.speech import read_weights, save_voice
from synthkit_coqui.validation import Validator, plot_alignment
from synthkit_coqui.watch import Watch

REHEARSAL_STEPS = 3
INTERRUPTED = 130
LOCK_SECONDS = 60.0


class Run:
    """A training in its folder.

    Parameters
    ----------
    folder : Path
        With ``run.json`` and ``data/``.
    """

    def __init__(self, folder: Path) -> None:
        import torch

        self.folder = folder
        description = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        self.voice = VoiceConfig.from_dict(description["voice"])
        self.architecture = find(self.voice.kind)
        self.settings = self.architecture.Settings(**description["settings"])
        self.rank, self.world = int(os.environ.get("RANK", 0)), int(os.environ.get("WORLD_SIZE", 1))
        torch.set_num_threads(self.settings.threads or min(8, os.cpu_count() or 1))
        self.device = pick_device(self.settings.device, int(os.environ.get("LOCAL_RANK", 0)))
        if self.world > 1:
            torch.distributed.init_process_group("nccl" if self.device.type == "cuda" else "gloo")
        if self.device.type == "cuda":
            torch.backends.cuda.matmul.allow_tf32 = True
            torch.backends.cudnn.allow_tf32 = True
        self.corpus = Corpus(folder / "data")
        seed = self.settings.seed
        self.learner = Learner(self.voice, self.settings, self.device, rank=self.rank, world=self.world)
        self.batches = Batches(self.corpus, self.settings.batch_size, seed, rank=self.rank, world=self.world)
        self.make = maker(self.architecture, self.voice, self.corpus, seed, self.rank)
        self.watch = Watch(self.architecture, self.settings, patience=max(100, self.settings.warmup() // 4))
        self.step = 0
        self.seconds = 0.0
        self.stopped: int | None = None

    def tell(self, event: str, **values: Any) -> None:
        """One JSON line to the building process (the first process's alone)."""
        if self.rank == 0:
            line = json.dumps({"event": event, "step": self.step, **values}, ensure_ascii=False)
            try:
                print(line, flush=True)
            except BrokenPipeError:  # nobody listens any more: the building process was killed
                sys.stdout = open(os.devnull, "w")  # noqa: SIM115 - until the process ends
                if self.stopped is None:
                    self.stopped = INTERRUPTED

    def begin(self) -> None:
        """Restore the last checkpoint, or initialise: from another voice's weights when told, else at random."""
        newest = checkpoints.latest(self.folder / "checkpoints", clean=self.rank == 0)
        if newest is not None:
            learner = self.learner
            record = checkpoints.restore(newest, learner.model, learner.optimizers, learner.scaler)
            self.step, self.seconds = record["step"], record["seconds"]
            self.watch.losses = record["losses"]
            self.watch.distances = [tuple(pair) for pair in record["distances"]]
            if self.rank == 0:
                self._cut_log()
        else:
            if self.settings.start_from:
                self._start_from(Path(self.settings.start_from))
            else:
                self.learner.initialise(to_device(self.make(0, self.batches.at(0)), self.device))
            self._share_weights()
            if self.rank == 0:
                (self.folder / "log.jsonl").write_text("")
        self.watch.remember_weights(self.learner.speaking_parameters)
        self.tell("begin", device=str(self.device), restored=newest is not None, steps=self.settings.steps)

    def _share_weights(self) -> None:
        """The first process's weights to all: an initialisation by data saw another share of it in each."""
        if self.world > 1:
            import torch

            for tensor in self.learner.model.state_dict().values():
                torch.distributed.broadcast(tensor, 0)

    def _start_from(self, folder: Path) -> None:
        own = self.learner.model.state_dict()
        only_training = {k: v for k, v in own.items() if k.startswith(self.architecture.training_only)}
        state = {**only_training, **read_weights(folder)}
        load_weights(self.learner.model, state, where=str(folder))

    def _cut_log(self) -> None:
        path = self.folder / "log.jsonl"
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        kept = []
        for line in lines:
            try:
                if json.loads(line)["step"] <= self.step:
                    kept.append(line)
            except ValueError:
                continue  # the line being written when the process was killed
        path.write_text("".join(line + "\n" for line in kept), encoding="utf-8")

    def train(self, until: int) -> None:
        """Step until `until` steps are done, time is up or somebody asks to stop; checkpoint at the end."""
        s = self.settings
        source = prefetched(self.batches, self.make, self.step)
        before, first, told = self.seconds, self.step, self.step
        log = (self.folder / "log.jsonl").open("a", encoding="utf-8") if self.rank == 0 else None
        board = _Board(self.folder / "tensorboard") if self.rank == 0 else None
        validator = Validator(self.voice, self.corpus, self.folder / "validation") if self.rank == 0 else None
        began = since = time.monotonic()
        try:
            while self.step < until and not self._asked_to_stop():
                batch = to_device(next(source), self.device)
                result = self.learner.step(batch, self.step)
                self.step += 1
                self.seconds = before + time.monotonic() - began
                if s.max_minutes and self.seconds >= 60 * s.max_minutes:
                    self.stopped = 0
                if self.step % s.log_every == 0 or self.step == until or self.stopped is not None:
                    now = time.monotonic()
                    rate = (self.step - told) / max(1e-9, now - since)
                    told, since = self.step, now
                    self._report(result, rate, log, board, self.step - first)
                elif self.step == first + 1:  # it also loads what is loaded once: no measure of those to come
                    told, since = self.step, time.monotonic()
                if self.rank == 0 and self.step % s.validate_every == 0 and validator is not None:
                    self._validate(validator, result, board)
                    since = time.monotonic()
                if self.step % s.checkpoint_every == 0:
                    self.checkpoint()
        finally:
            source.close()
            if log is not None:
                log.close()
            if board is not None:
                board.close()
        self.checkpoint()

    def _asked_to_stop(self) -> bool:
        """Processes that train together stop at the same step."""
        if self.world == 1:
            return self.stopped is not None
        import torch

        flag = torch.tensor([float(self.stopped is not None)], device=self.device)
        torch.distributed.all_reduce(flag)
        if flag.item() and self.stopped is None:
            self.stopped = INTERRUPTED
        return bool(flag.item())

    def _report(self, result: Any, rate: float, log: Any, board: Any, taken: int) -> None:
        losses = {name: round(_number(value), 6) for name, value in result.losses.items()}
        loss = losses.get("loss", math.nan)
        self.watch.see_loss(loss)
        attention = self.architecture.attention(result.alignments)
        if attention is not None and self.architecture.learns_attention:
            self.watch.see_attention(attention)
        applied, until = learning_rate(self.settings, self.step - 1), self.settings.steps
        self.tell(
            "step", until=until, loss=loss, losses=losses, lr=applied, steps_per_second=round(rate, 4),
            samples_per_second=round(rate * self.batches.total, 2), eta=round((until - self.step) / max(rate, 1e-9)),
        )  # fmt: skip
        if log is not None:
            log.write(json.dumps({"step": self.step, "lr": applied, **losses}) + "\n")
            log.flush()
            board.scalars(self.step, {"lr": applied, **losses})
        for code, text in self.watch.judge(taken):
            self.tell("warning", code=code, message=text)
            if code == "not-finite":
                raise VoiceError(text, where=f"step {self.step}", hint="the last good checkpoint is kept")

    def _validate(self, validator: Validator, result: Any, board: Any) -> None:
        found = validator.run(self.learner.model, self.device, self.step)
        self.watch.see_distance(self.step, found["distance"])
        attention = self.architecture.attention(result.alignments)
        if attention is not None:
            plot_alignment(attention, Path(found["folder"]) / "alignment.png", f"step {self.step}")
            board.picture(self.step, Path(found["folder"]) / "alignment.png")
        board.scalars(self.step, {"held_out_distance_db": found["distance"]})
        board.audio(self.step, found["audio"], self.corpus.sample_rate)
        self.tell("validation", distance_db=round(found["distance"], 4), folder=found["folder"])

    def checkpoint(self) -> None:
        """Write a checkpoint (first process alone) and drop old ones."""
        if self.rank != 0:
            return
        learner = self.learner
        extra = {"seconds": self.seconds, "losses": self.watch.losses, "distances": self.watch.distances}
        folder = self.folder / "checkpoints"
        checkpoints.save(folder, self.step, learner.model, learner.optimizers, learner.scaler, extra)
        checkpoints.prune(folder, self.settings.keep)
        self.tell("checkpoint")

    def save(self, folder: Path) -> None:
        """Write the voice as it speaks."""
        save_voice(
            folder, self.voice, self.learner.model.state_dict(), vectors=mean_vectors(self.voice, self.corpus)
        )


def mean_vectors(voice: VoiceConfig, corpus: Corpus) -> dict[str, list[float]] | None:
    """Mean d-vector of each speaker, of unit length, for models conditioned on them."""
    import numpy as np

    if voice.conditioning != "d-vector":
        return None
    out = {}
    for index, name in enumerate(voice.speakers):
        vectors = [corpus.d_vector(e) for e in corpus.training if e.speaker == index]
        if vectors:
            mean = np.mean(np.stack([v for v in vectors if v is not None]), axis=0)
            out[name] = [float(x) for x in mean / np.linalg.norm(mean)]
    return out


def _number(value: Any) -> float:
    return float(value.detach()) if hasattr(value, "detach") else float(value)


class _Board:
    """TensorBoard event files."""

    def __init__(self, folder: Path) -> None:
        from torch.utils.tensorboard import SummaryWriter

        self.writer = SummaryWriter(str(folder))

    def scalars(self, step: int, values: dict[str, float]) -> None:
        for name, value in values.items():
            self.writer.add_scalar(name, value, step)

    def picture(self, step: int, path: Path) -> None:
        from matplotlib.image import imread

        self.writer.add_image("alignment", imread(path)[..., :3], step, dataformats="HWC")

    def audio(self, step: int, waves: dict[str, Any], sample_rate: int) -> None:
        for name, wave in waves.items():
            self.writer.add_audio(name, wave[None], step, sample_rate)

    def close(self) -> None:
        self.writer.close()


def main(arguments: list[str] | None = None) -> int:
    """Train the run in a folder; returns the exit status (130 when interrupted, after a checkpoint)."""
    import torch

    parser = argparse.ArgumentParser(prog="python -m synthkit_coqui.train", description=__doc__)
    parser.add_argument("folder", type=Path, help="the run's folder, with run.json and data/")
    parser.add_argument("--tethered", action="store_true", help="stop in order when stdin closes")
    options = parser.parse_args(arguments)
    try:
        with _alone(options.folder):
            return _train(options.folder, tethered=options.tethered)
    except SynthkitError as error:
        told = {"event": "error", "message": error.message, "where": error.where, "hint": error.hint}
        print(json.dumps(told, ensure_ascii=False), flush=True)
        return error.exit_code
    finally:
        if torch.distributed.is_available() and torch.distributed.is_initialized():
            torch.distributed.destroy_process_group()


def _train(folder: Path, *, tethered: bool) -> int:
    run = Run(folder)
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: setattr(run, "stopped", INTERRUPTED))
    if tethered:
        threading.Thread(target=_tether, args=(run,), daemon=True).start()
    run.begin()
    if run.settings.rehearsal and run.step < REHEARSAL_STEPS < run.settings.steps:
        from synthkit_coqui.rehearsal import rehearse

        run.train(REHEARSAL_STEPS)
        if run.rank == 0 and run.stopped is None:
            rehearse(run)
    run.train(run.settings.steps)
    if run.stopped:
        run.tell("interrupted")
        return run.stopped
    if run.rank == 0:
        run.save(folder / "voice")
    run.tell("end", minutes=round(run.seconds / 60, 2))
    return 0


def _tether(run: Run) -> None:
    """Stop when the building process is gone, however it went."""
    while os.read(0, 1024):  # not sys.stdin: its lock would outlive the interpreter
        pass
    if run.stopped is None:
        run.stopped = INTERRUPTED


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the run's lock; a training whose builder was killed needs a moment to write its checkpoint and end."""
    if int(os.environ.get("RANK", 0)) != 0:
        yield
        return
    until = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            with lock(folder / "lock", "a training in this folder"):
                yield
            return
        except SynthkitError as error:
            if "already running" not in error.message or time.monotonic() > until:
                raise
            time.sleep(0.5)


if __name__ == "__main__":
    sys.exit(main())
