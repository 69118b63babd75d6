# SPDX-License-Identifier: Apache-2.0
"""What a build keeps of its utterances: nothing of them is lost in a file, and little of them in memory."""

from __future__ import annotations

import os
import threading
import tracemalloc
from pathlib import Path

import pytest

from synthkit import compact
from synthkit.compact import Digests, Places
from synthkit.corpora import Corpus
from synthkit.corpora.checks import check
from synthkit.corpora.compared import middle_level, odd_level
from synthkit.errors import AlignmentError
from synthkit.pipeline import roll as module
from synthkit.pipeline.alignments import Alignments, write_alignments
from synthkit.pipeline.roll import Roll
from synthkit.types import Alignment, Interval, Utterance

ODD = Utterance(
    "ё 1",
    "Кто\tтам?\n«\ud800»",
    Path("/a/\udcff.wav"),
    "ru",
    "Ольга",
    Path("/a/b.lab"),
    0.1 + 0.2,
    1e-9,
    ("k", "t o"),
    {"emotion": "да"},
)
PLAIN = Utterance("b", "", Path("/a/b.wav"), "en")


def test_utterances_come_back_as_they_were() -> None:
    roll = Roll([ODD, PLAIN])
    assert list(roll) == [ODD, PLAIN]
    assert (len(roll), roll[1], roll[0:1]) == (2, PLAIN, [ODD])
    with pytest.raises(IndexError):
        roll[2]


def test_other_threads_and_forked_processes_read_them_too() -> None:
    many = [Utterance(str(n), "а" * (n % 97), Path(f"/{n}.wav"), "ru") for n in range(500)]
    roll = Roll(many)
    right: list[bool] = []
    threads = [threading.Thread(target=lambda: right.append(list(roll) == many)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert right == [True] * 4
    child = os.fork()
    if not child:
        os._exit(0 if list(roll) == many else 1)
    assert os.waitpid(child, 0)[1] == 0


def test_a_file_that_nobody_closed_is_given_back() -> None:
    def opened() -> int:
        return len(os.listdir("/proc/self/fd"))

    before = opened()
    for _ in range(3):
        Roll([PLAIN])
    closed = Roll([PLAIN])
    closed.close()
    closed.close()
    assert opened() == before


def test_an_utterance_takes_some_bytes_and_no_kilobyte() -> None:
    tracemalloc.start()
    roll = Roll(
        Utterance(f"{n:07}", "Слово " * 20, Path(f"/c/{n:07}.wav"), "ru", "s", Path(f"/c/{n:07}.lab"))
        for n in range(2000)
    )
    keys = Digests(2000, 20)
    places = Places(u.id for u in roll)
    for n in range(2000):
        keys[n] = f"{n:040x}"
    rooms = [tracemalloc.Filter(True, room.__file__) for room in (module, compact)]
    held = sum(line.size for line in tracemalloc.take_snapshot().filter_traces(rooms).statistics("lineno"))
    tracemalloc.stop()
    assert (len(roll), len(keys), len(places)) == (2000, 2000, 2000)
    assert 20 < held / 2000 < 80


def test_digests_are_kept_and_the_first_of_each_is_found() -> None:
    digests = Digests(4, 2)
    for number, digest in enumerate(["00ab", "ff00", "00ab", None]):
        digests[number] = digest
    assert [digests.get(n) for n in range(4)] == ["00ab", "ff00", "00ab", None]
    assert list(digests.first_of_each([2, 1, 0])) == [2, 1]
    assert list(digests.first_of_each([])) == []
    digests[0] = None
    with pytest.raises(KeyError):
        digests[0]


def test_ids_of_one_hash_are_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("synthkit.compact._key", lambda id: len(id))
    places = Places(["a", "bb", "c", "dd", "e"])
    assert list(places.of("x")) == [4, 2, 0]
    assert places.doubled() == [[0, 2, 4], [1, 3]]
    said = {id: Alignment(id, (Interval(0.0, 0.5, id),), (), 0.5) for id in ("a", "bb", "c")}
    write_alignments(tmp_path, [*said.items(), ("d", AlignmentError("no"))])
    found = Alignments(tmp_path)
    assert dict(found) == said
    assert {"d", "e"}.isdisjoint(found)
    with pytest.raises(KeyError):
        found.seconds("d")


def test_the_same_id_twice_is_found_and_ids_of_one_hash_are_not_blamed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("synthkit.compact._key", lambda id: len(id))
    utterances = [Utterance(id, "да", tmp_path / f"{n}.wav", "ru") for n, id in enumerate("abca")]
    told = check(Corpus("c", ("ru",), "", "", tmp_path, utterances))
    assert [f.id for f in told if "duplicate id: 2" in f.reason] == ["a", "a"]


def test_a_disk_without_room_is_the_machines_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    from synthkit.errors import MachineError

    def full(u: Utterance) -> bytes:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(module, "_line", full)
    with pytest.raises(MachineError):
        Roll([PLAIN])


def test_levels_are_compared_where_there_are_enough() -> None:
    nan, never = float("nan"), float("-inf")
    assert middle_level([-20.0, -30.0, nan]) is None
    middle = middle_level([-20.0, never, -30.0, -25.0, nan])
    assert middle == -25.0
    assert odd_level(-45.0, middle, 12.0) == "20 dB quieter than most"
    assert [odd_level(level, middle, 12.0) for level in (-30.0, nan, never)] == [None] * 3
    assert odd_level(-45.0, None, 12.0) is None
