# SPDX-License-Identifier: Apache-2.0
"""``import synthkit as sk``: what it offers, and that it costs nothing before it is used."""

from __future__ import annotations

import doctest
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import synthkit as sk
import synthkit.front
from synthkit.errors import (
    AudioError,
    ConfigError,
    CorpusError,
    PluginError,
    SpecMismatch,
    TextError,
    VoiceError,
)
from synthkit.plugins import registry
from synthkit.stages import Vocoder
from synthkit.types import Demand

TEXT = "Сегодня хорошая погода, и мы пойдём гулять."


@pytest.fixture
def own():
    """The registry is as it was, afterwards."""
    before = dict(registry().components)
    yield
    registry().components.clear()
    registry().components.update(before)


@pytest.mark.parametrize("wrong", [5, ["Раз.", "Два."], b"text"])
def test_what_is_no_text_is_said_to_be_none(demo_voice: Path, wrong: object) -> None:
    with sk.load(demo_voice) as voice:
        with pytest.raises(TextError, match=r"text has to be a string, and .* is of type"):
            voice.say(wrong)
        with pytest.raises(TextError, match="ssml has to be a string"):
            voice.say(ssml=wrong)


def test_utterances_have_ids_and_places() -> None:
    corpus = sk.corpus("bundled-ru")
    assert corpus["ru_0002"].id == "ru_0002"
    with pytest.raises(CorpusError, match=r"no utterance 0\n.*corpus.utterances\[0\]"):
        corpus[0]
    with pytest.raises(CorpusError, match="did you mean 'ru_0"):
        corpus["ru_002"]
    with pytest.raises(KeyError):  # as of any mapping
        corpus["nobody at all"]


def test_a_voice_is_named_by_text() -> None:
    with pytest.raises(VoiceError, match="by its folder or its name, not by 3"):
        sk.load(3)


def test_a_sound_is_written(demo_voice: Path, tmp_path: Path) -> None:
    with sk.load(demo_voice) as voice:
        spoken = voice.speak("Раз.")
    for sound, rate in ((spoken, None), (spoken.waveform, None), (spoken.waveform.samples, 16000)):
        sk.write(tmp_path / "new" / "a.wav", sound, rate)
        assert sk.read(tmp_path / "new" / "a.wav").duration == spoken.waveform.duration
    with pytest.raises(AudioError, match="an array needs its rate"):
        sk.write(tmp_path / "b.wav", spoken.waveform.samples)
    with pytest.raises(AudioError, match=r"cannot write '.mp3'"):
        sk.write(tmp_path / "b.mp3", spoken)


