# SPDX-License-Identifier: Apache-2.0
"""Training that is interrupted or killed, alone or in several processes: it ends with a checkpoint, and goes
on to the same bytes."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from coqui_samples import component, context, make_data, run_folder, trained, weights
from synthkit_coqui import launch, plan, train
from synthkit_coqui.checkpoints import latest
from synthkit_coqui.run import Run
from synthkit_coqui.settings import TrainSettings

from synthkit import threads
from synthkit.errors import VoiceError

pytestmark = pytest.mark.long(60)


@pytest.fixture(scope="module")
def few():
    return make_data(count=4, held_out=0, seconds=0.8)


def test_killed_again_and_again_it_reaches_the_step_asked_for(few, tmp_path):
    """kill -9 at a moment nobody chose; the benchmark ``coqui_kill.py`` does it twenty times."""
    whole = run_folder(tmp_path / "whole", "glowtts", few, steps=16, rehearsal=False, checkpoint_every=5)
    shutil.copytree(whole, tmp_path / "killed")
    trained(whole, 16)
    command = [sys.executable, "-m", "synthkit_coqui.train", str(tmp_path / "killed")]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    for line in process.stdout:
        if json.loads(line)["step"] >= 7:
            os.kill(process.pid, signal.SIGKILL)
            break
    process.wait()
    assert process.returncode == -signal.SIGKILL
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    first = json.loads(done.stdout.splitlines()[0])
    assert first["restored"]
    assert first["step"] >= 5
    assert json.loads(done.stdout.splitlines()[-1])["step"] == 16
    assert weights(tmp_path / "killed") == weights(whole)
    curve = [
        json.loads(line)["step"] for line in (tmp_path / "killed" / "log.jsonl").read_text().splitlines()
    ]
    assert curve == list(range(1, 17))  # no step twice, none missing


def _huge(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(2 << 30)


DAMAGES = {
    "cut short": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "empty": lambda path: path.write_bytes(b""),
    "of another shape": lambda path: path.write_text("[1, 2]"),
    "huge": _huge,
}


@pytest.fixture(scope="module")
def begun(few, tmp_path_factory):
    """A run folder with a checkpoint, a plan and all."""
    folder = run_folder(tmp_path_factory.mktemp("begun") / "run", "glowtts", few, steps=2, rehearsal=False)
    trained(folder, 2)
    return folder


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("file", ["run.json", "data/index.json", "checkpoints/*/state.json"])
def test_a_damaged_file_of_a_run_is_named_with_what_to_do(begun, tmp_path, file, damage, capsys):
    folder = tmp_path / "run"
    shutil.copytree(begun, folder)
    (path,) = folder.glob(file)
    DAMAGES[damage](path)
    status = train.main([str(folder)])
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert status == 2
    assert (told["event"], told["where"]) == ("error", str(path))
    assert told["hint"].startswith("delete")


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_plan_is_named(tmp_path, damage):
    path = tmp_path / plan.FILE
    path.write_text(json.dumps({"steps": 5}))
    DAMAGES[damage](path)
    with pytest.raises(VoiceError) as error:
        plan.load(tmp_path, TrainSettings())
    assert error.value.where == str(path)
    assert "planned again" in error.value.hint


@pytest.mark.parametrize("processes", [1, 2])
def test_interrupted_it_writes_a_checkpoint_and_says_so(processes, few, tmp_path):
    folder = run_folder(
        tmp_path / "run",
        "glowtts",
        few,
        steps=100_000,
        rehearsal=False,
        checkpoint_every=90_000,
        device="cpu",
    )
    command = launch.command(folder, processes)
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    for line in process.stdout:
        if json.loads(line)["step"] >= 3:
            break
    process.stdin.close()  # the building process is gone
    events = [json.loads(line) for line in process.stdout]
    assert process.wait(60) == (130 if processes == 1 else 1)  # torchrun knows success and failure alone
    assert events[-1]["event"] == "interrupted"
    assert int(latest(folder / "checkpoints").name.split("-")[1]) == events[-1]["step"] >= 3


@pytest.mark.parametrize("reasons", [(None, None), (0, None)])
def test_who_interrupts_while_the_processes_agree_is_heard_the_next_time(reasons, few, tmp_path, monkeypatch):
    """The agreement that is under way began without it: its result must not take the interruption back."""
    run = Run(run_folder(tmp_path / "run", "glowtts", few, steps=4, device="cpu"))
    run.world, (run.stopped, _) = 2, reasons

    def reduced(_tensor, _by):
        run.interrupt()

    monkeypatch.setattr(torch.distributed, "all_reduce", reduced)
    assert run._asked_to_stop() is (reasons[0] is not None)
    assert run.stopped == reasons[0]
    assert run._asked_to_stop()
    assert run.stopped == 130


SIGNALLED_IT_IS_GONE = """
import json, signal, sys
signal.signal(signal.SIGINT, lambda *_: sys.exit(1))
print(json.dumps({"event": "plan", "step": 0, "steps": 9, "message": ""}), flush=True)
print(json.dumps({"event": "checkpoint", "step": 1}), flush=True)
sys.stdin.read()
for _ in range(3000):  # more than a pipe holds
    print(json.dumps({"event": "checkpoint", "step": 2}))
