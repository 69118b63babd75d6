# SPDX-License-Identifier: Apache-2.0
"""``synthkit align`` with real recordings: a corpus, and new recordings with a built voice's aligner."""

import json
from pathlib import Path

import numpy as np
import pytest

from synthkit.cli import run
from synthkit.corpora import open_corpus
from synthkit.labels import read_alignment

VOICE = """
[voice]
name = "small"
corpus = "bundled-ru"
limit = 24
[alignment]
plugin = "hmm"
mixtures = 4
flat_passes = 10
fine_mixtures = 4
"""


@pytest.fixture(scope="module")
def voice(tmp_path_factory):
    folder = tmp_path_factory.mktemp("small")
    (folder / "small.toml").write_text(VOICE, encoding="utf-8")
    assert run(["build", str(folder / "small.toml"), "-o", str(folder / "voice"), "-j", "1"]) == 0
    return folder / "voice"


@pytest.fixture(scope="module")
def new():
    """A recording that the voice has not heard."""
    return open_corpus("bundled-ru").utterances[30]


def aligned(voice, utterance, text, out, capsys, *more):
    capsys.readouterr()
    code = run(
        ["align", str(utterance.audio), "--text", text, "-v", str(voice), "-o", str(out), "--json", *more]
    )
    report = json.loads(capsys.readouterr().out)
    return code, report, read_alignment(Path(out) / f"{utterance.audio.stem}.TextGrid")


def test_a_new_recording_is_aligned_by_a_built_voice(voice, new, tmp_path, capsys):
    code, report, found = aligned(voice, new, new.text, tmp_path, capsys)
    assert code == 0
    assert report["aligned"] == [new.audio.stem]
    truth = read_alignment(new.labels)
    # The words' phones differ little from the labels'; most edges of ours have one of theirs beside them.
    theirs = np.array([p.start for p in truth.phones])
    near = [np.abs(theirs - p.start).min() <= 0.03 for p in found.phones]
    assert np.mean(near) > 0.85
    assert found.duration == pytest.approx(truth.duration, abs=0.05)


def test_a_word_that_no_lexicon_has_is_spelt_out_and_aligned(voice, new, tmp_path, capsys):
    _, _, usual = aligned(voice, new, new.text, tmp_path / "a", capsys)
    word = max(new.text.split(), key=len).strip(",.!?")
    strange = word.replace("+", "").replace("о", "оо", 1) + "ъъъ"
    text = new.text.replace(word, strange)
    assert text != new.text
    code, report, found = aligned(voice, new, text, tmp_path / "b", capsys)
    assert code == 0, report["left_out"]
    assert len(found.words) == len(usual.words)
    for a, b in zip(found.words, usual.words, strict=True):
        assert abs(a.start - b.start) < 0.06


def test_words_that_nobody_said_are_flagged(voice, new, tmp_path, capsys):
    code, report, _ = aligned(voice, new, new.text, tmp_path / "a", capsys)
    few = len(report["implausible"].get(new.audio.stem, []))
    wrong = new.text.rstrip(". ") + " восемнадцать тысяч неизвестных слов."
    code, report, _ = aligned(voice, new, wrong, tmp_path / "b", capsys)
    assert code == 0
    assert len(report["implausible"][new.audio.stem]) >= few + 3


def test_a_corpus_is_written_in_every_format(tmp_path, capsys):
    arguments = ["align", "bundled-ru", "--limit", "3", "--set", "alignment.plugin=labels", "-j", "1"]
    corpus = open_corpus("bundled-ru").utterances[:3]
    for form, suffix in (("textgrid", ".TextGrid"), ("festvox", ".lab"), ("htk", ".lab"), ("ctm", ".ctm")):
        assert run([*arguments, "-o", str(tmp_path / form), "--format", form]) == 0
        for utterance in corpus:
            found = read_alignment(tmp_path / form / f"{utterance.id}{suffix}")
            truth = read_alignment(utterance.labels)
            assert [p.label for p in found.phones] == [p.label for p in truth.phones]
            assert [p.start for p in found.phones] == pytest.approx([p.start for p in truth.phones], abs=2e-3)
    assert "3 utterances aligned, 0 left out" in capsys.readouterr().out


def test_what_is_left_out_is_listed_and_the_rest_goes_on(tmp_path, capsys):
    corpus = tmp_path / "own"
    corpus.mkdir()
    good = open_corpus("bundled-ru").utterances[:2]
    for utterance in good:
        (corpus / utterance.audio.name).write_bytes(utterance.audio.read_bytes())
        (corpus / f"{utterance.id}.txt").write_text(utterance.text, encoding="utf-8")
    (corpus / "bad.wav").write_bytes(b"RIFF no audio")
    (corpus / "bad.txt").write_text("Мама мыла раму.", encoding="utf-8")
    options = ["alignment.mixtures=1", "alignment.flat_passes=2", "alignment.fine_mixtures=1"]
    arguments = [x for option in options for x in ("--set", option)]
    out = tmp_path / "out"
    assert run(["align", str(corpus), "-l", "ru", "-o", str(out), "-j", "1", "--json", *arguments]) == 1
    report = json.loads(capsys.readouterr().out)
    assert report["aligned"] == [u.id for u in good]
    assert [id_ for id_, _ in report["left_out"]] == ["bad"]
    assert sorted(p.stem for p in out.iterdir()) == [u.id for u in good]


def test_mistakes_are_said(new, tmp_path, capsys):
    assert run(["align", str(new.audio), "-o", str(tmp_path)]) == 2
    assert "--text" in capsys.readouterr().err
    assert run(["align", str(new.audio), "--text", "раз", "-o", str(tmp_path)]) == 2
    assert "--voice" in capsys.readouterr().err
    assert run(["align", "bundled-ru", "-o", str(tmp_path), "--set", "alignment.pluginn=hmm"]) == 2
    assert "plugin" in capsys.readouterr().err
