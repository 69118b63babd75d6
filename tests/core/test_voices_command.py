# SPDX-License-Identifier: Apache-2.0
"""``synthkit voices``, and a voice folder made of parts that are there."""

import json
import shutil

import pytest

from synthkit.cli import run
from synthkit.corpora import open_corpus
from synthkit.errors import VoiceError
from synthkit.plugins import registry
from synthkit.pretrained import Origin, PretrainedVoice, compose
from synthkit.types import FeatureSpec


def test_the_list_names_size_language_and_licence(capsys):
    assert run(["voices", "list", "--json"]) == 0
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)}
    assert {"joe", "heart"} <= rows.keys()
    for row in rows.values():
        assert row["licence"]
        assert row["attribution"]
        assert row["languages"]
        assert row["paradigm"]
    assert run(["voices", "list"]) == 0
    assert all(len(line) <= 120 for line in capsys.readouterr().out.splitlines())


def test_one_that_there_is_not_is_told_with_what_was_meant(capsys):
    assert run(["voices", "get", "hart"]) == 2
    assert "did you mean 'heart'" in capsys.readouterr().err


def test_get_makes_a_voice_that_speaks(tmp_path, capsys):
    out = tmp_path / "heart"
    assert run(["voices", "get", "heart", "-o", str(out)]) == 0
    assert run(["say", "-v", str(out), "Good morning.", "-o", str(tmp_path / "a.wav")]) == 0
    assert run(["doctor", str(out)]) == 0
    assert run(["voices", "info", "heart"]) == 0
    assert "Apache-2.0" in capsys.readouterr().out


@pytest.mark.parametrize("name", registry().names("pretrained_voice"))
def test_each_says_what_a_user_has_to_know(name):
    kind = registry().load("pretrained_voice", name)
    assert issubclass(kind, PretrainedVoice)
    assert kind.megabytes >= 0
    assert kind.sample_rate >= 8000


def test_parts_that_do_not_open_make_no_voice(tmp_path):
    (tmp_path / "empty").mkdir()
    tables = {
        "segmentation": {"plugin": "espeak"},
        "acoustic_model": {"plugin": "piper"},
        "vocoder": {"plugin": "world"},
    }
    with pytest.raises(VoiceError):
        compose(
            tmp_path / "voice",
            name="x",
            tables=tables,
            artefacts={"acoustic_model": tmp_path / "empty"},
            spec=FeatureSpec("waveform", 16000),
            sample_rate=16000,
            languages=("en",),
            phone_set="ipa",
            origin=Origin("x", "CC0", "x"),
        )
    assert not (tmp_path / "voice").exists()


@pytest.mark.parametrize(
    "command",
    [
        ["voices", "get", "heart"],
        ["build", "bundled-ru.toml"],
        ["convert", "-v", "heart", "clips", "-l", "en"],
    ],
)
def test_no_voice_takes_the_place_of_what_is_none(command, tmp_path, monkeypatch, capsys):
    """A folder that somebody keeps other things in lost them to the voice that was written there."""
    monkeypatch.chdir(tmp_path)
    assert run(["voices", "get", "heart", "-o", "heart"]) == 0
    (tmp_path / "bundled-ru.toml").write_text('[voice]\nname = "v"\ncorpus = "bundled-ru"\nlimit = 4\n')
    (tmp_path / "clips").mkdir()
    for clip in open_corpus("bundled-en").utterances[:2]:
        shutil.copy(clip.audio, tmp_path / "clips")
        (tmp_path / "clips" / f"{clip.audio.stem}.txt").write_text(clip.text, encoding="utf-8")
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.txt").write_text("years")
    capsys.readouterr()
    assert run([*command, "-o", str(mine)]) == 2
    told = capsys.readouterr().err
    assert "thesis.txt" in told and str(mine) in told and "Traceback" not in told
    assert [path.name for path in mine.iterdir()] == ["thesis.txt"]


def test_an_older_voice_is_replaced_and_notes_in_it_are_not(tmp_path, capsys):
    out = tmp_path / "heart"
    out.mkdir()
    (out / ".DS_Store").touch()
    assert run(["voices", "get", "heart", "-o", str(out)]) == 0
    (out / "acoustic_model" / "more").touch()
    assert run(["voices", "get", "heart", "-o", str(out)]) == 0 and run(["doctor", str(out)]) == 0
    (out / "manifest.json").write_text("{", encoding="utf-8")
    assert run(["voices", "get", "heart", "-o", str(out)]) == 0 and run(["doctor", str(out)]) == 0
    (out / "notes.txt").touch()
    assert run(["voices", "get", "heart", "-o", str(out)]) == 2
    assert (out / "notes.txt").exists() and "notes.txt" in capsys.readouterr().err


def test_recordings_are_told_from_voices_and_recipes(tmp_path, capsys):
    """Somebody has a folder of recordings with a table of texts, and tries what there is with either."""
    (tmp_path / "metadata.csv").write_text("000000_X|Доброе утро.\n", encoding="utf-8")
    assert run(["build", str(tmp_path / "metadata.csv"), "-o", str(tmp_path / "v")]) == 2
    assert "name the folder" in capsys.readouterr().err
    assert run(["say", "-v", str(tmp_path), "Да."]) == 2
    assert "`synthkit corpora check`" in capsys.readouterr().err
