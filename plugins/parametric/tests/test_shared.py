# SPDX-License-Identifier: Apache-2.0
"""Weights of several languages and speakers, and voices of one that begin with them."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from parametric_toy import SMALL, TONE, corpus, item, sentence
from synthkit_parametric.fitting import BUNDLED
from synthkit_parametric.parametric import ParametricModel, ParametricSettings
from synthkit_parametric.shared import SHARED, alike, as_shared, in_terms_of, shared_item, to_shared, whole
from synthkit_parametric.voice import TrainedVoice

from synthkit import phones
from synthkit.corpora import open_corpus
from synthkit.errors import ConfigError, SpecMismatch, VoiceError
from synthkit.plugins import registry
from synthkit.stages import Request
from synthkit.testing.samples import context

pytest.importorskip("torch")


def of(data, *, speaker, language, raised=0.0):
    """The made-up corpus as another speaker's in another language, whose F0 is raised (natural logarithm)."""
    items = []
    for i in data.items:
        frames = i.frames()
        streams = {**frames.data, "lf0": frames["lf0"] + np.float32(raised)}
        told = replace(i.segmentation, language=language)
        utterance = replace(i.utterance, speaker=speaker, language=language, id=f"{speaker}-{i.utterance.id}")
        made = replace(frames, data=streams)
        items.append(replace(i, utterance=utterance, segmentation=told, frames=lambda made=made: made))
    return replace(data, items=tuple(items), speakers=(speaker,), languages=(language,))


@pytest.fixture(scope="module")
def several(tmp_path_factory):
    """Weights of two speakers, each of a language, half an octave apart; and what they learned from."""
    folder = tmp_path_factory.mktemp("several")
    low = of(corpus(folder), speaker="low", language="xx")
    high = of(corpus(folder), speaker="high", language="yy", raised=0.35)
    items = tuple(shared_item(i) for part in (low, high) for i in part.items)
    both = replace(low, items=items, speakers=("high", "low"), languages=("xx", "yy"), phone_set=SHARED)
    (folder / "voice").mkdir()
    settings = ParametricSettings(**SMALL, steps=150, rate=1e-2, dropout=0.0, stored="float32")
    ParametricModel(settings).fit(both, folder / "voice", context(folder / "work"))
    return folder / "voice", both


def begun(several, tmp_path, data, **more):
    """A voice of `data` that begins with the weights of `several`."""
    settings = ParametricSettings(**SMALL, start_from=str(several[0]), stored="float32", **more)
    model = ParametricModel(settings)
    model.check_phone_set(data.phone_set)
    (tmp_path / "me").mkdir()
    model.fit(data, tmp_path / "me", context(tmp_path / "work"))
    model.open(tmp_path / "me")
    return model


def pitch(frames):
    return float(np.median(frames["lf0"][frames["vuv"] > 0.5]))


def test_each_speaker_keeps_its_own_pitch_and_each_language_has_a_code(several):
    model = ParametricModel()
    model.open(several[0])
    voice = model.voice
    assert voice.phone_set == SHARED and voice.languages == ("xx", "yy") and voice.shape.languages == 2
    assert voice.scales.speakers.shape == (2, 2, 8)
    text = several[1].items[1].segmentation
    low, high = (pitch(model.predict(Request(text, speaker=s))) for s in ("low", "high"))
    assert high - low == pytest.approx(0.35, abs=0.08)
    unknown = replace(text, language="zz")
    with pytest.raises(ConfigError, match="xx, yy"):
        model.predict(Request(unknown))


