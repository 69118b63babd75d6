# SPDX-License-Identifier: Apache-2.0
"""The loop: batches, resuming after a kill, the same bytes from the same seed."""

import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from parametric_toy import SMALL, corpus, item, sentence
from safetensors import safe_open
from synthkit_parametric.parametric import ParametricMel, ParametricModel, ParametricSettings
from synthkit_parametric.voice import TrainedVoice

from synthkit.declared import SettingsError
from synthkit.dsp.specs import MelSpec
from synthkit.errors import ConfigError, SpecMismatch, VoiceError
from synthkit.stages import HEARD, Request
from synthkit.testing.samples import context
from synthkit.types import Frames

torch = pytest.importorskip("torch")


def settings(**more):
    return ParametricSettings(**SMALL | {"steps": 30} | more)


def fit(folder, **more):
    (folder / "voice").mkdir(parents=True, exist_ok=True)
    ParametricModel(settings(**more)).fit(corpus(folder), folder / "voice", context(folder / "work"))
    return (folder / "voice" / "parametric.safetensors").read_bytes()


def in_mel_frames(data):
    """The same recordings in frames of four bands, ten milliseconds apart: what c0 and c1 say, roughly."""
    mel = MelSpec(
        sample_rate=16000, n_fft=512, win_length=512, hop_length=160, window="hann", n_mels=4, fmin=0.0,
        fmax=8000.0, mel_scale="htk", mel_norm="none", power=1.0, log_base="e", floor=1e-5,
        normalisation="none", padding="center-reflect",
    ).spec  # fmt: skip
    slope = np.linspace(1, -1, 4, dtype=np.float32)

    def frames(item):
        mcep = item.frames()["mcep"][::2]
        return Frames({"mel": mcep[:, :1] + mcep[:, 1:2] * slope}, mel)

    items = tuple(replace(i, frames=partial(frames, i)) for i in data.items)
    return replace(data, items=items, spec=mel)


def test_a_voice_of_single_sounds_speaks_as_is_predicted(tmp_path):
    """Nothing is as long as a window, so how strongly it changes is not known: it is left as it is."""
    items = tuple(item(sentence("ao"), f"u{k}", tmp_path) for k in range(4))
    data = replace(corpus(tmp_path), items=items)
    part = ParametricModel(settings(modulation=1.0))
    (tmp_path / "voice").mkdir()
    part.fit(data, tmp_path / "voice", context(tmp_path / "work"))
    assert (TrainedVoice.load(tmp_path / "voice").scales.modulation == 1).all()
    part.open(tmp_path / "voice")
    assert len(part.predict(Request(sentence("ao")))["lf0"]) > 10


def test_every_epoch_sees_every_utterance_once_in_batches_that_fit(tmp_path):
    from synthkit_parametric.examples import prepare
    from synthkit_parametric.training import Plan, batches

    examples = prepare(corpus(tmp_path), context(tmp_path / "work")).examples
    found = list(batches(examples, Plan(steps=1000, batch_frames=600)))
    assert len(found) == 1000
    epoch, n = [], 0
    while len(epoch) < len(examples):
        epoch += found[n]
        n += 1
    assert sorted(epoch) == list(range(len(examples)))
    for ids in found:
        assert len(ids) == 1 or max(len(examples[i].frames) for i in ids) * len(ids) <= 600


def test_frames_are_normalised_over_speech(tmp_path):
    from synthkit_parametric.examples import prepare

    prepared = prepare(corpus(tmp_path), context(tmp_path / "work"))
    voiced = np.concatenate([e.frames[e.frames[:, 6] > 0.5] for e in prepared.examples])
    # Frames on a phone's edge fall to either side by rounding, so nearly.
    assert abs(voiced[:, 5].mean()) < 5e-3
    assert voiced[:, 5].std() == pytest.approx(1, abs=5e-3)
    assert set(np.unique(voiced[:, 6])) == {1.0}


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(tmp_path):
    first = fit(tmp_path / "a")
    assert fit(tmp_path / "b") == first
    assert fit(tmp_path / "c", seed=1) != first


def test_a_run_that_stops_half_way_goes_on_to_the_same_weights(tmp_path, monkeypatch):
    from synthkit_parametric import training

    whole = fit(tmp_path / "whole")
    learn = training.Trainer.learn

    def stopping(self, *args):
        found = learn(self, *args)
        if self.step == 13:
            self.save(tmp_path / "half" / "work" / "checkpoint.safetensors")
            raise KeyboardInterrupt
        return found

    monkeypatch.setattr(training.Trainer, "learn", stopping)
    with pytest.raises(KeyboardInterrupt):
        fit(tmp_path / "half")
    done = []
    monkeypatch.setattr(
        training.Trainer, "learn", lambda self, *a: (done.append(self.step), learn(self, *a))[1]
    )
    assert fit(tmp_path / "half") == whole
    assert done == list(range(13, 30))


