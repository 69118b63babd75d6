# SPDX-License-Identifier: Apache-2.0
"""The network in torch and in numpy, what it learns, and that a training goes on where it was stopped."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from syrinx_toy import TINY, mel, world

torch = pytest.importorskip("torch")

from safetensors import safe_open  # noqa: E402
from synthkit_syrinx import examples, speaking, training  # noqa: E402
from synthkit_syrinx.conditions import pitch_of, values_of, width  # noqa: E402
from synthkit_syrinx.fitting import STATE  # noqa: E402
from synthkit_syrinx.network import Generator, waveform  # noqa: E402
from synthkit_syrinx.source import excitation  # noqa: E402
from synthkit_syrinx.stored import Shape, TrainedVocoder  # noqa: E402
from synthkit_syrinx.vocoder import Syrinx, SyrinxSettings  # noqa: E402

from synthkit.errors import VoiceError  # noqa: E402
from synthkit.testing.samples import context  # noqa: E402


def fit(folder, data, **more):
    """Bytes of the weights of a training in `folder`."""
    out = folder / "vocoder"
    out.mkdir(parents=True, exist_ok=True)
    Syrinx(SyrinxSettings(**TINY | more)).fit(data, out, context(folder / "work"))
    return (out / "syrinx.safetensors").read_bytes()


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return world(tmp_path_factory.mktemp("world"))


def shape_of(data, grid, reads_pitch=False):
    return Shape(width(data.spec), grid.n_fft // 2 + 1, reads_pitch, channels=24, hidden=48, blocks=2)


def test_numpy_says_what_torch_says(data, tmp_path):
    prepared = examples.prepare(data, context(tmp_path))
    grid = prepared.grid
    torch.manual_seed(1)
    generator = Generator(shape_of(data, grid))
    weights = {k: v.detach().numpy() for k, v in generator.state_dict().items()}
    trained = TrainedVocoder(generator.shape, data.spec, prepared.scales, weights)
    frames = data.items[0].frames()
    spoken = speaking.render(trained, frames)
    values = (values_of(frames, grid, len(spoken)) - prepared.scales.mean) / prepared.scales.std
    log_f0, voicing = pitch_of(frames, grid, len(spoken))
    noise = np.random.default_rng(speaking.SEED).standard_normal(
        (len(values) - 1) * grid.hop + grid.n_fft, np.float32
    )
    voiced, breath = excitation(
        log_f0, voicing, sample_rate=16000, hop=grid.hop, n_fft=grid.n_fft, noise=noise
    )
    inputs = speaking.inputs_of(trained, values, log_f0, voicing)
    with torch.no_grad():
        out = generator(*(torch.from_numpy(a)[None] for a in (inputs, voiced, breath)))
        theirs = waveform(out, grid.hop, grid.n_fft)[0, : len(spoken)].numpy()
    assert np.abs(spoken - theirs).max() < 1e-5 * max(1, np.abs(theirs).max())


def test_the_weights_that_a_shape_states_are_those_of_the_network(data, tmp_path):
    grid = examples.prepare(data, context(tmp_path)).grid
    for reads_pitch in (False, True):
        shape = shape_of(data, grid, reads_pitch)
        assert {k: tuple(v.shape) for k, v in Generator(shape).state_dict().items()} == shape.tensors()


@pytest.mark.parametrize("make", [world, mel])
def test_distances_fall(make, tmp_path):
    data = make(tmp_path / "data", count=1)
    prepared = examples.prepare(data, context(tmp_path / "work"))
    shape = shape_of(data, prepared.grid, data.spec.kind == "mel")
    plan = training.Plan(steps=60, adversarial_from=1000, batch=2, rate=5e-3, warmup=5)
    learning = training.Training(shape, prepared, plan, "", "cpu")
    found = [learning.take(examples.batch(prepared, 2, 33, 0, k)) for k in range(60)]
    for name in found[0]:
        first, last = (np.mean([f[name] for f in part]) for part in (found[:5], found[-5:]))
        assert last < 0.8 * first, name


def test_discriminators_join_and_learn(data, tmp_path):
    prepared = examples.prepare(data, context(tmp_path))
    plan = training.Plan(steps=12, adversarial_from=2, batch=2, warmup=2)
    learning = training.Training(shape_of(data, prepared.grid), prepared, plan, "", "cpu")
    before = {k: v.clone() for k, v in learning.discriminators.state_dict().items()}
    found = [learning.take(examples.batch(prepared, 2, 33, 0, k)) for k in range(12)]
    assert ["discriminators" in f for f in found] == [False] * 2 + [True] * 10
    assert any((v != before[k]).any() for k, v in learning.discriminators.state_dict().items())
    assert found[-1]["discriminators"] < found[2]["discriminators"]


def test_pieces_follow_from_seed_and_step_alone(data, tmp_path):
    prepared = examples.prepare(data, context(tmp_path))
    one, again, other = (examples.batch(prepared, 3, 33, 0, step) for step in (5, 5, 6))
    for name, value in vars(one).items():
        assert np.array_equal(value, getattr(again, name))
        assert not np.array_equal(value, getattr(other, name))
    assert one.samples.shape == (3, 32 * prepared.grid.hop)


def test_killed_at_any_moment_it_ends_in_the_same_weights(data, tmp_path):
    whole = fit(tmp_path / "whole", data, steps=24, adversarial_from=18)
    code = (
        "import sys\n"
        f"sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        "from pathlib import Path\n"
        "import test_training\n"
        f"folder = Path({str(tmp_path / 'killed')!r})\n"
        "data = test_training.world(folder / 'data')\n"
        "test_training.fit(folder, data, steps=24, adversarial_from=18, checkpoint_seconds=0)\n"
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
        assert 0 < int(file.metadata()["step"]) < 24, "it was killed too late to tell anything"
    assert fit(tmp_path / "killed", data, steps=24, adversarial_from=18) == whole


def test_a_kept_state_goes_on_in_another_build_and_with_other_recordings(data, tmp_path):
    state = str(tmp_path / "state")
    fit(tmp_path / "a", data, state=state, steps=3)
    more = world(tmp_path / "more", count=3)
    fit(tmp_path / "b", more, state=state, steps=5)
    first, second = (TrainedVocoder.load(tmp_path / name / "vocoder") for name in "ab")
    assert (first.made["steps"], second.made["steps"]) == (3, 5)
    assert np.array_equal(first.scales.mean, second.scales.mean)
    assert set(first.made["heard"]) < set(second.made["heard"]) == {i.utterance.id for i in more.items}
    with safe_open(Path(state) / STATE, framework="np") as file:
        assert file.metadata()["step"] == "5"


def test_a_training_starts_from_weights_that_are_there(data, tmp_path):
    fit(tmp_path / "first", data)
    start = tmp_path / "first" / "vocoder"
    fit(tmp_path / "second", data, start_from=str(start), steps=1, rate=1e-9, stored="float32")
    before, after = (TrainedVocoder.load(f) for f in (start, tmp_path / "second" / "vocoder"))
    for name, value in before.weights.items():
        assert np.allclose(value, after.weights[name], atol=1e-3), name


def test_weights_are_taken_as_they_are_where_they_fit(data, tmp_path):
    fit(tmp_path / "first", data)
    taken = fit(tmp_path / "second", data, pretrained=str(tmp_path / "first" / "vocoder"))
    assert taken == (tmp_path / "first" / "vocoder" / "syrinx.safetensors").read_bytes()
    with pytest.raises(VoiceError, match="no pretrained weights 'nobody'"):
        fit(tmp_path / "third", data, pretrained="nobody")


def test_recordings_are_copied_on_its_way(data, tmp_path):
    from synthkit import audio, curve

    fit(tmp_path, data, steps=5)
    work = tmp_path / "work"
    assert curve.read(work).steps == [1, 2, 3, 4, 5]
    last = work / curve.VALIDATION / "step-000000005"
    sounds = sorted(last.glob("*.wav"))
    assert sounds and all(audio.read(path).duration > 0.1 for path in sounds)
    texts = json.loads((last / curve.HEARD).read_text(encoding="utf-8"))["texts"]
    assert sorted(texts) == [path.stem for path in sounds]
