# SPDX-License-Identifier: Apache-2.0
"""What it learns, what is judged meanwhile, and that a training goes on where it was stopped."""

import csv
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from wavenet_toy import TINY, mel, world

torch = pytest.importorskip("torch")

from safetensors import safe_open  # noqa: E402
from synthkit_wavenet import companding, examples, likelihood, training  # noqa: E402
from synthkit_wavenet.fitting import CURVE, STATE, shape_of  # noqa: E402
from synthkit_wavenet.network import WaveNet  # noqa: E402
from synthkit_wavenet.shape import Shape  # noqa: E402
from synthkit_wavenet.stored import TrainedVocoder  # noqa: E402
from synthkit_wavenet.vocoder import WaveNetSettings, WaveNetVocoder  # noqa: E402

from synthkit.errors import VoiceError  # noqa: E402
from synthkit.testing.samples import context  # noqa: E402


def fit(folder, data, **more):
    """Bytes of the weights of a training in `folder`."""
    out = folder / "vocoder"
    out.mkdir(parents=True, exist_ok=True)
    WaveNetVocoder(WaveNetSettings(**TINY | more)).fit(data, out, context(folder / "work"))
    return (out / "wavenet.safetensors").read_bytes()


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    found = world(tmp_path_factory.mktemp("world"), count=3)
    return replace(found, items=found.items[:2], held_out=found.items[2:])


@pytest.mark.parametrize(("form", "output"), [("residual", "logistics"), ("waveform", "softmax")])
def test_the_weights_that_a_shape_states_are_those_of_the_network(form, output, data):
    shape = shape_of(WaveNetSettings(form=form, output=output), data.spec)
    assert {k: tuple(v.shape) for k, v in WaveNet(shape).state_dict().items()} == shape.tensors()


def test_the_probabilities_of_all_values_sum_to_one():
    step = 1 / 32
    wanted = torch.arange(-40, 40, step).unsqueeze(0)
    out = torch.tensor([[0.3, -1.0, -2.0, 1.5, -0.5, 0.2]]).expand(wanted.shape[1], 6).unsqueeze(0)
    found = likelihood.logistics(out, wanted, torch.full_like(wanted, step)).double().exp().sum()
    assert float(found) == pytest.approx(1, abs=1e-5)


def test_both_outputs_are_judged_on_the_same_scale():
    """A softmax that says of each class what a mixture says of its interval has the mixture's likelihood."""
    shape = Shape(inputs=1, form="residual", output="softmax", taps=0)
    limit = companding.LIMITS["residual"]
    values, widths = (torch.from_numpy(f(limit)) for f in (companding.values, companding.widths))
    params = torch.tensor([0.3, -1.0, -2.0, 1.5, -0.5, 0.2]).expand(256, 6).unsqueeze(0)
    of_classes = likelihood.logistics(params, values.unsqueeze(0), widths.unsqueeze(0))
    wanted = torch.tensor([[100, 120, 128, 131, 150]])
    step = torch.full(wanted.shape, 1e-3)
    softmax = likelihood.of(shape, of_classes.expand(5, 256).unsqueeze(0), wanted, step)
    mixture = -likelihood.logistics(params[:, :5], values[wanted], step).mean()
    assert float(softmax) == pytest.approx(float(mixture), abs=0.02)


@pytest.mark.parametrize(
    ("make", "settings"),
    [
        (world, {"form": "residual", "output": "logistics", "precision": "bfloat16"}),
        (mel, {"form": "waveform", "output": "softmax"}),
    ],
)
def test_the_likelihood_of_what_is_learned_rises(make, settings, tmp_path):
    made = make(tmp_path / "data", count=1)
    shape = shape_of(WaveNetSettings(**TINY | settings), made.spec)
    prepared = examples.prepare(made.items, made.spec, shape, context(tmp_path / "work"), "train")
    plan = training.Plan(steps=40, batch=2, count=800, rate=5e-3, warmup=5)
    learning = training.Training(
        prepared, None, plan, "", "cpu", tmp_path / CURVE, settings.get("precision") == "bfloat16"
    )
    found = [learning.take(examples.batch(prepared, 2, 800, 0, k % 4))["nll"] for k in range(40)]
    assert np.mean(found[-4:]) < np.mean(found[:4]) - 0.1