def test_an_interrupt_ends_the_step_and_saves_it(tmp_path, monkeypatch):
    from synthkit_parametric import training

    whole = fit(tmp_path / "whole")
    learn = training.Trainer.learn

    def interrupted(self, *args):
        if self.step == 12:
            os.kill(os.getpid(), signal.SIGINT)  # as Ctrl-C and the lab's stop do
        return learn(self, *args)

    monkeypatch.setattr(training.Trainer, "learn", interrupted)
    # Where a shell began the tests behind it, interrupts are ignored, and are not waited for.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            fit(tmp_path / "half", checkpoint_seconds=1e6)
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)
    with safe_open(tmp_path / "half" / "work" / "checkpoint.safetensors", framework="np") as file:
        assert int(file.metadata()["step"]) == 13
    monkeypatch.setattr(training.Trainer, "learn", learn)
    assert fit(tmp_path / "half", checkpoint_seconds=1e6) == whole


def test_a_checkpoint_of_another_training_is_not_used(tmp_path):
    other = fit(tmp_path / "other", seed=1)
    fit(tmp_path / "a")
    assert fit(tmp_path / "a", seed=1) == other


def test_a_broken_checkpoint_is_not_used(tmp_path):
    whole = fit(tmp_path / "a")
    (tmp_path / "a" / "work" / "checkpoint.safetensors").write_bytes(b"no tensors")
    assert fit(tmp_path / "a") == whole


def test_killed_at_any_moment_it_ends_in_the_same_weights(tmp_path):
    whole = fit(tmp_path / "whole", steps=400)
    code = (
        "import sys\n"
        f"sys.path.insert(0, {os.path.dirname(__file__)!r})\n"
        "from pathlib import Path\n"
        "import test_training\n"
        f"test_training.fit(Path({str(tmp_path / 'killed')!r}), steps=400, checkpoint_seconds=0)\n"
    )
    checkpoint = tmp_path / "killed" / "work" / "checkpoint.safetensors"
    process = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE)
    deadline = time.monotonic() + 200
    while not checkpoint.exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(0.3)
    process.send_signal(signal.SIGKILL)
    error = process.communicate()[1].decode()
    assert process.returncode in (-signal.SIGKILL, 0), error
    assert checkpoint.exists(), error
    with safe_open(checkpoint, framework="np") as file:
        assert 0 < int(file.metadata()["step"]) < 400, "it was killed too late to tell anything"
    assert fit(tmp_path / "killed", steps=400) == whole


def test_the_learning_rate_rises_and_falls():
    from synthkit_parametric.training import Plan, rate

    plan = Plan(steps=100, rate=1e-2, warmup=0.1)
    rates = [rate(plan, k) for k in range(100)]
    assert max(rates) == rates[9] == pytest.approx(1e-2)
    assert rates[0] == pytest.approx(1e-3)
    assert rates[-1] < 1e-4
    assert all(a > b for a, b in zip(rates[10:], rates[11:], strict=False))


def test_a_training_begins_with_what_another_voice_predicts(tmp_path):
    """Other scales and two speakers: before it has learned anything it says what the first one says."""
    fit(tmp_path / "first", steps=60)
    start = str(tmp_path / "first" / "voice")
    data = corpus(tmp_path, count=5, speakers=("s", "t"))
    (tmp_path / "second").mkdir()
    more = {"start_from": start, "steps": 1, "rate": 1e-12, "stored": "float32"}
    ParametricModel(settings(**more)).fit(data, tmp_path / "second", context(tmp_path / "work"))
    voices = ParametricModel(), ParametricModel()
    for voice, folder in zip(voices, (tmp_path / "first" / "voice", tmp_path / "second"), strict=True):
        voice.open(folder)
    first, second = (voice.voice for voice in voices)
    assert not np.allclose(first.scales.mean, second.scales.mean, atol=1e-3), "the scales tell nothing apart"
    text = data.items[1].segmentation
    before = voices[0].predict(Request(text))
    for speaker in data.speakers:
        after = voices[1].predict(Request(text, speaker=speaker))
        assert len(after) == len(before)
        for name, stream in before.data.items():
            assert np.abs(after[name] - stream).max() < 1e-3, name
    assert set((tmp_path / "second" / HEARD).read_text().split()) == {f"u{k}" for k in range(12)}
    assert second.made["start_from"] == start