def test_the_codes_in_numpy_are_those_of_torch():
    import torch
    from synthkit_parametric import speaking
    from synthkit_parametric.model import Parametric
    from synthkit_parametric.voice import Shape

    shape = Shape(4, 7, 5, 8, speakers=2, channels=8, encoder_layers=1, decoder_layers=1, lstm=4, languages=3)
    torch.manual_seed(1)
    sounds = alike(("a", "pau", "s", "t"))
    model = Parametric(shape, 0.3, torch.from_numpy(sounds)).eval()
    for code in (model.encoder.speaker, model.encoder.language):
        torch.nn.init.normal_(code.weight)
    weights = whole({k: v.numpy() for k, v in model.state_dict().items()}, sounds)
    assert {k: v.shape for k, v in weights.items()} == shape.tensors()
    random = np.random.default_rng(0)
    symbols, features = np.array([0, 2, 3, 1]), random.standard_normal((4, 7)).astype(np.float32)
    who = np.array([0.25, 0.75, 0, 1, 0], np.float32)
    with torch.no_grad():
        given = (torch.from_numpy(a)[None] for a in (symbols, features, who))
        encoded, timing = model.encode(*given, torch.ones(1, 4, 1))
    ours = speaking.encode(weights, symbols, features, who)
    np.testing.assert_allclose(ours[0], encoded[0].numpy(), atol=1e-5)
    np.testing.assert_allclose(ours[1], timing[0].numpy(), atol=1e-5)


def test_a_new_speaker_begins_at_its_own_pitch(several, tmp_path):
    """Before anything is learned: what is measured of the clips is enough for that."""
    mine = of(corpus(tmp_path, count=4), speaker="me", language="xx", raised=-0.5)
    model = begun(several, tmp_path, mine, steps=1, rate=1e-12)
    assert model.voice.phone_set == "toy" and model.voice.languages == ("xx",)
    assert model.voice.shape.languages == 0 and model.voice.scales.speakers is None
    said = pitch(model.predict(Request(mine.items[0].segmentation)))
    assert said == pytest.approx(pitch(mine.items[0].frames()), abs=0.1)
    assert said < TONE["a"][1] - 0.3, "it is the pitch of those who were heard before"


def test_of_a_clip_the_code_alone_is_learned(several, tmp_path):
    mine = of(corpus(tmp_path, count=1), speaker="me", language="yy", raised=0.2)
    model = begun(several, tmp_path, mine, steps=12, rate=0.02, learn="speaker")
    before = in_terms_of(TrainedVoice.load(several[0]), mine, new=True).weights
    for name, weight in model.voice.weights.items():
        same = np.allclose(weight, before[name][: len(weight)], atol=1e-6)
        assert same == (name != "encoder.speaker.weight"), name


def test_it_speaks_as_those_it_knows_without_training(several, tmp_path):
    data = of(corpus(tmp_path, count=2), speaker="me", language="xx")
    model = ParametricModel(ParametricSettings(pretrained=str(several[0])))
    (tmp_path / "taken").mkdir()
    model.fit(data, tmp_path / "taken", context(tmp_path / "work"))
    model.open(tmp_path / "taken")
    text = data.items[1].segmentation
    base = ParametricModel()
    base.open(several[0])
    for speaker in ("low", "high"):
        ours = model.predict(Request(text, speaker=speaker))
        theirs = base.predict(Request(as_shared(text), speaker=speaker))
        np.testing.assert_allclose(ours["mcep"], theirs["mcep"], atol=0.02)  # kept in 16 bits


def test_a_sound_that_was_never_heard_begins_as_the_nearest(several, tmp_path):
    new = sentence("aez", "os")
    data = of(corpus(tmp_path, count=1), speaker="me", language="xx")
    data = replace(data, items=(replace(data.items[0], segmentation=replace(new, language="xx")),))
    voice = in_terms_of(TrainedVoice.load(several[0]), data)
    row = {s: voice.weights["encoder.symbol.weight"][k] for k, s in enumerate(voice.symbols)}
    assert {"e", "z"} <= set(row)
    assert np.array_equal(row["z"], row["s"]) and phones.nearest("e", "ao", "ipa") in "ao"


@pytest.mark.parametrize("languages", [("zz",), ("xx", "yy")])
def test_of_other_languages_it_is_no_beginning(languages, several, tmp_path):
    data = replace(corpus(tmp_path, count=1), languages=languages)
    with pytest.raises(SpecMismatch, match="xx, yy"):
        in_terms_of(TrainedVoice.load(several[0]), data)


