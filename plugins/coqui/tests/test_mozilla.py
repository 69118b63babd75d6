# SPDX-License-Identifier: Apache-2.0
"""A Mozilla TTS model of 2020: its config as users have it, a checkpoint of its layout, and its own
arithmetic.

No model of mozilla/TTS can be had here. `checkpoint` makes one by the shapes and names of its published
layers (``TTS/tts/layers/tacotron2.py``, ``attentions.py``, ``common_layers.py`` at 2020-12), and `spoken` is
what those layers compute, written anew over the bare tensors: the imported model must say the same.
"""

import json

import numpy as np
import pytest
import torch
from coqui_samples import mel_extractor
from synthkit_coqui import mozilla
from synthkit_coqui.architectures.tacotron2 import Tacotron2
from synthkit_coqui.foreign import import_folder
from synthkit_coqui.safely import read_json
from synthkit_coqui.specs import spec_of_audio
from torch.nn import functional as F

from synthkit.dsp.specs import MelSpec
from synthkit.errors import VoiceError
from synthkit.stages import Request
from synthkit.types import Demand, Phone, Segmentation, Word

CONFIG = """{
"github_branch":"* dev",
    "model": "Tacotron2",
    "run_name": "ljspeech-ddc",
    "run_description": "tacotron2 with ddc and batch normalization",

    // AUDIO PARAMETERS
    "audio":{
        // stft parameters
        "fft_size": 1024,         // number of stft frequency levels.
        "win_length": 1024,
        "hop_length": 256,
        "frame_length_ms": null,  // stft window length in ms. If null, 'win_length' is used.
        "frame_shift_ms": null,
        "sample_rate": 22050,
        "preemphasis": 0.0,
        "ref_level_db": 20,
        "do_trim_silence": true,
        "trim_db": 60,
        "power": 1.5,
        "griffin_lim_iters": 60,
        "num_mels": 80,
        "mel_fmin": 50.0,
        "mel_fmax": 7600.0,
        "spec_gain": 20.0,
        "signal_norm": true,
        "min_level_db": -100,
        "symmetric_norm": true,
        "max_norm": 4.0,
        "clip_norm": true,
        "stats_path": null
    },
    // VOCABULARY PARAMETERS: the default set of symbols.py
    // "characters":{
    //     "pad": "_",
    // },
    "distributed":{ "backend": "nccl", "url": "tcp:\\/\\/localhost:54321" },
    "reinit_layers": [],
    "batch_size": 32, "eval_batch_size": 16,
    "r": 3,                       /* reduction of the first steps */
    "gradual_training": [[0, 3, 64], [10000, 2, 32]],
    "mixed_precision": true, "loss_masking": true, "ga_alpha": 10.0,
    "run_eval": true, "test_delay_epochs": 10, "test_sentences_file": null,
    "noam_schedule": false, "grad_clip": 1.0, "epochs": 1000, "lr": 0.0001, "wd": 0.000001,
    "warmup_steps": 4000,
    "seq_len_norm": false,
    "memory_size": -1, "prenet_type": "bn", "prenet_dropout": false,
    "attention_type": "original", "attention_heads": 4, "attention_norm": "sigmoid", "windowing": false,
    "use_forward_attn": false, "forward_attn_mask": false, "transition_agent": false, "location_attn": true,
    "bidirectional_decoder": false, "double_decoder_consistency": true, "ddc_r": 6,
    "stopnet": true, "separate_stopnet": true,
    "print_step": 25, "tb_plot_step": 100, "print_eval": false, "save_step": 10000, "checkpoint": true,
    "tb_model_param_stats": false,
    "text_cleaner": "phoneme_cleaners", "enable_eos_bos_chars": true,
    "num_loader_workers": 4, "num_val_loader_workers": 4, "batch_group_size": 4, "min_seq_len": 6,
    "max_seq_len": 153,
    "compute_input_seq_cache": false,
    "output_path": "/home/somebody/Models/LJSpeech/", "phoneme_cache_path": "/home/somebody/phonemes/",
    "use_phonemes": true, "phoneme_language": "en-us",
    "use_speaker_embedding": false, "use_gst": false, "use_external_speaker_embedding_file": false,
    "external_speaker_embedding_file": null,
    "gst": { "gst_style_input": null, "gst_embedding_dim": 512, "gst_num_heads": 4, "gst_style_tokens": 10,
             "gst_use_speaker_embedding": false },
    "datasets": [ { "name": "ljspeech", "path": "/data/LJSpeech-1.1/", "meta_file_train": "metadata.csv",
                    "meta_file_val": null } ]
}
"""
TEXT = Segmentation("Hi", "en", "ipa", (Word("Hi", (Phone("h"), Phone("a"), Phone("ɪ")), 3, "!"),))
SYMBOLS = 129  # three, 115 sounds, eleven marks; the published LJSpeech models have as many


