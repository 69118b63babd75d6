# SPDX-License-Identifier: Apache-2.0
"""What keeps a corpus out of memory: alignments by offset, sequences made when asked for, keys of streams;
and files that a shared disk shows late."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest

from synthkit.atomic import arrived
from synthkit.cli.common import JsonRows, print_json
from synthkit.cli.say import _lines
from synthkit.errors import AlignmentError, MachineError, VoiceError
from synthkit.pipeline.alignments import LINES, ONE_FILE, Alignments, read_alignments, write_alignments
from synthkit.pipeline.cache import key
from synthkit.pipeline.lazily import Made
from synthkit.types import Alignment, Interval


def alignment(id: str, *flags: tuple[int, str]) -> Alignment:
    return Alignment(id, (Interval(0.0, 0.25, "а", -1.5), Interval(0.25, 0.5, "б")), (), 0.5, flags)


def test_alignments_come_back_one_by_one(tmp_path: Path) -> None:
    good = {id: alignment(id, *flags) for id, flags in {"ё 1": (), "b": ((1, "long"),), "a": ()}.items()}
    write_alignments(tmp_path, [*good.items(), ("bad", AlignmentError("too short", where="bad"))])
    found = Alignments(tmp_path)
    assert dict(found) == good
    assert list(found) == list(good)
    assert found.failures == {"bad": "too short"}
    assert found.flagged() == ["b"]
    assert found.seconds("a") == 0.5
    assert "bad" not in found


def test_alignments_of_the_format_before_are_read(tmp_path: Path) -> None:
    rows = {"alignments": {"a": alignment("a").to_dict()}, "failures": {"b": "no"}}
    (tmp_path / ONE_FILE).write_text(json.dumps(rows), encoding="utf-8")
    found, failures = read_alignments(tmp_path)
    assert (dict(found), failures) == ({"a": alignment("a")}, {"b": "no"})


def test_a_damaged_line_is_named(tmp_path: Path) -> None:
    write_alignments(tmp_path, [("a", alignment("a")), ("b", alignment("b"))])
    data = (tmp_path / LINES).read_bytes()
    (tmp_path / LINES).write_bytes(data.replace(b"{", b"[", 1))
    found = Alignments(tmp_path)
    assert found["b"] == alignment("b")
    with pytest.raises(VoiceError, match="damaged at byte 0"):
        found["a"]


def test_a_sequence_makes_what_is_asked_for_and_no_more() -> None:
    made: list[int] = []
    squares = Made(range(5), lambda n: made.append(n) or n * n)
    assert len(squares) == 5
    assert squares[-1] == 16
    assert list(squares[1:3]) == [1, 4]
    assert made == [4, 1, 2]


def test_the_key_of_a_stream_is_that_of_its_list() -> None:
    rows = [["a", 1], [], {"b": None, "a": "ё"}]
    assert key("x", iter(rows), 2) == key("x", rows, 2)
    assert key(iter(())) == key([])
    assert key() != key([])


def test_a_file_that_appears_late_is_waited_for(tmp_path: Path) -> None:
    late = tmp_path / "late"
    timer = threading.Timer(0.3, late.touch)
    timer.start()
    assert arrived(late) == late
    timer.join()


def test_a_file_that_does_not_appear_is_a_fault_of_the_machine(tmp_path: Path) -> None:
    with pytest.raises(MachineError, match="has not appeared here"):
        arrived(tmp_path / "never", lag=0.1)


def test_rows_are_shown_as_one_list(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [{"text": "ё", "spent": {"a": 1.5}}, [], "x\udcff"]
    for count in range(4):
        with JsonRows() as shown:
            for row in rows[:count]:
                shown.append(row)
            shown.show()
        out = capsys.readouterr().out
        if count < 3:
            print_json(rows[:count])
            assert out == capsys.readouterr().out
        assert json.loads(out) == rows[:count]


def test_lines_of_a_batch_are_cut_out_one_by_one() -> None:
    data = "\ufeffодин\n\n  \r\nдва \nтри".encode()
    assert [(n, line.decode()) for n, line in _lines(data)] == [(1, "один"), (4, "два"), (5, "три")]
    assert list(_lines(b"")) == list(_lines(b"\n \n")) == []
