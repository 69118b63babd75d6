# SPDX-License-Identifier: Apache-2.0
"""The `mfa` adapter with models, dictionaries and phone sets of a user's own, against the stand-in."""

import zipfile
from dataclasses import replace

import pytest
from mfa_tools import align, asked, make_dictionary, make_model, phones_of, recorded
from synthkit_align.mfa import MfaAligner, MfaSettings
from synthkit_align.mfa.lexicon import LARGEST, model_phones

from synthkit.errors import ConfigError
from synthkit.testing.samples import context
from synthkit.types import Alignment, Phone

# Models and dictionaries


def test_saved_model_is_used(item, here):
    trained = MfaAligner()
    trained.align([item], context(here / "work"))
    trained.save(here / "voice")
    again = MfaAligner()
    again.open(here / "voice")
    assert isinstance(again.align([item], context(here / "again"))["ru_0006"], Alignment)
    assert asked(here).startswith("align ")
    assert "--single_speaker" not in asked(here), "it would turn off align's second pass"


def test_a_given_model_and_dictionary_travel_with_the_voice(item, here):
    model = make_model(here / "given.zip", phones_of(item[1]))
    dictionary = make_dictionary(here / "given.dict", item[1])
    settings = {"model": str(model), "dictionary": str(dictionary)}
    made = MfaAligner(MfaSettings(**settings))
    assert isinstance(made.align([item], context(here / "work"))["ru_0006"], Alignment)
    made.save(here / "voice")
    model.unlink()
    dictionary.unlink()
    elsewhere = MfaAligner(MfaSettings(**settings))
    elsewhere.open(here / "voice")
    assert isinstance(elsewhere.align([item], context(here / "again"))["ru_0006"], Alignment)


def test_a_name_is_looked_up_where_the_users_mfa_keeps_its_models(item, here):
    folder = here / "users-mfa" / "pretrained_models"
    make_model(folder / "acoustic" / "russian_mfa.zip", phones_of(item[1]))
    (folder / "dictionary").mkdir()
    make_dictionary(folder / "dictionary" / "russian_mfa.dict", item[1])
    found = align([item], here / "work", model="russian_mfa", dictionary="russian_mfa")
    assert isinstance(found["ru_0006"], Alignment)
    assert str(folder / "acoustic" / "russian_mfa.zip") in asked(here)


def test_an_unknown_name_is_told_with_those_there_are(item, here):
    make_model(here / "users-mfa" / "pretrained_models" / "acoustic" / "german_mfa.zip", {"a"})
    with pytest.raises(ConfigError, match="no model of the name 'russian_mfa'") as error:
        align([item], here / "work", model="russian_mfa")
    assert "german_mfa" in error.value.hint
    assert "mfa model download acoustic" in error.value.hint


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [("model", b"no zip", "no model of MFA"), ("dictionary", "слово\n".encode(), "line 1 has no phones")],
)
def test_a_damaged_file_is_told_before_mfa_is_started(item, here, name, content, what):
    (here / "given.x").write_bytes(content)
    with pytest.raises(ConfigError, match=what):
        align([item], here / "work", **{name: str(here / "given.x")})
    assert not (here / "asked").exists()


def test_words_that_a_dictionary_lacks_are_named_as_written(item, here):
    dictionary = make_dictionary(here / "given.dict", item[1], leave_out={item[1].words[2].text})
    told = str(align([item], here / "work", dictionary=str(dictionary))["ru_0006"])
    assert f"the dictionary has no {item[1].words[2].text!r}" in told
    assert "xq" not in told


def test_words_with_hyphens_and_apostrophes_are_found_in_a_dictionary(item, here):
    grid = item[1].words
    words = (replace(grid[0], text="Кое-что"), replace(grid[1], text="don't"), *grid[2:])
    segmentation = replace(item[1], words=words)
    dictionary = make_dictionary(here / "given.dict", segmentation, leave_out={"Кое-что"})
    phones = [p.symbol for p in grid[0].phones]
    with dictionary.open("a") as file:
        file.write(f"кое\t{' '.join(phones[:2])}\nчто\t{' '.join(phones[2:])}\n")
    found = align([(item[0], segmentation)], here / "work", dictionary=str(dictionary))["ru_0006"]
    assert isinstance(found, Alignment), found
    assert [w.label for w in found.words][:2] == ["Кое-что", "don't"]


