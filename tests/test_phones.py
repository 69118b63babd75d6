# SPDX-License-Identifier: Apache-2.0
"""Sounds are what they are made of, not how a set spells them."""

import pytest

from synthkit.errors import MissingDependency
from synthkit.phones import ARPABET, MSU_RU, NAMES, canonical, distance, features, nearest
from synthkit.plugins import registry


def apart(a, b):
    return distance(features(*a), features(*b))


@pytest.mark.parametrize(("phone_set", "language"), [("msu-ru", "ru"), ("arpabet", "en")])
def test_every_symbol_of_our_segmentation_is_a_sound_of_its_own_kind(phone_set, language):
    symbols = registry().load("segmentation", "text")().phones(language)
    found = {s: features(phone_set, s) for s in symbols}
    assert [s for s, f in found.items() if f is None] == []
    assert all(len(f) == len(NAMES) and all(0 <= v <= 1 for v in f) for f in found.values())
    vowels = {s for s, f in found.items() if f[0] == 1}
    assert vowels == {s for s in symbols if s[0] in "aeiouy" and s != "y"} | (
        {"y"} if language == "ru" else set()
    )


def test_one_sound_has_one_name_over_the_sets():
    assert canonical("msu-ru", "yy") == canonical("ipa", "ˈɨ") == "ɨ"
    assert canonical("arpabet", "ch") == canonical("ipa", "t͡ʃ") == canonical("ipa", "ʧ") == "tʃ"
    assert canonical("ipa", "g") == canonical("msu-ru", "g") == "ɡ"
    assert canonical("arpabet", "AH0") == canonical("arpabet", "ah")
    assert canonical("ipa", "pau") == ""
    assert features("ipa", "pau") is None


def test_what_is_spelt_alike_need_not_sound_alike():
    yy, i, y = ("msu-ru", "yy"), ("ipa", "i"), ("ipa", "y")
    assert apart(yy, ("ipa", "ɨ")) == 0
    assert apart(yy, i) > 0.5
    assert apart(("msu-ru", "y"), y) > 1  # ы of an unstressed syllable is not French u
    assert apart(("arpabet", "y"), ("msu-ru", "j")) == 0  # and English y is й
    assert apart(("msu-ru", "l"), ("ipa", "l")) < apart(("msu-ru", "l"), ("ipa", "r"))
    assert apart(("msu-ru", "ll"), ("msu-ru", "l")) < apart(("msu-ru", "ll"), ("msu-ru", "rr"))


@pytest.mark.parametrize(
    ("symbol", "phone_set", "own_set", "wanted"),
    [
        ("th", "arpabet", "msu-ru", {"f", "s", "t"}),
        ("ae", "arpabet", "msu-ru", {"aa", "e", "ee", "a"}),
        ("yy", "msu-ru", "arpabet", {"ix"}),
        ("ng", "arpabet", "msu-ru", {"n", "nn"}),
        ("hh", "arpabet", "msu-ru", {"h"}),
        ("sch", "msu-ru", "arpabet", {"sh"}),
        ("tt", "msu-ru", "arpabet", {"t"}),
        ("r", "arpabet", "msu-ru", {"r", "rr"}),
        ("w", "arpabet", "msu-ru", {"v", "u", "uu"}),
        ("ʁ", "ipa", "msu-ru", {"h", "zh", "g", "z", "v"}),
    ],
)
def test_the_nearest_sound_of_another_language_is_one_that_a_listener_would_take(
    symbol, phone_set, own_set, wanted
):
    own = MSU_RU if own_set == "msu-ru" else ARPABET
    assert nearest(symbol, own, phone_set, own_set) in wanted


@pytest.mark.parametrize("name", ["espeak", "gruut"])
def test_what_other_segmentations_give_is_known(name):
    try:
        segmenter = registry().load("segmentation", name)()
        said = segmenter.segment(
            "The quick brown fox jumps over a lazy dog, which thinks of other joys.", "en"
        )
    except MissingDependency as error:
        pytest.skip(f"{name}: {error}")
    strange = {p.symbol for p in said.phones() if features(said.phone_set, p.symbol) is None}
    assert strange == set()
    assert nearest("x", ["ʃ", "h", "k"], "ipa") in {"h", "k"}
    assert nearest("☃", ["a"], "ipa") is None
