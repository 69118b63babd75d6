# SPDX-License-Identifier: Apache-2.0
"""``max_minutes`` where the machine changes its speed: the rest is planned again, by the test's own clock."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from coqui_samples import make_data, run_folder
from synthkit_coqui import launch, plan, run
from synthkit_coqui.architectures.glowtts import GlowTTSArchitecture, GlowTTSSettings
from synthkit_coqui.history import Trained
from synthkit_coqui.learner import learning_rate
from synthkit_coqui.validation import Validator

from synthkit.errors import ConfigError, SynthkitError, VoiceError
from synthkit.progress import Progress
from synthkit.weights import read_safetensors


@pytest.fixture(scope="module")
def few():
    return make_data(count=4, held_out=0, seconds=0.8)


class Clock:
    """Seconds that pass in steps alone, and in each as many as `lasts` says of it."""

    def __init__(self, lasts):
        self.now, self.lasts = 0.0, lasts

    def monotonic(self):
        return self.now

    process_time = monotonic


def running(folder, monkeypatch, lasts):
    """A run whose steps take what `lasts` says, and the rates that they were taken with."""
    clock = Clock(lasts)
    monkeypatch.setattr(run, "time", clock)
    training = run.Run(folder)
    own, rates = training.learner.step, {}

    def step(batch, number):
        clock.now += clock.lasts(number)
        rates[number] = training.rate(number)
        return own(batch, number)

    training.learner.step = step
    training._validate = lambda *_: None  # it speaks, and takes no second of this clock
    training.begin()
    return training, rates


def timed(few, folder, minutes=3.0, **settings):
    told = {"schedule": "cosine", "max_minutes": minutes, "rehearsal": False, "log_every": 1000}
    return run_folder(folder, "glowtts", few, **{**told, "checkpoint_every": 10**6, **settings})


@pytest.mark.parametrize(
    ("lasts", "fewest", "most"),
    [
        (lambda step: 1.0 if step < 40 else 4.0, 68, 80),  # somebody else begins to work: 40 + 140 / 4 steps
        (lambda step: 4.0 if step < 20 else 1.0, 108, 121),  # and somebody ends: 20 + 100 steps
        (lambda step: 1.0, 165, 181),
    ],
)
def test_the_rate_has_come_down_when_time_is_up_whatever_the_machine_does(
    few, tmp_path, monkeypatch, lasts, fewest, most
):
    training, rates = running(timed(few, tmp_path / "run"), monkeypatch, lasts)
    training.measure()
    training.train()
    assert fewest <= training.step <= most, training.plan
    assert 0.9 * 180 <= training.seconds <= 180 + 4
    peak = max(rates.values())
    assert peak == pytest.approx(training.settings.lr, rel=0.05)
    assert rates[training.step - 1] < 0.12 * peak, "a cosine falls to a twentieth"
    planned = max(plan.MEASURED_STEPS, training.settings.warmup())
    falling = [rates[n] for n in sorted(rates) if n > planned]
    assert all(b <= a + 1e-12 for a, b in zip(falling, falling[1:], strict=False)), "and never jumps up"
    assert training.trained().applied == pytest.approx(training.settings.lr, rel=0.05)


def test_what_goes_on_applies_the_rates_that_it_would_have_applied(few, tmp_path, monkeypatch, capsys):
    """Killed after the plan was revised, it begins anew at a checkpoint before, and much quicker."""

    def slower(step):
        return 1.0 if step < 30 else 4.0

    whole, rates = running(timed(few, tmp_path / "whole"), monkeypatch, slower)
    whole.measure()
    whole.train()
    assert whole.plan.revised
    first = whole.plan.revised[0]
    until = first[0] + 2

    folder = timed(few, tmp_path / "killed", checkpoint_every=7)
    killed, _ = running(folder, monkeypatch, slower)
    killed.measure()
    killed.checkpoint = lambda: type(killed).checkpoint(killed) if killed.step < first[0] else None

    def interrupted(batch, number, own=killed.learner.step):
        if number == until:
            raise KeyboardInterrupt
        return own(batch, number)

    killed.learner.step = interrupted
    with pytest.raises(KeyboardInterrupt):
        killed.train()
    kept = json.loads((folder / "plan.json").read_text(encoding="utf-8"))["revised"]
    assert kept == [list(first)]

    again, taken = running(folder, monkeypatch, lambda step: 0.01)
    assert f'"steps": {first[1]}' in capsys.readouterr().out.splitlines()[-1], "as planned last"
    assert again.step < first[0] < until
    again.measure()
    again.train(until)
    assert taken == {n: rates[n] for n in taken} and len(taken) > 2
    other, _ = running(timed(few, tmp_path / "other"), monkeypatch, slower)
    other.measure()
    other.plan = whole.plan
    other._keep_to_plan()
    other.train(until)
    theirs, ours = (
        read_safetensors(f / "checkpoints" / f"step-{until:09d}" / "model.safetensors")
        for f in (folder, tmp_path / "other")
    )
    assert all((theirs[name] == value).all() for name, value in ours.items())


@pytest.mark.parametrize(
    ("lasts", "told", "revisions"),
    [
        (lambda step: (1.0, 1.3)[step // 9 % 2], (1,), 5),  # it wavers: the end is never far from the first
        (lambda step: 1.0 if step < 30 else 4.0, (2, 3), 1),  # somebody else begins to work
    ],
)
def test_a_revision_is_told_where_it_moves_the_end_by_much(
    few, tmp_path, monkeypatch, lasts, told, revisions
):
    """The bar hears of each; people read no more than they can use."""
    training, _ = running(timed(few, tmp_path / "run"), monkeypatch, lasts)
    heard = []
    training.tell = lambda event, **values: heard.append({"event": event, "step": training.step, **values})
    training.measure()
    training.train()
    plans = [t for t in heard if t["event"] == "plan"]
    assert len(training.plan.revised) >= revisions and len(plans) == 1 + len(training.plan.revised)
    assert plans[-1]["steps"] == training.plan.end
    assert [bool(launch.describe(t, "glowtts")) for t in plans].count(True) in told
    assert launch.describe(plans[0], "glowtts").startswith("glowtts plan: ")


def test_the_last_step_is_heard_and_planned_for(few, tmp_path, monkeypatch):
    """What was never heard tells nobody whether anything was learned; and hearing it takes its time."""
    training, _ = running(timed(few, tmp_path / "run", validate_every=60), monkeypatch, lambda step: 1.0)
    heard = []

    def validate(*_):
        heard.append(training.step)
        run.time.now += 12.0

    training._validate = validate
    training.measure()
    training.train()
    assert heard == [60, 120, training.step] and training.step == training.plan.end
    assert 0.85 * 180 <= run.time.now <= 180 + 3
    assert all(end > 125 for _, end in training.plan.revised), "a validation is no slow step"

    short, _ = running(timed(few, tmp_path / "short", minutes=None, steps=20), monkeypatch, lambda step: 1.0)
    short._validate = validate
    short.measure()
    short.train()
    assert short.step == 20 and heard[3:] == [], "nothing is learned in so few"


def test_what_is_heard_while_steps_are_timed_is_not_taken_from_later_ones(few, tmp_path, monkeypatch):
    """Steps seemed to take a tenth of their time."""
    folder = timed(few, tmp_path / "run", minutes=4.0, validate_every=10)
    training, _ = running(folder, monkeypatch, lambda step: 1.0)

    def validate(*_):
        run.time.now += 9.0

    training._validate = validate
    training.measure()
    each = training.plan.steps // plan.LOOKS
    own = training.learner.step

    def step(batch, number):
        if number == 2 * each:
            training.interrupt()
        return own(batch, number)

    training.learner.step = step
    training.train()
    assert training.plan.revised and all(end < 240 for _, end in training.plan.revised)


def test_what_is_interrupted_is_not_heard_first(few, tmp_path, monkeypatch):
    training, _ = running(timed(few, tmp_path / "run"), monkeypatch, lambda step: 1.0)
    training.measure()
    training._validate = lambda *_: pytest.fail("somebody waits for the end")
    own = training.learner.step

    def step(batch, number):
        if number == 50:
            training.interrupt()
        return own(batch, number)

    training.learner.step = step
    training.train()
    assert training.step == 51 and training.stopped == run.INTERRUPTED


def test_a_checkpoint_is_written_every_ten_minutes_where_steps_are_long(few, tmp_path, monkeypatch):
    training, _ = running(
        timed(few, tmp_path / "run", minutes=None, steps=60), monkeypatch, lambda step: 50.0
    )
    kept = []
    training.checkpoint = lambda: kept.append(training.step)
    training.train()
    assert kept == [12, 24, 36, 48, 60]


def test_nothing_is_judged_by_the_rates_before_the_plan(few, tmp_path, monkeypatch):
    """While steps are timed the rate rises as for all steps that are asked for, and so hardly at all."""
    training, _ = running(timed(few, tmp_path / "run", minutes=5.0, log_every=1), monkeypatch, lambda _: 8.0)
    asked = []
    own = training.watch.judge

    def judge(step, seconds=0.0, **more):
        asked.append((step, seconds))
        return own(step, seconds, **more)

    training.watch.judge = judge
    training.watch.patience_seconds = 1.0
    training.measure()
    measured = training.step
    assert measured >= 3 and set(asked) == {(0, 0.0)} and not training.watch.said
    training.train()
    assert asked[measured] == (1, 8.0) and training.watch.said <= {"loss-does-not-fall"}


def test_what_is_no_number_ends_a_training_and_takes_no_good_checkpoint(few, tmp_path, monkeypatch):
    training, _ = running(timed(few, tmp_path / "run", minutes=None, steps=60), monkeypatch, lambda _: 50.0)
    own = training.learner.step

    def step(batch, number):
        made = own(batch, number)
        if number == 15:
            with torch.no_grad():
                training.learner.speaking_parameters[0].fill_(float("nan"))
        return made

    training.learner.step = step
    with pytest.raises(VoiceError, match=r"not finite; the learning rate is too high .* try lr = ") as caught:
        training.train()
    assert 16 <= training.step <= 24 and "the last good checkpoint is kept" in caught.value.hint
    with pytest.raises(VoiceError, match="not finite"):
        training.checkpoint()
    assert [p.name for p in sorted((tmp_path / "run" / "checkpoints").glob("step-*"))] == ["step-000000012"]


def test_a_recogniser_that_cannot_listen_ends_no_training_and_takes_no_other_figure(
    few, tmp_path, monkeypatch
):
    """Such as one whose model is not on this machine."""
    training, _ = running(timed(few, tmp_path / "run", minutes=1.0), monkeypatch, lambda step: 1.0)
    del training._validate
    told = []
    training.tell = lambda event, **values: told.append((event, values.get("message", "")))

    def refuse(*_):
        raise SynthkitError("no model of Whisper", hint="fetch one")

    monkeypatch.setattr(run.Validator, "_character_errors", refuse)
    training.measure()
    training.train()
    assert training.step == training.plan.end
    assert [m for e, m in told if e == "warning" and "no model of Whisper" in m]
    assert [m for e, m in told if e == "validation" and "held-out distance" in m]
    assert training.watch.distances


TWO = """
import os, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from synthkit_coqui import run, train
from test_planned_again import Clock

