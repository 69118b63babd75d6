# SPDX-License-Identifier: Apache-2.0
"""Corpora of any length, made of those there are as they are read."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from synthkit import audio
from synthkit.cli import run
from synthkit.corpora import open_corpus
from synthkit.corpora.varying import vary
from synthkit.errors import AudioError, CorpusError
from synthkit.labels import read_alignment
from synthkit.types import Waveform
from synthkit.varied import read_take


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("varied") / "corpus"
    vary([open_corpus("bundled-ru")], folder, hours=0.02, seed=1)
    return folder


def test_it_is_as_long_as_asked_and_no_two_are_alike(made: Path) -> None:
    corpus = open_corpus(made)
    takes = [read_take(u.audio) for u in corpus.utterances]
    seconds = sum(t.samples / t.rate for t in takes)
    assert 72 <= seconds <= 72 + max(t.samples / t.rate for t in takes)
    assert len({(t.source, t.speed, t.pitch, t.gain_db) for t in takes}) == len(takes)
    assert sum(p.stat().st_size for p in (made / "takes").iterdir()) < 1000 * len(takes)


def test_a_seed_gives_the_same_corpus_and_another_another(made: Path, tmp_path: Path) -> None:
    def table(seed: int) -> str:
        vary([open_corpus("bundled-ru")], tmp_path / str(seed), hours=0.005, seed=seed)
        return (tmp_path / str(seed) / "takes" / "0000000.varied").read_text()

    one = table(1)
    assert one == (made / "takes" / "0000000.varied").read_text()
    assert table(2) != one


def test_a_recording_is_what_its_header_says_at_its_speed_pitch_and_level(tmp_path: Path) -> None:
    rate = 16000
    tone = 0.5 * np.sin(2 * np.pi * 200 * np.arange(2 * rate) / rate)
    (tmp_path / "sources").mkdir()
    (tmp_path / "takes").mkdir()
    audio.write(tmp_path / "sources" / "a.wav", Waveform(tone.astype(np.float32), rate))
    take = {"source": "sources/a.wav", "labels": "", "rate": rate, "samples": round(2 * rate / 1.1)}
    path = tmp_path / "takes" / "a.varied"
    path.write_text(json.dumps({**take, "speed": 1.1, "pitch": 44, "gain_db": -6.0}))
    heard = audio.read(path)
    assert audio.info(path) == (rate, len(heard.samples), 1)
    middle = heard.samples[4000:20000]
    peak = np.argmax(np.abs(np.fft.rfft(middle * np.hanning(len(middle))))) * rate / len(middle)
    assert peak == pytest.approx(220, abs=2)
    assert np.sqrt(2 * np.mean(middle**2)) == pytest.approx(0.25, rel=0.1)
    assert audio.read(path, start=0.5, end=0.6).samples.tolist() == heard.samples[8000:9600].tolist()


def test_labels_keep_pace(made: Path) -> None:
    u = open_corpus(made).utterances[0]
    take = read_take(u.audio)
    assert u.labels is not None
    own, source = read_alignment(u.labels), read_alignment(made / take.labels)
    assert own.symbols() == source.symbols()
    assert own.phones[3].start == pytest.approx(source.phones[3].start / take.speed)
    assert own.duration <= take.samples / take.rate + 0.1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"source": "../../etc/hostname"}, "outside"),
        ({"source": "takes/a.varied"}, "made of another"),
        ({"speed": 1e9}, "out of range"),
        ({"pitch": "high"}, "a number is none"),
        ({"samples": 7}, "not as it was"),
        ({"more": 1}, "nothing that can be done"),
    ],
)
def test_what_cannot_be_done_is_said(
    made: Path, tmp_path: Path, change: dict[str, object], said: str
) -> None:
    known = json.loads((made / "takes" / "0000000.varied").read_text())
    path = made / "takes" / "odd.varied"
    path.write_text(json.dumps(known | change))
    try:
        with pytest.raises(AudioError, match=said):
            audio.read(path)
    finally:
        path.unlink()


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = str(tmp_path / "c")
    assert run(["corpora", "vary", "bundled-en", "--hours", "0.003", "-o", out]) == 0
    assert run(["corpora", "check", out, "--no-segment"]) == 0
    assert run(["corpora", "vary", "bundled-en", "--hours", "0.003", "-o", out]) == 2
    assert "is there already" in capsys.readouterr().err
    with pytest.raises(CorpusError, match="hours is none"):
        vary([open_corpus("bundled-en")], tmp_path / "d", hours=float("nan"))