def two_starts(folder):
    """Voices of the made-up language that chance began differently."""
    for seed, name in enumerate(("one", "two")):
        fit(folder / name, steps=40, seed=seed)
    return {k: str(folder / n / "voice") for k, n in (("start_from", "one"), ("also_from", "two"))}


def test_what_two_networks_say_is_the_mean_of_both(tmp_path):
    names = two_starts(tmp_path)
    more = {"steps": 20, "stored": "float32"}
    fit(tmp_path / "both", **names, **more)
    voice = ParametricModel()
    voice.open(tmp_path / "both" / "voice")
    whole = voice.voice
    assert len(whole.networks) == 2
    text = sentence("aos", "oa", "aso", comma=(0,))
    durations = np.full(len(text.symbols()), 0.1)
    both = voice.predict_targets(text, pauses=set()).durations
    frames = voice.predict(Request(text, durations=durations))["mcep"]
    seconds, alone = [], []
    for network in whole.networks:
        voice.voice = replace(whole, weights=network, beside=())
        seconds.append(voice.predict_targets(text, pauses=set()).durations)
        alone.append(voice.predict(Request(text, durations=durations))["mcep"])
    assert np.abs(seconds[0] - seconds[1]).max() > 1e-4 and np.abs(alone[0] - alone[1]).max() > 1e-3
    np.testing.assert_allclose(np.log(both), np.log(seconds).mean(axis=0), atol=1e-4)
    np.testing.assert_allclose(frames, np.mean(alone, axis=0), atol=1e-4)


def test_killed_in_the_second_network_it_ends_in_the_same_weights(tmp_path, monkeypatch):
    """Each has a checkpoint of its own; the first's is whole then, and it is not learned again."""
    from synthkit_parametric import training

    names = two_starts(tmp_path)
    fit(tmp_path / "whole", **names)
    shutil.copytree(tmp_path / "whole" / "work", tmp_path / "killed" / "work")
    (tmp_path / "killed" / "work" / "also" / "checkpoint.safetensors").unlink()
    taken = []
    learn = training.Trainer.learn
    monkeypatch.setattr(training.Trainer, "learn", lambda *a, **k: taken.append(1) or learn(*a, **k))
    fit(tmp_path / "killed", **names)
    assert len(taken) == 30, "the steps of one network"
    for name in ("parametric.safetensors", "parametric-2.safetensors"):
        made = [(tmp_path / k / "voice" / name).read_bytes() for k in ("whole", "killed")]
        assert made[0] == made[1], name


def test_several_networks_beside_the_first(tmp_path):
    """Each has a checkpoint of its own; the voice speaks the mean of all, and says what each began with."""
    from synthkit_parametric import fitting

    names = two_starts(tmp_path)
    third = tmp_path / "three"
    fit(third, steps=40, seed=2)
    also = [names["also_from"], str(third / "voice"), "chance"]
    one = fitting.pretrained(names["start_from"]).weights["decoder.out.weight"]
    fit(tmp_path / "all", start_from=names["start_from"], also_from=also, steps=20, stored="float32", seed=5)
    voice = ParametricModel()
    voice.open(tmp_path / "all" / "voice")
    assert voice.voice.made["also_from"] == also and len(voice.voice.networks) == 4
    ends = [w["decoder.out.weight"] for w in voice.voice.networks]
    began = [one, *(fitting.pretrained(n).weights["decoder.out.weight"] for n in also[:-1])]
    for k, begin in enumerate(began):
        assert np.argmin([np.abs(end - begin).max() for end in ends]) == k
    text = sentence("aos", "oa", "aso", comma=(0,))
    durations = np.full(len(text.symbols()), 0.1)
    frames, whole, alone = voice.predict(Request(text, durations=durations))["mcep"], voice.voice, []
    for network in whole.networks:
        voice.voice = replace(whole, weights=network, beside=())
        alone.append(voice.predict(Request(text, durations=durations))["mcep"])
    np.testing.assert_allclose(frames, np.mean(alone, axis=0), atol=1e-4)
    checkpoints = {p.parent.name for p in (tmp_path / "all" / "work").rglob("checkpoint.safetensors")}
    assert checkpoints == {"work", "also", "also-3", "also-4"}


@pytest.mark.parametrize("wrong", [["nsh", ""], ["nsh"] * 16])
def test_lists_of_weights_that_are_none(wrong):
    with pytest.raises(ConfigError, match="one is empty or which are more than 15") as caught:
        ParametricModel(settings(start_from="nsh", also_from=wrong)).check_phone_set("msu-ru")
    assert caught.value.where == "[acoustic_model] also_from"