def checkpoint(rows=SYMBOLS, r=3, ddc_r=6, old_names=False):
    """Tensors of Mozilla TTS's Tacotron 2 with batch normalisation in the prenet, at random."""
    rng = torch.Generator().manual_seed(0)
    state = {}

    def put(name, *shape, scale=None):
        fan = shape[-1] if len(shape) > 1 else 1
        state[name] = torch.randn(*shape, generator=rng) * (scale if scale is not None else (1 / fan) ** 0.5)

    def norm(name, n):
        put(f"{name}.weight", n, scale=0.3)
        put(f"{name}.bias", n, scale=0.3)
        put(f"{name}.running_mean", n, scale=0.3)
        state[f"{name}.running_var"] = 0.5 + torch.rand(n, generator=rng)
        state[f"{name}.num_batches_tracked"] = torch.tensor(41)

    def block(name, into, out):
        conv, bn = ("net.0", "net.1") if old_names else ("convolution1d", "batch_normalization")
        put(f"{name}.{conv}.weight", out, into, 5, scale=0.02)
        put(f"{name}.{conv}.bias", out)
        norm(f"{name}.{bn}", out)

    def decoder(name, r):
        for i, into in enumerate((80, 256)):
            put(f"{name}.prenet.linear_layers.{i}.linear_layer.weight", 256, into)
            norm(f"{name}.prenet.linear_layers.{i}.{'bn' if old_names else 'batch_normalization'}", 256)
        for cell, into in (("attention_rnn", 256 + 512), ("decoder_rnn", 1024 + 512)):
            put(f"{name}.{cell}.weight_ih", 4096, into)
            put(f"{name}.{cell}.weight_hh", 4096, 1024)
            put(f"{name}.{cell}.bias_ih", 4096, scale=0.1)
            put(f"{name}.{cell}.bias_hh", 4096, scale=0.1)
        put(f"{name}.attention.query_layer.linear_layer.weight", 128, 1024)
        put(f"{name}.attention.inputs_layer.linear_layer.weight", 128, 512)
        put(f"{name}.attention.v.linear_layer.weight", 1, 128)
        put(f"{name}.attention.v.linear_layer.bias", 1)
        put(f"{name}.attention.location_layer.location_conv1d.weight", 32, 2, 31)
        put(f"{name}.attention.location_layer.location_dense.linear_layer.weight", 128, 32)
        put(f"{name}.linear_projection.linear_layer.weight", 80 * r, 1024 + 512)
        put(f"{name}.linear_projection.linear_layer.bias", 80 * r)
        put(f"{name}.stopnet.1.linear_layer.weight", 1, 1024 + 80 * r, scale=0.0)
        state[f"{name}.stopnet.1.linear_layer.bias"] = torch.tensor([-9.0])  # it does not stop by chance

    put("embedding.weight", rows, 512, scale=1.0)
    for i in range(3):
        block(f"encoder.convolutions.{i}", 512, 512)
    for way in ("", "_reverse"):
        put(f"encoder.lstm.weight_ih_l0{way}", 1024, 512)
        put(f"encoder.lstm.weight_hh_l0{way}", 1024, 256)
        put(f"encoder.lstm.bias_ih_l0{way}", 1024, scale=0.1)
        put(f"encoder.lstm.bias_hh_l0{way}", 1024, scale=0.1)
    decoder("decoder", r)
    for i, (into, out) in enumerate(((80, 512), (512, 512), (512, 512), (512, 512), (512, 80))):
        block(f"postnet.convolutions.{i}", into, out)
    decoder("coarse_decoder", ddc_r)
    return state


