# SPDX-License-Identifier: Apache-2.0
"""The bundled weights: whose they are, what a copy of a recording that they never heard sounds like, and that
no torch is needed for it."""

import subprocess
import sys

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


@pytest.fixture(scope="module")
def copies():
    """Each recording with its copies by `syrinx` and by `world`."""
    chosen = [u for u in open_corpus("bundled-ru").utterances if u.id in HELD_OUT]
    assert len(chosen) == len(HELD_OUT)
    extractor, peer = registry().load("features", "world")(), registry().load("vocoder", "world")()
    ours = Syrinx()
    ours.open(Syrinx.bundled / "nsh")
    out = []
    for u in chosen:
        original = audio.read(u.audio, None, u.start, u.end)
        frames = extractor.extract(original)
        out.append((u, original, ours.render(frames), peer.render(frames)))
    return out


def test_they_never_heard_what_voices_are_judged_by():
    heard = TrainedVocoder.load(Syrinx.bundled / "nsh").made["heard"]
    assert heard and not set(heard) & set(HELD_OUT)


def test_the_licence_lies_beside_them_and_they_are_small():
    assert "Nickolay V. Shmyrev" in (Syrinx.bundled / "nsh" / "LICENCE.txt").read_text(encoding="utf-8")
    assert sum(f.stat().st_size for f in (Syrinx.bundled / "nsh").iterdir()) < 12e6


def test_voicing_and_pitch_are_those_of_the_recording(copies):
    metric = registry().load("metric", "world")()
    found: dict[str, list[float]] = {"vuv-error": [], "f0-rmse": []}
    for u, original, ours, _ in copies:
        for m in metric.measure(EvalSample(u.id, u.text, u.language, Clip(ours), Clip(original))):
            if m.metric in found:
                found[m.metric].append(m.value)
    assert np.mean(found["vuv-error"]) < 12
    assert np.mean(found["f0-rmse"]) < 15


def test_it_is_nearer_to_the_recording_than_world_from_the_same_frames(copies):
    view = (
        registry().load("features", "mel")(registry().load("features", "mel").Config(preset="htk-16k")).view
    )

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
        "frames = registry().load('features', 'world')().extract(sample_waveform(16000))\n"
        "vocoder = registry().load('vocoder', 'syrinx')()\n"
        "vocoder.open(Syrinx.bundled / 'nsh')\n"
        "assert len(vocoder.render(frames).samples)\n"
        "assert 'torch' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_voice_takes_them_where_its_frames_are_theirs(tmp_path):
    vocoder = Syrinx(SyrinxSettings(pretrained="nsh"))
    vocoder.fit(world(tmp_path / "world", count=1), tmp_path, context(tmp_path))
    bundled = (Syrinx.bundled / "nsh" / "syrinx.safetensors").read_bytes()
    assert (tmp_path / "syrinx.safetensors").read_bytes() == bundled
    with pytest.raises(SpecMismatch, match="are of other features"):
        vocoder.fit(mel(tmp_path / "mel", count=1), tmp_path, context(tmp_path))
