# SPDX-License-Identifier: Apache-2.0
"""Training: resumed is the same as uninterrupted, rehearsal and watch find what is wrong, voices come
back."""

import json
import os
import re
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
from coqui_samples import VOCODERS, component, context, make_data, run_folder
from synthkit_coqui import launch, rehearsal
from synthkit_coqui.architectures.glowtts import GlowTTSSettings
from synthkit_coqui.checkpoints import latest
from synthkit_coqui.corpus import Batches, Corpus
from synthkit_coqui.run import Run

from synthkit.errors import SynthkitError, VoiceError
from synthkit.stages import Request
from synthkit.weights import read_safetensors


def trained(folder, until):
    run = Run(folder)
    run.begin()
    run.train(until)
    return run


def weights(folder):
    return (latest(folder / "checkpoints") / "model.safetensors").read_bytes()


@pytest.fixture(scope="module")
def few():
    return make_data(count=4, held_out=0, seconds=0.8)


@pytest.mark.parametrize(
    ("kind", "steps"), [("glowtts", 6), ("tacotron2", 2), ("vits", 2), ("coqui-mb-melgan", 4)]
)
def test_a_resumed_training_ends_in_the_same_bytes(kind, steps, few, tmp_path):
    extra = {"segment": 4096, "discriminator_from": 2} if kind in VOCODERS else {}
    whole = run_folder(tmp_path / "whole", kind, few, steps=steps, checkpoint_every=100, **extra)
    shutil.copytree(whole, tmp_path / "parts")
    trained(whole, steps)
    trained(tmp_path / "parts", steps // 2)
    assert trained(tmp_path / "parts", steps).step == steps
    assert weights(tmp_path / "parts") == weights(whole)


def test_killed_again_and_again_it_reaches_the_step_asked_for(few, tmp_path):
    """kill -9 at a moment nobody chose; the benchmark ``coqui_kill.py`` does it twenty times."""
    whole = run_folder(tmp_path / "whole", "glowtts", few, steps=40, rehearsal=False, checkpoint_every=5)
    shutil.copytree(whole, tmp_path / "killed")
    trained(whole, 40)
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
    assert json.loads(done.stdout.splitlines()[-1])["step"] == 40
    assert weights(tmp_path / "killed") == weights(whole)
    curve = [
        json.loads(line)["step"] for line in (tmp_path / "killed" / "log.jsonl").read_text().splitlines()
    ]
    assert curve == list(range(1, 41))  # no step twice, none missing


def test_an_unfinished_checkpoint_is_not_used(few, tmp_path):
    folder = run_folder(tmp_path / "run", "glowtts", few, steps=4)
    trained(folder, 2)
    (folder / "checkpoints" / "step-000000003.unfinished").mkdir()
    run = Run(folder)
    run.begin()
    assert run.step == 2
    assert not list((folder / "checkpoints").glob("*.unfinished"))


def test_fit_open_predict(few, tmp_path):
    """The whole way of a component: preflight, training process, rehearsal, files, speech."""
    model = component("glowtts", steps=4, validate_every=4)
    ctx = context(tmp_path / "work")
    (tmp_path / "out").mkdir()
    model.fit(few, tmp_path / "out", ctx)
    assert any("rehearsal: saved, restored in a fresh process" in line for line in ctx.progress.lines)
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == [
        "config.json",
        "model.safetensors",
        "training.json",
        "training.jsonl",
    ]
    assert any("plan: 4 steps at" in line for line in ctx.progress.lines)
    (told,) = (line for line in ctx.progress.lines if "held-out distance" in line)
    assert re.search(
        r"distance [\d.]+ dB \(copied by Griffin-Lim [\d.]+, untrained [\d.]+\), "
        r"[\d.]+ × as long as recorded",
        told,
    )
    run = tmp_path / "work" / "run"
    anchors = json.loads((run / "validation" / "anchors.json").read_text())
    assert 0 < anchors["floor"] < anchors["untrained"]
    assert list(run.glob("tensorboard/events*"))
    assert list(run.glob("validation/step-000000004/*.wav"))
    assert (run / "validation" / "step-000000004" / "alignment.png").exists()
    heard = json.loads((run / "validation" / "step-000000004" / "heard.json").read_text(encoding="utf-8"))
    assert heard["said"] in told and all(heard["texts"].values())  # what the lab shows beside the sounds
    shutil.move(tmp_path / "out", tmp_path / "moved")
    opened = component("glowtts", steps=4)
    opened.open(tmp_path / "moved")
    frames = opened.predict(Request(few.items[0].segmentation))
    assert frames.spec == few.spec == opened.produces(few.spec)
    again = opened.predict(Request(few.items[0].segmentation))
    np.testing.assert_array_equal(frames["mel"], again["mel"])
    with pytest.raises(SynthkitError, match="unknown option 'pitch'"):
        opened.predict(Request(few.items[0].segmentation, options={"pitch": 2}))
    slow = opened.predict(Request(few.items[0].segmentation, options={"speed": 0.5}))
    assert abs(len(slow) - 2 * len(frames)) <= 2  # the flow takes frames in pairs, and drops an odd one


def test_a_model_that_does_not_come_back_is_found_in_the_rehearsal(few, tmp_path, monkeypatch):
    folder = run_folder(tmp_path / "run", "glowtts", few, steps=4)
    run = trained(folder, 1)
    saved = run.save

    def spoil(where):
        saved(where)
        state = read_safetensors(where / "model.safetensors")
        state["encoder.emb.weight"] += 1.0
        from synthkit_coqui.checkpoints import save_tensors

        save_tensors(where / "model.safetensors", state)

    monkeypatch.setattr(run, "save", spoil)
    with pytest.raises(VoiceError, match=r"speaks differently|spoke"):
        rehearsal.rehearse(run)


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


def test_max_minutes_ends_in_order(few, tmp_path):
    folder = run_folder(tmp_path / "run", "glowtts", few, steps=100_000, max_minutes=0.002)
    began = time.process_time()  # a busy machine makes the clock run on
    run = trained(folder, 100_000)
    assert run.step < 1000
    assert time.process_time() - began < 20
    assert latest(folder / "checkpoints") is not None


def test_batches_are_a_function_of_the_step(few, tmp_path):
    corpus = Corpus(run_folder(tmp_path / "run", "glowtts", few, steps=4) / "data")
    one, two = Batches(corpus, 2, seed=1), Batches(corpus, 2, seed=1)
    expected = [[e.id for e in one.at(s)] for s in range(8)]
    assert [[e.id for e in two.at(s)] for s in (7, 3, 0)] == [expected[7], expected[3], expected[0]]
    for epoch in range(4):  # every utterance once per epoch
        seen = [*expected[2 * epoch], *expected[2 * epoch + 1]]
        assert sorted(seen) == sorted(e.id for e in corpus.training)
    shares = [Batches(corpus, 1, seed=1, rank=r, world=2) for r in (0, 1)]
    for step in range(4):
        assert not {e.id for e in shares[0].at(step)} & {e.id for e in shares[1].at(step)}


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


@pytest.mark.parametrize("kind", ["glowtts", "vits"])
def test_mixed_precision(kind, few, tmp_path):
    """bf16 autocast (here on a CPU, where it can be had everywhere): half in the layers, float32 in the
    weights."""
    run = Run(run_folder(tmp_path / "run", kind, few, steps=1, precision="bf16", device="cpu", lr=1e-3))
    seen = set()
    for module in run.learner.model.modules():
        if isinstance(module, (torch.nn.Linear, torch.nn.Conv1d)):
            module.register_forward_hook(lambda _m, _i, out: seen.add(out.dtype))
    run.begin()
    before = [p.detach().clone() for p in run.learner.speaking_parameters]
    seen.clear()
    run.train(1)
    assert torch.bfloat16 in seen
    (line,) = (run.folder / "log.jsonl").read_text().splitlines()
    assert np.isfinite(json.loads(line)["loss"])
    assert {p.dtype for p in run.learner.model.parameters()} == {torch.float32}
    moved = [bool((a != b).any()) for a, b in zip(before, run.learner.speaking_parameters, strict=True)]
    assert np.mean(moved) > 0.5


@pytest.mark.parametrize(("kind", "padding"), [("coqui-hifigan", 10), ("coqui-mb-melgan", 4)])
def test_a_vocoder_renders_exactly_the_frames_it_is_given(kind, padding, few):
    """coqui-tts's generators leave their padding in: HiFi-GAN's output is ten frames too long, MelGAN's four.

    What is kept must be the frames' own samples: far from the edges, where padding is out of reach, those of
    the generator's forward pass, with which it is trained and which pads nothing.
    """
    from synthkit_coqui.models import make
    from synthkit_coqui.speech import Speech

    torch.manual_seed(0)
    wide = {} if kind == "coqui-hifigan" else {"preset": "small", "model": {"num_res_blocks": 1}}
    voice = component(kind, segment=4096, **wide)._describe(few)
    speech = Speech(voice, make(voice), torch.device("cpu"))
    mel = np.random.default_rng(0).standard_normal((60, 80)).astype(np.float32)
    frames = torch.from_numpy(mel.T[None].copy())
    assert speech.model.inference(frames).shape[-1] == (60 + padding) * 256
    generator = speech.model.model_g
    with torch.inference_mode():
        whole = generator(frames)
        whole = generator.pqmf_synthesis(whole) if kind == "coqui-mb-melgan" else whole
    expected, rendered = whole[0, 0].numpy(), speech.render(mel)
    assert len(rendered) == len(expected) == 60 * 256
    middle = slice(25 * 256, 35 * 256)
    np.testing.assert_allclose(rendered[middle], expected[middle], rtol=1e-4, atol=1e-4 * expected.std())
    moved = rendered[26 * 256 : 36 * 256]  # a trim that is off by a frame would be seen
    assert np.abs(moved - expected[middle]).max() > 0.1 * expected.std()


def test_start_from_another_voice(few, tmp_path):
    first = run_folder(tmp_path / "first", "glowtts", few, steps=2)
    trained(first, 2).save(first / "voice")
    second = run_folder(tmp_path / "second", "glowtts", few, steps=2, start_from=str(first / "voice"))
    run = Run(second)
    run.begin()
    for name, value in read_safetensors(first / "voice" / "model.safetensors").items():
        torch.testing.assert_close(run.learner.model.state_dict()[name], value)


def test_settings_reach_the_training_process(few, tmp_path):
    folder = run_folder(tmp_path / "run", "glowtts", few, steps=9, lr=3e-4, schedule="cosine", blank=False)
    run = Run(folder)
    assert run.settings.steps == 9
    assert run.settings.schedule == "cosine"
    assert isinstance(component("glowtts").config, GlowTTSSettings)
    assert not run.voice.symbols.blank
