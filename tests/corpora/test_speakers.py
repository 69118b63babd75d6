# SPDX-License-Identifier: Apache-2.0
"""Recordings in which another person speaks are warned of by file; a speaker's own are not."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest

from synthkit.cli import run
from synthkit.corpora import open_corpus, speakers
from synthkit.corpora.speakers import check_speakers, strangers, usable_encoder
from synthkit.errors import PluginError
from synthkit.types import Waveform


def person(seed: int, count: int, spread: float = 0.3) -> np.ndarray:
    """Embeddings of one person: around a direction of their own."""
    draw = np.random.default_rng(seed)
    direction = draw.standard_normal(64)
    direction /= np.linalg.norm(direction)
    return direction + spread / 8 * draw.standard_normal((count, 64))


@pytest.mark.parametrize("guests", [1, 3, 9, 18])
def test_who_is_unlike_the_others_is_found(guests):
    found = strangers(np.concatenate([person(1, 20), person(2, guests)]))
    assert sorted(found) == list(range(20, 20 + guests))
    assert all(cosine < usual - 0.15 for cosine, usual in found.values())


def test_one_person_is_one_and_of_few_recordings_nothing_is_said():
    for seed in range(20):
        assert strangers(person(seed, 40)) == {}
        assert strangers(person(seed, 40, spread=0.5)) == {}  # who sounds now so, now so
    assert strangers(np.concatenate([person(1, 6), person(2, 1)])) == {}


class Level:
    """An encoder that knows people by how loud they are."""

    def embed(self, wave: Waveform) -> np.ndarray:
        return np.array([1.0, 0.0]) if np.abs(wave.samples).max() > 0.1 else np.array([0.0, 1.0])


def test_speakers_are_compared_with_their_own_and_short_ones_with_nobody(make):
    make.wav(*(f"a{k}" for k in range(10)), seconds=2.0)
    make.wav(*(f"b{k}" for k in range(10)), seconds=2.0, level=0.01)
    make.wav("short", seconds=1.0, level=0.01)
    for path in sorted(make.root.glob("*.wav")):
        make.text(f"{path.stem}.txt", "some words")
    corpus = open_corpus(make.root, "en")
    own = [replace(u, speaker=u.id[0].replace("s", "a")) for u in corpus]
    assert check_speakers(replace(corpus, utterances=own), Level()) == []
    own = [replace(u, speaker="b") if u.id == "a3" else u for u in own]
    (flaw,) = check_speakers(replace(corpus, utterances=own), Level())
    assert (flaw.id, flaw.severity, flaw.file) == ("a3", "warning", str(corpus["a3"].audio))
    assert "sounds like another speaker than 'b'" in flaw.reason


@pytest.fixture
def mixed(tmp_path):
    """Twelve recordings of a man, and two of a woman."""
    folder = tmp_path / "mixed"
    folder.mkdir()
    own = open_corpus("bundled-ru").utterances[:12]
    guests = [u for u in open_corpus("bundled-en").utterances if len(u.text) > 60][:2]
    for u in [*own, *guests]:
        shutil.copy(u.audio, folder / f"{u.id}.flac")
        (folder / f"{u.id}.txt").write_text("Слова, которые сказаны.", encoding="utf-8")
    return folder, [u.id for u in guests]


def test_check_lists_them_by_file(mixed, capsys):
    pytest.importorskip("resemblyzer")
    pytest.importorskip("webrtcvad")
    folder, guests = mixed
    command = ["corpora", "check", str(folder), "-l", "ru", "--encoder", "resemblyzer", "--json"]
    assert run(command) == 0  # a build would use them: they are warnings
    told = json.loads(capsys.readouterr().out)["findings"]
    other = [f for f in told if "another speaker" in f["reason"]]
    assert sorted(f["id"] for f in other) == sorted(guests)
    assert all(f["file"].endswith(f"{f['id']}.flac") and f["severity"] == "warning" for f in other)


def test_where_nobody_can_compare_them_it_says_so(mixed, capsys, monkeypatch):
    folder, _ = mixed
    monkeypatch.setattr(speakers, "usable_encoder", lambda name: None)
    assert run(["corpora", "check", str(folder), "-l", "ru"]) == 0
    assert "speakers are not compared" in capsys.readouterr().err
    assert run(["corpora", "check", str(folder), "-l", "ru", "--no-speakers"]) == 0
    assert "compared" not in capsys.readouterr().err
    assert run(["corpora", "check", str(folder), "-l", "ru", "--speakers"]) == 3
    assert "synthkit-speech[speaker]" in capsys.readouterr().err
    monkeypatch.undo()
    with pytest.raises(PluginError, match="no speaker encoder named 'resemblizer'"):
        usable_encoder("resemblizer")