@pytest.mark.parametrize("wrong", [[1], {"nsh": 1}, 3])
def test_what_is_no_name_of_weights(wrong):
    with pytest.raises(SettingsError, match="also_from"):
        settings(start_from="nsh", also_from=wrong)


def test_a_second_network_needs_a_first(tmp_path):
    with pytest.raises(ConfigError, match="nothing that a second network would speak beside"):
        fit(tmp_path, also_from="nsh")
    with pytest.raises(ConfigError, match="nothing that a second network would speak beside"):
        ParametricModel(settings(also_from="nsh")).check_phone_set("msu-ru")  # before anything is aligned


def test_second_weights_that_there_are_not_are_told_by_their_own_setting():
    model = ParametricModel(settings(start_from="nsh", also_from="nobody"))
    with pytest.raises(VoiceError, match="no pretrained weights 'nobody'") as caught:
        model.check_phone_set("msu-ru")
    assert caught.value.where == "[acoustic_model] also_from"


def test_a_phone_that_the_base_never_heard_begins_as_the_nearest_it_has():
    from synthkit_parametric.fitting import BUNDLED
    from synthkit_parametric.starting import carried

    base = TrainedVoice.load(BUNDLED / "nsh")
    known = base.symbols.index("a")
    symbols = tuple(s for s in base.symbols if s != "a")
    less = {
        **base.weights,
        "encoder.symbol.weight": np.delete(base.weights["encoder.symbol.weight"], known, 0),
    }
    lacking = replace(base, symbols=symbols, weights=less, shape=replace(base.shape, symbols=len(symbols)))
    begun, _ = carried(base.weights, lacking, base.shape, base.symbols, base.scales)
    row = begun["encoder.symbol.weight"][known]
    like = [
        s
        for s in symbols
        if np.array_equal(row, base.weights["encoder.symbol.weight"][base.symbols.index(s)])
    ]
    assert like and like[0].startswith("a"), like


def test_a_training_of_mel_frames_begins_with_weights_of_world_frames(tmp_path):
    """All but the last layer is taken, so that phones last as long as the first voice has them last."""
    fit(tmp_path / "first", steps=60)
    start = tmp_path / "first" / "voice"
    data = in_mel_frames(corpus(tmp_path, count=5))
    (tmp_path / "mel").mkdir()
    more = {"start_from": str(start), "steps": 1, "rate": 1e-12, "stored": "float32", "reduction": 1}
    ParametricMel(settings(**more)).fit(data, tmp_path / "mel", context(tmp_path / "work"))
    first, mel = TrainedVoice.load(start), TrainedVoice.load(tmp_path / "mel")
    taken = [k for k in mel.weights if k.startswith(("encoder.", "decoder.", "pause"))]
    same = {k for k in taken if mel.weights[k].shape == first.weights[k].shape}
    assert set(taken) - same == {"decoder.out.weight", "decoder.out.bias"}
    for name in same:
        assert np.abs(mel.weights[name] - first.weights[name]).max() < 2e-3, name
    spoken = []
    for kind, folder in ((ParametricModel, start), (ParametricMel, tmp_path / "mel")):
        voice = kind()
        voice.open(folder)
        spoken.append(np.diff(voice.predict(Request(data.items[1].segmentation)).timing.edges))
    assert spoken[1] == pytest.approx(spoken[0], abs=2e-3)


def test_weights_of_other_features_are_no_beginning(tmp_path):
    with pytest.raises(SpecMismatch, match="are of other features"):
        fit(tmp_path, start_from="nsh")


def test_it_is_heard_on_its_way_and_says_the_same_as_unheard(tmp_path, monkeypatch):
    """Some sentences at each fifth, and bytes that do not depend on it."""
    from synthkit_parametric import fitting

    from synthkit import audio, curve

    heard = fit(tmp_path / "heard", steps=20)
    course = curve.read(tmp_path / "heard" / "work")
    assert course.steps[-1] == 20 and {"shape", "duration"} <= course.losses.keys()
    places = sorted(p.name for p in (tmp_path / "heard" / "work" / curve.VALIDATION).iterdir())
    assert places == [f"step-{step:09d}" for step in (4, 8, 12, 16, 20)]
    first, *_ = (tmp_path / "heard" / "work" / curve.VALIDATION / places[0]).glob("*.wav")
    assert audio.read(first).duration > 0.2
    monkeypatch.setattr(fitting, "plain_vocoder", lambda spec: None)
    assert fit(tmp_path / "unheard", steps=20) == heard
