# SPDX-License-Identifier: Apache-2.0
"""Which sentences a comparison speaks."""

import os

import pytest

from synthkit.corpora import Corpus
from synthkit.errors import ConfigError
from synthkit.eval.items import held_out_ids, text_items
from synthkit.eval.plan import read_pilot
from synthkit.types import Utterance


def test_texts_from_a_file(tmp_path):
    path = tmp_path / "t.txt"
    path.write_text("First.\n\nx2|Second.\n")
    assert [(i.id, i.text) for i in text_items(path, "en")] == [("line0001", "First."), ("x2", "Second.")]


def test_split_rules(tmp_path):
    corpus = Corpus(
        "c", ("en",), "", "", tmp_path, [Utterance(f"u{k}", "", tmp_path, "en") for k in range(20)]
    )
    assert held_out_ids(corpus, "every:10", [])[0] == ["u0", "u10"]
    assert len(held_out_ids(corpus, "all", [])[0]) == 20
    every = {f"u{k}" for k in range(20)}
    voices = [("a", every - {"u1", "u2"}, {"u1", "u2"}), ("b", every - {"u2", "u3"}, {"u2", "u3"})]
    assert held_out_ids(corpus, "held-out", voices)[0] == ["u2"]
    # A voice of a few sentences left out few, and heard no others.
    assert held_out_ids(corpus, "held-out", [voices[0], ("small", {"u4", "u5"}, set())])[0] == ["u1", "u2"]
    with pytest.raises(ConfigError, match="another has heard"):
        held_out_ids(corpus, "held-out", [voices[0], ("all", every, set())])
    (tmp_path / "ids").write_text("u5\nu4\n")
    assert held_out_ids(corpus, str(tmp_path / "ids"), [])[0] == ["u4", "u5"]


def a_pipe(path):
    os.mkfifo(path)


def not_text(path):
    path.write_bytes(b"\xff\xfe\x00")


def a_device(path):
    path.symlink_to("/dev/zero")


@pytest.mark.parametrize("make", [a_pipe, not_text, a_device])
def test_what_is_no_file_of_text_is_named_and_not_waited_for(make, tmp_path):
    path = tmp_path / "given.txt"
    make(path)
    corpus = Corpus("c", ("en",), "", "", tmp_path, [Utterance("u", "", tmp_path, "en")])
    for read in (
        lambda: text_items(path, "en"),
        lambda: read_pilot(path),
        lambda: held_out_ids(corpus, str(path), []),
    ):
        with pytest.raises(ConfigError, match=r"given\.txt"):
            read()
