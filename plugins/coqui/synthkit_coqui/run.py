# SPDX-License-Identifier: Apache-2.0
"""`Run`: a training in its folder: begin, step, tell, validate, checkpoint, save.

Not `synthkit.learning.learn`, round which the networks of this repository's own are trained: that is one
process with one state. This one steps coqui-tts's models in a process of its own, in several that must begin,
plan, look and stop at the same step (torchrun), in mixed precision, against a clock, with a rehearsal first,
and keeps as many checkpoints as are asked for. What both need stands once: the curve (`synthkit.curve`) and
strangers' checkpoints (`synthkit.weights`).
"""

from __future__ import annotations

import json
import math
import os
import shutil
import sys
import time
from pathlib import Path
from typing import Any

from synthkit import curve
from synthkit.atomic import write_json
from synthkit.errors import VoiceError
from synthkit.paths import read_json
from synthkit_coqui import checkpoints, plan
from synthkit_coqui.architectures import find
from synthkit_coqui.batching import maker, prefetched, to_device
from synthkit_coqui.board import Board
from synthkit_coqui.corpus import Batches, Corpus
from synthkit_coqui.description import VoiceConfig, described
from synthkit_coqui.history import Trained
from synthkit_coqui.learner import Learner, learning_rate, pick_device
from synthkit_coqui.models import load_weights
from synthkit_coqui.speech import read_weights, save_voice
from synthkit_coqui.validation import Validator, plot_alignment
from synthkit_coqui.watch import Watch, not_finite

