# SPDX-License-Identifier: Apache-2.0
"""Glow-TTS, Tacotron 2 and VITS by arrays: what the torch module says, without torch being imported."""

import json
import subprocess
import sys
import warnings

import numpy as np
import pytest
import torch
from synthkit_coqui.architectures import find, glowtts_numbers, tacotron2_numbers, vits, vits_numbers
from synthkit_coqui.architectures.draws import Draws
from synthkit_coqui.architectures.glowtts import GlowTTS
from synthkit_coqui.backend import coqui
from synthkit_coqui.description import VoiceConfig
from synthkit_coqui.light import LightSpeech, open_speech
from synthkit_coqui.models import make
from synthkit_coqui.speaking import Speaking
from synthkit_coqui.specs import spec_of_audio
from synthkit_coqui.speech import WEIGHTS, Speech, save_voice
from synthkit_coqui.symbols import SymbolTable

from synthkit.errors import ConfigError, SpeechWarning, VoiceError
from synthkit.types import FeatureSpec

PHONES = [f"p{k}" for k in range(40)]


def saved(folder, preset="tiny", half=False, kind="glowtts", options=None, **more):
    """A voice whose weights are all drawn, and whose tokens last some frames each."""
    architecture = find(kind)
    fields = {"model": architecture.presets[preset] | (options or {}), **more}
    spec = spec_of_audio({})
    if kind == "vits":
        spec = FeatureSpec("waveform", 16000)
        fields["audio"] = {"sample_rate": 16000, "n_fft": 1024, "hop_length": 200, "n_mels": 80, "fmin": 0.0}
        fields["audio"]["fmax"] = None
    voice = VoiceConfig(
        kind, spec, symbols=SymbolTable.of([PHONES], "ipa", blank=kind != "tacotron2"), speakers=("one",),
        languages=("ru",), **fields,
    )  # fmt: skip
    torch.manual_seed(3)
    model = make(voice)
    slower = {
        "encoder.duration_predictor.proj.bias": 1.3, "duration_predictor.proj.bias": 1.0,
        "duration_predictor.flows.0.translation": -1.5, "decoder.stopnet.1.linear_layer.bias": -9.0,
    }  # fmt: skip
    with torch.no_grad():
        for name, p in model.named_parameters():
            p += 0.05 * torch.randn_like(p) + (slower.get(name, 0.0) if p.shape[-1] == 1 else 0.0)
        for name, p in model.named_buffers():
            if "running" in name:
                p += 0.1 * torch.rand_like(p)
    save_voice(folder, voice, model.state_dict(), half=half)
    return voice


def pair(folder):
    """The voice in a folder without torch and with it."""
    light, whole = open_speech(folder, "cpu"), Speech.open(folder)
    assert isinstance(light, LightSpeech)
    assert light._whole is None
    return light, whole


def alike(ours, theirs, share=1e-4):
    assert ours.shape == theirs.shape
    assert ours.dtype == theirs.dtype == np.float32
    assert np.abs(ours - theirs).max() < share * np.abs(theirs).max()


TWICE = {
    "resblock_type_decoder": "1", "resblock_kernel_sizes_decoder": [3, 5], "num_layers_text_encoder": 2,
    "resblock_dilation_sizes_decoder": [[1, 3, 5], [1, 2, 4]],
}  # fmt: skip
FLOWS = [
    ("glowtts", "tiny", {}), ("glowtts", "small", {}), ("glowtts", "tiny", {"inference_noise_scale": 0.3}),
    ("vits", "tiny", {}), ("vits", "tiny", TWICE),
    ("vits", "tiny", {"use_sdp": False, "dilation_rate_flow": 2, "inference_noise_scale": 0.2}),
    ("vits", "tiny", {"resblock_dilation_sizes_decoder": [[1, 3, 5]], "num_layers_flow": 0}),
    ("vits", "tiny", {"upsample_rates_decoder": [5, 5, 8], "upsample_kernel_sizes_decoder": [12, 11, 17]}),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "preset", "options"), FLOWS)
def test_what_is_said_is_the_torch_modules(kind, preset, options, tmp_path):
    saved(tmp_path, preset, kind=kind, options=options)
    light, whole = pair(tmp_path)
    rng = np.random.default_rng(0)
    for count in (3, 17, 40):
        ids = rng.integers(0, 40, count).tolist()
        given = np.where(rng.random(count) < 0.5, rng.integers(1, 9, count), np.nan)
        for how in (
            Speaking(), Speaking(speed=1.1), Speaking(durations=given), Speaking(noise_scale=0.0),
            Speaking(noise_scale=0.7, seed=5),
        ):  # fmt: skip
            alike(light.acoustic(ids, how), whole.acoustic(ids, how))
    with pytest.raises(ConfigError, match="times as fast at most"):
        light.acoustic([1, 2, 3], Speaking(speed=100.0))
    assert light._whole is None