open(sys.argv[1], "w").write("written")
"""


def test_an_interrupted_build_waits_for_processes_that_train_together(tmp_path, monkeypatch):
    """Their launcher passes a signal on and kills them 30 seconds later: they are told by their stdin."""
    stand_in = [sys.executable, "-c", SIGNALLED_IT_IS_GONE, str(tmp_path / "written")]
    monkeypatch.setattr(launch, "command", lambda *_: stand_in)
    ctx = context(tmp_path)

    def interrupted(_self, steps, **_):
        assert next(iter(steps)) == 0
        raise KeyboardInterrupt

    monkeypatch.setattr(type(ctx), "track", interrupted)
    with pytest.raises(KeyboardInterrupt):
        launch.train(tmp_path, component("glowtts", steps=4, device="cpu", gpus=2).config, ctx, label="voice")
    assert (tmp_path / "written").read_text() == "written"


def test_a_killed_build_leaves_a_checkpoint(few, tmp_path):
    """kill -9 of the building process: both pipes are gone at once, in the middle of a line or between
    two."""
    folder = run_folder(
        tmp_path / "run", "glowtts", few, steps=100_000, rehearsal=False, checkpoint_every=90_000
    )
    with (tmp_path / "stderr.txt").open("w") as errors:
        process = subprocess.Popen(
            launch.command(folder, 1), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True
        )
    for line in process.stdout:
        if json.loads(line)["step"] >= 3:
            break
    process.stdout.close()
    process.stdin.close()
    assert process.wait(60) == 130
    assert (tmp_path / "stderr.txt").read_text() == ""
    assert int(latest(folder / "checkpoints").name.split("-")[1]) >= 3


def test_two_processes_average_their_gradients(few, tmp_path):
    """Two processes with half of the batch each step to the weights of one process with all of it."""
    from synthkit_coqui.learner import _average_gradients

    model = torch.nn.Linear(3, 1)
    x = torch.randn(4, 3)
    expected = torch.autograd.grad(model(x).pow(2).mean(), list(model.parameters()))
    script = tmp_path / "two.py"
    torch.save({"state": model.state_dict(), "x": x}, tmp_path / "given.pth")
    script.write_text(
        "import os, sys, torch, torch.distributed as dist\n"
        "from synthkit_coqui.learner import _average_gradients\n"
        "dist.init_process_group('gloo')\n"
        f"given = torch.load({str(tmp_path / 'given.pth')!r}, weights_only=True)\n"
        "model = torch.nn.Linear(3, 1); model.load_state_dict(given['state'])\n"
        "part = given['x'][dist.get_rank()::2]\n"
        "model(part).pow(2).mean().backward()\n"
        "_average_gradients(list(model.parameters()), 2)\n"
        f"torch.save([p.grad for p in model.parameters()], {str(tmp_path)!r} + f'/{{dist.get_rank()}}.pth')\n"
        # Gloo's threads must be gone before the interpreter is: left running, they abort it now and then.
        "dist.destroy_process_group()\n"
    )
    launcher = [
        sys.executable,
        "-m",
        "torch.distributed.run",
        "--standalone",
        "--nproc-per-node=2",
        str(script),
    ]
    done = subprocess.run(launcher, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-1500:]
    for rank in (0, 1):
        for a, b in zip(torch.load(tmp_path / f"{rank}.pth", weights_only=True), expected, strict=True):
            torch.testing.assert_close(a, b)
    assert callable(_average_gradients)


def _kill_second(run: Path, steps: int) -> None:
    """kill -9 the process of rank 1 that trains in `run`, when so many steps are done."""
    log = run / "log.jsonl"
    while not (log.exists() and log.read_text().count("\n") >= steps):
        time.sleep(0.01)
    for process in Path("/proc").glob("[0-9]*"):
        try:
            environment, line = (process / "environ").read_bytes(), (process / "cmdline").read_bytes()
        except OSError:  # gone, or somebody else's
            continue
        if b"\0RANK=1\0" in b"\0" + environment and str(run).encode() in line:
            os.kill(int(process.name), signal.SIGKILL)


def test_two_processes_train_one_model(few, tmp_path):
    """``gpus = 2`` on a CPU, by torchrun over gloo: what a machine with two GPUs does, only slower.

    One of them is killed on the way: both begin anew from the last checkpoint, and end in the same bytes.
    """
    model = component("glowtts", steps=12, device="cpu", gpus=2, lr=5e-3, checkpoint_every=5)
    ctx = context(tmp_path / "work")
    (tmp_path / "out").mkdir()
    killer = threading.Thread(target=_kill_second, args=(tmp_path / "work" / "run", 4))
    killer.start()
    model.fit(few, tmp_path / "out", ctx)
    killer.join()
    assert any("one of 2 processes died; all begin anew" in line for line in ctx.progress.lines)
    assert any("goes on from step" in line for line in ctx.progress.lines)
    assert any("rehearsal: saved, restored in a fresh process" in line for line in ctx.progress.lines)
    run = tmp_path / "work" / "run"
    curve = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
    assert [line["step"] for line in curve] == list(range(1, 13))  # one process writes, each step once
    losses = [line["loss"] for line in curve]
    assert np.mean(losses[-4:]) < np.mean(losses[:4])
    assert sorted(p.name for p in (run / "checkpoints").iterdir()) == ["step-000000010", "step-000000012"]
    assert not list(run.rglob("*.unfinished")) + list(run.rglob("*.part"))
    whole = (tmp_path / "out" / "model.safetensors").read_bytes()
    shutil.rmtree(run / "checkpoints" / "step-000000012")  # as if it had been killed before the last step
    model.fit(few, tmp_path / "out", context(tmp_path / "work"))
    assert (tmp_path / "out" / "model.safetensors").read_bytes() == whole


def test_a_training_has_the_threads_of_the_users_environment(tmp_path, monkeypatch):
    """Through the command line it took one core, whatever `threads = 0` says: the command had set that."""
    monkeypatch.setattr(threads, "_set_here", {"OMP_NUM_THREADS"})
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setenv("MKL_NUM_THREADS", "2")
    script = "import os, json; print(json.dumps({'event': 'end', 'step': 0, **os.environ}))"
    told = []
    monkeypatch.setattr(launch, "command", lambda folder, gpus: [sys.executable, "-c", script])
    monkeypatch.setattr(
        launch, "_events", lambda process, *_: iter(told.append(json.loads(process.stdout.read())) or [])
    )
    settings = component("glowtts", steps=1).config
    assert launch._once(tmp_path, settings, context(tmp_path / "work"), {}, "glowtts") == 0
    assert "OMP_NUM_THREADS" not in told[0] and told[0]["MKL_NUM_THREADS"] == "2"