def test_words_it_would_split_get_another_spelling(item, here):
    words = (replace(item[1].words[0], text="кое-что"), replace(item[1].words[1], text="don't"))
    segmentation = replace(item[1], words=(*words, *item[1].words[2:]))
    found = align([(item[0], segmentation)], here / "work")["ru_0006"]
    assert [w.label for w in found.words][:2] == ["кое-что", "don't"]
    rows = next((here / "work").rglob("dictionary.dict")).read_text().splitlines()
    assert all(row.split("\t")[0].isalpha() for row in rows)


# Another phone set


def ipa(phone):
    return phone + "ʲ"


def test_a_dictionary_of_another_phone_set_is_refused(item, here):
    dictionary = make_dictionary(here / "ipa.dict", item[1], ipa)
    with pytest.raises(ConfigError, match="are not the segmentation's") as error:
        align([item], here / "work", dictionary=str(dictionary))
    assert "phone_map" in error.value.hint
    assert not (here / "asked").exists()


def test_a_model_of_another_phone_set_is_refused(item, here):
    model = make_model(here / "ipa.zip", map(ipa, phones_of(item[1])))
    with pytest.raises(ConfigError, match="are not known to the model"):
        align([item], here / "work", model=str(model))


@pytest.mark.parametrize("with_dictionary", [False, True])
def test_a_named_table_brings_the_phones_back(item, here, with_dictionary):
    table = here / "phones.txt"
    table.write_text("# ours theirs\n" + "".join(f"{p} {ipa(p)}\n" for p in phones_of(item[1])))
    settings = {
        "model": str(make_model(here / "ipa.zip", map(ipa, phones_of(item[1])))),
        "phone_map": str(table),
    }
    if with_dictionary:
        settings["dictionary"] = str(make_dictionary(here / "ipa.dict", item[1], ipa))
    found = align([item], here / "work", **settings)["ru_0006"]
    assert isinstance(found, Alignment), found
    assert [p.label for p in found.phones] == [p.label for p in recorded().phones]


def test_a_phone_that_the_model_lacks_costs_only_its_utterances(item, here):
    rare = replace(
        item[1],
        words=(
            replace(item[1].words[0], phones=tuple(Phone("q") for _ in item[1].words[0].phones), variants=()),
            *item[1].words[1:],
        ),
    )
    many = [
        (
            replace(item[0], id=f"u{i}"),
            replace(
                item[1], words=tuple(replace(w, text=f"{w.text}{'абвгдежзик'[i]}") for w in item[1].words)
            ),
        )
        for i in range(10)
    ]
    model = make_model(here / "m.zip", phones_of(item[1]))
    found = align([*many, (replace(item[0], id="rare"), rare)], here / "work", model=str(model))
    assert all(isinstance(found[f"u{i}"], Alignment) for i in range(10))
    assert f"could not say {rare.words[0].text!r}" in str(found["rare"])


def flagged(path, at, value):
    """A byte of the member's header, in both places that have it."""
    data = bytearray(path.read_bytes())
    data[at] = value
    data[data.find(b"PK\x01\x02") + at + 2] = value
    path.write_bytes(data)


@pytest.mark.parametrize("damage", ["encrypted", "packed otherwise", "not what was packed", "too large"])
def test_a_model_that_cannot_be_unpacked_is_told_before_mfa_is_started(item, here, damage):
    model = make_model(here / "given.zip", ["a"])
    if damage == "encrypted":
        flagged(model, 6, 1)
    elif damage == "packed otherwise":
        flagged(model, 8, 99)
    else:
        with zipfile.ZipFile(model, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("model/meta.json", b" " * (LARGEST + 2))
        if damage == "not what was packed":
            data = bytearray(model.read_bytes())
            data[45:60] = bytes(range(240, 255))
            model.write_bytes(data)
    with pytest.raises(ConfigError, match=r"given\.zip: is no model of MFA"):
        align([item], here / "work", model=str(model))
    assert not (here / "asked").exists()


def test_a_model_that_says_nothing_of_its_phones_is_mfas_to_judge(tmp_path):
    with zipfile.ZipFile(tmp_path / "given.zip", "w") as archive:
        archive.writestr("model/meta.json", "[" * 200_000)
    assert model_phones(tmp_path / "given.zip") is None
