# SPDX-License-Identifier: Apache-2.0
import pytest
from synthkit_coqui.symbols import (
    SHARED,
    SymbolTable,
    recorded_tokens,
    spoken_tokens,
    table_set,
    with_blanks,
)

from synthkit.errors import TextError, VoiceError
from synthkit.types import Alignment, Interval, Phone, Segmentation, Word


def words(*spec, phone_set="arpabet"):
    return Segmentation("text", "en", phone_set, tuple(spec))


HELLO = words(
    Word("hello", (Phone("hh"), Phone("ah"), Phone("l"), Phone("ow", 1)), break_after=2, punctuation=","),
    Word("you", (Phone("y"), Phone("uw", 1)), break_after=3, punctuation="?"),
)


def aligned(*labels):
    return Alignment(
        "u", tuple(Interval(i, i + 1, label) for i, label in enumerate(labels)), duration=len(labels)
    )


def test_tokens_of_text_carry_stress_and_the_question():
    assert spoken_tokens(HELLO) == ["pau", "hh", "ah", "l", "ow1", "pau", "y", "uw1", "pau?"]


def test_stress_that_the_symbol_carries_is_not_added_again():
    text = words(Word("да", (Phone("d"), Phone("aa", 1)), break_after=3), phone_set="msu-ru")
    assert spoken_tokens(text) == ["pau", "d", "aa", "pau"]


def test_recorded_tokens_follow_what_was_said_and_keep_stress_and_punctuation():
    said = aligned("pau", "hh", "ah", "l", "ow", "y", "uw", "pau")  # no pause at the comma
    assert recorded_tokens(HELLO, said) == ["pau", "hh", "ah", "l", "ow1", "y", "uw1", "pau?"]


def test_another_pronunciation_keeps_the_stress_of_what_matches():
    said = aligned("pau", "hh", "eh", "l", "ow", "pau", "y", "uw", "pau")
    assert recorded_tokens(HELLO, said) == ["pau", "hh", "eh", "l", "ow1", "pau", "y", "uw1", "pau?"]


def test_no_phone_is_ever_dropped():
    """As many ids as tokens for every sequence; coqui-tts discards what it does not know."""
    table = SymbolTable.of([spoken_tokens(HELLO)], "arpabet", blank=False)
    tokens = table.read(HELLO)
    ids = table.encode(tokens)
    assert len(ids) == len(tokens) == 9
    back = {i: t for t, i in table.ids().items()}
    assert [back[i] for i in ids] == tokens
    with pytest.raises(TextError, match="'zh'"):
        table.encode([*tokens, "zh"])


def test_a_stress_never_recorded_falls_back_to_the_same_vowel():
    table = SymbolTable.of([["uw1", "ah"]], "arpabet", blank=False)
    assert table.encode(["uw"]) == table.encode(["uw1"])
    assert table.encode(["ah1"]) == table.encode(["ah"])


def test_one_code_point_per_token_and_ids_as_coqui_numbers_them():
    from synthkit_coqui.architectures import find
    from synthkit_coqui.description import VoiceConfig
    from synthkit_coqui.models import make
    from synthkit_coqui.specs import spec_of_audio

    table = SymbolTable.of([spoken_tokens(HELLO)], "arpabet", blank=True)
    assert len(set(table.characters)) == len(table.tokens)
    voice = VoiceConfig("glowtts", spec_of_audio({}), find("glowtts").presets["tiny"], table, ("a",), ("en",))
    tokenizer = make(voice).tokenizer
    spelt = dict(zip(table.tokens, table.characters, strict=True))
    tokens = table.read(HELLO)
    assert tokenizer.text_to_ids("".join(spelt[t] for t in tokens)) == table.encode(tokens)
    assert tokenizer.not_found_characters == []


def test_blanks_lie_between_and_at_both_ends():
    assert with_blanks([5, 6], 1) == [1, 5, 1, 6, 1]


def test_table_round_trips_through_json():
    import json

    table = SymbolTable.of([spoken_tokens(HELLO)], "arpabet", blank=True)
    assert SymbolTable.from_dict(json.loads(json.dumps(table.to_dict()))) == table


def test_another_phone_set_is_refused():
    table = SymbolTable.of([["a"]], "ipa", blank=False)
    with pytest.raises(VoiceError, match="phone set"):
        table.read(HELLO)


def test_a_phone_that_was_never_taught_is_told_with_the_one_made_most_like_it():
    table = SymbolTable.of([["aa", "uj0", "t", "zh", "s"]], "msu-ru", blank=False)
    with pytest.raises(TextError) as refused:
        table.encode(["t", "sh", "d"])
    assert "never taught 'd', 'sh'" in refused.value.message
    assert "'t' for 'd', 's' for 'sh'" in refused.value.hint
    with pytest.raises(TextError) as refused:
        SymbolTable.of([["a"]], "unheard-of", blank=False).encode(["?!x"])
    assert "made" not in refused.value.hint


C = words(Word("цена", (Phone("c"), Phone("yy", 1)), break_after=3), phone_set="msu-ru")
"""[tsɨ]; in IPA ``c`` is a palatal stop and ``y`` a rounded vowel."""
IPA = words(Word("x", (Phone("c"), Phone("ɨ", 1), Phone("t͡s")), break_after=3), phone_set="ipa")


def test_over_phone_sets_tokens_are_sounds_and_symbols_do_not_collide():
    assert [table_set(s) for s in ("msu-ru", "ipa+msu-ru", "shared")] == ["msu-ru", SHARED, SHARED]
    table = SymbolTable.of((spoken_tokens(s, shared=True) for s in (C, IPA)), SHARED, blank=False)
    assert table.read(C) == ["pau", "ts", "ɨ1", "pau"]
    assert table.read(IPA) == ["pau", "c", "ɨ1", "ts", "pau"]
    ids = [table.encode(table.read(s)) for s in (C, IPA)]
    assert ids[0][1] == ids[1][3] != ids[1][1]  # one sound, one id; one symbol, two
    assert SymbolTable.from_dict(table.to_dict()).shared
    said = aligned("pau", "c", "yy", "pau")
    assert recorded_tokens(C, said, shared=True) == ["pau", "ts", "ɨ1", "pau"]


def test_a_sound_that_no_language_taught_is_told_with_its_nearest():
    table = SymbolTable.of([spoken_tokens(C, shared=True)], SHARED, blank=False)
    with pytest.raises(TextError, match="never taught 'c'") as refused:
        table.encode(table.read(IPA))
    assert "'ts' for 'c'" in refused.value.hint


def test_a_table_of_one_phone_set_is_as_ever():
    table = SymbolTable.of([spoken_tokens(HELLO)], table_set("arpabet"), blank=True)
    assert table.tokens == ("ah", "hh", "l", "ow1", "pau", "pau!", "pau?", "uw1", "y")
    assert table.encode(table.read(HELLO)) == with_blanks([6, 3, 2, 4, 5, 6, 10, 9, 8], 1)
