# SPDX-License-Identifier: Apache-2.0
"""``synthkit corpora`` as a user runs it."""

import json

import pytest

from synthkit.cli import checking, run


@pytest.fixture
def synthkit(capsys):
    def call(*arguments):
        code = run(["corpora", *map(str, arguments)])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call


@pytest.fixture
def folder(make):
    make.wav("one", "two", "three", seconds=1.0)
    for name in ("one", "two", "three"):
        make.text(f"{name}.txt", "some words")
    return make.root


def test_list_names_everything(synthkit):
    code, out, _ = synthkit("list", "--json")
    rows = {row["name"]: row for row in json.loads(out)}
    assert code == 0
    assert {"msu-ru-nsh", "bundled-ru", "bundled-en", "asterisk-it"} <= set(rows)
    assert rows["bundled-ru"]["available"] is True
    assert rows["asterisk-en"]["licence"] == "CC-BY-SA-3.0"
    assert "bundled-en" in synthkit("list")[1]


def test_check_of_a_good_corpus(synthkit, folder):
    code, out, err = synthkit("check", folder, "--language", "en")
    assert (code, out) == (0, "")
    assert "3 utterances, 0 to be left out" in err


def test_check_lists_what_is_bad_and_says_so_by_its_code(synthkit, folder):
    (folder / "two.wav").write_bytes(b"")
    code, out, _ = synthkit("check", folder, "-l", "en")
    assert code == 1
    assert out == f"error: two: {folder}/two.wav: the file is empty (0 bytes)\n"
    code, out, _ = synthkit("check", folder, "-l", "en", "--json")
    assert code == 1
    assert json.loads(out)["findings"][0]["id"] == "two"


def test_check_says_the_same_with_one_process_and_with_several(synthkit, folder):
    (folder / "two.wav").write_bytes(b"")
    (folder / "three.txt").write_text("...")
    told = [synthkit("check", folder, "-l", "en", "-j", workers, "--json")[:2] for workers in (1, 2)]
    assert told[0] == told[1]
    assert [f["id"] for f in json.loads(told[0][1])["findings"]] == ["three", "two"]


def test_check_starts_processes_where_it_pays(synthkit, folder, monkeypatch):
    used = []
    make = checking.make_executor
    monkeypatch.setattr(checking, "make_executor", lambda name, n: used.append(n) or make(name, n))
    synthkit("check", folder, "-l", "en")
    monkeypatch.setattr(checking, "FEW", 3)
    code, out, _ = synthkit("check", folder, "-l", "en")
    assert (code, out) == (0, "")
    assert used == [1, 0]


def test_check_refuses_an_executor_that_is_none(synthkit, folder):
    code, _, err = synthkit("check", folder, "-l", "en", "--executor", "nobody")
    assert code == 2
    assert "nobody" in err


@pytest.mark.parametrize("source", ["no-such-corpus", "/no/such/folder", "./nowhere"])
def test_unknown_corpus_is_a_message_not_a_traceback(synthkit, source):
    code, out, err = synthkit("check", source)
    assert (code, out) == (2, "")
    assert err.startswith("error: ")
    assert "Traceback" not in err


def test_language_must_be_told(synthkit, folder):
    code, _, err = synthkit("check", folder)
    assert code == 2
    assert "--language" in err


def test_split_prints_or_writes_the_parts(synthkit, folder, tmp_path):
    code, out, err = synthkit("split", folder, "-l", "en", "--every", 2)
    assert code == 0
    assert out == "train\tthree\nheld-out\tone\nheld-out\ttwo\n"
    parts = json.loads(synthkit("split", folder, "-l", "en", "--every", 2, "--json")[1])
    assert parts == {"train": ["three"], "held-out": ["one", "two"]}
    synthkit("split", folder, "-l", "en", "--every", 2, "--to", tmp_path / "parts")
    assert (tmp_path / "parts/held-out.txt").read_text() == "one\ntwo\n"
    assert "1 train, 2 held out" in err


def test_get_of_what_is_there_prints_the_folder(synthkit):
    code, out, err = synthkit("get", "bundled-ru")
    assert code == 0
    assert out.strip().endswith("corpora/bundled-ru")
    assert "comes with synthkit" in err


def test_get_fetches_nothing_when_one_name_is_wrong(synthkit, tmp_path, monkeypatch):
    monkeypatch.setenv("SYNTHKIT_DATA", str(tmp_path / "data"))
    code, out, err = synthkit("get", "asterisk-it", "astersk-fr", "--from", tmp_path)
    assert (code, out) == (2, "")
    assert "asterisk-fr" in err
    assert not (tmp_path / "data").exists()


def test_get_without_the_packages_says_which(synthkit, tmp_path, monkeypatch):
    monkeypatch.setenv("SYNTHKIT_DATA", str(tmp_path / "data"))
    code, _, err = synthkit("get", "asterisk-it", "--from", tmp_path)
    assert code == 2
    assert "asterisk-core-sounds-it_*.deb" in err


ODD = ("a\nb", "c\x1b[31md", "e\u202ef", "g\x9bh")
"""Names that a terminal obeys, or that end a line."""


def test_what_a_terminal_would_obey_in_a_file_name_is_spelt_out(make, synthkit):
    for name in ODD:
        make.text(f"{name}.txt", "some words")
        make.text(f"{name}.wav", "")
    make.text("x\ry.m4a", "")
    make.text("x\ry.txt", "some words")
    make.text("metadata\x1b[0m.txt", "no recording has it")
    make.wav("fine", seconds=1.0)
    make.text("fine.txt", "some words")
    code, out, _ = synthkit("check", make.root, "-l", "en")
    assert code == 1
    assert len(out.splitlines()) == len(ODD) + 2
    assert not [c for c in out if not c.isprintable() and c != "\n"]
    assert f"{make.root}/a\\nb.wav: the file is empty" in out
    assert "c\\x1b[31md.wav" in out
    assert "e\\u202ef.wav" in out
    findings = json.loads(synthkit("check", make.root, "-l", "en", "--json")[1])["findings"]
    assert f"{make.root}/a\nb.wav" in {f["file"] for f in findings}  # whole, for programs
    code, _, err = synthkit("check", make.root / "no\x1b[2J\nsuch", "-l", "en")
    assert code == 2
    assert "no\\x1b[2J\\nsuch" in err
    assert not [c for c in err if not c.isprintable() and c != "\n"]
