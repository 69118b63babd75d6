# SPDX-License-Identifier: Apache-2.0
"""SSML: what of it is read, what is refused, and what a voice makes of it."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from synthkit import audio
from synthkit.cli import run
from synthkit.errors import ConfigError, TextError
from synthkit.phones import ARPABET, MSU_RU
from synthkit.pipeline.from_ipa import phones_of
from synthkit.pipeline.spoken import portions
from synthkit.pipeline.voice import Voice
from synthkit.ssml import Break, Stretch, parse
from synthkit.stages import Vocoder
from synthkit.types import Demand, Waveform

BOMB = '<!DOCTYPE b [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><speak>&b;</speak>'
FILE = '<!DOCTYPE b [<!ENTITY a SYSTEM "file:///etc/hostname">]><speak>&a;</speak>'


@pytest.fixture(scope="module")
def voice(demo_voice):
    with Voice.open(demo_voice) as opened:
        yield opened


def test_what_is_understood():
    found = parse(
        '<speak version="1.1" xmlns="http://www.w3.org/2001/10/synthesis" xml:lang="en-GB">'
        '<p><s>One</s></p> <prosody rate="+50%" pitch="+2st">two <prosody rate="2">three</prosody></prosody>'
        '<break time="250ms"/><sub alias="four">4</sub><!-- no --><say-as interpret-as="ordinal">5</say-as>'
        '<phoneme ph="sɪks">six</phoneme><lang xml:lang="fr">sept</lang></speak>'
    )
    assert found.notes == ()
    own = "en-GB"
    assert [i for i in found.items if isinstance(i, Break) or i.text.strip()] == [
        Stretch("One", own), Break(3), Break(3),
        Stretch("two ", own, 1.5, 2.0), Stretch("three", own, 3.0, 2.0), Break(2, 0.25),
        Stretch("four", own), Stretch("5", own, read_as="ordinal"), Stretch("six", own, phones="sɪks"),
        Stretch("sept", "fr"),
    ]  # fmt: skip


def test_what_is_not_understood_is_named_and_spoken():
    found = parse('<speak>a<emphasis level="strong">b</emphasis><prosody volume="loud">c</prosody></speak>')
    assert found.text == "abc"
    assert [word in note for word, note in zip(("<emphasis>", "'volume'"), found.notes, strict=True)] == [
        True, True,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("ssml", "words"),
    [
        (BOMB, "document type"),
        (FILE, "document type"),
        ("<speak>a & b</speak>", "line 1, character 11"),
        ("Hello", "no XML"),
        ("<say>a</say>", "begins with <say>"),
        ("<speak><break/></speak>", "no text"),
        ('<speak>a<break time="5"/></speak>', "'5'"),
        ('<speak>a<break time="99999s"/></speak>', "99999s"),
        ('<speak>a<break strength="huge"/></speak>', "huge"),
        ('<speak><prosody rate="0">a</prosody></speak>', "rate"),
        ('<speak><prosody pitch="100Hz">a</prosody></speak>', "Hz are not taken"),
        ("<speak><phoneme>a</phoneme></speak>", "has no ph"),
        ("<speak><say-as>a</say-as></speak>", "interpret-as"),
        ("<speak><sub alias='b'>a<s>c</s></sub></speak>", "text alone"),
        ("<speak>" + "<s>" * 60 + "a" + "</s>" * 60 + "</speak>", "within one another"),
    ],
)
def test_what_is_wrong_is_said(ssml, words):
    with pytest.raises(TextError, match=r".") as error:
        parse(ssml)
    assert words in str(error.value)


@pytest.mark.parametrize(
    ("phone_set", "ipa", "symbols"),
    [
        ("arpabet", "ˈtʃeɪndʒ", "ch ey1 n jh"),
        ("arpabet", "təˈmɑːtəʊ", "t ah m aa1 t ow"),
        ("arpabet", "ˈkætsɪn", "k ae1 t s ih n"),
        ("msu-ru", "xɐˈroʂəjə", "h a r oo1 sh ay j ay"),
        ("msu-ru", "ˈtɕastʲ", "ch aa1 s tt"),
        ("msu-ru", "pɐt͡ɕˈti", "p a ch t ii1"),
        ("msu-ru", "dʒaz", "d zh a z"),
    ],
)
def test_phones_from_ipa(phone_set, ipa, symbols):
    rare = ("ax", "axr", "dx", "el", "em", "en", "ix", "q", "ur", "ux", "wh")
    known = [s for s in (ARPABET if phone_set == "arpabet" else MSU_RU) if s not in rare]
    assert " ".join(f"{p.symbol}{p.stress or ''}" for p in phones_of(ipa, "ipa", phone_set, known)) == symbols


def test_a_voice_speaks_it(voice):
    said = voice.speak(
        ssml='<speak>Сегодня <break time="1s"/> <phoneme ph="xɐˈroʂəjə">погода</phoneme>, и '
        '<sub alias="мы">м.</sub> <say-as interpret-as="ordinal">5</say-as> <emphasis>раз</emphasis>.</speak>'
    )
    words = said.segmentation.words
    assert [w.text for w in words] == ["Сегодня", "погода", "и", "мы", "пятый", "раз"]
    assert [p.symbol for p in words[1].phones] == ["h", "a", "r", "oo", "sh", "ay", "j", "ay"]
    assert words[1].punctuation == "," and [w.break_after for w in words] == [2, 2, 0, 0, 0, 3]
    assert any("<emphasis>" in note for note in said.segmentation.notes)
    alignment = said.alignment
    assert [w.label for w in alignment.words] == [w.text for w in words]
    pause = alignment.words[1].start - alignment.words[0].end
    assert pause == pytest.approx(1.0, abs=0.05)
    middle = round((alignment.words[0].end + 0.7) * said.waveform.sample_rate)
    assert not np.abs(said.waveform.samples[middle : middle + 100]).any()
    assert alignment.duration == pytest.approx(said.waveform.duration)


def test_prosody_is_that_of_the_request_and_is_refused_by_name(voice):
    words = [voice.speak(ssml=f"<speak>Доброе <prosody rate='{rate}'>утро</prosody>.</speak>").alignment.words
             for rate in ("1", "0.5")]  # fmt: skip
    plain, slow = ([w.end - w.start for w in each] for each in words)
    assert slow[1] > 1.6 * plain[1] and slow[0] == pytest.approx(plain[0], rel=0.2)

    class Deaf(Vocoder):
        def accepts(self):
            return (Demand("units"),)

        def render(self, item):
            return Waveform(np.zeros(100, np.float32), 16000)

    with pytest.raises(ConfigError, match="cannot change its speed") as error:
        voice.with_vocoder(Deaf()).speak(ssml="<speak><prosody rate='slow'>да</prosody></speak>")
    assert error.value.where == "<prosody>"
    for ssml, words in (
        ("<speak><lang xml:lang='ja'>a</lang></speak>", "does not speak 'ja'"),
        ("<speak><say-as interpret-as='bird'>a</say-as></speak>", "cannot be read as 'bird'"),
        ("<speak><phoneme alphabet='x-sampa' ph='a'>a</phoneme></speak>", "'x-sampa' is not known"),
        ("<speak><phoneme ph='q7'>a</phoneme></speak>", "no sound of IPA"),
    ):
        with pytest.raises(TextError, match=words):
            voice.speak(ssml=ssml)
    with pytest.raises(ConfigError, match="text and SSML"):
        voice.speak("Да.", ssml="<speak>Да.</speak>")


def test_between_pieces_there_is_one_pause(voice):
    text = "Первое предложение здесь довольно длинное, чтобы кусок был полон. " * 9
    spoken = voice.speak(text)
    assert len(spoken.predictions) > 1
    streamed = [piece.waveform.samples for piece in voice.stream(text)]
    assert np.array_equal(np.concatenate(streamed), spoken.waveform.samples)
    alignment = spoken.alignment
    ends = np.cumsum([len(part.words) for part in spoken.parts]).tolist()[:-1]
    words = alignment.words
    pauses = {k: words[k].start - words[k - 1].end for k in range(9, len(words), 9)}  # between sentences
    inside = [pause for k, pause in pauses.items() if k not in ends]
    assert set(ends) < pauses.keys() and inside
    assert all(0.05 < pauses[k] < 1.3 * max(inside) for k in ends)
    assert not any(a.label == b.label == "pau" for a, b in pairwise(alignment.phones))
    cut = spoken.trims[1][0]
    assert cut > 0.02 and sum(spoken.lengths) == pytest.approx(spoken.waveform.duration)


def test_a_long_text_is_heard_before_it_is_segmented(voice, monkeypatch):
    sentences = [
        f"Сегодня была хорошая погода, и мы гуляли {k} часов по г. Москва проф. Петренкова."
        for k in range(40)
    ]
    text = " ".join(sentences)
    asked: list[int] = []
    segment = type(voice).segment
    monkeypatch.setattr(
        type(voice), "segment", lambda self, t, *a: asked.append(len(t)) or segment(self, t, *a)
    )
    pieces = voice.stream(text)
    first = next(pieces)
    assert not first.last and len(asked) == 1 and asked[0] < 600
    streamed = [first, *pieces]
    assert [piece.last for piece in streamed[-2:]] == [False, True]
    spoken = voice.speak(text)
    assert np.array_equal(np.concatenate([p.waveform.samples for p in streamed]), spoken.waveform.samples)
    told = list(voice.stream(text, progress=list))
    assert [p.waveform.duration for p in told] == [p.waveform.duration for p in streamed]
    assert [w.text for w in spoken.segmentation.words] == [w.text for w in voice.segment(text).words]
    assert portions("Abc. " * 1000) == ["Abc. " * 1000]  # it may be an abbreviation
    assert portions(f"{'Sentence. ' * 200}🙂") != portions("short.")
    # What may be refused is segmented before anything is heard.
    fine = "This is a sentence. " * 200
    assert len(portions(fine)) == 2
    assert len(portions(fine + "a" * 600 + ".")) == 1
    assert len(portions(fine[:500] + "\n\n" + "漢字。" * 700)) == 1


def test_from_the_command_line(demo_voice, tmp_path, capsys):
    out = tmp_path / "a.wav"
    marked = "<speak>Да <break time='700ms'/> нет <emphasis>да</emphasis></speak>"
    assert run(["say", "-v", str(demo_voice), "--ssml", marked, "-o", str(out)]) == 0
    assert "note: <emphasis> is not understood" in capsys.readouterr().err
    with Voice.open(demo_voice) as voice:
        assert np.allclose(audio.read(out).samples, voice.say(ssml=marked).samples, atol=1e-4)
    assert run(["say", "-v", str(demo_voice), "--ssml", "Да.", "-o", str(out)]) == 2
    assert "SSML, line 1" in capsys.readouterr().err
