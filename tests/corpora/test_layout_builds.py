# SPDX-License-Identifier: Apache-2.0
"""A folder in each layout, made of bundled recordings, becomes a voice by ``synthkit build``."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from synthkit import audio
from synthkit.cli import run
from synthkit.pipeline.voice import Voice
from synthkit.testing import sample_utterances

LAYOUTS = {
    "ljspeech": ("wavs/{id}.wav", "metadata.csv", "{id}|{text}|{text}\n", "en", "speaker"),
    "cmu_us_slt_arctic": ("wav/{id}.wav", "etc/txt.done.data", '( {id} "{text}" )\n', None, "slt"),
    "vctk": ("wav48_silence_trimmed/p225/{id}_mic1.flac", "txt/p225/{id}.txt", "{text}\n", None, "p225"),
    "m-ailabs": (
        "en_US/by_book/female/judy/sea/wavs/{id}.wav", "en_US/by_book/female/judy/sea/metadata.csv",
        "{id}|{text}|{text}\n", None, "judy",
    ),
    "ruslan": ("RUSLAN/{id}.wav", "metadata_RUSLAN_22200.csv", "{id}|{text}\n", None, "ruslan"),
    "kaldi": ("{id}.wav", "text", "{id} {text}\n", "en", "speaker"),
    "pairs": ("ann/{id}.wav", "ann/{id}.txt", "{text}\n", "en", "ann"),
}  # fmt: skip
"""Where a recording lies, where its text, a line of it, the language that has to be said, the speaker."""


def lay_out(folder: Path, layout: str, rate: int = 16000, channels: int = 1) -> str | None:
    """Write three recordings as `layout` has them; the language to be said in the configuration, or None."""
    recording, transcript, line, language, _ = LAYOUTS[layout]
    corpus = "bundled-ru" if layout == "ruslan" else "bundled-en"
    for number, utterance in enumerate(sample_utterances(corpus, 3), 1):
        id_ = f"utt_{number:03}"
        path = folder / recording.format(id=id_)
        path.parent.mkdir(parents=True, exist_ok=True)
        sound = audio.read(utterance.audio, rate)
        soundfile.write(path, np.repeat(sound.samples[:, None], channels, axis=1), rate)
        text = folder / transcript.format(id=id_)
        text.parent.mkdir(parents=True, exist_ok=True)
        with text.open("a", encoding="utf-8") as file:
            file.write(line.format(id=id_, text=utterance.text))
        if layout == "kaldi":
            with (folder / "wav.scp").open("a") as file:
                file.write(f"{id_} {id_}.wav\n")
    return language


def build(tmp_path: Path, folder: Path, language: str | None, *more: str) -> int:
    toml = tmp_path / "voice.toml"
    said = f'language = "{language}"\n' if language else ""
    toml.write_text(f'[voice]\nname = "v"\ncorpus = "./{folder.name}"\n{said}[alignment]\nplugin = "hmm"\n')
    return run(["build", str(toml), "-o", str(tmp_path / "v"), "--workers", "1", *more])


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("SYNTHKIT_CACHE", str(tmp_path / "cache"))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_folder_of_recordings_becomes_a_voice(layout, tmp_path):
    folder = tmp_path / layout
    assert build(tmp_path, folder, lay_out(folder, layout)) == 0
    manifest = json.loads((tmp_path / "v" / "manifest.json").read_text())
    assert len(manifest["utterances"]) == 3
    assert not manifest["left_out"]
    assert manifest["speakers"] == [LAYOUTS[layout][4]]
    spoken = Voice.open(tmp_path / "v").say("Тихо." if layout == "ruslan" else "Hello.")
    assert np.abs(spoken.samples).max() > 0.01


@pytest.mark.parametrize(("rate", "channels"), [(44100, 2)])
def test_a_voice_has_the_rate_of_its_recordings(rate, channels, tmp_path):
    folder = tmp_path / "mine"
    language = lay_out(folder, "pairs", rate, channels)
    assert build(tmp_path, folder, language) == 0
    assert Voice.open(tmp_path / "v").say("Hello.").sample_rate == rate


@pytest.mark.parametrize("rate", [8000, 11025])
def test_a_rate_that_world_has_no_aperiodicity_for_is_refused_with_what_to_set(rate, tmp_path, capsys):
    folder = tmp_path / "mine"
    language = lay_out(folder, "pairs", rate)
    assert build(tmp_path, folder, language) == 2
    assert f"[features] world at {rate} Hz" in (error := capsys.readouterr().err)
    assert "set aperiodicity = false" in error
    assert build(tmp_path, folder, language, "--set", "features.aperiodicity=false") == 0
    assert Voice.open(tmp_path / "v").say("Hello.").sample_rate == rate
