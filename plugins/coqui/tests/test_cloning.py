# SPDX-License-Identifier: Apache-2.0
"""From a corpus of two speakers over d-vectors to a clip: with the real speaker encoder, by the commands a
user gives."""

import json
import shutil

import numpy as np
import pytest
from coqui_samples import TINY

from synthkit import audio
from synthkit.cli import run
from synthkit.corpora import open_corpus
from synthkit.pipeline.voice import Voice
from synthkit.plugins import registry
from synthkit.types import Waveform

pytest.importorskip("resemblyzer")

VOICE = """
[voice]
name = "two"
corpus = "{corpus}"
language = "ru"

[alignment]
plugin = "labels"

[features]
plugin = "mel"

[acoustic_model]
plugin = "glowtts"
speakers = "d-vector"
steps = 3
rehearsal = false
{tiny}

[vocoder]
plugin = "griffin-lim"
"""


@pytest.fixture(scope="module")
def voice(tmp_path_factory):
    """A voice of two speakers whose names are not ASCII, far too little trained, from a folder of
    recordings."""
    folder = tmp_path_factory.mktemp("clone")
    chosen = sorted(open_corpus("bundled-ru").utterances, key=lambda u: u.id)[:8]
    for index, utterance in enumerate(chosen):
        into = folder / "corpus" / ("Аня", "борис")[index % 2]
        into.mkdir(parents=True, exist_ok=True)
        shutil.copy(utterance.audio, into)
        shutil.copy(utterance.labels, into)
        (into / f"{utterance.id}.txt").write_text(utterance.text, encoding="utf-8")
    tiny = "\n".join(f"{k} = {json.dumps(v)}" for k, v in TINY.items())
    (folder / "voice.toml").write_text(VOICE.format(corpus=folder / "corpus", tiny=tiny), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SYNTHKIT_CACHE", str(folder / "cache"))
        assert (
            run(["build", str(folder / "voice.toml"), "-o", str(folder / "two"), "--executor", "serial"]) == 0
        )
    return folder / "two"


@pytest.fixture(scope="module")
def good():
    """Twelve seconds of one person."""
    chosen = sorted(open_corpus("bundled-ru").utterances, key=lambda u: u.id)[:4]
    return Waveform(np.concatenate([audio.read(u.audio, 16000).samples for u in chosen])[: 12 * 16000], 16000)


def clone(voice, clip, out):
    return run(["clone", "-v", str(voice), "--clip", str(clip), "да", "-o", str(out)])


def test_a_speakers_vector_is_the_mean_of_its_recordings(voice):
    description = json.loads((voice / "acoustic_model" / "config.json").read_text(encoding="utf-8"))
    assert description["speaker_encoder"] == "resemblyzer"
    assert description["d_vector_dim"] == 256
    vectors = json.loads((voice / "acoustic_model" / "d_vectors.json").read_text(encoding="utf-8"))
    assert list(vectors) == description["speakers"] == ["Аня", "борис"]
    encoder = registry().load("speaker_encoder", "resemblyzer")()
    heard = [u for u in open_corpus(voice.parent / "corpus", language="ru").utterances if u.speaker == "Аня"]
    mean = np.mean([encoder.embed(audio.read(u.audio, 16000)) for u in heard], axis=0)
    np.testing.assert_allclose(vectors["Аня"], mean / np.linalg.norm(mean), atol=1e-4)


def test_a_clip_speaks(voice, good, tmp_path, capsys):
    audio.write(tmp_path / "ёж.wav", good)
    assert clone(voice, tmp_path / "ёж.wav", tmp_path / "out.wav") == 0
    assert audio.read(tmp_path / "out.wav").duration > 0.1
    printed = capsys.readouterr()
    assert "out.wav" in printed.out
    assert "one of them" in printed.err  # two speakers are too few, and it says so
    opened = Voice.open(voice)
    embedding = registry().load("speaker_encoder", "resemblyzer")().embed(good)
    expected = opened.say("да", embedding=embedding / np.linalg.norm(embedding))
    assert len(audio.read(tmp_path / "out.wav").samples) == len(expected.samples)


def changed(good, rng):
    """Clips by name, with what is said of them; None: nothing."""
    from scipy.signal import resample_poly

    x = good.samples
    english = open_corpus("bundled-en").utterances[:60]
    other = np.concatenate([audio.read(u.audio, 16000).samples for u in english])[: 9 * 16000]
    return {
        "tiny": (x[16000:17600], 16000, "0.1 s long"),
        "empty": (x[:0], 16000, "holds no samples"),
        "silence": (0 * x, 16000, "at -100 dB"),
        "noise": (0.1 * rng.standard_normal(len(x)), 16000, "noise, or no speech"),
        "overdriven": (np.clip(40 * x, -1, 1), 16000, "at full scale"),
        "two people": (np.concatenate([x[: 9 * 16000], other]), 16000, "parts of the clip differ"),
        "stereo": (np.stack([x, 0.5 * x], 1), 16000, None),
        "96 kHz": (resample_poly(x, 6, 1), 96000, None),
        "offset": (0.3 * x + 0.5, 16000, None),
        "telephone": (resample_poly(x, 1, 2), 8000, "warning: "),
    }


NAMES = (
    "tiny",
    "empty",
    "silence",
    "noise",
    "overdriven",
    "two people",
    "stereo",
    "96 kHz",
    "offset",
    "telephone",
)


@pytest.mark.parametrize("name", NAMES)
def test_each_clip_is_refused_with_its_reason_or_spoken(name, voice, good, tmp_path, capsys):
    import soundfile

    samples, rate, said = changed(good, np.random.default_rng(0))[name]
    soundfile.write(tmp_path / "clip.wav", samples, rate)
    status = clone(voice, tmp_path / "clip.wav", tmp_path / "out.wav")
    printed = capsys.readouterr().err
    assert "Traceback" not in printed
    if said in (None, "warning: "):
        assert status == 0
        assert (f"{tmp_path / 'clip.wav'}: it holds 8000" in printed) == (name == "telephone")
        assert (tmp_path / "out.wav").exists()
    else:
        assert status == 2
        assert said in printed
        assert not (tmp_path / "out.wav").exists()


def test_what_is_no_recording_is_refused(voice, tmp_path, capsys):
    (tmp_path / "text.wav").write_text("hello")
    for clip, said in (
        ("text.wav", "not readable as audio"),
        ("missing.wav", "no such file"),
        (".", "directory"),
    ):
        assert clone(voice, tmp_path / clip, tmp_path / "out.wav") == 2
        assert said in capsys.readouterr().err
    assert clone(tmp_path / "nowhere", tmp_path / "text.wav", tmp_path / "out.wav") == 2
    assert "there is no voice and there are no weights" in capsys.readouterr().err
