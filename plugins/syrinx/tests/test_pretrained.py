# SPDX-License-Identifier: Apache-2.0
"""The bundled weights for WORLD and for mel frames: whose they are, what a copy of a recording that they
never heard sounds like, and that no torch is needed for it."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from synthkit_syrinx.stored import TrainedVocoder
from synthkit_syrinx.vocoder import Syrinx, SyrinxSettings
from syrinx_toy import mel, world

from synthkit import audio
from synthkit.corpora import open_corpus
from synthkit.dsp.mel import mel_spectrum
from synthkit.errors import SpecMismatch
from synthkit.eval import Clip, EvalSample
from synthkit.plugins import registry
from synthkit.testing.samples import context

HELD_OUT = ("ru_0012", "ru_0143", "ru_0508")
"""Of the bundled recordings, some that the weights never heard."""
FRAMES = {"nsh": ("world", {}), "nsh-mel": ("mel", {"preset": "htk-16k"})}
"""Of each of the weights."""


def extractor(name):
    plugin, settings = FRAMES[name]
    kind = registry().load("features", plugin)
    return kind(kind.Config(**settings))


@pytest.fixture(scope="module", params=list(FRAMES))
def name(request):
    return request.param


@pytest.fixture(scope="module")
def copies(name):
    """Each recording with its copies by `syrinx` from the frames that it is for, and by `world`."""
    chosen = [u for u in open_corpus("bundled-ru").utterances if u.id in HELD_OUT]
    assert len(chosen) == len(HELD_OUT)
    world, peer = extractor("nsh"), registry().load("vocoder", "world")()
    ours = Syrinx()
    ours.open(Syrinx.bundled / name)
    out = []
    for u in chosen:
        original = audio.read(u.audio, None, u.start, u.end)
        spoken = ours.render(extractor(name).extract(original))
        out.append((u, original, spoken, peer.render(world.extract(original))))
    return out


def test_there_are_weights_for_either_kind_of_frames():
    assert {p.name for p in Syrinx.bundled.iterdir() if p.is_dir()} == set(FRAMES)
    for name in FRAMES:
        assert TrainedVocoder.spec_of(Syrinx.bundled / name) == extractor(name).spec


def test_they_never_heard_what_voices_are_judged_by(name):
    heard = TrainedVocoder.load(Syrinx.bundled / name).made["heard"]
    assert heard and not set(heard) & set(HELD_OUT)


def test_the_licence_lies_beside_them_and_they_are_small(name):
    assert "Nickolay V. Shmyrev" in (Syrinx.bundled / name / "LICENCE.txt").read_text(encoding="utf-8")
    assert sum(f.stat().st_size for f in (Syrinx.bundled / name).iterdir()) < 12e6


def test_voicing_and_pitch_are_those_of_the_recording(copies):
    metric = registry().load("metric", "world")()
    found: dict[str, list[float]] = {"vuv-error": [], "f0-rmse": []}
    for u, original, ours, _ in copies:
        for m in metric.measure(EvalSample(u.id, u.text, u.language, Clip(ours), Clip(original))):
            if m.metric in found:
                found[m.metric].append(m.value)
    assert np.mean(found["vuv-error"]) < 12
    assert np.mean(found["f0-rmse"]) < 15


def test_it_is_nearer_to_the_recording_than_world(copies):
    view = extractor("nsh-mel").view

    def distance(a, b):
        a, b = (mel_spectrum(x.samples.astype(np.float64), view) for x in (a, b))
        n = min(len(a), len(b))
        return np.abs(a[:n] - b[:n]).mean()

    for _, original, ours, theirs in copies:
        assert distance(original, ours) < distance(original, theirs)


def test_speaking_imports_no_torch():
    code = (
        "import sys\n"
        "from synthkit.testing import sample_waveform\n"
        "from synthkit.plugins import registry\n"
        "from synthkit_syrinx.vocoder import Syrinx\n"
        "vocoder = registry().load('vocoder', 'syrinx')()\n"
        "for name, plugin in (('nsh', 'world'), ('nsh-mel', 'mel')):\n"
        "    vocoder.open(Syrinx.bundled / name)\n"
        "    extractor = registry().load('features', plugin).matching(vocoder.accepts()[0], 16000)\n"
        "    assert len(vocoder.render(extractor.extract(sample_waveform(16000))).samples)\n"
        "assert 'torch' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(("data", "taken"), [(world, "nsh"), (mel, "nsh-mel")])
def test_a_voice_takes_those_that_are_for_its_frames_by_one_name(data, taken, tmp_path):
    vocoder = Syrinx(SyrinxSettings(pretrained="nsh"))
    vocoder.fit(data(tmp_path / "data", count=1), tmp_path, context(tmp_path))
    bundled = (Syrinx.bundled / taken / "syrinx.safetensors").read_bytes()
    assert (tmp_path / "syrinx.safetensors").read_bytes() == bundled


def test_a_voice_of_other_frames_is_refused(tmp_path):
    vocoder = Syrinx(SyrinxSettings(pretrained="nsh"))
    data = mel(tmp_path / "mel", count=1)
    with pytest.raises(SpecMismatch, match="are of other features"):
        other = replace(data, spec=replace(data.spec, hop_length=160))
        vocoder.fit(other, tmp_path, context(tmp_path))


def test_other_weights_of_the_name_are_another_result():
    """A voice of mel frames takes the others by the same name: those count too."""
    both = Syrinx(SyrinxSettings(pretrained="nsh")).fingerprint().split()
    assert len(set(both)) == 2
    assert Syrinx(SyrinxSettings(pretrained="nsh-mel")).fingerprint() == both[1]