def test_importing_it_imports_nothing() -> None:
    code = (
        "import sys, synthkit as sk; print(sorted(m for m in sys.modules if m.split('.')[0] in "
        "('numpy', 'scipy', 'pluggy', 'click', 'matplotlib', 'pandas') or m.startswith('synthkit.')))"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"


def test_what_it_offers_is_listed_and_there() -> None:
    assert {"load", "corpus", "read", "measure", "register", "Voice", "Waveform"} <= set(dir(sk))
    assert all(getattr(sk, name) is not None for name in sk.__all__)
    with pytest.raises(AttributeError, match="no attribute 'lod'"):
        sk.lod  # noqa: B018


def test_its_examples(place: Path, own: None) -> None:
    result = doctest.testmod(synthkit.front)
    assert result.attempted > 15
    assert result.failed == 0


def test_a_voice_by_name_by_folder_and_by_default(
    place: Path, demo_voice: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("demo-ru", "voices/demo-ru", demo_voice, None):
        with sk.load(name) as voice:
            assert voice.name == "demo-ru"
    (place / "voices" / "other").symlink_to(demo_voice)
    with pytest.raises(VoiceError, match="several") as several:
        sk.load()
    assert "voices/demo-ru, voices/other" in several.value.hint
    monkeypatch.setenv("SYNTHKIT_VOICE", "other")
    with sk.load() as voice:
        assert voice.folder == Path("voices/other")
    with pytest.raises(VoiceError, match="no voice 'nobody'"):
        sk.load("nobody")
    with pytest.raises(VoiceError) as known:
        sk.load("joe")
    assert "synthkit voices get joe" in known.value.hint


def test_another_vocoder_is_the_voice_of_set(place: Path) -> None:
    voice = sk.load()
    asked = ["vocoder.plugin=world", "vocoder.adapters=units-to-frames", "vocoder.postfilter=0.3"]
    with sk.load(overrides=asked) as wanted:
        expected = wanted.say(TEXT).samples
    world = voice.with_vocoder("world", adapters=["units-to-frames"], postfilter=0.3)
    assert np.array_equal(world.say(TEXT).samples, expected)
    world.close()
    plain = voice.say(TEXT)  # what it was made of speaks on
    made = registry().load("vocoder", "overlap-add")()
    assert np.array_equal(voice.with_vocoder(made).say(TEXT).samples, plain.samples)
    with pytest.raises(SpecMismatch, match="world"):
        voice.with_vocoder("world")
    with pytest.raises(ConfigError, match="postfiltre"):
        voice.with_vocoder("world", postfiltre=1)
    with pytest.raises(ConfigError, match="one speaker"):
        voice.say(TEXT, speaker="anna")


@pytest.mark.parametrize(
    ("said", "message", "hint"),
    [
        ({"sped": 2}, "unknown keyword 'sped'", "did you mean 'speed'"),
        ({"durrations": {}}, "unknown keyword 'durrations'", "did you mean 'durations'"),
        ({"guidance": 0.3}, "'guidance' is an option of the acoustic model", "options={'guidance'"),
        ({"options": {"guidnce": 1}}, "unknown option 'guidnce'", "did you mean 'guidance'"),
        ({"speed": "fast"}, "'fast' is no number", "factor"),
        ({"pitch": True}, "True is no number", "semitones"),
        ({"options": 3}, "3 is no table", "NAME"),
        ({"exclude": "ru_0002"}, "'ru_0002' is no set of ids", "exclude={"),
    ],
)
def test_a_misspelt_keyword_is_told(place: Path, said: dict[str, object], message: str, hint: str) -> None:
    with sk.load() as voice:
        for say in (voice.say, voice.speak, lambda text, **k: list(voice.stream(text, **k))):
            with pytest.raises(ConfigError, match=message) as wrong:
                say(TEXT, **said)
            assert hint in wrong.value.hint
        with pytest.raises(ConfigError, match="unknown keyword 'speed'"):
            voice.predict(voice.segment(TEXT), speed=2)


def test_a_class_of_a_notebook_is_a_component(place: Path, own: None) -> None:
    class LoudVocoder(Vocoder):
        """Twice as loud."""

        def accepts(self):
            return (Demand("units"),)

        def render(self, item):
            wave = registry().load("vocoder", "overlap-add")().render(item)
            return sk.Waveform(2 * wave.samples, wave.sample_rate)

    assert sk.register("vocoder", LoudVocoder) is LoudVocoder
    voice = sk.load()
    loud = voice.with_vocoder("loud-vocoder").say(TEXT)
    assert np.array_equal(loud.samples, 2 * voice.say(TEXT).samples)
    assert np.array_equal(sk.load(overrides=["vocoder.plugin=loud-vocoder"]).say(TEXT).samples, loud.samples)
    sk.register("vocoder", LoudVocoder, "loud-vocoder")  # a cell that is run again
    with pytest.raises(PluginError, match="synthkit-world"):
        sk.register("vocoder", LoudVocoder, "world")
    with pytest.raises(PluginError, match="no stage 'vocodre'"):
        sk.register("vocodre", LoudVocoder)
    with pytest.raises(TypeError, match="register the class"):
        sk.register("vocoder", LoudVocoder())  # type: ignore[type-var]
    with pytest.raises(PluginError, match="LoudVocoder is no Metric"):
        sk.register("metric", LoudVocoder)
    LoudVocoder.adjust = frozenset()  # type: ignore[attr-defined]
    with pytest.raises(PluginError, match="adjust is read by nobody") as slip:
        sk.register("vocoder", LoudVocoder)
    assert "did you mean 'adjusts'" in slip.value.hint


def test_figures_of_two_arrays() -> None:
    sound = sk.read(sk.corpus("bundled-ru").utterances[0])
    short = sound.samples[sound.sample_rate : 2 * sound.sample_rate]
    noise = np.random.default_rng(0).normal(0, 0.01, len(short)).astype(np.float32)
    found = sk.measure(short, short + noise, sound.sample_rate, metrics=["mcd"])
    row = found["mcd/synthkit"]
    assert [r[0] for r in found] == ["mcd/synthkit"]
    assert row["value"] > 0.5 and row["unit"] == "dB"
    pcm = np.round(short * 32767).astype(np.int16)
    assert sk.measure(short, pcm, sound.sample_rate, metrics=["mcd"])["mcd/synthkit"]["value"] < 0.1
    with pytest.raises(AudioError, match="needs its rate"):
        sk.measure(short, short)
    with pytest.raises(AudioError, match="no mono sound"):
        sk.measure(short[None], short, 16000)
    with pytest.raises(AudioError, match="-1 Hz is no rate"):
        sk.measure(short, short, -1)
    with pytest.raises(AudioError, match="16000 of 16000 samples are not numbers"):
        sk.measure(np.full(16000, np.nan), short, 16000)
    with pytest.raises(KeyError):
        found["nothing"]


def test_a_corpus_is_gone_through() -> None:
    bundled = sk.corpus("bundled-ru")
    utterances = list(bundled)
    assert len(utterances) == len(bundled)
    assert bundled[utterances[3].id] is utterances[3]
    assert repr(bundled) == f"Corpus('bundled-ru', {len(bundled)} utterances, ru)"


def test_say_without_a_voice_takes_the_only_one_or_lists_them(
    place: Path, demo_voice: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from synthkit.cli import run

    assert run(["say", "Привет!", "-o", "a.wav"]) == 0
    assert run(["say", "-v", "demo-ru", "Привет!", "-o", "b.wav"]) == 0
    assert Path("a.wav").read_bytes() == Path("b.wav").read_bytes()
    (place / "voices" / "other").symlink_to(demo_voice)
    assert run(["say", "Привет!"]) == 2
    assert "voices/demo-ru, voices/other" in capsys.readouterr().err
    assert run(["say", "-v", "other", "--speaker", "anna", "Привет!"]) == 2
    assert "one speaker" in capsys.readouterr().err


def test_what_is_no_sound_is_told_with_what_would_be():
    with pytest.raises(AudioError, match=r"is a name, not a sound") as error:
        sk.measure("a.wav", "b.wav")
    assert "sk.read('a.wav')" in str(error.value.hint)
    sound = sk.read(sk.corpus("bundled-ru").utterances[0])
    assert sk.measure(sound, sound, metrics="mcd")["mcd/synthkit"]["value"] == 0.0


def test_a_class_that_lacks_a_method_is_refused_when_it_is_registered():
    from synthkit.stages import Vocoder

    class Mute(Vocoder):
        def accepts(self):
            return ()

    with pytest.raises(PluginError, match="Mute does not say how to render"):
        sk.register("vocoder", Mute)


def test_an_utterance_is_in_its_corpus():
    bundled = sk.corpus("bundled-ru")
    assert "ru_0002" in bundled and bundled["ru_0002"] in bundled
    assert "ru_9999" not in bundled and 3 not in bundled
    with pytest.raises(CorpusError, match=r"corpus\.utterances\[0\] to \[123\]"):
        bundled[9999]


def test_a_row_is_found_by_its_metric_and_what_there_is_told():
    sound = sk.read(sk.corpus("bundled-ru").utterances[0])
    table = sk.measure(sound, sound, metrics="mcd")
    assert table["mcd"] == table["mcd/synthkit"] and table["mcd"]["value"] == 0
    with pytest.raises(KeyError, match="mcd/synthkit"):
        table["mcv"]
    table.plot(figures="mcd")


def test_where_nothing_can_be_measured_why_is_told():
    sound = sk.read(sk.corpus("bundled-ru").utterances[0])
    table = sk.measure(sound, np.zeros(16000), 16000)
    assert len(table) and all(row[-1] for row in table if row[1] is None)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda u, w: sk.measure(u, w), AudioError, r"(?s)reference: is an utterance.*sk\.read\(utterance\)"),
        (lambda u, w: sk.measure(w, None), AudioError, "test: is no sound but a NoneType"),
        (lambda u, w: sk.measure(w, w, 8000), AudioError, "has 16000 Hz, and 8000 were given"),
        (lambda u, w: sk.read(None), AudioError, "not by None"),
        (lambda u, w: sk.corpus(None), CorpusError, "not by None"),
        (lambda u, w: sk.corpus(""), CorpusError, "not by ''"),
        (lambda u, w: sk.load(""), VoiceError, "not by ''"),
        (lambda u, w: sk.comparison(None), ConfigError, "not by None"),
    ],
)  # fmt: skip
def test_wrong_arguments_are_told_by_what_they_are(call, error, message):
    first = sk.corpus("bundled-ru").utterances[0]
    with pytest.raises(error) as found:
        call(first, sk.read(first))
    assert re.search(message, f"{found.value} {found.value.hint}")


def test_a_voice_is_a_table_of_its_stages(demo_voice: Path) -> None:
    frame = sk.load(demo_voice).to_pandas()
    assert dict(zip(frame["stage"], frame["plugin"], strict=True))["acoustic_model"] == "unit-selection"
