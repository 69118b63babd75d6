# SPDX-License-Identifier: Apache-2.0
"""Mistakes in what a user gives, each once a crash: every one is told by the file it is in."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from synthkit.cli import run

SYNTHKIT = str(Path(sys.executable).parent / "synthkit")
RECIPE = '[voice]\nname = "v"\ncorpus = "bundled-ru"\n'


@pytest.mark.parametrize(
    "more",
    [
        "[alignment]\nadapters = 1\n",
        "[vocoder]\nadapters = [1, 2]\n",
        "[vocoder]\nadapters = {}\n",
        "[vocoder]\nplugin = 3\n",
        f"[features]\nplugin = 'world'\nframe_period_ms = {'9' * 5000}\n",
        "[features]\nx = " + "[" * 3000 + "]" * 3000,
        "[features]\nframe_period_ms = nan\n",
        "[features]\nplugin = 'world'\nframe_period_ms = 1e-300\n",
        f"limit = {'9' * 30}\n",
        "[features]\nplugin = 'mel'\nn_fft = 1073741824\n",
        "[features]\nplugin = 'mel'\nn_mels = 100000000\n",
    ],
)
def test_a_recipe_that_is_none_is_named(more, tmp_path, capsys):
    path = tmp_path / "v.toml"
    path.write_text(RECIPE + more, encoding="utf-8")
    assert run(["build", str(path), "-o", str(tmp_path / "out")]) == 2
    assert str(path) in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("corpus", ["", "  ", "\\u0000", "a\\u0000b"])
def test_a_recipe_whose_corpus_is_no_name_is_named(corpus, tmp_path, capsys):
    path = tmp_path / "v.toml"
    path.write_text(RECIPE.replace("bundled-ru", corpus), encoding="utf-8")
    assert run(["build", str(path), "-o", str(tmp_path / "out")]) == 2
    assert f"{path} [voice]: corpus" in capsys.readouterr().err


def test_a_recipe_that_is_a_device_or_a_folder_is_named(tmp_path, capsys):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path, Path("/dev/zero"), Path("a\x00b")):
        assert run(["build", str(path), "-o", str(tmp_path / "out")]) == 2
        assert capsys.readouterr().err.startswith("error: ")


def ratings(cell: bytes) -> bytes:
    return b"listener,utterance,voice,score\na,u1,v," + cell + b"\nb,u1,v,3\n"


@pytest.mark.parametrize(
    "cell", [b"x" * 200_000, b'"' + b"4,\n" * 100_000, b"\xff", b"nan", b"\x00", b"9" * 5000]
)
def test_ratings_that_cannot_be_read_are_named(cell, tmp_path, capsys):
    path = tmp_path / "r.csv"
    path.write_bytes(ratings(cell))
    assert run(["listeners", str(path)]) == 2
    assert str(path) in capsys.readouterr().err


def test_ratings_with_a_column_twice_are_not_guessed_at(tmp_path, capsys):
    path = tmp_path / "r.csv"
    path.write_text("listener,listener,utterance,voice,score\na,b,u,v,3\n", encoding="utf-8")
    assert run(["listeners", str(path)]) == 2
    assert f"{path}: has 2 columns 'listener'" in capsys.readouterr().err


def test_parquet_whose_text_is_not_utf8_and_one_cut_short_are_named(tmp_path, capsys):
    pa = pytest.importorskip("pyarrow", reason="needs pyarrow: pip install pyarrow")
    import pyarrow.parquet as pq

    offsets, data = pa.py_buffer(np.array([0, 1, 2], np.int32)), pa.py_buffer(b"\x80b")
    bad = pa.Array.from_buffers(pa.string(), 2, [None, offsets, data])
    table = {"listener": bad, "utterance": ["u", "u"], "voice": ["v", "v"], "score": [3.0, 4.0]}
    pq.write_table(pa.table(table), tmp_path / "text.parquet")
    whole = (tmp_path / "text.parquet").read_bytes()
    (tmp_path / "cut.parquet").write_bytes(whole[:100] + whole[200:])
    for name in ("text.parquet", "cut.parquet"):
        assert run(["listeners", str(tmp_path / name)]) == 2
        assert name in capsys.readouterr().err
    for _ in range(4):  # some of the processes that read it with Arrow's threads were aborted at their end
        done = shell(f"{SYNTHKIT} listeners text.parquet", tmp_path)
        assert done.returncode == 2, done.stderr


@pytest.mark.parametrize("column", ["listener", "utterance", "voice", "score", "against", "role", "seconds"])
@pytest.mark.parametrize("value", [{"a": 1}, ["a"], b"a", True, datetime(2026, 1, 1)])
def test_parquet_whose_cells_are_neither_text_nor_numbers_is_named(column, value, tmp_path, capsys):
    pa = pytest.importorskip("pyarrow", reason="needs pyarrow: pip install pyarrow")
    import pyarrow.parquet as pq

    row = {"listener": "a", "utterance": "u", "voice": "v", "score": 3.0, column: value}
    pq.write_table(pa.Table.from_pylist([row]), tmp_path / "r.parquet")
    assert run(["listeners", str(tmp_path / "r.parquet")]) == 2
    assert f"r.parquet, row 1: the column {column!r} holds a " in capsys.readouterr().err


@pytest.mark.parametrize("text", ["{a①}", "{①}", "{a²}", "²", "①②", "7" * 100_001, "а" * 20_000])
@pytest.mark.parametrize("language", ["ru", "en"])
def test_a_text_that_cannot_be_spoken_is_told(text, language, capsys):
    assert run(["segment", "-l", language, text]) in (0, 2)
    assert "fault of synthkit" not in capsys.readouterr().err


def shell(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["bash", "-c", command], cwd=folder, capture_output=True, text=True, check=False)


def test_closed_streams_and_a_full_stdout(demo_voice, tmp_path):
    say = f"exec {SYNTHKIT} say -v {demo_voice} -o x.wav"
    closed = shell(f"{say} <&-", tmp_path)
    assert (closed.returncode, "empty" in closed.stderr) == (2, True)
    assert shell(f"{say} 'Раз.' >&- 2>&-", tmp_path).returncode == 0
    full = shell(f"{say} 'Раз.' > /dev/full", tmp_path)
    assert (full.returncode, "no space left" in full.stderr) == (2, True)
    few = shell(f"ulimit -n 14; {say} 'Раз.'", tmp_path)
    assert (few.returncode, "oo many" in few.stderr) == (2, True)
    assert "fault of synthkit" not in few.stderr


@pytest.mark.parametrize(("length", "code"), [(240, 0), (251, 0), (252, 2)])
def test_a_long_name_is_written_or_told(length, code, demo_voice, tmp_path, capsys):
    assert run(["say", "-v", str(demo_voice), "Раз.", "-o", str(tmp_path / ("x" * length + ".wav"))]) == code
    assert code == 0 or "too long" in capsys.readouterr().err
    assert len(os.listdir(tmp_path)) == (code == 0)