rank = int(os.environ["RANK"])
clock = Clock(lambda step: 4.0 if rank == 1 and step >= 40 else 1.0)
run.time = clock
own = run.Learner.step
def step(self, batch, number):
    clock.now += clock.lasts(number)
    return own(self, batch, number)
run.Learner.step = step
status = train.main([sys.argv[1]])
Path(sys.argv[1], f"status-{rank}").write_text(str(status))
"""


def test_two_processes_end_in_order_when_the_time_of_one_is_up(few, tmp_path):
    """The second process's clock runs away from the first one's, which plans for both."""
    folder = timed(few, tmp_path / "run", gpus=2, device="cpu", batch_size=1)
    script = tmp_path / "two.py"
    script.write_text(TWO, encoding="utf-8")
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    arguments = [str(script), str(folder), str(Path(__file__).parent)]
    done = subprocess.run([*launcher, *arguments], capture_output=True, text=True, check=False)
    assert [(folder / f"status-{rank}").read_text() for rank in (0, 1)] == ["0", "0"], done.stderr[-1500:]
    told = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert not [t for t in told if t["event"] in ("interrupted", "error")]
    assert told[-1]["event"] == "end" and 70 <= told[-1]["step"] <= 80
    assert (folder / "voice" / "model.safetensors").is_file()
    trained = Trained.of(folder / "voice")
    assert trained.steps == told[-1]["step"] and trained.applied > 0.9 * trained.lr


def test_the_bar_has_the_steps_that_are_planned_now(monkeypatch):
    """What was planned first, and what an earlier run took, are no steps of it."""
    told = [
        {"event": "begin", "step": 500}, {"event": "plan", "step": 510, "steps": 1000},
        {"event": "step", "step": 560}, {"event": "plan", "step": 600, "steps": 700},
        {"event": "step", "step": 700}, {"event": "end", "step": 700},
    ]  # fmt: skip
    steps = launch._Steps(iter(told), 10**6)
    steps.until_planned()
    heard = []
    progress = Progress(enabled=False, listen=lambda event, **values: heard.append(values))
    for _ in progress.track(steps, label="training", total=steps.left):
        pass
    shown = [(values["done"], values["total"]) for values in heard]
    assert shown[0] == (0, 490) and (51, 190) in shown and shown[-1] == (190, 190)


def test_without_a_time_nothing_is_planned_again():
    made = plan.make(GlowTTSSettings(steps=1000), 1.0)
    assert not any(made.looks(step) for step in range(1001))
    assert [made.place(step) for step in (0, 7, 999)] == [0, 7, 999]


def test_a_place_runs_through_the_whole_plan_however_often_it_is_revised():
    settings = GlowTTSSettings(schedule="cosine", max_minutes=10)
    made = plan.make(settings, 1.0)
    assert made.steps == 540
    half = plan.again(made, 100, 4.0, 500.0)
    assert half.revised == ((100, 212),)
    assert half.place(99) == 99 and half.place(100) == 100 and half.place(156) == 320 and half.end == 212
    both = plan.again(half, 156, 1.0, 276.0)
    assert both.end == 156 + 248
    assert both.place(155) == half.place(155) and both.place(156) == 320
    assert both.place(403) == pytest.approx(540 - 220 / 248)
    assert plan.again(both, 200, 1.0, 230.0) is both, "hardly another"
    assert learning_rate(plan.planned(settings, both), both.place(403)) < 0.051 * settings.lr
    assert plan.again(made, 100, 1e-6, 500.0).end == settings.steps, "never more than were asked for"


def test_weights_that_are_no_numbers_are_told_before_they_are_listened_to(few, tmp_path):
    """A validation right after the step that lost them ended with a traceback of the alignment."""
    training = run.Run(timed(few, tmp_path / "run"))
    training.begin()
    with torch.no_grad():
        next(training.learner.model.parameters()).fill_(float("nan"))
    validator = Validator(training.voice, training.corpus, tmp_path / "validation", training.settings)
    with pytest.raises(VoiceError, match="not finite") as caught:
        training._validate(validator, None, None)
    assert "the last good checkpoint is kept" in caught.value.hint


@pytest.mark.parametrize("by_size", [True, False])
def test_batches_are_smaller_where_few_steps_fit_and_are_so_in_what_goes_on(
    few, tmp_path, monkeypatch, by_size
):
    """Steps of half the utterances take half the time in one model and all of it in another."""

    def started(folder):
        training, rates = running(timed(few, tmp_path / folder, batch_size=4), monkeypatch, lambda step: 0.0)
        own, sizes = training.learner.step, {}

        def step(batch, number):
            sizes[number] = len(batch["text_lengths"])
            run.time.now += 0.75 * sizes[number] if by_size else 3.0
            return own(batch, number)

        training.learner.step = step
        return training, rates, sizes

    whole, rates, sizes = started("whole")
    whole.measure()
    made = whole.plan
    assert (made.batch_size, made.asked_size) == (2, 4)
    spent, each = whole.seconds, (1.5 if by_size else 3.0)
    assert made.steps == whole.step + int(0.9 * (180 - spent) / each)
    whole.train()
    assert [sizes[n] for n in (0, 1)] == [4, 4] and sizes[whole.step - 1] == 2
    assert 0.85 * 180 <= whole.seconds <= 180 + 3
    assert max(rates.values()) == pytest.approx(whole.settings.lr, rel=0.05)

    killed, _, _ = started("killed")
    killed.measure()
    measured = killed.step
    again, _, taken = started("killed")
    assert again.step == measured and again.plan == made
    again.measure()
    again.train(measured + 4)
    assert set(taken.values()) == {2}
    other, _, _ = started("other")
    other.measure()
    other.train(measured + 4)
    theirs, ours = (
        read_safetensors(tmp_path / f / "checkpoints" / f"step-{measured + 4:09d}" / "model.safetensors")
        for f in ("killed", "other")
    )
    assert all((theirs[name] == value).all() for name, value in ours.items())


@pytest.mark.parametrize("loading", [0.0, 60.0])
def test_measuring_in_large_batches_does_not_use_up_the_time(few, tmp_path, monkeypatch, loading):
    """A minute of a small Glow-TTS on a busy machine was refused after five steps of 32 utterances, 10 s
    each: the smaller batches, of which there was time for many, were never tried."""
    made = timed(few, tmp_path / "run", minutes=1.0 if not loading else 3.0, batch_size=4)
    training, rates = running(made, monkeypatch, lambda step: 0.0)
    own, sizes = training.learner.step, {}

    def step(batch, number):
        sizes[number] = len(batch["text_lengths"])
        each = 3.0 if not loading else 0.1
        run.time.now += each * sizes[number] + (loading if number == 0 else 0.0)
        return own(batch, number)

    training.learner.step = step
    if not loading:
        with pytest.raises(ConfigError, match=r"1[0-9] steps of this model \(3.0 s"):
            training.measure()
        assert sizes[0] == 4 and {sizes[n] for n in range(1, training.step)} == {1}
        assert training.seconds < 30, "and it is said before the time is up"
        return
    training.measure()
    assert sizes[0] == 4 and sizes[1] < 4, "one step that loads much is not yet told from a slow one"
    assert training._size == 4 and training.plan.batch_size is None, "the plan is"
    training.train()
    assert sizes[training.step - 1] == 4
    assert 0.85 * 180 <= training.seconds <= 180 + 3
    assert max(rates.values()) == pytest.approx(training.settings.lr, rel=0.05)


def test_what_was_refused_on_a_busy_machine_is_tried_anew(few, tmp_path, monkeypatch):
    """It went on from the steps that had used the time up, and was refused again at once, however idle the
    machine was by then."""
    made = timed(few, tmp_path / "run", minutes=1.0)
    busy, _ = running(made, monkeypatch, lambda step: 20.0)
    with pytest.raises(ConfigError, match="nothing is learned in so few"):
        busy.measure()
        busy.train()
    idle, _ = running(made, monkeypatch, lambda step: 0.2)
    assert (idle.step, idle.seconds) == (0, 0.0)
    idle.measure()
    idle.train()
    assert idle.step > 200
    assert running(made, monkeypatch, lambda step: 0.2)[0].step == idle.step, "what has a plan goes on"


def test_the_first_step_is_not_longer_than_the_time(few, tmp_path, monkeypatch):
    """A step of 32 utterances of a small VITS is 40 s: of a minute, nothing was left after it."""
    made = timed(few, tmp_path / "run", minutes=1.0, batch_size=4)
    monkeypatch.setattr(GlowTTSArchitecture, "step_seconds", {"tiny": 40.0})
    training, _ = running(made, monkeypatch, lambda step: 0.0)
    own, sizes = training.learner.step, []

    def step(batch, number):
        sizes.append(len(batch["text_lengths"]))
        run.time.now += 0.9 * sizes[-1] ** 2
        return own(batch, number)

    training.learner.step = step
    training.measure()
    assert sizes[0] == 1
    assert training.plan.batch_size == 1 and training.plan.steps > 50
