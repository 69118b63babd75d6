# SPDX-License-Identifier: Apache-2.0
"""Training: resumed is the same as uninterrupted, rehearsal and watch find what is wrong, voices come
back."""

import json
import re
import shutil

import numpy as np
import pytest
import torch
from coqui_samples import VOCODERS, component, context, make_data, run_folder, trained, weights
from synthkit_coqui import rehearsal
from synthkit_coqui.architectures.glowtts import GlowTTSSettings
from synthkit_coqui.checkpoints import latest
from synthkit_coqui.corpus import Batches, Corpus
from synthkit_coqui.run import Run

from synthkit.errors import SynthkitError, VoiceError
from synthkit.stages import Request
from synthkit.weights import read_safetensors


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


def test_max_minutes_ends_in_order(few, tmp_path):
    folder = run_folder(tmp_path / "run", "glowtts", few, steps=100_000, max_minutes=0.002)
    run = trained(folder, 100_000)
    assert run.stopped == 0 and run.step < 1000
    assert 60 * 0.002 <= run.seconds < 20  # of its own clock; a step takes a twentieth of a second
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


@pytest.mark.parametrize(
    ("kind", "options", "said"),
    [
        ("glowtts", {"encoder_type": "gated_conv"}, "no model that can be made"),
        ("tacotron2", {"attention_type": "graves"}, "no model that can be made"),
        ("tacotron2", {"width": 63}, "width = 63: half of it reads forwards"),
    ],
)
def test_what_no_model_can_be_made_of_is_said_in_a_sentence(kind, options, said, few, tmp_path):
    with pytest.raises(SynthkitError, match=said) as told:
        Run(run_folder(tmp_path / "run", kind, few, model=options))
    assert "acoustic_model.model" in told.value.where
