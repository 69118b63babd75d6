# SPDX-License-Identifier: Apache-2.0
"""The plan: as many steps as the time holds, with a learning rate for them; what is too little is refused."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
import torch
from coqui_samples import component, context, make_data, run_folder
from synthkit_coqui import plan
from synthkit_coqui.architectures import BUILT_IN, find
from synthkit_coqui.architectures.glowtts import GlowTTSSettings
from synthkit_coqui.architectures.tacotron2 import Tacotron2Settings
from synthkit_coqui.history import Trained
from synthkit_coqui.launch import describe
from synthkit_coqui.learner import learning_rate
from synthkit_coqui.run import Run

from synthkit.errors import ConfigError, SpeechWarning


@pytest.fixture(scope="module")
def few():
    return make_data(count=4, held_out=0, seconds=0.8)


def test_what_does_not_fit_the_time_is_planned_anew_and_its_rate_arrives():
    """What happened before: 71 of 100,000 steps, at a rate from 7.5e-7 to 1.8e-5."""
    settings = Tacotron2Settings(max_minutes=20)
    assert max(learning_rate(settings, s) for s in range(128)) < 4e-5
    made = plan.make(settings, 8.4)
    assert made.steps == int(0.9 * 1200 / 8.4) == 128
    anew = plan.planned(settings, made)
    assert max(learning_rate(anew, s) for s in range(made.steps)) == pytest.approx(settings.lr)
    assert made.told("cpu").startswith(
        "plan: 128 of the 100000 steps asked for, since 20 minutes hold no more at 8.4 s a step"
    )
    assert anew.batch_size == settings.batch_size


def test_batches_are_smaller_where_few_steps_fit_the_time():
    """Twenty steps of 32 utterances taught Tacotron 2 nothing that could be heard."""
    settings = Tacotron2Settings(max_minutes=10)
    assert plan.fitting(settings, 26.0, 32, 100) == 6
    assert plan.fitting(settings, 26.0, 8, 8) == 1, "the measured steps had eight, not 32"
    assert plan.fitting(settings, 5.0, 32, 100) == 32, "100 steps fit"
    assert plan.fitting(settings, 0.5, 4, 100) == 32, "and in smaller ones than are needed, so they grow"
    assert plan.fitting(settings, 5.0, 32, 100, step=5, spent=300.0) == 18, "what is spent is not there"
    assert plan.fitting(Tacotron2Settings(max_minutes=10, batch_size=1), 26.0, 1, 100) == 1
    assert plan.fitting(Tacotron2Settings(max_minutes=10, steps=20), 26.0, 32, 100) == 32, "all of them fit"
    assert plan.fitting(Tacotron2Settings(), 26.0, 32, 100) == 32
    assert plan.make(settings, 4.9, 6, step=5, spent=130.0).steps == 5 + int(0.9 * 470 / 4.9)
    made = plan.make(settings, 4.9, 6)
    assert (made.batch_size, made.asked_size, made.steps) == (6, 32, 110)
    anew = plan.planned(settings, made)
    assert (anew.batch_size, anew.steps) == (6, 110)
    assert max(learning_rate(anew, s) for s in range(made.steps)) == pytest.approx(settings.lr)
    assert made.told("cpu").startswith(
        "plan: 110 of the 100000 steps asked for in batches of 6 instead of 32, since 10 minutes hold no "
        "more at 4.9 s a step"
    )


def test_a_plan_says_how_long_with_a_unit():
    assert "1000 steps at 5.00 steps/s on this machine take 3 minutes" in plan.make(
        GlowTTSSettings(steps=1000), 0.2
    ).told("cpu")
    days = plan.make(GlowTTSSettings(), 5.2).told("cpu")
    assert "take 144 hours (6.0 days)" in days
    assert "max_minutes" in days
    assert "parametric" in days
    assert "max_minutes" not in plan.make(GlowTTSSettings(), 5.2).told("cuda")
    assert [plan.lasting(s) for s in (5, 600, 9000)] == ["5 s", "10 minutes", "2.5 hours"]


def test_too_little_time_is_refused_with_what_would_do():
    with pytest.raises(ConfigError, match="in 2 minutes this machine takes 5 steps") as caught:
        plan.make(Tacotron2Settings(max_minutes=2), 20.0)
    assert 'preset = "small"' in caught.value.hint
    assert "max_minutes = 185 for 500 steps" in caught.value.hint
    with pytest.raises(ConfigError, match="the warm-up of 400 ends after them") as caught:
        plan.make(Tacotron2Settings(max_minutes=10, warmup_steps=400), 5.0)
    assert caught.value.hint.startswith("warmup_steps = 10")


def trained(folder):
    command = [sys.executable, "-m", "synthkit_coqui.train", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr


def test_a_training_keeps_to_the_time_and_to_its_plan(few, tmp_path):
    folder = run_folder(
        tmp_path / "run",
        "glowtts",
        few,
        max_minutes=0.3,
        preset="tiny",
        rehearsal=False,
        checkpoint_every=10**6,
        log_every=5,
    )
    status, told, errors = trained(folder)
    assert status == 0, errors
    planned, *again = (t for t in told if t["event"] == "plan")
    end = again[-1]["steps"] if again else planned["steps"]
    assert 30 <= planned["steps"] < 6000
    assert "of the 100000 steps asked for" in describe(planned, "glowtts")
    kept = json.loads((folder / "plan.json").read_text())
    assert kept["steps"] == planned["steps"]
    assert len(kept["revised"]) == len(again)
    record = Trained.of(folder / "voice")
    assert 10 <= record.steps <= end
    assert record.minutes < 0.4
    assert record.asked == 100_000
    if record.steps > end // 5:  # the machine was not much slower than when it was measured
        assert record.applied == pytest.approx(record.lr, rel=0.01)
        assert record.complaint() is None


def test_no_time_at_all_is_refused(few, tmp_path):
    folder = run_folder(tmp_path / "run", "glowtts", few, max_minutes=1e-4, rehearsal=False)
    status, told, _ = trained(folder)
    assert status != 0
    assert "nothing is learned in so few" in told[-1]["message"]
    assert not (folder / "voice").exists()


def test_what_would_do_is_named_and_nothing_that_is_so_already():
    with pytest.raises(ConfigError) as caught:
        plan.make(GlowTTSSettings(max_minutes=4, preset="tiny", batch_size=1), 26.5)
    assert caught.value.hint.startswith("max_minutes = 245 for 500 steps")
    with pytest.raises(ConfigError) as caught:
        plan.make(GlowTTSSettings(max_minutes=4, batch_size=1), 26.5)
    assert caught.value.hint.startswith('preset = "small", or max_minutes')
    with pytest.raises(ConfigError, match="this machine takes 29 steps"):
        plan.make(GlowTTSSettings(max_minutes=4, preset="small"), 7.3)
    assert plan.make(GlowTTSSettings(max_minutes=4, preset="small"), 7.2).steps == 30


@pytest.mark.parametrize("asked", [0, 2])
def test_threads_are_those_of_the_environment_until_a_setting_says_so(few, tmp_path, asked):
    folder = run_folder(tmp_path / "run", "glowtts", few, steps=3, threads=asked)
    script = (
        "import sys, torch, pathlib\nfrom synthkit_coqui.run import Run\nRun(pathlib.Path(sys.argv[1]))\n"
    )
    script += "print(torch.get_num_threads())"
    done = subprocess.run(
        [sys.executable, "-c", script, str(folder)], capture_output=True, text=True, check=False,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    assert done.stdout.split() == [str(asked or 1)], done.stderr[-800:]


@pytest.mark.parametrize(("cpu", "said"), [(3.0, False), (0.4, True)])
def test_a_machine_that_others_have_is_said_to_be_busy(few, tmp_path, cpu, said, monkeypatch):
    run = Run(run_folder(tmp_path / "run", "glowtts", few, steps=3, threads=1, device="cpu"))
    told = []
    monkeypatch.setattr(run, "tell", lambda event, **values: told.append((event, values["message"])))
    monkeypatch.setattr(torch, "get_num_threads", lambda: 2)
    run._tell_busy(cpu, 2.0)
    run._tell_busy(0.01, 0.5)  # too short to tell
    text = "this machine is busy: the steps got 0.2 of 2 cores; `threads = 1` takes shorter steps then"
    assert [event for event, _ in told] == ["warning"] * said
    assert all(message.startswith(text) for _, message in told)


def test_no_hours_are_told_before_there_is_a_plan(few, tmp_path):
    folder = run_folder(tmp_path / "run", "glowtts", few, max_minutes=3, steps=13, rehearsal=False)
    status, told, _ = trained(folder)
    assert status == 0
    planned = next(n for n, t in enumerate(told) if t["event"] == "plan")
    etas = [(n > planned, t["eta"]) for n, t in enumerate(told) if t["event"] == "step"]
    assert {after for after, _ in etas} == {True, False}
    assert all((eta is not None) == after for after, eta in etas)
    first = next(t for t in told if t["event"] == "step")
    assert describe(first, "glowtts").endswith("not planned yet")


def test_a_voice_whose_rate_never_arrived_says_so(few, tmp_path):
    model = component("glowtts", steps=3, rehearsal=False)
    ctx = context(tmp_path / "work")
    (tmp_path / "out").mkdir()
    model.fit(few, tmp_path / "out", ctx)
    assert any("plan: 3 steps at" in line for line in ctx.progress.lines)
    Trained(71, 100_000, 10.0, 5e-4, 1.8e-5).save(tmp_path / "out")
    with pytest.warns(
        SpeechWarning, match=r"71 of 100000 steps, and the learning rate reached 1.8e-05 of 0.0005"
    ):
        component("glowtts").open(tmp_path / "out")


def test_before_anything_is_timed_few_steps_are_not_said_to_be_all(few):
    """The note said 15 of 100,000 steps, and 168 were planned, of smaller batches."""
    told = {
        minutes: next(
            f.problem
            for f in component(
                "glowtts", preset="small", device="cpu", batch_size=32, max_minutes=minutes
            ).check()
            if f.code == "time"
        )
        for minutes in (1, 30)
    }
    assert "batches are made smaller" in told[1]
    assert "smaller" not in told[30]


@pytest.mark.parametrize("kind", BUILT_IN)
def test_every_preset_is_told_how_long_it_takes_on_a_cpu(kind):
    for preset in ("default", "small", "tiny"):
        found = {
            f.code: f
            for f in component(kind, preset=preset, steps=50_000, device="cpu", batch_size=32).check()
        }
        told = found.get("time") or found["slow"]
        assert "s a step of 32" in told.problem
        assert any(unit in f"{told.problem} {told.consequence}" for unit in (" minutes", " hours"))
    assert set(find(kind).step_seconds) == {"default", "small", "tiny"}


def test_the_watch_waits_by_the_clock_where_steps_are_long():
    import torch
    from synthkit_coqui.watch import Watch

    w = Watch(find("tacotron2"), Tacotron2Settings())
    w.remember_weights([torch.nn.Parameter(torch.ones(4, 4))])
    assert w.judge(71, 200.0) == []
    assert [code for code, _ in w.judge(71, 600.0)] == ["weights-do-not-move"]
    short = Watch(find("tacotron2"), Tacotron2Settings(max_minutes=10))
    short.remember_weights([torch.nn.Parameter(torch.ones(4, 4))])
    assert [code for code, _ in short.judge(20, 121.0)] == ["weights-do-not-move"]


@pytest.mark.parametrize("kind", BUILT_IN)
def test_tiny_is_small_throughout(kind, few):
    """Discriminators and recurrent layers too: each model trains a real cycle on a CPU in about two
    minutes."""
    from synthkit_coqui.models import make

    sizes = {}
    for preset in ("default", "tiny"):
        model = make(component(kind, preset=preset)._describe(few))
        sizes[preset] = sum(p.numel() for p in model.parameters())
    assert sizes["tiny"] < 1.6e6
    assert sizes["tiny"] < sizes["default"] / 15
    assert np.isfinite(sizes["tiny"])
