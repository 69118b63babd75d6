# SPDX-License-Identifier: Apache-2.0
"""Edits by hand: read, refused, applied, cut into pieces, and written as they were spoken."""

import json

import numpy as np
import pytest

from synthkit.errors import ConfigError, SynthkitError, TextError
from synthkit.pipeline.edit import Edit, changes_of
from synthkit.pipeline.pieces import pieces_of
from synthkit.plugins import registry
from synthkit.types import Phone, Segmentation, Word

RU = "Старый замок, хорошая погода."


@pytest.fixture(scope="module")
def segmenter():
    return registry().load("segmentation", "text")()


def phones(segmentation, word):
    return [p.symbol for p in segmentation.words[word].phones]


def test_an_edit_survives_json(tmp_path):
    data = {
        "phones": {"1": "z a m ˈoo k"}, "stress": {"0": 1}, "pauses": {"-1": 0.1, "1": 0.0},
        "durations": {"1.3": 0.2}, "f0": {"1.3": 120, "0.2": [[1, 90], [0, 100.5]]},
    }  # fmt: skip
    edit = Edit.of(data)
    assert edit.phones[1][3] == Phone("oo", 1)
    assert edit.f0 == {(1, 3): ((0.5, 120.0),), (0, 2): ((0.0, 100.5), (1.0, 90.0))}
    path = tmp_path / "edit.json"
    path.write_text(json.dumps(edit.to_dict()), "utf-8")
    assert Edit.read(path) == edit
    assert not Edit() and not Edit.of({"phones": None})


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"phnoes": {}}, "did you mean 'phones'"),
        ({"durations": [1]}, "not a table"),
        ({"durations": {"1": 0.2}}, "is no phone"),
        ({"durations": {"1.2": -1}}, "-1"),
        ({"durations": {"1.2": 99}}, "from 0 to 10"),
        ({"durations": {"1.2": True}}, "True"),
        ({"pauses": {"x": 1}}, "is no word"),
        ({"stress": {"1": 0}}, "no vowel"),
        ({"phones": {"1": ""}}, "at least one phone"),
        ({"phones": {"1": "a pau"}}, "pauses"),
        ({"f0": {"1.2": [[2, 100]]}}, "part of the phone"),
        ({"f0": {"1.2": [100, 200]}}, "no point"),
        ({"f0": {"1.2": 3}}, "20 to 2000"),
    ],
)
def test_what_is_no_edit_is_said(data, words):
    with pytest.raises(ConfigError) as found:
        Edit.of(data)
    assert words in str(found.value)


def test_a_file_that_is_no_edit(tmp_path):
    for text in ("{", "[]", "[" * 100_000):
        path = tmp_path / "edit.json"
        path.write_text(text, "utf-8")
        with pytest.raises(ConfigError, match=r"edit\.json"):
            Edit.read(path)


def test_phones_stress_and_pauses_become_the_segmentation(segmenter):
    plain = segmenter.segment(RU, "ru")
    assert phones(plain, 1) == ["z", "aa", "m", "ay", "k"] and plain.words[0].break_after == 0
    said, durations, f0 = Edit.of(
        {"stress": {"1": 2}, "phones": {"3": "p a g oo d y"}, "pauses": {"0": 0.3}, "durations": {"3.5": 0.4},
         "f0": {"3.5": [[0.25, 90]]}}
    ).applied(plain, segmenter)  # fmt: skip
    assert phones(said, 1) == ["z", "a", "m", "oo", "k"]  # all vowels are said otherwise
    assert phones(said, 3) == ["p", "a", "g", "oo", "d", "y"]
    assert [p.stress for p in said.words[3].phones] == [0, 0, 0, 1, 0, 0]  # the symbol says it
    assert said.words[0].break_after == 2
    rows = said.symbols()
    assert rows[7] == "pau" and durations[7] == 0.3
    at = len(rows) - 2
    assert rows[at] == "y" and durations[at] == 0.4 and np.isnan(np.delete(durations, [7, at])).all()
    np.testing.assert_allclose(f0, [[at + 0.25, 90]])


