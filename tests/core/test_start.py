# SPDX-License-Identifier: Apache-2.0
"""From a folder of recordings to a voice that speaks, in two commands."""

from __future__ import annotations

import json
import shutil
import tomllib
from pathlib import Path

import pytest

from synthkit import audio
from synthkit.cli import run
from synthkit.corpora import open_corpus, prompting
from synthkit.corpora.language import guess
from synthkit.errors import CorpusError
from synthkit.pipeline.voice_folder import read_manifest
from synthkit.plugins import registry


@pytest.fixture
def mine(tmp_path, monkeypatch):
    """A folder of twelve clips with their texts, the current folder and the cache in a place of their own."""
    folder = tmp_path / "my voice"
    folder.mkdir()
    for u in open_corpus("bundled-en").utterances[:12]:
        shutil.copyfile(u.audio, folder / u.audio.name)
        (folder / f"{u.id}.txt").write_text(u.text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SYNTHKIT_CACHE", str(tmp_path / "cache"))
    return folder


def test_a_folder_becomes_a_voice_that_speaks_in_two_commands(mine, capsys):
    assert run(["build", "my voice/", "--workers", "1"]) == 0
    told = capsys.readouterr()
    assert run(["say", "-v", "voices/my-voice", "The number is busy.", "-o", "out.wav"]) == 0
    assert (mine.parent / "out.wav").stat().st_size > 20_000
    written = tomllib.loads((mine / "voice.toml").read_text(encoding="utf-8"))
    assert written["voice"] == {"name": "my-voice", "corpus": ".", "language": "en"}
    assert "guessed" in told.err
    assert "min in 12 utterances, 0 left out" in told.err
    assert "record next" in told.err
    page = (mine.parent / "voices/my-voice.sheet.html").read_text(encoding="utf-8")
    assert "Record next" in page
    assert "http" not in page  # nothing is fetched


@pytest.fixture
def of_two_rates(mine):
    """Five of the clips are at 22050 Hz, seven at 16000 Hz."""
    for path in sorted(mine.glob("*.flac"))[:5]:
        audio.write(path, audio.read(path, 22050))
    return mine


def told_and_built(folder, capsys):
    """What check says is left out for its rate, and what a build leaves out; and the rate of the voice."""
    capsys.readouterr()
    run(["corpora", "check", str(folder), "-l", "en", "--no-speakers", "--json"])
    told = capsys.readouterr()
    findings = json.loads(told.out)["findings"]
    assert run(["build", str(folder), "-o", "v", "--workers", "1", "--json"]) == 0
    left = json.loads(capsys.readouterr().out)["left_out"]
    rate = read_manifest(Path("v"))["sample_rate"]
    return (
        {f["id"]: f["reason"] for f in findings if f["severity"] == "error"},
        {id: reason.removeprefix("corpus: ") for id, reason in left},
        rate,
        told.err,
    )


def test_check_says_that_a_bare_folder_is_resampled_as_its_build_does(of_two_rates, capsys):
    told, left, rate, said = told_and_built(of_two_rates, capsys)
    assert told == left == {}
    assert rate == 16000
    assert "recordings are at 16000 Hz, 22050 Hz: 16000 taken" in said


def test_check_says_what_a_build_that_is_told_no_rate_leaves_out(of_two_rates, capsys):
    assert run(["init", str(of_two_rates)]) == 0
    path = of_two_rates / "voice.toml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("sample_rate", "# sample_rate"), encoding="utf-8"
    )
    told, left, rate, _ = told_and_built(of_two_rates, capsys)
    assert told == left
    assert len(told) == 5
    assert rate == 16000


def test_the_rate_of_a_corpus_is_found_before_its_texts_are_segmented(of_two_rates, capsys):
    """Three of the seven cannot be segmented: four against five, but a build has taken the rate by then."""
    assert run(["init", str(of_two_rates)]) == 0
    path = of_two_rates / "voice.toml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("sample_rate", "# sample_rate"), encoding="utf-8"
    )
    for each in sorted(of_two_rates.glob("*.txt"))[-3:]:
        each.write_text("{x①}", encoding="utf-8")
    told, left, rate, _ = told_and_built(of_two_rates, capsys)
    assert told.keys() == left.keys()
    assert len(told) == 8
    assert rate == 16000