@pytest.mark.parametrize("options", [options for kind, _, options in FLOWS if kind == "vits"])
def test_what_is_long_is_said_by_onnx_runtime(options, tmp_path, monkeypatch):
    """It is the same to rounding, and it is the length alone that says who renders."""
    pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    saved(tmp_path, "tiny", kind="vits", options=options)
    light, _ = pair(tmp_path)
    numbers, said = light.numbers, {}
    for ways, long in (("numpy", np.inf), ("onnx", 0.0)):
        monkeypatch.setattr(vits_numbers, "LONG", long)
        said[ways] = light.acoustic(list(range(30)), Speaking(noise_scale=0.3))
        assert ("_rendering" in vars(numbers)) is (ways == "onnx")
    alike(said["onnx"], said["numpy"], 1e-5)


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("glowtts", "encoder.duration_predictor.proj.bias"),
        ("vits", "duration_predictor.flows.0.translation"),
    ],
)
@pytest.mark.parametrize("logarithm", [9.0, 1000.0, np.nan])
def test_durations_of_what_has_learned_none_are_not_believed(kind, name, logarithm, tmp_path):
    """A few steps, or damage, predict hours: memory ran out, or whole numbers did."""
    voice = saved(tmp_path, kind=kind)
    light, whole = pair(tmp_path)
    learned = {k: v.copy() for k, v in light.numbers._weights.items()}
    learned[name] = learned[name] + np.float32(logarithm if kind == "glowtts" else -logarithm)
    light.numbers._weights = learned
    with torch.no_grad():
        whole.model.state_dict()[name].copy_(torch.from_numpy(learned[name]))
    most = int(3.0 / voice.period)
    for how in (Speaking(noise_scale=0.0), Speaking(noise_scale=0.0, speed=4.0)):
        lasting = []
        for speech in (light, whole):
            with pytest.warns(
                SpeechWarning, match="^4 of 4 phones, pauses and blanks would last longer than 3 s "
            ):
                lasting.append(len(speech.acoustic([1, 2, 3, 4], how)))
        assert lasting[0] == lasting[1]
        frames = lasting[0] / (voice.audio.get("hop_length", 200) if kind == "vits" else 1)
        assert frames == pytest.approx(4 * most / how.speed, abs=2)
    given = Speaking(noise_scale=0.0, durations=np.full(4, 8.0))
    with warnings.catch_warnings():
        warnings.simplefilter("error", SpeechWarning)  # nothing that was predicted is heard
        one, other = (len(speech.acoustic([1, 2, 3, 4], given)) for speech in (light, whole))
    assert one == other


def test_no_more_frames_than_are_asked_for(tmp_path):
    for kind, most in (("vits", 4 * 200), ("tacotron2", 8)):
        saved(tmp_path / kind, kind=kind)
        for speech in pair(tmp_path / kind):
            speech.max_frames = 4 if kind == "vits" else 8
            assert len(speech.acoustic([3, 1, 2], Speaking())) == most


@pytest.mark.parametrize(
    ("preset", "options"),
    [
        ("tiny", {}),
        ("tiny", {"attention_norm": "softmax"}),
        ("tiny", {"attention_win": True, "r": 3, "width": 32}),
    ],
)
def test_tacotron_attends_and_ends_as_the_torch_module_does(preset, options, tmp_path):
    saved(tmp_path, preset, kind="tacotron2", options=options)
    light, whole = pair(tmp_path)
    for count in (3, 17, 40):
        ids = np.random.default_rng(count).integers(0, 40, count).tolist()
        with warnings.catch_warnings(record=True) as ours:
            warnings.simplefilter("always")
            said = light.acoustic(ids, Speaking())
        with warnings.catch_warnings(record=True) as theirs:
            warnings.simplefilter("always")
            expected = whole.acoustic(ids, Speaking())
        alike(said, expected, 1e-3)  # each frame comes of the last
        assert [str(w.message) for w in ours] == [str(w.message) for w in theirs]
    for how in (Speaking(speed=2.0), Speaking(noise_scale=0.3)):
        with pytest.raises(ConfigError, match="has neither noise_scale nor speed"):
            light.acoustic([1, 2], how)


@pytest.mark.parametrize("seed", [0, 1, 12345, 2**31 + 7, 2**40 + 3])
def test_draws_are_torchs(seed):
    torch.manual_seed(seed)
    draws = Draws(seed)
    for shape in ((2, 9), (16,), (3,), (1, 5, 33), (1,), (2, 4), (192, 70), (1,)):
        assert np.abs(torch.randn(shape).numpy() - draws.normal(shape)).max() < 1e-6
        across = torch.empty(shape[-1], 7).T
        found = torch.randn_like(across).numpy()
        assert np.abs(found - draws.normal((shape[-1], 7), beside=False).T).max() < 1e-6