def test_pieces_follow_from_seed_and_step_alone_and_join_to_the_whole(data, tmp_path):
    shape = shape_of(WaveNetSettings(**TINY), data.spec)
    prepared = examples.prepare(data.items, data.spec, shape, context(tmp_path), "train")
    one, again, other = (examples.batch(prepared, 3, 500, 0, step) for step in (5, 5, 6))
    for name, value in vars(one).items():
        assert np.array_equal(value, getattr(again, name))
        assert not np.array_equal(value, getattr(other, name))
    assert one.signals.shape == (3, 500 + shape.before, shape.signals)
    whole, part = (examples.together(prepared, [(1, at)], n) for at, n in ((0, 4000), (3000, 1000)))
    assert np.array_equal(whole.wanted[0, 3000:], part.wanted[0])
    assert np.array_equal(whole.signals[0, -1000:], part.signals[0, -1000:])


def test_what_is_held_out_is_judged_and_the_curve_goes_on(data, tmp_path):
    state = tmp_path / "state"
    fit(tmp_path / "a", data, steps=4, judge_every=2, state=str(state))
    fit(tmp_path / "b", data, steps=7, judge_every=2, state=str(state))
    with (state / CURVE).open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["step"] for row in rows] == ["2", "4", "6", "7"]
    spent = [float(row["cpu_seconds"]) for row in rows]
    assert spent == sorted(spent)
    assert all(0 < float(row["held_out_nll"]) < 12 for row in rows)
    made = TrainedVocoder.load(tmp_path / "b" / "vocoder").made
    assert [row["step"] for row in made["curve"]] == [2, 4, 6, 7]
    assert not set(made["heard"]) & {i.utterance.id for i in data.held_out}


def test_killed_at_any_moment_it_ends_in_the_same_weights(data, tmp_path):
    whole = fit(tmp_path / "whole", data, steps=30)
    code = (
        "import sys\n"
        f"sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        "from dataclasses import replace\n"
        "from pathlib import Path\n"
        "import test_training\n"
        f"folder = Path({str(tmp_path / 'killed')!r})\n"
        "data = test_training.world(folder / 'data', count=3)\n"
        "data = replace(data, items=data.items[:2], held_out=data.items[2:])\n"
        "test_training.fit(folder, data, steps=30, checkpoint_seconds=0)\n"
    )
    state = tmp_path / "killed" / "work" / STATE
    env = {**os.environ, "OMP_NUM_THREADS": "1"}
    process = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE, env=env)
    deadline = time.monotonic() + 200
    while not state.exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    error = process.communicate()[1].decode()
    assert process.returncode in (-signal.SIGKILL, 0), error
    assert state.exists(), error
    with safe_open(state, framework="np") as file:
        assert 0 < int(file.metadata()["step"]) < 30, "it was killed too late to tell anything"
    assert fit(tmp_path / "killed", data, steps=30) == whole


def test_a_kept_state_goes_on_with_other_recordings(data, tmp_path):
    state = str(tmp_path / "state")
    fit(tmp_path / "a", replace(data, items=data.items[:1]), state=state, steps=2)
    fit(tmp_path / "b", data, state=state, steps=3)
    first, second = (TrainedVocoder.load(tmp_path / name / "vocoder") for name in "ab")
    assert (first.made["steps"], second.made["steps"]) == (2, 3)
    assert np.array_equal(first.scales.mean, second.scales.mean)
    assert set(first.made["heard"]) < set(second.made["heard"]) == {i.utterance.id for i in data.items}


def test_weights_are_started_from_and_taken_as_they_are(data, tmp_path):
    fit(tmp_path / "first", data)
    start = str(tmp_path / "first" / "vocoder")
    fit(tmp_path / "second", data, start_from=start, steps=1, rate=1e-9, stored="float32")
    before, after = (TrainedVocoder.load(Path(f)) for f in (start, tmp_path / "second" / "vocoder"))
    for name, value in before.weights.items():
        assert np.allclose(value, after.weights[name], atol=1e-3), name
    taken = fit(tmp_path / "third", data, pretrained=start)
    assert taken == (tmp_path / "first" / "vocoder" / "wavenet.safetensors").read_bytes()
    with pytest.raises(VoiceError, match="no pretrained weights 'nobody'"):
        fit(tmp_path / "fourth", data, pretrained="nobody")