def test_what_is_written_is_what_is_built_from(mine, capsys):
    assert run(["init", str(mine)]) == 0
    path = mine / "voice.toml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("# held_out = 10", "held_out = 4"), encoding="utf-8"
    )
    assert run(["init", str(mine)]) == 2
    assert "is there already" in capsys.readouterr().err
    assert run(["build", str(mine), "--workers", "1", "-o", "v"]) == 0
    told = capsys.readouterr()
    assert "9 utterances" in told.out
    assert "held_out: 3 of 12 utterances stay out, to judge by: " in told.err
    assert "min in 9 utterances, 0 left out, 3 held out to judge it by" in told.err


def test_labels_that_fit_are_used_and_others_are_told(tmp_path, capsys):
    ru = open_corpus("bundled-ru").utterances[:3]
    for u in ru:
        shutil.copyfile(u.audio, tmp_path / u.audio.name)
        shutil.copyfile(u.labels, tmp_path / u.labels.name)
        (tmp_path / f"{u.id}.txt").write_text(u.text, encoding="utf-8")
    assert run(["init", str(tmp_path)]) == 0
    path = tmp_path / "voice.toml"
    written = tomllib.loads(path.read_text(encoding="utf-8"))
    assert (written["voice"]["language"], written["alignment"]["plugin"]) == ("ru", "labels")
    path.unlink()
    a, b = ru[0].labels, ru[1].labels
    shutil.copyfile(a, tmp_path / b.name)
    shutil.copyfile(b, tmp_path / a.name)
    capsys.readouterr()
    assert run(["init", str(tmp_path)]) == 0
    assert tomllib.loads(path.read_text(encoding="utf-8"))["alignment"]["plugin"] == "hmm"
    assert "they are not used" in capsys.readouterr().err


def test_a_voice_is_not_built_again_and_a_language_is_not_made_up(mine, tmp_path, capsys):
    voice = tmp_path / "v"
    voice.mkdir()
    (voice / "manifest.json").write_text("{}")
    assert run(["build", str(voice)]) == 2
    assert "is a built voice" in capsys.readouterr().err
    for path in mine.glob("*.txt"):
        path.write_text("xyzzy plugh")
    assert run(["build", str(mine)]) == 2
    assert "--language" in capsys.readouterr().err
    assert not (mine / "voice.toml").exists()


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Съешь ещё этих мягких французских булок", "ru"),
        ("Їжак їсть яблука і грається в саду", "uk"),
        ("All circuits are busy now. Please try your call again in a minute.", "en"),
        ("Der Teilnehmer ist nicht da, und die Leitung ist besetzt.", "de"),
        ("Toutes les lignes sont occupées, et la personne est au bureau.", "fr"),
        ("xyzzy plugh", None),
        ("да", None),
        ("1 2 3", None),
    ],
)
def test_a_language_is_told_by_letters_and_common_words(text, language):
    assert guess([text]) == language


def test_sentences_are_ordered_by_what_they_add():
    segmenter = registry().load("segmentation", "text")()
    for language in prompting.languages():
        texts = prompting.sentences(language)
        assert len(texts) >= 100
        found = prompting.segmented(texts, segmenter, language)
        assert len(found) == len(texts)
        units = {text: prompting.diphones(s) for text, s in found.items()}
        common = prompting.ordinary(list(found.values()))
        order = list(prompting.greedy(units, weights=common))
        assert sorted(order) == sorted(texts)

        def share(some, units=units, common=common):
            return prompting.coverage({d for t in some for d in units[t]}, common).share

        assert share(order[:40]) > share(texts[:40]) + 0.05
        assert share(order) == 1.0
    with pytest.raises(CorpusError, match="no sentences"):
        prompting.sentences("xx")
