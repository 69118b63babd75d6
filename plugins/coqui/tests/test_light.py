# SPDX-License-Identifier: Apache-2.0
"""Glow-TTS by arrays: the frames of the torch module, without torch being imported."""

import json
import subprocess
import sys

import numpy as np
import pytest
import torch
from synthkit_coqui.architectures import find, glowtts_numbers
from synthkit_coqui.architectures.glowtts import GlowTTS
from synthkit_coqui.description import VoiceConfig
from synthkit_coqui.light import LightSpeech, open_speech
from synthkit_coqui.models import make
from synthkit_coqui.speaking import Speaking
from synthkit_coqui.specs import spec_of_audio
from synthkit_coqui.speech import WEIGHTS, Speech, save_voice
from synthkit_coqui.symbols import SymbolTable

from synthkit.errors import ConfigError, VoiceError

PHONES = [f"p{k}" for k in range(40)]


def saved(folder, preset="tiny", half=False, **more):
    """A voice whose weights are all drawn, and whose tokens last some frames each."""
    architecture = find("glowtts")
    fields = {"model": architecture.presets[preset], **more}
    voice = VoiceConfig(
        "glowtts", spec_of_audio({}), symbols=SymbolTable.of([PHONES], "ipa", blank=True), speakers=("one",),
        languages=("ru",), **fields,
    )  # fmt: skip
    torch.manual_seed(3)
    model = make(voice)
    with torch.no_grad():
        for p in model.parameters():
            p += 0.05 * torch.randn_like(p)
        model.encoder.duration_predictor.proj.bias += 1.3
    save_voice(folder, voice, model.state_dict(), half=half)
    return voice


@pytest.mark.parametrize("preset", ["tiny", "small", "default"])
def test_the_frames_are_those_of_the_torch_module(preset, tmp_path):
    saved(tmp_path, preset)
    light, whole = open_speech(tmp_path, "cpu"), Speech.open(tmp_path)
    assert isinstance(light, LightSpeech)
    rng = np.random.default_rng(0)
    for count in (3, 17, 64):
        ids = rng.integers(0, 40, count).tolist()
        given = np.where(rng.random(count) < 0.5, rng.integers(1, 9, count), np.nan)
        for how in (Speaking(), Speaking(speed=1.3), Speaking(durations=given), Speaking(noise_scale=0.0)):
            ours, theirs = light.acoustic(ids, how), whole.acoustic(ids, how)
            assert ours.shape == theirs.shape
            assert np.abs(ours - theirs).max() < 1e-4 * np.abs(theirs).max()
    with pytest.raises(ConfigError, match="times as fast at most"):
        light.acoustic([1, 2, 3], Speaking(speed=100.0))


def test_halves_are_read_too_and_chance_is_the_modules_own(tmp_path):
    saved(tmp_path, half=True)
    light, whole = open_speech(tmp_path, "cpu"), Speech.open(tmp_path)
    how = Speaking(noise_scale=0.7, seed=5)
    assert np.array_equal(light.acoustic([1, 2, 3], how), whole.acoustic([1, 2, 3], how))
    assert light.model is not None


@pytest.mark.parametrize(
    "more",
    [
        {"conditioning": "embedding"},
        {"model": {**find("glowtts").presets["tiny"], "mean_only": False}},
        {"model": {**find("glowtts").presets["tiny"], "inference_noise_scale": 0.3}},
    ],
)
def test_other_kinds_are_left_to_torch(more, tmp_path):
    saved(tmp_path, **more)
    assert isinstance(open_speech(tmp_path, "cpu"), Speech)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda w: w.pop("encoder.proj_m.weight"), "do not fit the model.*encoder.proj_m.weight"),
        (lambda w: w.update(odd=torch.zeros(2)), "left over: odd"),
        (lambda w: w["encoder.proj_m.bias"].fill_(float("nan")), "not finite"),
        (lambda w: w.update({"encoder.proj_m.bias": torch.zeros(3)}), "do not fit the model"),
        (lambda w: w.update({"encoder.proj_m.weight": torch.zeros(7, 16, 1)}), "do not fit the model"),
    ],
)
def test_weights_of_another_model_are_refused(change, said, tmp_path):
    from safetensors.torch import load_file, save_file

    saved(tmp_path)
    weights = load_file(tmp_path / WEIGHTS)
    change(weights)
    save_file(weights, tmp_path / WEIGHTS)
    part = GlowTTS(GlowTTS.Config(device="cpu"))
    with pytest.raises(VoiceError, match=said):
        part.open(tmp_path)
    (tmp_path / WEIGHTS).write_bytes(b"no safetensors")
    with pytest.raises(VoiceError, match="cannot be read"):
        part.open(tmp_path)


def test_torch_is_not_imported(tmp_path):
    saved(tmp_path)
    program = f"""
import json, sys
from synthkit.plugins import registry
from synthkit.stages import Request
from synthkit.types import Phone, Segmentation, Word
kind = registry().load("acoustic_model", "glowtts")
part = kind(kind.Config(device="cpu"))
from pathlib import Path
part.open(Path({str(tmp_path)!r}))
word = Word("w", (Phone("p1"), Phone("p2")), 3, ".")
frames = part.predict(Request(Segmentation("w", "ru", "ipa", (word,))))
print(json.dumps([len(frames), [m for m in ("torch", "TTS", "librosa") if m in sys.modules]]))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    count, imported = json.loads(done.stdout)
    assert count > 2
    assert imported == []


def test_a_voice_that_speaks_by_arrays_is_of_the_usual_kind(tmp_path):
    voice = saved(tmp_path)
    assert glowtts_numbers.speaks(voice)
    windowed = {**voice.model, "encoder_params": {"rel_attn_window_size": 4}}
    assert not glowtts_numbers.speaks(VoiceConfig("glowtts", voice.spec, model=windowed))
