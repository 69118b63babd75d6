# SPDX-License-Identifier: Apache-2.0
"""The corpora in the repository."""

import shutil

import pytest

from synthkit import audio
from synthkit.corpora import check, open_corpus, split
from synthkit.errors import CorpusError
from synthkit.labels import read_alignment


@pytest.mark.parametrize(
    ("name", "low", "high", "licence"),
    [("bundled-ru", 15, 20, "Shmyrev"), ("bundled-en", 5, 10, "CC-BY-SA-3.0")],
)
def test_size_licence_and_soundness(name, low, high, licence):
    corpus = open_corpus(name)
    minutes = sum(audio.info(u.audio)[1] / 16000 for u in corpus.utterances) / 60
    assert low <= minutes <= high
    assert licence in (corpus.root / "LICENCE.txt").read_text(encoding="utf-8")
    assert corpus.attribution
    assert check(corpus) == []
    assert {audio.info(u.audio)[0] for u in corpus.utterances} == {16000}


def test_russian_labels_belong_to_the_recordings():
    corpus = open_corpus("bundled-ru")
    for u in corpus.utterances:
        labels = read_alignment(u.labels)
        assert labels.symbols() == list(u.phones)
        assert labels.duration == pytest.approx(audio.read(u.audio).duration, abs=0.1)
    assert {"aa", "ee", "ii", "oo", "uu", "yy", "pau"} <= {p for u in corpus.utterances for p in u.phones}


def test_known_utterance():
    u = open_corpus("bundled-ru").get("ru_0002")
    assert u.text.startswith("Она завела, прядь волнистых вол+ос за ухо")
    assert u.phones[:6] == ("pau", "a", "n", "aa", "z", "ay")
    assert (u.speaker, u.language) == ("nsh", "ru")


def test_every_tenth_is_items_by_ten():
    corpus = open_corpus("bundled-ru")
    train, out = split(corpus, every=10)
    assert [u.id for u in out.utterances] == [u.id for u in corpus.utterances[::10]]
    assert not {u.id for u in train.utterances} & {u.id for u in out.utterances}
    assert len(train) + len(out) == len(corpus)


@pytest.mark.parametrize(("name", "whole"), [("bundled-ru", "msu-ru-nsh"), ("bundled-en", "asterisk-en")])
def test_where_only_wheels_are_installed_it_says_what_to_do(name, whole, monkeypatch, tmp_path):
    from synthkit.corpora import bundled, find_recipe

    monkeypatch.setattr(bundled, "SOURCE_TREE", tmp_path / "site-packages" / "corpora")
    monkeypatch.setenv("SYNTHKIT_DATA", str(tmp_path / "data"))
    for ask in (lambda: open_corpus(name), find_recipe(name).get):
        with pytest.raises(CorpusError) as missing:
            ask()
        assert missing.value.where == str(tmp_path / "data" / name)  # where one may put it
        assert f"synthkit corpora get {whole}" in missing.value.hint and find_recipe(whole).name == whole
        assert "own recordings" in missing.value.hint and "SYNTHKIT_DATA" in missing.value.hint
    monkeypatch.undo()
    shutil.copytree(open_corpus(name).root, tmp_path / "data" / name)
    monkeypatch.setenv("SYNTHKIT_DATA", str(tmp_path / "data"))
    assert open_corpus(name).root == tmp_path / "data" / name


def test_unknown_name_suggests(monkeypatch, tmp_path):
    with pytest.raises(CorpusError, match="bundled-ru"):
        open_corpus("bundled-rus")
    monkeypatch.setenv("SYNTHKIT_DATA", str(tmp_path))
    with pytest.raises(CorpusError, match="corpora get msu-ru-nsh"):
        open_corpus("msu-ru-nsh")