def spoken(w, ids, steps, r):
    """Mel frames (steps · r, 80) of symbol ids: Tacotron 2 with location-sensitive attention, by bare
    tensors."""

    def norm(name, x):
        p = (w[f"{name}.{k}"] for k in ("running_mean", "running_var", "weight", "bias"))
        return F.batch_norm(x, *p)

    def conv(name, x):
        y = F.conv1d(x, w[f"{name}.convolution1d.weight"], w[f"{name}.convolution1d.bias"], padding=2)
        return norm(f"{name}.batch_normalization", y)

    def cell(name, x, h, c):
        gates = F.linear(x, w[f"{name}.weight_ih"], w[f"{name}.bias_ih"])
        i, f, g, o = (gates + F.linear(h, w[f"{name}.weight_hh"], w[f"{name}.bias_hh"])).chunk(4, -1)
        c = f.sigmoid() * c + i.sigmoid() * g.tanh()
        return o.sigmoid() * c.tanh(), c

    def lstm(x, way):
        named = {k: w[f"encoder.lstm.{k}_l0{way}"] for k in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")}
        w.update({f"one.{k}": v for k, v in named.items()})
        h, c, out = torch.zeros(1, 256), torch.zeros(1, 256), []
        for row in x:
            h, c = cell("one", row[None], h, c)
            out.append(h)
        return torch.cat(out)

    x = w["embedding.weight"][ids].T[None]
    for i in range(3):
        x = conv(f"encoder.convolutions.{i}", x).relu()
    x = x[0].T
    x = torch.cat([lstm(x, ""), lstm(x.flip(0), "_reverse").flip(0)], dim=1)
    attention = "decoder.attention"
    keys = x @ w[f"{attention}.inputs_layer.linear_layer.weight"].T
    query = cell_q = hidden = cell_d = torch.zeros(1, 1024)
    context, frame = torch.zeros(1, 512), torch.zeros(1, 80)
    weights = total = torch.zeros(len(x))
    frames = []
    for _ in range(steps):
        for i in range(2):
            layer = f"decoder.prenet.linear_layers.{i}"
            frame = norm(f"{layer}.batch_normalization", frame @ w[f"{layer}.linear_layer.weight"].T).relu()
        query, cell_q = cell("decoder.attention_rnn", torch.cat([frame, context], 1), query, cell_q)
        where = F.conv1d(
            torch.stack([weights, total])[None],
            w[f"{attention}.location_layer.location_conv1d.weight"],
            padding=15,
        )
        where = where[0].T @ w[f"{attention}.location_layer.location_dense.linear_layer.weight"].T
        score = (query @ w[f"{attention}.query_layer.linear_layer.weight"].T + where + keys).tanh()
        score = score @ w[f"{attention}.v.linear_layer.weight"].T + w[f"{attention}.v.linear_layer.bias"]
        weights = score[:, 0].sigmoid() / score[:, 0].sigmoid().sum()
        total = total + weights
        context = weights[None] @ x
        hidden, cell_d = cell("decoder.decoder_rnn", torch.cat([query, context], 1), hidden, cell_d)
        out = F.linear(
            torch.cat([hidden, context], 1),
            w["decoder.linear_projection.linear_layer.weight"],
            w["decoder.linear_projection.linear_layer.bias"]
        )  # fmt: skip
        frames.append(out[:, : 80 * r].reshape(r, 80))
        frame = frames[-1][-1:]
    mel = torch.cat(frames)
    y = mel.T[None]
    for i in range(5):
        y = conv(f"postnet.convolutions.{i}", y)
        y = y.tanh() if i < 4 else y
    return (mel + y[0].T).numpy()


def run_folder(folder, state, config=CONFIG, **record):
    """What Mozilla TTS's trainer left: its config, copied with a line added, and ``best_model.pth.tar``."""
    folder.mkdir()
    (folder / "config.json").write_text(config, encoding="utf-8")
    parameter = torch.nn.Parameter(torch.zeros(3))
    optimizer = torch.optim.Adam([parameter])
    parameter.sum().backward()
    optimizer.step()
    whole = {
        "model": state, "optimizer": optimizer.state_dict(), "step": 272976, "epoch": 654,
        "date": "November 02, 2020", "r": 2, "model_loss": 0.31, "amp": None, **record,
    }  # fmt: skip
    torch.save(
        whole, folder / "best_model.pth.tar", _use_new_zipfile_serialization=False
    )  # as torch before 1.6
    return folder


@pytest.mark.parametrize("old_names", [False, True])
def test_it_speaks_as_mozillas_layers_do(old_names, tmp_path):
    folder = run_folder(tmp_path / "run", checkpoint(old_names=old_names))
    voice = import_folder(folder, tmp_path / "voice")
    assert {p.suffix for p in (tmp_path / "voice").iterdir()} == {".json", ".safetensors"}
    assert (voice.mel.n_fft, voice.mel.hop_length, voice.mel.fmin, voice.mel.fmax) == (
        1024,
        256,
        50.0,
        7600.0,
    )
    part = Tacotron2(Tacotron2.Config(device="cpu"))
    part.open(tmp_path / "voice")
    part.speech.max_frames = 20
    ours = part.predict(Request(TEXT))["mel"]
    sounds = sorted(mozilla.PHONEMES)
    place = {s: i for i, s in enumerate(["_", "~", "^", *sounds, *"!'(),-.:;? "])}
    ids = [place[s] for s in "^haɪ!~"]
    theirs = spoken(checkpoint(), ids, steps=10, r=2)  # r = 2 is what gradual training ended with
    np.testing.assert_allclose(ours, theirs, atol=2e-4)
    assert np.abs(theirs).max() > 0.1


def test_an_imported_config_says_what_frames_it_speaks():
    """Mozilla's mel spectra are those of an extractor here, so that any vocoder of theirs can follow."""
    import re

    plain = re.sub(
        r'("(?:[^"\\]|\\.)*")|//[^\n]*|/\*.*?\*/', lambda m: m.group(1) or "", CONFIG, flags=re.DOTALL
    )
    audio = json.loads(plain)["audio"]
    spec = spec_of_audio(audio)
    extractor = type(mel_extractor()).matching(Demand.exactly(spec), 22050)
    assert extractor is not None
    assert extractor.spec == spec
    milliseconds = {
        **audio,
        "win_length": None,
        "hop_length": None,
        "frame_length_ms": 50,
        "frame_shift_ms": 12.5,
        "fft_size": 2048,
    }
    timed = MelSpec.of(spec_of_audio(milliseconds))
    assert (timed.hop_length, timed.win_length) == (275, 1100)


def test_the_vocabulary_is_the_checkpoints(tmp_path):
    written = {
        "pad": "_",
        "eos": "~",
        "bos": "^",
        "characters": "ab ",
        "punctuations": "! ",
        "phonemes": "baab",
    }
    twice = {"characters": written, "use_phonemes": True}
    assert mozilla.symbols(twice, 9, "").vocabulary == ("_", "~", "^", "a", "a", "b", "b", "!", " ")
    assert mozilla.symbols(twice, 7, "").vocabulary == ("_", "~", "^", "a", "b", "!", " ")
    spelt = {"characters": written, "use_phonemes": False, "enable_eos_bos_chars": True}
    table = mozilla.symbols(spelt, 8, "")
    assert table.vocabulary == ("_", "~", "^", "a", "b", " ", "@a", "@b")
    assert table.ends == ("", "")  # Mozilla TTS put them about phonemes alone
    glow = mozilla.symbols({**spelt, "add_blank": True}, 9, "")
    assert glow.encode(["a", "b"]) == [8, 3, 8, 4, 8]  # the blank's id is one past the others
    folder = run_folder(tmp_path / "run", checkpoint(rows=100))
    with pytest.raises(VoiceError, match="has 100 symbols, its config makes 129"):
        import_folder(folder, tmp_path / "voice")
    assert not (tmp_path / "voice").exists()


def test_a_window_of_attention_is_kept_under_its_new_name(tmp_path):
    folder = run_folder(
        tmp_path / "run", checkpoint(), CONFIG.replace('"windowing": false', '"windowing": true')
    )
    assert import_folder(folder, tmp_path / "voice").model["attention_win"] is True


def test_style_tokens_are_refused_by_name(tmp_path):
    folder = run_folder(tmp_path / "run", checkpoint(), CONFIG.replace('"use_gst": false', '"use_gst": true'))
    with pytest.raises(VoiceError, match="use_gst"):
        import_folder(folder, tmp_path / "voice")


def test_comments_are_read_and_urls_are_not_taken_for_them(tmp_path):
    path = tmp_path / "config.json"
    path.write_text('{"a": "http://b//c", // d\n /* "e": 1,\n */ "f": 2}', encoding="utf-8")
    assert read_json(path) == {"a": "http://b//c", "f": 2}
