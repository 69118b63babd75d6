# SPDX-License-Identifier: Apache-2.0
"""Which files an id may become, which a table may name, and what is read whole."""

from __future__ import annotations

import os
import resource
import shutil
from pathlib import Path

import pytest

from synthkit import audio
from synthkit.cli import run
from synthkit.corpora import open_corpus
from synthkit.errors import CorpusError
from synthkit.paths import PathError, input_path, json_of, output_path, read_bytes
from synthkit.types import Waveform


@pytest.mark.parametrize(
    "id",
    [
        "",
        " ",
        ".",
        "..",
        "../x",
        "/abs",
        "a/b",
        "a\\b",
        "a\x00b",
        "a\nb",
        "\udc80",
        "я" * 120,
        "x" * 300,
        "NUL",
        "con.1",
    ],
)
def test_an_id_that_is_no_plain_name_is_no_file(id, tmp_path):
    with pytest.raises(PathError):
        output_path(tmp_path, id, ".wav")


@pytest.mark.parametrize("id", ["a", "ru_0001", "Иван 2.5", "..a", "-", "я" * 100])
def test_an_id_is_a_file_in_the_folder(id, tmp_path):
    path = output_path(tmp_path, id, ".wav")
    audio.write(path, Waveform([0.0] * 10, 8000))
    assert path.parent == tmp_path
    assert os.listdir(tmp_path) == [f"{id}.wav"]


def test_a_link_in_an_outputs_place_is_replaced_not_followed(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "precious").write_text("precious")
    (tmp_path / "out" / "a.wav").symlink_to(tmp_path / "precious")
    audio.write(output_path(tmp_path / "out", "a", ".wav"), Waveform([0.0] * 10, 8000))
    assert (tmp_path / "precious").read_text() == "precious"


def test_a_table_names_only_what_lies_in_its_folder(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "secret").write_text("")
    (tmp_path / "in" / "link").symlink_to(tmp_path / "secret")
    (tmp_path / "in" / "inner").symlink_to(tmp_path / "in" / "x.wav")
    for name in ("../secret", str(tmp_path / "secret"), "link", "a/../../secret", "a\x00"):
        with pytest.raises(PathError):
            input_path(tmp_path / "in", name)
    for name in ("x.wav", "a/b.wav", "inner", str(tmp_path / "in" / "x.wav")):
        assert input_path(tmp_path / "in", name) == tmp_path / "in" / name


def test_what_is_no_file_or_too_long_is_not_read(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "long").write_bytes(b"x" * 100)
    for path in (tmp_path / "pipe", Path("/dev/zero"), tmp_path, tmp_path / "none", Path("a\x00b")):
        with pytest.raises(PathError):
            read_bytes(path)
    with pytest.raises(PathError, match="too large"):
        read_bytes(tmp_path / "long", limit=99)
    with pytest.raises(PathError, match="too large"):
        read_bytes(Path("/dev/zero"), limit=99, pipes=True)
    assert read_bytes(tmp_path / "long", limit=100) == b"x" * 100


@pytest.fixture
def stored(tmp_path) -> Path:
    """A stored corpus of two recordings whose table can be rewritten."""
    folder = tmp_path / "corpus"
    source = open_corpus("bundled-ru")
    shutil.copytree(source.root, folder, ignore=lambda _, names: [n for n in names if n.endswith(".toml")])
    lines = (folder / "utterances.tsv").read_text(encoding="utf-8").splitlines()
    (folder / "utterances.tsv").write_text("\n".join(lines[:3]) + "\n", encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("column", "value"),
    [
        (0, "../../x"),
        (0, "/x"),
        (0, "a\x00b"),
        (2, "../../x.flac"),
        (2, "/etc/passwd"),
        (5, "/etc/passwd"),
        (2, "a\x00b"),
    ],
)
def test_a_corpus_that_names_what_lies_outside_is_refused_by_its_line(
    stored, tmp_path, column, value, capsys
):
    table = stored / "utterances.tsv"
    lines = table.read_text(encoding="utf-8").splitlines()
    cells = lines[2].split("\t")
    cells[column] = value
    table.write_text("\n".join([*lines[:2], "\t".join(cells)]) + "\n", encoding="utf-8")
    with pytest.raises(CorpusError, match="line 3"):
        open_corpus(stored)
    before = sorted(tmp_path.rglob("*"))
    assert (
        run(["align", str(stored), "-o", str(tmp_path / "a" / "out"), "--set", "alignment.plugin=labels"])
        == 2
    )
    assert str(table) in capsys.readouterr().err
    assert sorted(tmp_path.rglob("*")) == before


def test_an_id_that_is_too_long_for_a_file_is_left_out_of_align(stored, tmp_path, capsys):
    table = stored / "utterances.tsv"
    lines = table.read_text(encoding="utf-8").splitlines()
    lines[2] = "x" * 300 + lines[2][lines[2].index("\t") :]
    table.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert run(["align", str(stored), "-o", str(tmp_path / "out"), "--set", "alignment.plugin=labels"]) == 1
    assert "too long" in capsys.readouterr().err
    assert len(os.listdir(tmp_path / "out")) == 1


def test_json_may_begin_with_a_mark_of_its_encoding():
    """As editors on Windows write it, into a voice's manifest too."""
    assert json_of('{"a": "б"}'.encode("utf-8-sig")) == {"a": "б"}


def test_a_file_beyond_its_limit_is_refused_unread(tmp_path):
    """It was read up to the limit, a mebibyte at a time, and all of it copied each time: minutes a GiB."""
    began = resource.getrusage(resource.RUSAGE_SELF)
    with (tmp_path / "huge").open("wb") as file:
        file.truncate(2 << 30)
    with pytest.raises(PathError, match="is too large"):
        read_bytes(tmp_path / "huge", limit=1 << 30)
    spent = resource.getrusage(resource.RUSAGE_SELF)
    assert spent.ru_utime + spent.ru_stime - began.ru_utime - began.ru_stime < 0.2
