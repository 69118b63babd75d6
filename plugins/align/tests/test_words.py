# SPDX-License-Identifier: Apache-2.0
"""Words found in phone labels that differ from the segmentation's."""

import pytest
from synthkit_align.words import find_words

from synthkit.types import Phone, Segmentation, Word


def text(*words: tuple[str, ...]) -> Segmentation:
    """Words of a made-up text, each as its pronunciations."""

    def phones(way: str) -> tuple[Phone, ...]:
        return tuple(Phone(s) for s in way.split())

    return Segmentation(
        "",
        "ru",
        "msu-ru",
        tuple(Word(ways[0], phones(ways[0]), variants=tuple(map(phones, ways[1:]))) for ways in words),
    )


HOUSE = text(("v",), ("d oo m",), ("i",))


@pytest.mark.parametrize(
    ("labels", "spans"),
    [
        ("pau v d oo m pau i pau", [(1, 2), (2, 5), (6, 7)]),
        ("v d oo m i", [(0, 1), (1, 4), (4, 5)]),
        ("pau f d aa m pau i pau", [(1, 2), (2, 5), (6, 7)]),  # other phones
        ("pau v d oo oo m i pau", [(1, 2), (2, 6), (6, 7)]),  # one more
        ("pau v oo m i pau", [(1, 2), (2, 4), (4, 5)]),  # one fewer
        ("pau v d pau oo m i pau", [(1, 2), (2, 6), (6, 7)]),  # a pause within a word
    ],
)
def test_words_are_found_where_phones_differ(labels, spans):
    assert find_words(labels.split(), HOUSE)[0] == spans


def test_the_nearest_pronunciation_counts():
    either = text(("ch t oo", "sh t a"), ("e",))
    spans, cost = find_words(["sh", "t", "a", "e"], either)
    assert (spans, cost) == ([(0, 3), (3, 4)], 0.0)


def test_fewer_labels_than_words_is_no_match():
    assert find_words(["pau", "v", "pau"], HOUSE)[0] is None
