# SPDX-License-Identifier: Apache-2.0
"""The building process's side of training: start it in a process of its own, show what it tells, wait."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from synthkit.errors import SynthkitError, VoiceError
from synthkit.stages import Context
from synthkit.threads import users_environment
from synthkit.types import Finding
from synthkit_coqui.description import VoiceConfig
from synthkit_coqui.plan import lasting
from synthkit_coqui.settings import TrainSettings

LOG_SECONDS = 20.0
RESTARTS = 2
"""How often processes that train together begin anew from the last checkpoint when one of them dies: the more
there are, the likelier that is (out of memory, a device lost; gloo has aborted now and then)."""
LAUNCHERS_REPORT = re.compile(r"^.*(closing signal SIG|failed \(exitcode: )", re.MULTILINE)


def refuse(findings: list[Finding], ctx: Context) -> None:
    """Say warnings and notes; raise on errors.

    Raises
    ------
    SynthkitError
        With every error found, what would have happened and the line that mends it.
    """
    for finding in findings:
        if finding.severity != "error":
            ctx.log(str(finding))
    errors = [f for f in findings if f.severity == "error"]
    if errors:
        text = "training would fail or be worthless:\n" + "\n".join(str(f) for f in errors)
        raise SynthkitError(text, hint="mend it and build again; nothing was trained")


def write_run(folder: Path, voice: VoiceConfig, settings: TrainSettings) -> None:
    """Write ``run.json``, which `synthkit_coqui.train` reads."""
    folder.mkdir(parents=True, exist_ok=True)
    data = {"voice": voice.to_dict(), "settings": settings.model_dump()}
    partial = folder / "run.json.part"
    partial.write_text(json.dumps(data, ensure_ascii=False, indent=1), encoding="utf-8")
    partial.replace(folder / "run.json")


def command(folder: Path, gpus: int) -> list[str]:
    """The command that trains the run in `folder`."""
    training = ["-m", "synthkit_coqui.train", str(folder), "--tethered"]
    if gpus > 1:
        launcher = ["-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={gpus}"]
        return [sys.executable, *launcher, *training]
    return [sys.executable, *training]


def train(folder: Path, settings: TrainSettings, ctx: Context, *, label: str) -> Path:
    """Train the run in `folder` to its last step and return the folder of the voice it wrote.

    Ctrl-C is passed on: training writes a checkpoint, and the same build goes on from there.

    Raises
    ------
    SynthkitError
        Training failed; the message is its own.
    """
    for left in range(RESTARTS if settings.gpus > 1 else 0, -1, -1):
        failure: dict[str, Any] = {}
        status = _once(folder, settings, ctx, failure, label)
        if failure:
            raise SynthkitError(failure["message"], where=failure["where"], hint=failure["hint"])
        if status == 0:
            return folder / "voice"
        if left:
            ctx.log(
                f"warning: {label}: one of {settings.gpus} processes died; all begin anew from the last "
                f"checkpoint\n{_said(folder)}"
            )
    raise VoiceError(
        f"training ended with status {status}\n{_said(folder)}",
        where=str(folder),
        hint="the same command goes on from the last checkpoint",
    )


def _once(folder: Path, settings: TrainSettings, ctx: Context, failure: dict[str, Any], label: str) -> int:
    """The exit status of one training process, or of several that train together."""
    process = subprocess.Popen(
        command(folder, settings.gpus),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=(folder / "stderr.txt").open("wb"),
        text=True, encoding="utf-8", start_new_session=True,
        env={**users_environment(), "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    steps = _Steps(_events(process, ctx, failure, label), settings.steps)
    try:
        steps.until_planned()
        for _ in ctx.track(steps, label=f"training {label}", total=steps.left):
            pass
        return process.wait()
    except BaseException as error:  # Ctrl-C among them: leave only after the checkpoint is written
        if isinstance(error, KeyboardInterrupt):
            ctx.log(f"{label}: ends the step that it is at and writes a checkpoint")
        _end(process, settings.gpus)
        raise
    finally:
        assert process.stdin is not None
        process.stdin.close()


def _end(process: subprocess.Popen[str], gpus: int) -> None:
    """Let training end in order, and wait for it, whatever it still tells.

    Several processes are told by their tether alone: their launcher passes a signal on, but kills them 30
    seconds later, and a long step and a large checkpoint take longer.
    """
    assert process.stdin is not None and process.stdout is not None
    if gpus > 1:
        process.stdin.close()
    else:
        process.send_signal(signal.SIGINT)
    for _ in process.stdout:  # a pipe that nobody empties would hold it up
        pass
    process.wait()


def _events(
    process: subprocess.Popen[str], ctx: Context, failure: dict[str, Any], label: str
) -> Iterator[dict[str, Any]]:
    """What the training process tells; what is worth a line is logged on the way."""
    logged = 0.0
    assert process.stdout is not None
    for line in process.stdout:
        try:
            told = json.loads(line)
        except ValueError:
            ctx.log(line.rstrip())
            continue
        if told["event"] == "error":
            failure.update(told)
            continue
        message = describe(told, label)
        quiet = (
            told["event"] == "step"
            and time.monotonic() - logged < LOG_SECONDS
            and told["step"] < told["until"]
        )
        if message and not quiet:
            ctx.log(message)
            logged = time.monotonic() if told["event"] == "step" else logged
        yield told


def _said(folder: Path) -> str:
    """What the training process said last; of several, before their launcher's own report of it."""
    said = (folder / "stderr.txt").read_text(encoding="utf-8", errors="replace")
    first = LAUNCHERS_REPORT.search(said)
    own = said[: first.start()] if first else ""
    return (own.strip() or said)[-2000:]


