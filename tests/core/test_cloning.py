# SPDX-License-Identifier: Apache-2.0
"""`synthkit clone` from weights that learn a code: what it asks for, and how near it says that it comes."""

import json

import numpy as np
import pytest
import soundfile

from synthkit import audio
from synthkit.cli import run
from synthkit.corpora import open_corpus
from synthkit.corpora.owners import consent
from synthkit.errors import AudioError, ConfigError
from synthkit.pipeline import cloning
from synthkit.pipeline.cloning import Likeness, advice, likeness, transcript_of
from synthkit.pipeline.voice_folder import read_manifest
from synthkit.stages import SpeakerEncoder
from synthkit.types import Waveform


class Level(SpeakerEncoder):
    """An embedding that says how loud a sound is: 0.1 and 0.2 are 90 degrees apart."""

    alike = (0.9, 0.1)

    def embed(self, waveform):
        angle = np.pi / 2 * (np.abs(waveform.samples).max() - 0.1) / 0.1
        return np.array([np.cos(angle), np.sin(angle)], np.float32)


def sound(level, seconds=8.0):
    return Waveform(np.full(int(8000 * seconds), level, np.float32), 8000)


def test_likeness_stands_beside_the_clip_s_own_and_what_speakers_give():
    found = likeness(Level(), [sound(0.1)], sound(0.15))
    assert found.result == pytest.approx(np.cos(np.pi / 4), abs=1e-5)
    assert found.own == pytest.approx(1.0)
    assert (found.same, found.different) == (0.9, 0.1)
    assert found.near, "0.71 is above 0.9 less a quarter of the way to 0.1"
    assert not likeness(Level(), [sound(0.1)], sound(0.18)).near
    text = str(found)
    assert "0.71" in text and "each other 1.00" in text and "two speakers 0.10" in text
    assert likeness(Level(), [sound(0.1, 4)], sound(0.1)).own is None, "too short to be parted"


def test_a_result_without_speech_is_told_and_far():
    class Deaf(Level):
        def embed(self, waveform):
            if not waveform.samples.any():
                raise AudioError("there is no speech to embed")
            return super().embed(waveform)

    found = likeness(Deaf(), [sound(0.1)], sound(0.0))
    assert found.result is None and not found.near and "no speech" in str(found)


def test_an_encoder_that_nobody_measured_is_judged_by_the_clip_s_own_parts():
    assert Likeness(0.75, 0.8, None, None).near
    assert not Likeness(0.65, 0.8, None, None).near
    assert "one speaker" not in str(Likeness(0.65, 0.8, None, None))


def test_what_is_said_is_given_or_lies_beside_the_clip(tmp_path):
    clip = tmp_path / "me.wav"
    with pytest.raises(ConfigError, match="what is said") as refused:
        transcript_of(clip, None)
    assert "me.txt" in refused.value.hint and "--transcript" in refused.value.hint
    (tmp_path / "me.txt").write_text("Мороз\n и солнце.\n", encoding="utf-8")
    assert transcript_of(clip, None) == "Мороз и солнце."
    assert transcript_of(clip, "Другое.") == "Другое."
    with pytest.raises(ConfigError):
        transcript_of(clip, " ")


def test_advice_asks_for_no_minute_that_is_there():
    assert "these very clips as units" in advice(60) and "a transcribed minute" in advice(10)
    assert "synthkit adapt" in advice(10) and "d-vector" in advice(10)


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    """One recording of some seconds, and what is said in it."""
    pytest.importorskip("resemblyzer")
    folder = tmp_path_factory.mktemp("clip")
    chosen = sorted(open_corpus("bundled-ru").utterances, key=lambda u: len(u.text))[20]
    audio.write(folder / "me.wav", audio.read(chosen.audio))
    (folder / "me.txt").write_text(chosen.text, encoding="utf-8")
    return folder / "me.wav"


def test_a_clip_speaks_and_how_near_it_comes_is_said(clip, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(cloning, "STEPS", 4)
    pytest.importorskip("synthkit_parametric")
    pytest.importorskip("torch")
    out, voice = tmp_path / "out.wav", tmp_path / "me"
    command = ["clone", "-v", "nsh", "--clip", str(clip), "Мама мыла раму.", "-o", str(out)]
    assert run([*command, "--keep", str(voice)]) == 2
    assert "--speaker" in capsys.readouterr().err and not out.exists(), (
        "nobody is kept without a word of them"
    )
    whose = ["--speaker", "Anna", "--licence", "private use"]
    assert run([*command, "--keep", str(voice), *whose, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert 0.5 < audio.read(out).duration < 6 and found["seconds"] == pytest.approx(
        audio.read(out).duration, abs=1e-2
    )
    assert 0 < found["likeness"] <= 1 and found["same_speaker"] > found["different_speakers"]
    line = consent("Anna", "private use")
    assert read_manifest(voice)["corpus"]["licence"] == line
    assert (voice / "recordings" / "LICENCE.txt").read_text() == line + ".\n"
    assert "msu_ru_nsh" in (voice / "acoustic_model" / "LICENCE.txt").read_text(), "that of the base"
    with soundfile.SoundFile(out) as file:
        assert line in file.copy_metadata()["copyright"] and "no person" in file.copy_metadata()["comment"]
    assert run(["say", "-v", str(voice), "Мир.", "-o", str(tmp_path / "again.wav")]) == 0


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["-v", "nhs"], "no weights 'nhs'"),
        (["-v", "nsh", "--transcript", "a", "--transcript", "b"], "2 transcripts of 1 clips"),
    ],
)
def test_what_cannot_be_done_is_refused_before_anything_is_loaded(more, said, clip, tmp_path, capsys):
    pytest.importorskip("synthkit_parametric")
    assert run(["clone", *more, "--clip", str(clip), "да", "-o", str(tmp_path / "no.wav")]) == 2
    assert said in capsys.readouterr().err.replace("\n", " ")
    assert not (tmp_path / "no.wav").exists()


def test_without_a_speaker_encoder_it_says_what_installs_one(monkeypatch):
    from synthkit.cli.clone import _load
    from synthkit.errors import PluginError
    from synthkit.plugins import registry

    monkeypatch.setattr(registry(), "components", {})
    with pytest.raises(PluginError, match="none is installed") as error:
        _load("resemblyzer")
    assert "synthkit-speech[speaker]" in error.value.hint
