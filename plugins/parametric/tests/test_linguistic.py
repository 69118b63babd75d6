# SPDX-License-Identifier: Apache-2.0
"""A phone's place as numbers; what was said matched with what was to be said."""

import numpy as np
import pytest
from parametric_toy import recording, sentence
from synthkit_parametric.timing import N_PLACE, steps

from synthkit import linguistic
from synthkit.types import PAUSE, Alignment, Interval, Word


def symbols(phones):
    return [p.symbol for p in phones]


def test_pauses_are_spoken_where_asked_and_at_both_ends():
    phones = linguistic.spoken(sentence("ao", "s", "a"), {1})
    assert symbols(phones) == [PAUSE, "a", "o", "s", PAUSE, "a", PAUSE]
    assert [p.word for p in phones] == [-1, 0, 0, 1, -1, 2, -1]


def test_the_recording_of_a_sentence_is_what_the_text_has():
    text = sentence("aos", "oa", comma=(0,))
    phones, edges, edits = linguistic.from_alignment(text, recording(text)[0])
    assert edits == 0
    assert symbols(phones) == text.symbols()
    assert np.diff(edges) == pytest.approx([0.15, 0.10, 0.14, 0.06, 0.15, 0.14, 0.10, 0.15])


@pytest.mark.parametrize(
    ("said", "edits", "words"),
    [
        (["a", "o", "o", "a"], 1, [0, 0, 1, 1]),  # s left out
        (["a", "s", "s", "o", "a"], 1, [0, 0, 0, 1, 1]),  # o said as s
        (["a", "o", "s", "s", "o", "a"], 1, [0, 0, 0, 0, 1, 1]),  # s added: it belongs to the word before
    ],
)
def test_phones_said_otherwise_keep_the_recordings_symbol(said, edits, words):
    text = sentence("aos", "oa")
    row = [PAUSE, *said, PAUSE]
    alignment = Alignment("u", tuple(Interval(k, k + 1, s) for k, s in enumerate(row)), (), len(row))
    phones, _, found = linguistic.from_alignment(text, alignment)
    assert found == edits
    assert symbols(phones) == row
    assert [p.word for p in phones if p.word >= 0] == words


def test_pauses_in_a_row_are_one_and_missing_ends_are_added():
    text = sentence("a", "o")
    row = ["a", PAUSE, PAUSE, "o"]
    alignment = Alignment("u", tuple(Interval(k, k + 1, s) for k, s in enumerate(row)), (), 4.0)
    phones, edges, _ = linguistic.from_alignment(text, alignment)
    assert symbols(phones) == [PAUSE, "a", PAUSE, "o", PAUSE]
    assert edges.tolist() == [0, 0, 1, 3, 4, 4]


def test_every_phone_has_as_many_features_as_promised_and_they_are_small():
    text = sentence("aos", "oa", "s", "ssss", comma=(1,))
    rows = linguistic.features(linguistic.spoken(text, {1}), text)
    assert rows.shape == (13, linguistic.N_FEATURES)
    assert np.abs(rows).max() <= 2.0
    assert linguistic.boundaries(text).shape == (3, linguistic.N_BOUNDARY)
    assert linguistic.boundaries(sentence("a")).shape == (0, linguistic.N_BOUNDARY)


def test_a_question_is_told_from_a_statement():
    text = sentence("ao", "oa")
    asked = text.words[-1].__class__("oa", text.words[-1].phones, 3, "?")
    question = type(text)(text.text, "xx", "toy", (text.words[0], asked))
    statement = linguistic.features(linguistic.spoken(text, ()), text)
    assert not np.array_equal(statement, linguistic.features(linguistic.spoken(question, ()), question))


@pytest.mark.parametrize(
    ("written", "level", "expected"),
    [
        (", –", 2, "dash"),
        ("?!", 3, "question"),
        ("…", 3, "period"),
        ("", 3, "period"),
        ("»", 0, ""),
        (";", 2, "colon"),
    ],
)
def test_the_strongest_mark_counts(written, level, expected):
    word = sentence("a").words[0]
    assert linguistic.mark(Word("a", word.phones, level, written)) == expected


def test_steps_follow_the_phones():
    edges = np.array([0.0, 0.1, 0.1, 0.3])  # the second phone has no length
    index, places = steps(edges, 0.005, 2)
    assert len(index) == 30
    assert index.tolist() == [0] * 10 + [2] * 20
    assert places.shape == (30, N_PLACE)
    assert places[0, 0] == pytest.approx(0.0025 / 0.1, abs=1e-6)  # the middle of frames 0 and 1
    assert np.all(np.diff(places[10:, 0]) > 0)