class _Steps:
    """The steps that are trained from the plan on, one by one, and how many of them there are: a plan is
    revised on the way, and those that an earlier run took say nothing of how long these take.

    Parameters
    ----------
    events : iterator of dict
        What the training process tells.
    asked : int
        Steps, until it tells how many it plans.
    """

    def __init__(self, events: Iterator[dict[str, Any]], asked: int) -> None:
        self.events, self.planned, self.done, self.began = events, asked, 0, 0

    def until_planned(self) -> None:
        """Take what is told before the first plan: nobody knows yet how long anything takes."""
        for told in self.events:
            self._see(told)
            if told["event"] == "plan":
                break
        self.began = self.done

    def left(self) -> int:
        """Steps that there are from the first plan on, as it stands now."""
        return max(0, self.planned - self.began)

    def __iter__(self) -> Iterator[int]:
        for told in self.events:
            before = self.done
            self._see(told)
            yield from range(before, self.done)

    def _see(self, told: dict[str, Any]) -> None:
        self.done = max(self.done, told.get("step", 0))
        if told["event"] == "plan":
            self.planned = told["steps"]


def describe(told: dict[str, Any], label: str) -> str:
    """A line for people of what the training process told; empty for what nobody needs to read."""
    event = told["event"]
    if event == "begin":
        how = f"goes on from step {told['step']}" if told["restored"] else "begins"
        return f"{label} {how} of {told['steps']} steps on {told['device']}"
    if event == "step":
        return (
            f"{label} step {told['step']}/{told['until']}  loss {told['loss']:.4f}  lr {told['lr']:.2e}  "
            f"{told['steps_per_second']:.2f} steps/s  {told['samples_per_second']:.1f} utterances/s  "
            + ("not planned yet" if told["eta"] is None else f"{lasting(told['eta'])} left")
        )
    if event == "validation":
        return f"{label} step {told['step']}: {told['message']}; audio in {told['folder']}"
    if event == "plan":
        return f"{label} {told['message']}" if told["message"] else ""
    if event == "warning":
        return f"warning: {label} step {told['step']}: {told['message']}"
    if event == "rehearsal":
        return f"{label} rehearsal: {told['message']}"
    if event == "interrupted":
        return f"{label} stopped at step {told['step']}; a checkpoint is written, the same command goes on"
    return ""


def finish(voice: Path, run: Path, folder: Path) -> None:
    """Copy the trained voice and its loss curve into the component's folder."""
    for file in sorted(voice.iterdir()):
        shutil.copy2(file, folder / file.name)
    if (run / "log.jsonl").exists():
        shutil.copy2(run / "log.jsonl", folder / "training.jsonl")
