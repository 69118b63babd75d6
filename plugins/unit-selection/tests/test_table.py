# SPDX-License-Identifier: Apache-2.0
"""Rows and sorted tables give what is in their files, and see damage."""

from __future__ import annotations

import numpy as np
import pytest
from synthkit_unit_selection.growing import Column, Growing, overwrite
from synthkit_unit_selection.table import TOP, Rows, Sorted, SortedTable, write_sorted

from synthkit.errors import VoiceError

ROW = np.dtype([("key", "<i8"), ("value", "<f4", (300,))])


@pytest.fixture
def array():
    rng = np.random.default_rng(0)
    out = np.zeros(500, ROW)
    out["key"] = np.sort(rng.integers(0, 100, len(out)))
    out["value"] = rng.standard_normal((len(out), 300))
    return out


def test_rows_and_their_followers(array, tmp_path):
    np.save(tmp_path / "a.npy", array)
    rows = Rows(tmp_path / "a.npy")
    wanted = np.array([7, 3, 4, 498, 200, 3, 260])
    block, at = rows.fetch(wanted)
    np.testing.assert_array_equal(block[at], array[wanted])
    np.testing.assert_array_equal(block[at + 1], array[wanted + 1])
    block, at = rows.fetch(wanted, array[100:103])
    np.testing.assert_array_equal(block[:3], array[100:103])
    np.testing.assert_array_equal(block[at], array[wanted])
    np.testing.assert_array_equal(block[at + 1], array[wanted + 1])
    block, at = rows.fetch(np.array([499]))
    np.testing.assert_array_equal(block[at], array[[499]])
    found = rows.spans(np.array([0, 250, 490]), 20)
    np.testing.assert_array_equal(found[:2], np.stack([array[:20], array[250:270]]))
    np.testing.assert_array_equal(found[2, :10], array[490:])
    assert not found[2, 10:]["key"].any()
    rows.close()


def test_reading_leaves_the_gaps_out(array, tmp_path):
    np.save(tmp_path / "a.npy", array)
    rows = Rows(tmp_path / "a.npy")
    assert len(rows.fetch(np.array([5, 400]))[0]) == 4
    assert rows.fetch(np.zeros(0, np.int64))[1].shape == (0,)


def test_keys_are_found_with_their_order(array, tmp_path):
    array["value"][:, 0] = np.arange(len(array))
    shuffled = array[np.random.default_rng(1).permutation(len(array))]
    write_sorted(tmp_path, "t", shuffled)
    opened = SortedTable(tmp_path, "t")
    keys = np.arange(-2, 103)
    rows, there = opened.find(keys, 8)
    for key, row, found in zip(keys, rows, there, strict=True):
        expected = shuffled[shuffled["key"] == key][:8]
        np.testing.assert_array_equal(row[found], expected)
    opened.close()


def test_a_key_repeated_over_many_strides(tmp_path):
    rows = np.zeros(5 * TOP, [("key", "<i8"), ("n", "<i4")])
    rows["key"][TOP // 2 :] = 7
    rows["key"][-3:] = 9
    rows["n"] = np.arange(len(rows))
    write_sorted(tmp_path, "t", rows)
    found, there = SortedTable(tmp_path, "t").find(np.array([0, 7, 8, 9]), 4)
    assert found["n"][there].tolist() == [
        0,
        1,
        2,
        3,
        *range(TOP // 2, TOP // 2 + 4),
        *range(5 * TOP - 3, 5 * TOP),
    ]


def test_an_empty_table_finds_nothing(tmp_path):
    write_sorted(tmp_path, "t", np.zeros(0, [("key", "<i8")]))
    assert not SortedTable(tmp_path, "t").find(np.array([0, 5]), 3)[1].any()


def test_a_file_cut_short_is_an_error(array, tmp_path):
    path = tmp_path / "a.npy"
    np.save(path, array)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(VoiceError, match="cut short"):
        Rows(path)
    with pytest.raises(VoiceError, match="No such file"):
        Rows(tmp_path / "none.npy")


def test_a_table_written_in_parts_is_the_same_file(tmp_path):
    rng = np.random.default_rng(0)
    rows = np.zeros(1000, [("key", "<i8"), ("n", "<i4")])
    rows["key"], rows["n"] = rng.integers(0, 200, 1000), np.arange(1000)
    write_sorted(tmp_path, "whole", rows)
    parts = Sorted.table(tmp_path, "parts", rows.dtype)
    for low in range(0, 200, 37):
        some = rows[(rows["key"] >= low) & (rows["key"] < low + 37)]
        parts.append(some["key"], some)
    parts.close()
    for end in ("", "-top"):
        whole, made = (tmp_path / f"{name}{end}.npy" for name in ("whole", "parts"))
        assert whole.read_bytes() == made.read_bytes()


def test_arrays_grow_and_come_back_in_blocks(tmp_path):
    rows = np.arange(60, dtype=np.float32).reshape(20, 3)
    with Growing(tmp_path / "a.npy", np.float32, (3,)) as out:
        for at in range(0, 20, 7):
            out.append(rows[at : at + 7])
    np.testing.assert_array_equal(np.load(tmp_path / "a.npy"), rows)
    column = Column(tmp_path / "c", np.float32, (3,))
    column.append(rows[:11])
    column.append(rows[11:])
    np.testing.assert_array_equal(np.concatenate(list(column.blocks(6))), rows)
    column.close()
    flat = Rows(tmp_path / "a.npy")
    flat.close()
    overwrite(tmp_path / "a.npy", flat.offset + 12, -rows[1:2])
    assert np.load(tmp_path / "a.npy")[:3, 1].tolist() == [1.0, -4.0, 7.0]
