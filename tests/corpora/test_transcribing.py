# SPDX-License-Identifier: Apache-2.0
"""Recordings without text: what a recogniser hears is their text, and is marked as that wherever it goes."""

from __future__ import annotations

import csv
import json
from dataclasses import replace

import numpy as np
import pytest
import soundfile

import synthkit as sk
from synthkit import audio
from synthkit.cli import run
from synthkit.corpora import check, open_corpus
from synthkit.corpora.export import export
from synthkit.corpora.heard import WRITTEN_BY
from synthkit.corpora.layouts.stored import save
from synthkit.corpora.transcribing import Heard, stretches, transcribe
from synthkit.errors import CorpusError, MissingDependency
from synthkit.eval import Definition, EvalSample, Metric
from synthkit.eval.hearing import Transcribes
from synthkit.plugins import registry
from synthkit.settings import Field, Settings

RATE = 16000


class EarSettings(Settings):
    """Which model."""

    model: str = Field(default="small", description="its name")


class Ear(Metric):
    """Hears how long a sound is, and nothing in quiet ones."""

    Config = EarSettings
    gives = (Definition("heard", "ear", "%", "lower", "Heard", "Nothing."),)

    def prepare(self) -> None:
        if self.config.model == "missing":
            raise MissingDependency("no such model", hint="--metric-set ear.model=NAME")

    def transcribe(self, sample: EvalSample) -> str:
        assert sample.language == "ru" and sample.text == ""
        loud = np.abs(sample.test.waveform.samples).max() > 0.05
        return f" слышно |  {round(sample.test.waveform.duration)} секунд " if loud else " … "

    def measure(self, sample: EvalSample) -> list:
        return []


@pytest.fixture
def ear():
    before = dict(registry().components)
    sk.register("metric", Ear, "ear")
    yield
    registry().components.clear()
    registry().components.update(before)


def tone(seconds: float, level: float = 0.3) -> np.ndarray:
    return level * np.sin(np.arange(int(seconds * RATE)) * 0.3)


@pytest.fixture
def clips(tmp_path):
    """Two clips of one name, a quiet one, a broken one, and one that is long."""
    folder = tmp_path / "clips"
    (folder / "b").mkdir(parents=True)
    soundfile.write(folder / "one.wav", tone(2.0), RATE)
    soundfile.write(folder / "b" / "one.flac", tone(3.0), RATE)
    soundfile.write(folder / "quiet.wav", tone(2.0, 0.001), RATE)
    (folder / "broken.wav").write_bytes(b"RIFF")
    parts = [p for k in range(8) for p in (tone(2.5), np.zeros(int((0.3 + 0.1 * (k % 3)) * RATE)))]
    noise = np.random.default_rng(0).standard_normal(sum(map(len, parts)))
    soundfile.write(folder / "long.wav", np.concatenate(parts) + 1e-4 * noise, RATE)
    return folder


def test_a_long_recording_is_cut_at_its_pauses_and_others_are_whole(clips):
    found = {s.id: s for s in stretches([clips], 2.0, 6.0)}
    assert {"one", "b_one", "quiet", "broken"} < set(found)
    assert all(found[id].start is None for id in ("one", "b_one", "quiet", "broken"))
    parts = [s for id, s in found.items() if id.startswith("long_")]
    assert len(parts) >= 4
    for s, after in zip(parts, [*parts[1:], None], strict=True):
        assert 2.0 < s.end - s.start < 6.5
        assert after is None or s.end <= after.start
    with pytest.raises(CorpusError, match="no recordings"):
        list(stretches([clips / "nothing"], 2.0, 6.0))
    again = clips / "b" / "one.flac"
    assert [s.id for s in stretches([clips / "one.wav", again], 2.0, 6.0)] == ["one", "one-2"]


def test_one_that_was_interrupted_goes_on(clips, tmp_path):
    out, kept = tmp_path / "out", tmp_path / ".out.heard.jsonl"
    asked: list[float] = []

    def hear(wave):
        if len(asked) == 3 and not kept.with_suffix(".again").exists():
            kept.with_suffix(".again").touch()
            raise KeyboardInterrupt
        asked.append(wave.duration)
        return f"слово {len(asked)}"

    def made(by="ear", language="ru"):
        return transcribe([clips], out, hear, by, language=language, speaker="ann")

    with pytest.raises(KeyboardInterrupt):
        made()
    assert len(asked) == 3 and not out.exists()
    kept.write_bytes(kept.read_bytes() + b'\n["torn')
    corpus = made()
    assert len(asked) == len(corpus) == len({u.text for u in corpus}), "each sound is heard once"
    assert not kept.exists() and sorted(p.name for p in tmp_path.iterdir()) == [
        ".out.heard.again", "clips", "out"
    ]  # fmt: skip


def test_what_another_has_heard_is_heard_anew(tmp_path):
    wave = sk.Waveform(tone(1.0).astype(np.float32), RATE)
    heard = Heard(tmp_path / "kept.jsonl", "ear ru")
    assert heard.text(wave, lambda w: " раз  два ") == "раз два"
    again, other = (Heard(tmp_path / "kept.jsonl", by) for by in ("ear ru", "ear en"))
    assert again.text(wave, lambda w: "три") == "раз два"
    assert other.text(wave, lambda w: "one") == "one"