INTERRUPTED = 130
ANEW = "delete its folder: the same command begins again"
KEPT_SECONDS = 600.0
"""A checkpoint is written at least so often: a thousand steps of a large model on a CPU are an hour."""
BUSY = 0.5
"""Part of the cores below which other programs are said to have them."""


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
        file = folder / "run.json"
        description = read_json(file, VoiceError, hint=ANEW)
        with described(str(file), "describes no training", hint=ANEW):
            self.voice = VoiceConfig.from_dict(description["voice"])
            self.architecture = find(self.voice.kind)
            self.settings = self.architecture.Settings(**description["settings"])
        self.rank, self.world = int(os.environ.get("RANK", 0)), int(os.environ.get("WORLD_SIZE", 1))
        torch.set_num_threads(self.settings.threads or min(8, torch.get_num_threads()))
        self.device = pick_device(self.settings.device, int(os.environ.get("LOCAL_RANK", 0)))
        if self.world > 1:
            torch.distributed.init_process_group("nccl" if self.device.type == "cuda" else "gloo")
        if self.device.type == "cuda":
            torch.backends.cuda.matmul.allow_tf32 = True
            torch.backends.cudnn.allow_tf32 = True
        self.corpus = Corpus(folder / "data")
        seed = self.settings.seed
        self.learner = Learner(self.voice, self.settings, self.device, rank=self.rank, world=self.world)
        self.make = maker(self.architecture, self.voice, self.corpus, seed, self.rank)
        self.watch = Watch(self.architecture, self.settings)
        self.step = 0
        self.seconds = 0.0
        self.took: list[float] = []
        """Seconds of each step of this process but the first, which loads what is loaded once."""
        self.plan = plan.load(folder, self.settings)
        self.stopped: int | None = None
        self._interrupted = False
        self._begun = self._looked = (0, 0.0)
        self._end_told = 0
        self._listened = self._listening = 0.0
        """Seconds of the last validation, and of those since the rest was planned last."""
        self._keep_to_plan()

    def tell(self, event: str, **values: Any) -> None:
        """One JSON line to the building process (the first process's alone)."""
        if self.rank == 0:
            if event == "warning":
                curve.add(self.folder / curve.WATCH, self.step, **values)
            line = json.dumps({"event": event, "step": self.step, **values}, ensure_ascii=False)
            try:
                print(line, flush=True)
            except BrokenPipeError:  # nobody listens any more: the building process was killed
                sys.stdout = open(os.devnull, "w")  # noqa: SIM115 - until the process ends
                self.interrupt()

    def interrupt(self) -> None:
        """Ask for a checkpoint and the end after this step; from a signal's handler or any thread.

        It is kept apart from `stopped`, on which processes that train together agree, and nothing takes it
        back: an agreement that is under way while somebody asks began without it, and would overwrite it.
        """
        self._interrupted = True

    def begin(self) -> None:
        """Restore the last checkpoint, or initialise: from another voice's weights when told, else at
        random."""
        kept = self.folder / "checkpoints"
        if self.settings.max_minutes is not None and not (self.folder / plan.FILE).exists():
            # It was refused, or ended before it was planned: it begins anew, with all the time there is.
            newest = None
            if self.rank == 0:
                shutil.rmtree(kept, ignore_errors=True)
        else:
            newest = checkpoints.latest(kept, clean=self.rank == 0)
        if newest is not None:
            learner = self.learner
            record = checkpoints.restore(newest, learner.model, learner.optimizers, learner.scaler)
            self.step, self.seconds = record["step"], record["seconds"]
            self.watch.losses = record["losses"]
            self.watch.distances = [tuple(pair) for pair in record["distances"]]
            if self.rank == 0:
                curve.cut(self.folder / curve.LOG, self.step)
                curve.cut(self.folder / curve.WATCH, self.step)
        else:
            if self.settings.start_from:
                self._start_from(Path(self.settings.start_from))
            else:
                self.learner.initialise(to_device(self.make(0, self.batches.at(0)), self.device))
            self._share_weights()
            if self.rank == 0:
                (self.folder / curve.LOG).write_text("")
        if self.plan is None and self.settings.max_minutes is not None and self.device.type == "cpu":
            # One step alone may be longer than the time: the first are as large as the usual CPU would have
            # them, and what they take says how large they are in the plan.
            usual = self.architecture.step_seconds.get(self.settings.preset, 0.0) * self._size / 4
            self.batches = self._batches(self._fits(usual)) if usual else self.batches
        self._begun = self._looked = (self.step, self.seconds)
        self.watch.remember_weights(self.learner.speaking_parameters)
        self.tell("begin", device=str(self.device), restored=newest is not None, steps=self.until)

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

    def measure(self) -> None:
        """Take some steps, and plan by how long they take; the plan is kept, and what goes on keeps to it.

        Raises
        ------
        ConfigError
            There is no time to learn anything, or to reach the learning rate.
        """
        if self.plan is None and self.stopped in (None, 0):
            clock, cpu = time.monotonic(), time.process_time()
            self.train(min(self.settings.steps, self.step + plan.MEASURED_STEPS), measuring=True)
            self._tell_busy(time.process_time() - cpu, time.monotonic() - clock)
            each, size = self._typical(), None
            if each and self.stopped in (None, 0):
                size, each = self._fitting(each)
            if each and self.stopped in (None, 0):
                spent = self._first_says(self.seconds)
                self.plan = plan.make(self.settings, each, size, step=self.step, spent=spent)
                self._begun = (self.step, self.seconds)  # the rates before were of no plan
                if size is not None or self.plan.steps < self.plan.asked:
                    self.checkpoint()  # what goes on takes no step again, in other batches or at another rate
                if self.rank == 0:
                    plan.save(self.folder, self.plan)
        self._keep_to_plan()
        if self.plan is not None:
            self._tell_plan(self.plan)
        self._looked, self._listening = (self.step, self.seconds), 0.0

    def _fitting(self, each: float) -> tuple[int | None, float]:
        """Utterances of a step where they have to be fewer than asked for, and how long such a step takes."""
        size = self._fits(each)
        step, seconds = self.step, self.seconds
        if size != self._size and step + plan.AGAIN < self.settings.steps and self.stopped is None:
            self.batches = self._batches(size)
            self.train(step + plan.AGAIN, measuring=True)
            each = self._first_says((self.seconds - seconds) / max(1, self.step - step))
        whole = min(self.settings.batch_size, len(self.corpus.training) // self.world)
        return (self._size if self._size < whole else None), each

    def _fits(self, each: float) -> int:
        """Utterances of a step so that enough steps fit the time, by how long one of now takes."""
        utterances, spent = len(self.corpus.training) // self.world, self._first_says(self.seconds)
        return plan.fitting(self.settings, each, self._size, utterances, step=self.step, spent=spent)

    @property
    def _size(self) -> int:
        """Utterances of a step of each process."""
        return self.batches.total // self.world

    def _hurry(self, took: float) -> bool:
        """Smaller batches at once where what a step took shows that measuring would leave no time to learn.

        They may be larger again in the plan: a first step also loads what is loaded once.
        """
        if self.plan is not None or self.settings.max_minutes is None:
            return False
        size = self._fits(self._first_says(took))
        if 2 * size >= self._size:
            return False
        self.batches, self.took = self._batches(size), []
        return True

    def _batches(self, size: int) -> Batches:
        """Of so many utterances."""
        return Batches(self.corpus, size, self.settings.seed, rank=self.rank, world=self.world)

    def _tell_plan(self, made: plan.Plan) -> None:
        """How many steps there are now; in words the first time, and where that is another number by much."""
        words = plan.moved(self._end_told, made.end)
        if words:
            self._end_told = made.end
        self.tell("plan", message=made.told(self.device.type) if words else "", steps=made.end)

    def _tell_busy(self, cpu: float, clock: float) -> None:
        """Warn where other programs have most of the cores: threads that wait for each other then wait most
        of all.

        Parameters
        ----------
        cpu, clock : float
            Seconds that the measured steps took, of all threads together and by the clock.
        """
        import torch

        threads, share = torch.get_num_threads(), cpu / max(clock, 1e-9)
        if self.device.type == "cpu" and clock > 1.0 and share < BUSY * threads:
            text = f"this machine is busy: the steps got {share:.1f} of {threads} cores"
            if threads > 1:
                text += "; `threads = 1` takes shorter steps then, since threads wait for the one that waits"
            self.tell("warning", code="busy-machine", message=text)

    def _typical(self) -> float:
        """Seconds of a step; the first process's, for all."""
        return self._first_says(plan.typical(self.took) or self.seconds / max(1, self.step))

    def _first_says(self, value: float) -> float:
        """The first process's, for all."""
        if self.world > 1:
            import torch

            shared = torch.tensor([value], dtype=torch.float64, device=self.device)
            torch.distributed.broadcast(shared, 0)
            value = float(shared.item())
        return value

    def _plan_again(self) -> None:
        """The rest by what the last steps took, with all that is between them but validations, and the time
        that is left beside those to come."""
        made = self.plan
        assert made is not None and made.max_minutes is not None, "it is asked whether it looks"
        step, seconds = self._looked
        each = self._first_says((self.seconds - seconds - self._listening) / max(1, self.step - step))
        remains = 60 * made.max_minutes - self.seconds
        every = self.settings.validate_every
        to_come = made.end // every - self.step // every + (made.end % every > 0)
        left = self._first_says(max(remains - to_come * self._listened, min(remains, each)))
        self._listening = 0.0
        self.plan = plan.again(made, self.step, max(each, 1e-9), left)
        self._looked = (self.step, self.seconds)
        if self.plan is not made:
            if self.rank == 0:
                plan.save(self.folder, self.plan)
            self._keep_to_plan()
            self._tell_plan(self.plan)

    @property
    def until(self) -> int:
        """Steps there will be, as planned last."""
        return self.plan.end if self.plan is not None else self.settings.steps

    def _keep_to_plan(self) -> None:
        """The learning rate is a function of the planned steps; their batches may be smaller ones."""
        if self.plan is not None:
            self.settings = plan.planned(self.settings, self.plan)
        self.batches = self._batches(self.settings.batch_size)
        self.learner.settings = self.watch.settings = self.settings
        self.learner.rate = self.watch.rate = self.rate

    def rate(self, step: int) -> float:
        """The learning rate of a step (0-based)."""
        return learning_rate(self.settings, self.plan.place(step) if self.plan is not None else step)

    def train(self, until: int | None = None, *, measuring: bool = False) -> None:
        """Step until `until` steps are done, time is up or somebody asks to stop, and write a checkpoint.

        Without `until` as many as are planned, which may be planned again on the way. `measuring` ends sooner
        where steps are long, and writes none of its own.
        """
        s = self.settings
        source = prefetched(self.batches, self.make, self.step)
        before, first, told = self.seconds, self.step, self.step
        log = self.folder / curve.LOG if self.rank == 0 else None
        board = Board(self.folder / "tensorboard") if self.rank == 0 else None
        validator = (
            Validator(self.voice, self.corpus, self.folder / "validation", s) if self.rank == 0 else None
        )
        began = since = kept = time.monotonic()
        written = -1
        try:
            while self.step < (until or self.until) and not self._asked_to_stop():
                measured = plan.enough(self.took, time.monotonic() - began, s.max_minutes)
                if measuring and self._first_says(float(measured)):
                    break
                stepping = time.monotonic()
                batch = to_device(next(source), self.device)
                result = self._stepped(batch)
                self.step += 1
                now = time.monotonic()
                self.seconds = before + now - began
                if self.step > first + 1 or self.took:
                    self.took = [*self.took[-100:], now - stepping]
                if self._hurry(now - stepping):
                    source.close()
                    source = prefetched(self.batches, self.make, self.step)
                if s.max_minutes and self.seconds >= 60 * s.max_minutes:
                    self.stopped = 0
                if until is None and self.plan is not None and self.plan.looks(self.step):
                    self._plan_again()
                last = self.step == (until or self.until) or self.stopped is not None
                if self.step % s.log_every == 0 or last:
                    rate = (self.step - told) / max(1e-9, now - since)
                    told, since = self.step, now
                    self._report(result, rate, log, board)
                elif self.step == first + 1:  # it also loads what is loaded once: no measure of those to come
                    told, since = self.step, now
                if validator is not None and self._listens(last=last and not measuring):
                    listening = time.monotonic()
                    self._validate(validator, result, board)
                    since = time.monotonic()
                    self._listened = since - listening
                    self._listening += self._listened
                if self.step % s.checkpoint_every == 0 or now - kept >= KEPT_SECONDS:
                    self.checkpoint()
                    kept, written = time.monotonic(), self.step
        finally:
            source.close()
            if board is not None:
                board.close()
        self._asked_to_stop()  # those whose clock, or whose signal, came in the last step of all
        if written != self.step and (not measuring or self.stopped is not None):
            self.checkpoint()

    def _stepped(self, batch: Any) -> Any:
        """What the next step gave.

        Raises
        ------
        VoiceError
            coqui-tts's own losses found no number before the watch could see it.
        """
        try:
            return self.learner.step(batch, self.step)
        except RuntimeError as error:
            if "NaN loss" in str(error):
                raise self._lost() from error
            raise

    def _lost(self) -> VoiceError:
        """For weights of which nothing will come any more."""
        return VoiceError(
            not_finite(self.settings), where=f"step {self.step}", hint="the last good checkpoint is kept"
        )

    def _refuse_lost(self) -> None:
        if not all(p.isfinite().all() for p in self.learner.model.parameters()):
            raise self._lost()

    def _asked_to_stop(self) -> bool:
        """Whether time is up or somebody asked; processes that train together stop at the same step, and for
        the same reason: where one was told to stop, none ends in order."""
        reason = INTERRUPTED if self._interrupted else self.stopped
        if self.world > 1:
            import torch

            reasons = (None, 0, INTERRUPTED)
            weightiest = torch.tensor([reasons.index(reason)], device=self.device)
            torch.distributed.all_reduce(weightiest, torch.distributed.ReduceOp.MAX)
            reason = reasons[int(weightiest.item())]
        self.stopped = reason
        return reason is not None

    def _listens(self, *, last: bool) -> bool:
        """Whether held-out sentences are spoken after this step: every so many, and after the last of all,
        since a figure that never came tells nobody whether anything was learned."""
        made = self.plan
        planned = made is not None and (made.max_minutes is not None or made.steps >= plan.SOME)
        return (last and planned and not self._interrupted) or self.step % self.settings.validate_every == 0

    def _report(self, result: Any, rate: float, log: Path | None, board: Any) -> None:
        losses = {name: round(_number(value), 6) for name, value in result.losses.items()}
        loss = losses.get("loss", math.nan)
        self.watch.see_loss(loss)
        attention = self.architecture.attention(result.alignments)
        if attention is not None and self.architecture.learns_attention:
            self.watch.see_attention(attention)
        applied, until = self.rate(self.step - 1), self.until
        self.tell(
            "step", until=until, loss=loss, losses=losses, lr=applied, steps_per_second=round(rate, 4),
            samples_per_second=round(rate * self.batches.total, 2),
            eta=round((until - self.step) / max(rate, 1e-9)) if self.plan is not None else None,
        )  # fmt: skip
        if log is not None:
            curve.add(log, self.step, lr=applied, **losses)
            board.scalars(self.step, {"lr": applied, **losses})
        since = (self.step - self._begun[0], self.seconds - self._begun[1])
        if self.plan is None:  # the rates are of another plan than that to come: nothing is told of them
            since = (0, 0.0)
        for code, text in self.watch.judge(*since, before=self._begun[0]):
            self.tell("warning", code=code, message=text)
            if code == "not-finite":
                raise self._lost()

    def _validate(self, validator: Validator, result: Any, board: Any) -> None:
        self._refuse_lost()  # frames that are no numbers cannot be compared
        found = validator.run(self.learner.model, self.device, self.step)
        if found.unheard:
            self.tell("warning", code="not-heard", message=f"no character errors: {found.unheard}")
        self.watch.see_distance(self.step, found.distance)
        attention = self.architecture.attention(result.alignments)
        if attention is not None:
            searched = "" if self.architecture.learns_attention else ", searched for and not learned"
            picture = found.folder / "alignment.png"
            plot_alignment(attention, picture, f"step {self.step}{searched}")
            board.picture(self.step, picture)
        texts = {e.id: e.text for e in validator.examples if e.id in found.audio}
        write_json(found.folder / curve.HEARD, {"said": found.told(), "texts": texts})
        board.scalars(self.step, found.figures())
        board.audio(self.step, found.audio, self.corpus.sample_rate)
        self.tell("validation", message=found.told(), folder=str(found.folder), **found.figures())

    def checkpoint(self) -> None:
        """Write a checkpoint (first process alone) and drop old ones.

        Raises
        ------
        VoiceError
            The weights are no numbers: what is good would be dropped for them.
        """
        if self.rank != 0:
            return
        learner = self.learner
        self._refuse_lost()
        extra = {"seconds": self.seconds, "losses": self.watch.losses, "distances": self.watch.distances}
        folder = self.folder / "checkpoints"
        checkpoints.save(folder, self.step, learner.model, learner.optimizers, learner.scaler, extra)
        checkpoints.prune(folder, self.settings.keep)
        self.tell("checkpoint")

    def save(self, folder: Path) -> None:
        """Write the voice as it speaks, and how it was trained."""
        state = self.learner.model.state_dict()
        vectors = mean_vectors(self.voice, self.corpus)
        save_voice(folder, self.voice, state, vectors=vectors, half=self.settings.stored == "float16")
        self.trained().save(folder)

    def trained(self) -> Trained:
        """How the weights came to be what they are."""
        asked = self.plan.asked if self.plan else self.settings.steps
        return Trained(
            steps=self.step,
            asked=asked,
            minutes=round(self.seconds / 60, 2),
            lr=self.settings.lr,
            applied=plan.peak(self.settings, round(self.plan.place(self.step)) if self.plan else self.step),
            warnings=tuple(sorted(self.watch.said)),
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
