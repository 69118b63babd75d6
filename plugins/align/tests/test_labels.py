# SPDX-License-Identifier: Apache-2.0
"""The label import on bundled recordings and on labels that are wrong."""

from dataclasses import replace
from pathlib import Path

import pytest
from synthkit_align.labels import LabelAligner

from synthkit.errors import AlignmentError
from synthkit.testing.samples import context, sample_utterances
from synthkit.types import Phone, Segmentation, Word


def spelt(text: str, *ways: str) -> Segmentation:
    words = tuple(
        Word(w, tuple(Phone(s) for s in way.split())) for w, way in zip(text.split(), ways, strict=True)
    )
    return Segmentation(text, "ru", "msu-ru", words)


@pytest.fixture
def labelled(tmp_path):
    """A bundled recording with labels of our own: pause, d oo m, two pauses, i, pause."""
    utterance = sample_utterances(count=1)[0]
    labels = tmp_path / "x.lab"
    labels.write_text(
        "#\n0.1 125 pau\n0.2 125 d\n0.3 125 oo\n0.4 125 m\n0.5 125 pau\n0.6 125 pau\n0.7 125 i\n0.8 125 pau\n"
    )
    return replace(utterance, labels=labels)


def one(utterance, segmentation):
    return LabelAligner().align([(utterance, segmentation)], context())[utterance.id]


def test_times_and_words(labelled):
    found = one(labelled, spelt("дом и", "d oo m", "ii"))
    assert [(round(p.start, 3), p.label) for p in found.phones] == [
        (0.0, "pau"), (0.1, "d"), (0.2, "oo"), (0.3, "m"), (0.4, "pau"), (0.6, "i"), (0.7, "pau"),
    ]  # fmt: skip
    assert [(round(w.start, 3), round(w.end, 3), w.label) for w in found.words] == [
        (0.1, 0.4, "дом"),
        (0.6, 0.7, "и"),
    ]
    assert found.phones[-1].end == found.duration > 0.8


def test_labels_of_another_text_are_refused(labelled):
    found = one(
        labelled,
        spelt("совсем другие слова здесь", "s a f s ee m", "d r u g ii i", "s l a v aa", "z d ee ss"),
    )
    assert isinstance(found, AlignmentError)
    assert "do not fit" in str(found)


def test_no_labels_and_missing_labels(labelled):
    text = spelt("дом", "d oo m")
    assert "no labels" in str(one(replace(labelled, labels=None), text))
    assert isinstance(one(replace(labelled, labels=Path("nowhere.lab")), text), AlignmentError)


def test_labels_longer_than_the_recording(labelled):
    labelled.labels.write_text("#\n0.1 125 pau\n900.0 125 d\n")
    assert "the recording at" in str(one(labelled, spelt("д", "d")))