def test_halves_are_read_too(tmp_path):
    for kind in ("glowtts", "tacotron2", "vits"):
        saved(tmp_path / kind, half=True, kind=kind)
        light, whole = pair(tmp_path / kind)
        alike(light.acoustic([1, 2, 3], Speaking()), whole.acoustic([1, 2, 3], Speaking()), 1e-3)
        assert light.model is not None


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("glowtts", {"conditioning": "embedding"}),
        ("glowtts", {"options": {"mean_only": False}}),
        ("glowtts", {"options": {"sigmoid_scale": True}}),
        ("tacotron2", {"conditioning": "embedding"}),
        ("tacotron2", {"options": {"prenet_dropout_at_inference": True}}),
        ("tacotron2", {"options": {"use_forward_attn": True}}),
        ("vits", {"conditioning": "embedding"}),
        ("vits", {"language_embedding": True}),
    ],
)
def test_other_kinds_are_left_to_torch(kind, more, tmp_path):
    saved(tmp_path, kind=kind, **more)
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


BROADCAST = [
    ("glowtts", "encoder.proj_m.bias", lambda v: v[:1]),
    ("glowtts", "encoder.duration_predictor.norm_1.gamma", lambda v: v[:, :1]),
    ("glowtts", "encoder.emb.weight", lambda v: torch.cat([v, v])),
    ("glowtts", "encoder.duration_predictor.proj.weight", lambda v: torch.cat([v, v, v])),
    ("tacotron2", "decoder.attention_rnn.bias_ih", lambda v: v[:1]),
    ("tacotron2", "decoder.linear_projection.linear_layer.bias", lambda v: v[:1]),
    ("tacotron2", "encoder.convolutions.0.batch_normalization.running_mean", lambda v: v[:1]),
    ("tacotron2", "embedding.weight", lambda v: v[:30]),
    ("vits", "text_encoder.emb.weight", lambda v: v[:30]),
    ("vits", "flow.flows.0.post.weight", lambda v: v[:, :1]),
    ("vits", "duration_predictor.convs.convs_sep.0.weight", lambda v: v[:1]),
]


@pytest.mark.parametrize(("kind", "name", "change"), BROADCAST)
def test_weights_that_would_be_stretched_to_fit_are_refused(kind, name, change, tmp_path):
    """numpy multiplies one value with many without a word."""
    from safetensors.torch import load_file, save_file

    saved(tmp_path, kind=kind)
    weights = load_file(tmp_path / WEIGHTS)
    weights[name] = change(weights[name]).contiguous().clone()
    save_file(weights, tmp_path / WEIGHTS)
    for opened in (lambda: open_speech(tmp_path, "cpu"), lambda: Speech.open(tmp_path)):
        with pytest.raises(VoiceError, match="do not fit the model"):
            opened()


@pytest.mark.parametrize("kind", ["glowtts", "tacotron2", "vits"])
def test_torch_is_not_imported(kind, tmp_path):
    saved(tmp_path, kind=kind)
    program = f"""
import json, sys
from synthkit.plugins import registry
from synthkit.stages import Request
from synthkit.types import Phone, Segmentation, Word
kind = registry().load("acoustic_model", {kind!r})
part = kind(kind.Config(device="cpu"))
from pathlib import Path
part.open(Path({str(tmp_path)!r}))
word = Word("w", (Phone("p1"), Phone("p2")), 3, ".")
said = part.predict(Request(Segmentation("w", "ru", "ipa", (word,))))
count = len(said.samples if {kind!r} == "vits" else said)
print(json.dumps([count, [m for m in ("torch", "TTS", "librosa") if m in sys.modules]]))
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


def test_what_a_vits_can_be_told_is_what_coqui_tts_says():
    """What is of the data, of files and of who speaks is told otherwise."""
    told = set(coqui().VitsArgs().to_dict())
    elsewhere = {
        "num_chars", "d_vector_dim", "d_vector_file", "language_ids_file", "speakers_file",
        "use_d_vector_file", "use_language_embedding", "use_speaker_embedding", "use_speaker_encoder_as_loss",
        "speaker_encoder_config_path", "speaker_encoder_model_path",
    }  # fmt: skip
    assert set(vits.OF_MODEL) == told - elsewhere
    usual = coqui().VitsArgs().to_dict()
    assert {name: usual[name] for name in vits_numbers.USUAL} == vits_numbers.USUAL


def test_what_a_tacotron_is_unless_told_is_what_coqui_tts_says():
    usual = coqui().Tacotron2Config().to_dict()
    assert {name: usual[name] for name in tacotron2_numbers.USUAL} == tacotron2_numbers.USUAL
    assert usual["attention_norm"] == "sigmoid"