def test_symbols_of_one_sound_become_one():
    from synthkit_parametric.fitting import pretrained

    voice = pretrained("nsh")
    shared = to_shared(voice)
    assert to_shared(shared) is shared
    assert {"a", "ɐ", "pau", "sʲ"} <= set(shared.symbols) and not {"aa", "ss"} & set(shared.symbols)
    own = {s: voice.weights["encoder.symbol.weight"][k] for k, s in enumerate(voice.symbols)}
    both = shared.weights["encoder.symbol.weight"][shared.symbols.index("ʊ")]
    np.testing.assert_allclose(both, (own["u"] + own["ur"]) / 2, atol=1e-6)


def test_two_networks_are_put_into_other_terms_together():
    """The second was left in the first terms, and could be neither spoken with nor kept."""
    from synthkit_parametric.fitting import pretrained

    for name in ("nsh", "several", "five"):
        voice = pretrained(name)
        voice = replace(voice, beside=(voice.weights,))
        data = SimpleNamespace(items=(), languages=("ru",), phone_set="msu-ru")
        made = to_shared(voice) if name == "nsh" else in_terms_of(voice, data)
        for network in made.networks:
            assert {k: v.shape for k, v in network.items()} == made.shape.tensors(), name


def test_a_file_whose_speakers_do_not_fit_is_refused(several, tmp_path):
    voice = TrainedVoice.load(several[0])
    wrong = replace(voice, scales=replace(voice.scales, speakers=voice.scales.speakers[:1]))
    wrong.save(tmp_path, dtype="float32")
    with pytest.raises(VoiceError):
        TrainedVoice.load(tmp_path)
    replace(voice, languages=("xx",)).save(tmp_path, dtype="float32")
    with pytest.raises(VoiceError):
        TrainedVoice.load(tmp_path)


def test_items_are_shared_with_their_alignments(tmp_path):
    given = item(sentence("aos"), "u", tmp_path)
    named = replace(given.segmentation, phone_set="arpabet")
    word = replace(named.words[0], phones=(replace(named.words[0].phones[0], symbol="sh"),))
    intervals = tuple(replace(i, label="sh") if i.label == "a" else i for i in given.alignment.phones)
    given = replace(given, segmentation=replace(named, words=(word,)))
    made = shared_item(replace(given, alignment=replace(given.alignment, phones=intervals)))
    assert [p.symbol for p in made.segmentation.phones()] == ["ʃ"]
    assert {i.label for i in made.alignment.phones} == {"pau", "ʃ", "o", "s"}


@pytest.mark.parametrize(
    ("language", "text", "speaker"),
    [("ru", "Щука съела ёжика.", "nsh"), ("en", "The judge was pleased.", "allison")],
)
def test_the_bundled_weights_speak_what_they_have_learned(language, text, speaker, tmp_path):
    """A voice of whatever recordings takes them as they are."""
    pytest.importorskip("synthkit_text")
    from synthkit.testing.samples import sample_training_data

    data = sample_training_data(f"bundled-{language}", count=1, folder=tmp_path)
    model = ParametricModel(ParametricSettings(pretrained="several"))
    model.check_phone_set(data.phone_set)
    (tmp_path / "voice").mkdir()
    model.fit(data, tmp_path / "voice", context(tmp_path / "work"))
    model.open(tmp_path / "voice")
    said = model.predict(
        Request(registry().load("segmentation", "text")().segment(text, language), speaker=speaker)
    )
    assert 0.8 < len(said) * said.spec.frame_period < 4
    low, high = (60, 160) if speaker == "nsh" else (150, 300)
    assert low < np.exp(pitch(said)) < high
    assert "Allison Smith" in (tmp_path / "voice" / "LICENCE.txt").read_text(encoding="utf-8")


def test_the_bundled_weights_have_never_heard_who_is_adapted_to():
    heard = TrainedVoice.load(BUNDLED / "several").made["heard"]
    held_out = {u.id for u in open_corpus("bundled-ru").utterances} - set(heard)
    assert {"ru_0012", "ru_0051"} <= held_out
    assert not [id_ for id_ in heard if id_.startswith("asterisk-ru")]
    assert sum(file.stat().st_size for file in (BUNDLED / "several").iterdir()) < 12_000_000