def test_stress_moves_where_symbols_do_not_hold_it(segmenter):
    plain = segmenter.segment("A record of photography.", "en")
    said, *_ = Edit.of({"stress": {"3": 1}}).applied(plain, segmenter)
    before, after = plain.words[3].phones, said.words[3].phones
    assert [p.symbol for p in before if p.stress == 1] != [p.symbol for p in after if p.stress == 1]
    assert next(p for p in after if p.symbol in ("ow", "ah")).stress == 1


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"phones": {"1": "z a oe"}}, "unknown phone 'oe' of 'msu-ru'"),
        ({"phones": {"9": "z a"}}, "no word 9"),
        ({"durations": {"1.5": 0.1}}, "'замок'.* has no phone 5"),
        ({"stress": {"1": 3}}, "no vowel 3"),
    ],
)
def test_what_the_text_does_not_have_is_named(segmenter, data, words):
    with pytest.raises((ConfigError, TextError), match=words):
        Edit.of(data).applied(segmenter.segment(RU, "ru"), segmenter)


def test_what_would_change_it_twice_is_refused():
    with pytest.raises(ConfigError, match="speed"):
        changes_of({"durations": {"0.0": 0.1}}, speed=2, pitch=0)
    with pytest.raises(ConfigError, match="pitch"):
        changes_of({"f0": {"0.0": 100}}, speed=1, pitch=1)
    with pytest.raises(ConfigError, match="not both"):
        changes_of({"edit": {"stress": {"0": 1}}, "durations": [0.1]}, speed=1, pitch=0)
    with pytest.raises(ConfigError, match="pauses"):
        changes_of({"durations": [0.1], "pauses": {0: 1}}, speed=1, pitch=0)
    with pytest.raises(ConfigError, match="numbers"):
        changes_of({"durations": ["long"]}, speed=1, pitch=0)
    rest, changes = changes_of({"speaker": "a", "phones": None}, speed=2, pitch=1)
    assert rest == {"speaker": "a"} and changes is None


def test_a_long_text_is_cut_with_what_is_given_for_it():
    words = tuple(Word(f"w{k}", tuple(Phone("a") for _ in range(10)), 3) for k in range(80))
    whole = Segmentation("t", "ru", "toy", words)
    count = len(whole.symbols())
    durations = np.arange(1, count + 1) / 1000
    f0 = np.stack([np.arange(count) + 0.5, 100 + np.arange(count)], axis=1)
    parts = pieces_of(whole, durations, f0)
    assert len(parts) > 2
    got = [part.durations for part in parts]
    assert np.isnan(got[1][0]) and not np.isnan(got[0]).any()
    np.testing.assert_array_equal(np.concatenate([got[0], *(g[1:] for g in got[1:])]), durations)
    hertz = np.concatenate([part.f0[:, 1] for part in parts])
    np.testing.assert_array_equal(hertz, f0[:, 1])
    for part in parts:
        rows = part.segmentation.symbols()
        assert len(part.durations) == len(rows)
        np.testing.assert_array_equal(part.durations[part.f0[:, 0].astype(int)], (part.f0[:, 1] - 99) / 1000)


def test_a_model_that_cannot_says_so():
    from synthkit.request import Request
    from synthkit.stages import AcousticModel

    class Deaf(AcousticModel):
        lacks = {"f0": "its frames hold none"}  # noqa: RUF012

        produces = fit = open = predict = None

    text = Segmentation("a", "ru", "toy", (Word("a", (Phone("a"),)),))
    asked = Request(text, f0=np.array([[1.5, 100.0]]))
    with pytest.raises(SynthkitError, match="'deaf' cannot be given F0: its frames hold none"):
        Deaf().check_given(asked, "deaf")
    Deaf().check_given(Request(text, durations=np.full(3, np.nan)), "deaf")  # nothing is fixed