def test_another_recogniser_is_refused_with_those_there_are(clips, ear, tmp_path, capsys):
    for name, said in (("nobody", "there is no recogniser 'nobody'"), ("pauses", "'pauses' hears no words")):
        asked = ["corpora", "transcribe", str(clips), "-o", str(tmp_path / "x"), "-l", "ru"]
        assert run([*asked, "--recogniser", name]) == 2
        told = capsys.readouterr().err
        assert said in told and "installed are" in told and "ear" in told.split("installed are")[1]


def test_a_file_that_is_not_there_is_said_first(tmp_path, capsys):
    assert run(["corpora", "cut", "nothere.wav", "nothere.txt", "-o", str(tmp_path / "x")]) == 2
    assert "nothere.wav: there is no such file" in capsys.readouterr().err


def test_what_was_heard_is_marked_in_table_attribution_licence_and_check(clips, ear, tmp_path, capsys):
    out = tmp_path / "mine"
    command = ["corpora", "transcribe", str(clips), "-o", str(out), "-l", "ru", "--recogniser", "ear"]
    assert run([*command, "--set", "model=big", "--licence", "CC0-1.0", "--speaker", "ann", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["by"] == "ear big" and told["texts"]["one"] == "слышно | 2 секунд"
    why = dict(told["left_out"])
    assert why["quiet"] == "ear big hears no words in it" and "broken" in why
    corpus = open_corpus(out)
    assert (corpus.licence, corpus.speakers) == ("CC0-1.0", ("ann",))
    assert {u.extra[WRITTEN_BY] for u in corpus} == {"ear big"}
    assert "recogniser (ear big), not by a person" in corpus.attribution
    assert (
        "recogniser (ear big)" in (out / "LICENCE.txt").read_text()
        and "CC0-1.0" in (out / "LICENCE.txt").read_text()
    )
    assert (out / "metadata.csv").read_text(encoding="utf-8").count('"слышно | 2 секунд"') == 2
    assert audio.read(corpus["b_one"].audio).duration == pytest.approx(3.0)
    whole = [f for f in check(corpus) if f.id == ""]
    assert len(whole) == 1 and whole[0].severity == "warning"
    assert (
        f"{len(corpus)} of {len(corpus)} utterances are what a recogniser (ear big) heard" in whole[0].reason
    )
    export(corpus, tmp_path / "out", "ljspeech")
    assert "recogniser (ear big)" in (tmp_path / "out" / "LICENCE.txt").read_text()
    assert "recogniser" in json.loads((tmp_path / "out" / "about.json").read_text())["attribution"]
    assert run(command) == 2
    assert "is there already" in capsys.readouterr().err


def test_a_text_that_somebody_has_read_is_a_text(clips, tmp_path):
    out = tmp_path / "mine"
    transcribe([clips / "one.wav", clips / "b"], out, lambda wave: "слова", "ear", language="ru", speaker="x")
    table = out / "utterances.tsv"
    rows = list(csv.reader(table.open(encoding="utf-8"), delimiter="\t"))
    column = rows[0].index(f"extra.{WRITTEN_BY}")
    rows[1][column] = ""
    table.write_text("".join("\t".join(row) + "\n" for row in rows), encoding="utf-8")
    (flaw,) = [f for f in check(open_corpus(out)) if f.id == ""]
    assert "1 of 2 utterances" in flaw.reason
    corpus = open_corpus(out)
    save(replace(corpus, utterances=[replace(u, extra={}) for u in corpus]), out)
    assert [f for f in check(open_corpus(out)) if f.id == ""] == []


def test_where_nothing_is_heard_nothing_is_left(clips, tmp_path):
    with pytest.raises(CorpusError, match="no words are heard in any recording: ear hears no words in it"):
        transcribe([clips / "one.wav"], tmp_path / "x", lambda wave: " ", "ear", language="ru", speaker="x")
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize(
    ("more", "code", "message"),
    [
        (["--recogniser", "mcd"], 2, "no recogniser 'mcd'"),
        (["--recogniser", "spectral"], 2, "'spectral' hears no words"),
        (["--recogniser", "ear", "--set", "modle=x"], 2, "did you mean 'model'"),
        (["--recogniser", "ear", "--set", "model"], 2, "is not KEY=VALUE"),
        (["--recogniser", "ear", "--set", "model=missing"], 3, "--set model=NAME"),
        (["--shortest", "5", "--longest", "6"], 2, "leaves no choice"),
    ],
)
def test_what_cannot_hear_is_told(clips, ear, tmp_path, capsys, more, code, message):
    command = ["corpora", "transcribe", str(clips), "-o", str(tmp_path / "x"), "-l", "ru", *more]
    assert run(command) == code
    assert message in capsys.readouterr().err


def test_a_plugin_that_is_missing_is_named(clips, ear, tmp_path, capsys):
    registry().components.pop(("metric", "whisper"), None)
    assert run(["corpora", "transcribe", str(clips), "-o", str(tmp_path / "x"), "-l", "ru"]) == 3
    said = capsys.readouterr().err
    assert "the plugin synthkit-asr, which is not installed" in said and "synthkit-speech[asr]" in said


def test_the_recognisers_hear_words():
    for name in ("whisper", "onnx-asr"):
        if ("metric", name) in registry().components:
            assert issubclass(registry().load("metric", name), Transcribes)
    assert isinstance(Ear(), Transcribes)
