# SPDX-License-Identifier: Apache-2.0
"""The numpy network is the torch network; what it predicts of the made-up language is right."""

import json

import numpy as np
import pytest
from parametric_toy import SECONDS, TONE, corpus, sentence
from synthkit_parametric import speaking
from synthkit_parametric.parametric import ParametricModel, ParametricSettings, heights
from synthkit_parametric.voice import Shape

from synthkit.errors import ConfigError, CorpusError, TextError, VoiceError
from synthkit.stages import Request
from synthkit.types import PAUSE

SHAPE = Shape(
    symbols=5,
    features=7,
    boundary=6,
    outputs=9,
    speakers=2,
    channels=12,
    decoder_layers=5,
    lstm=6,
    reduction=3,
)


def test_numpy_and_torch_are_one_network():
    torch = pytest.importorskip("torch")
    from synthkit_parametric.model import Parametric

    torch.manual_seed(3)
    model = Parametric(SHAPE, 0.3).eval()
    torch.nn.init.normal_(model.encoder.speaker.weight)
    weights = {k: v.numpy() for k, v in model.state_dict().items()}
    assert {k: v.shape for k, v in weights.items()} == SHAPE.tensors()
    random = np.random.default_rng(0)
    lengths, steps = (11, 4), (40, 9)  # the second utterance is padded in torch and must not notice
    symbols = random.integers(0, 5, (2, 11))
    features = random.standard_normal((2, 11, 7)).astype(np.float32)
    speaker = np.array([[1, 0], [0.25, 0.75]], np.float32)
    index = np.sort(random.integers(0, 4, (2, 40)), axis=1)
    places = random.standard_normal((2, 40, 8)).astype(np.float32)

    def mask(sizes, longest):
        return torch.tensor([[[float(n < size)] for n in range(longest)] for size in sizes])

    with torch.no_grad():
        encoded, timing = model.encode(
            torch.from_numpy(symbols),
            torch.from_numpy(features),
            torch.from_numpy(speaker),
            mask(lengths, 11),
        )
        out = model.decode(encoded, torch.from_numpy(index), torch.from_numpy(places), mask(steps, 40))
        marks = random.standard_normal((5, 6)).astype(np.float32)
        logits = model.pauses(torch.from_numpy(marks)).numpy()
    for kept in (weights, speaking.Network(weights)):
        assert all(np.array_equal(kept[name], value) for name, value in weights.items())
        for b, (p, s) in enumerate(zip(lengths, steps, strict=True)):
            ours, seconds = speaking.encode(kept, symbols[b, :p], features[b, :p], speaker[b])
            np.testing.assert_allclose(ours, encoded[b, :p], atol=2e-5)
            np.testing.assert_allclose(seconds, timing[b, :p], atol=2e-5)
            frames = speaking.decode(kept, ours, index[b, :s], places[b, :s], 9)
            np.testing.assert_allclose(frames, out[b, : 3 * s], atol=2e-5)
        np.testing.assert_allclose(speaking.pauses(kept, marks), logits, atol=1e-6)


def test_it_learned_durations_pitch_spectrum_voicing_and_pauses(voice):
    model, _ = voice
    text = sentence("aos", "oa", "aso", comma=(1,))
    found = model.predict_targets(text)
    assert list(found.phones) == text.symbols()  # it pauses at commas and nowhere else
    np.testing.assert_allclose(found.durations, [SECONDS[p] for p in found.phones], rtol=0.15)
    for p, symbol in enumerate(found.phones):
        c1, lf0, vuv = TONE[symbol]
        middle = (found.starts[p] + found.starts[p + 1]) // 2
        if symbol != PAUSE:
            assert found.frames["mcep"][middle, 1] == pytest.approx(c1, abs=0.5)
            assert found.f0[p] == (pytest.approx(np.exp(lf0), rel=0.05) if vuv else 0)
    assert found.starts[-1] == len(found.frames)


def test_vectors_of_phones_stand_beside_what_it_would_say(voice):
    model, _ = voice
    text = sentence("aos", "oa", "aso", comma=(1,))
    would, knows = model.predict_targets(text), model.phone_vectors(text)
    assert knows.phones == would.phones
    assert knows.words == would.words
    np.testing.assert_allclose(knows.durations, would.durations, rtol=1e-6)
    # One vector a phone, and the same phone in another place is not the same.
    assert knows.vectors.shape == (len(knows.phones), model.voice.shape.channels)
    first, other = (i for i, p in enumerate(knows.phones) if p == "s")
    assert not np.allclose(knows.vectors[first], knows.vectors[other])
    paused = model.phone_vectors(text, pauses={0, 1})
    assert list(paused.phones).count(PAUSE) == list(knows.phones).count(PAUSE) + 1


def test_bundled_weights_are_named():
    found = ParametricModel.bundled("nsh")
    assert found.phone_set == "msu-ru"
    assert found.spec.kind == "world"
    assert len(found.heard) == 558
    with pytest.raises(VoiceError, match="no weights 'other'"):
        ParametricModel.bundled("other")


def test_options_do_what_they_say(voice):
    model, _ = voice
    text = sentence("aos", "oa")
    plain = model.predict(Request(text)).check()
    fast = model.predict(Request(text, options={"speed": 2.0}))
    assert len(fast) == pytest.approx(len(plain) / 2, abs=4)
    high = model.predict(Request(text, options={"pitch": 12}))
    np.testing.assert_allclose(high["lf0"] - plain["lf0"], np.log(2), atol=1e-5)
    loud = model.predict(Request(text, options={"energy": 20}))
    np.testing.assert_allclose(loud["mcep"][:, 0] - plain["mcep"][:, 0], np.log(10), atol=1e-5)
    np.testing.assert_array_equal(loud["mcep"][:, 1:], plain["mcep"][:, 1:])


def test_given_durations_are_kept(voice):
    model, _ = voice
    text = sentence("ao", "s", comma=(0,))
    seconds = np.array([0.1, 0.2, 0.3, 0.0, 0.05, 0.1])  # the pause at the comma is not made
    assert len(model.predict(Request(text, durations=seconds))) == 150
    with pytest.raises(ConfigError, match="6 phones"):
        model.predict(Request(text, durations=seconds[1:]))
    with pytest.raises(ConfigError, match="speed"):
        model.predict(Request(text, durations=seconds, options={"speed": 1.5}))


@pytest.mark.parametrize(
    ("request_", "error", "match"),
    [
        (Request(sentence("ax")), TextError, "'x'"),
        (Request(sentence("a"), options={"sped": 1}), ConfigError, "sped"),
        (Request(sentence("a"), options={"speed": 99}), ConfigError, "speed"),
        (Request(sentence("a"), speaker="nobody"), ConfigError, "nobody"),
        (Request(sentence("a"), embedding=np.ones(4)), ConfigError, "clone"),
    ],
)
def test_what_cannot_be_spoken_is_refused(voice, request_, error, match):
    with pytest.raises(error, match=match):
        voice[0].predict(request_)


def test_phones_and_speakers_are_refused_before_anything_is_said(voice):
    voice[0].check_said(Request(sentence("a")))
    with pytest.raises(TextError, match="'x'"):
        voice[0].check_said(Request(sentence("ax")))
    with pytest.raises(ConfigError, match="nobody"):
        voice[0].check_said(Request(sentence("a"), speaker="nobody"))


def test_a_voice_that_was_not_opened_says_so():
    with pytest.raises(VoiceError, match="opened"):
        ParametricModel().predict(Request(sentence("a")))


def test_speaking_needs_no_torch(voice):
    import subprocess
    import sys

    code = (
        "import sys\n"
        "sys.modules['torch'] = None\n"
        "from pathlib import Path\n"
        "from synthkit_parametric.parametric import ParametricModel\n"
        "from synthkit.stages import Request\n"
        "from synthkit.types import *\n"
        f"m = ParametricModel(); m.open(Path({str(voice[1])!r}))\n"
        "s = Segmentation('a', 'xx', 'toy', (Word('a', (Phone('a'),), 3, '.'),))\n"
        "print(len(m.predict(Request(s))))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(done.stdout) > 10


def test_a_voice_that_lacks_its_second_network_is_refused(voice, tmp_path):
    import shutil

    folder = shutil.copytree(voice[1], tmp_path / "voice")
    about = json.loads((folder / "parametric.json").read_text(encoding="utf-8"))
    (folder / "parametric.json").write_text(json.dumps({**about, "networks": 2}))
    with pytest.raises(VoiceError, match=r"parametric-2\.safetensors.*is missing"):
        ParametricModel().open(folder)


@pytest.mark.parametrize("damage", ["cut", "swapped", "json", "missing", "nan"])
def test_a_damaged_voice_is_refused(voice, tmp_path, damage):
    import json
    import shutil

    from safetensors.numpy import load_file, save_file

    folder = tmp_path / "voice"
    shutil.copytree(voice[1], folder)
    tensors, about = folder / "parametric.safetensors", folder / "parametric.json"
    if damage == "cut":
        tensors.write_bytes(tensors.read_bytes()[:-100])
    elif damage == "missing":
        tensors.unlink()
    elif damage == "json":
        about.write_text("{")
    elif damage == "swapped":
        data = json.loads(about.read_text())
        data["shape"]["lstm"] = 9
        about.write_text(json.dumps(data))
    else:
        weights = load_file(tensors)
        weights["decoder.out.bias"][0] = np.nan
        save_file(weights, tensors)
    with pytest.raises(VoiceError):
        ParametricModel().open(folder)


def test_two_speakers_and_a_mixture(tmp_path):
    pytest.importorskip("torch")
    from parametric_toy import SMALL

    from synthkit.testing.samples import context

    data = corpus(tmp_path, 6, speakers=("s", "t"))
    model = ParametricModel(ParametricSettings(**SMALL, steps=3))
    model.fit(data, tmp_path, context(tmp_path / "work"))
    model.open(tmp_path)
    for name in ("s", "t", "0.5*s+0.5*t", None):
        model.predict(Request(sentence("ao"), speaker=name)).check()
    with pytest.raises(ConfigError, match="nobody"):
        model.predict(Request(sentence("ao"), speaker="0.5*s+0.5*nobody"))


def test_a_corpus_whose_texts_are_not_its_recordings_is_refused(tmp_path):
    pytest.importorskip("torch")
    from dataclasses import replace

    from synthkit.testing.samples import context

    data = corpus(tmp_path, 2)
    wrong = tuple(replace(i, segmentation=sentence("ssss", "ssss", "ssss", "ssss")) for i in data.items)
    with pytest.raises(CorpusError, match="belong together"):
        ParametricModel().fit(replace(data, items=wrong), tmp_path, context(tmp_path / "work"))


def test_one_utterance_is_enough_to_train_on(tmp_path):
    pytest.importorskip("torch")
    from parametric_toy import SMALL

    from synthkit.testing.samples import context

    model = ParametricModel(ParametricSettings(**SMALL, steps=2))
    model.fit(corpus(tmp_path, 1), tmp_path, context(tmp_path / "work"))
    model.open(tmp_path)
    model.predict(Request(sentence("a"))).check()


def test_the_bundled_voice_speaks_russian_and_only_fits_its_own_features(tmp_path):
    from synthkit_parametric.fitting import BUNDLED

    from synthkit.errors import SpecMismatch
    from synthkit.testing.samples import context

    model = ParametricModel()
    model.open(BUNDLED / "nsh")
    assert model.voice.phone_set == "msu-ru"
    from synthkit.types import Phone, Segmentation, Word

    word = Word("мама", (Phone("m"), Phone("aa", 1), Phone("m"), Phone("a")), 3, ".")
    frames = model.predict(Request(Segmentation("мама.", "ru", "msu-ru", (word,)))).check()
    assert 0.4 < len(frames) * 0.005 < 2.0
    pitch = np.exp(frames["lf0"][frames["vuv"] > 0.5])
    assert 90 < np.median(pitch) < 200  # a man's voice
    taking = ParametricModel(ParametricSettings(pretrained="nsh"))
    with pytest.raises(SpecMismatch, match="stream mcep"):
        taking.fit(corpus(tmp_path, 1), tmp_path, context(tmp_path / "work"))
    with pytest.raises(VoiceError, match="nobody"):
        ParametricModel(ParametricSettings(pretrained="nobody")).fit(corpus(tmp_path, 1), tmp_path, context())


def test_pretrained_weights_that_do_not_know_the_phones_are_refused(voice, tmp_path):
    from dataclasses import replace

    from synthkit.errors import SpecMismatch
    from synthkit.testing.samples import context

    taking = ParametricModel(ParametricSettings(pretrained=str(voice[1])))
    taking.check_phone_set("toy")
    with pytest.raises(SpecMismatch, match="phone set 'toy', the corpus has 'ipa'"):
        taking.check_phone_set("ipa")  # asked before anything is aligned
    data = corpus(tmp_path, 2)
    strange = replace(data.items[1], segmentation=sentence("aos", "zha"))
    with pytest.raises(SpecMismatch, match=r"2 phones of the corpus: 'h' \(in u1\), 'z' \(in u1\)"):
        taking.fit(
            replace(data, items=(data.items[0], strange)), tmp_path / "out", context(tmp_path / "work")
        )
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("shape.decoder_layers", 10**9),
        ("shape.channels", -1),
        ("scales.mean", [float("nan")] * 8),
        ("spec.params", {"order": None, "floor": [None]}),
        ("spec.streams", ["mcep"]),
        ("spec.streams", [{"name": "mcep", "dtype": "float32", "width": 5}]),
        ("spec.hop_length", 0),
        ("made", "x"),
        ("networks", 99),
        ("networks", "2"),
    ],
)
def test_a_description_of_no_voice_is_refused(place, value, voice, tmp_path):
    import shutil

    shutil.copytree(voice[1], tmp_path / "v", ignore=shutil.ignore_patterns("work"))
    data = json.loads((tmp_path / "v" / "parametric.json").read_text(encoding="utf-8"))
    *parents, last = place.split(".")
    table = data
    for parent in parents:
        table = table[parent]
    table[last] = value
    (tmp_path / "v" / "parametric.json").write_text(json.dumps(data))
    with pytest.raises(VoiceError, match=r"is not what a parametric voice holds|do not fit"):
        ParametricModel().open(tmp_path / "v")


def test_weights_that_are_no_numbers_with_a_point_are_refused(voice, tmp_path):
    import shutil

    from safetensors.numpy import load_file, save_file

    shutil.copytree(voice[1], tmp_path / "v", ignore=shutil.ignore_patterns("work"))
    path = tmp_path / "v" / "parametric.safetensors"
    weights = load_file(path)
    save_file({**weights, "duration.bias": weights["duration.bias"].astype("int32")}, path)
    with pytest.raises(VoiceError, match="int32, which are no weights"):
        ParametricModel().open(tmp_path / "v")
    (tmp_path / "v" / "parametric.json").unlink()
    (tmp_path / "v" / "parametric.json").mkdir()
    with pytest.raises(VoiceError, match="it is a directory"):
        ParametricModel().open(tmp_path / "v")


def test_weights_that_cannot_speak_as_is_asked_are_refused_before_any_work():
    """`several` was learned before modulation was measured: a voice of it would be built, and never speak."""
    taking = ParametricModel(ParametricSettings(pretrained="several", modulation=1))
    with pytest.raises(ConfigError, match="'several' do not say how natural spectra change") as caught:
        taking.check_phone_set("msu-ru")
    assert caught.value.where == "[acoustic_model] modulation" and "set modulation to 0" in caught.value.hint
    ParametricModel(ParametricSettings(pretrained="several")).check_phone_set("msu-ru")
    ParametricModel(ParametricSettings(pretrained="five", modulation=1)).check_phone_set("msu-ru")


def test_pretrained_weights_are_taken_as_they_are(voice, tmp_path):
    from synthkit.testing.samples import context

    model = ParametricModel(ParametricSettings(pretrained=str(voice[1]), stored="float32"))
    model.fit(corpus(tmp_path, 1), tmp_path, context(tmp_path / "work"))
    name = "parametric.safetensors"
    assert (tmp_path / name).read_bytes() == (voice[1] / name).read_bytes()
    heard = json.loads((voice[1] / "parametric.json").read_text(encoding="utf-8"))["made"]["heard"]
    assert heard and (tmp_path / "heard.txt").read_text(encoding="utf-8").split("\n") == heard


def test_durations_and_f0_given_for_some_phones_leave_the_others(voice):
    model, _ = voice
    text = sentence("aos", "oa")
    plain = model.predict(Request(text))
    place = text.symbols().index("o")
    durations = np.full(len(text.symbols()), np.nan)
    durations[place] = 0.4
    longer = model.predict(Request(text, durations=durations))
    before, after = np.diff(plain.timing.edges), np.diff(longer.timing.edges)
    assert after[place] == pytest.approx(0.4)
    np.testing.assert_allclose(np.delete(after, place), np.delete(before, place))

    points = np.array([[place + 0.25, 230.0], [place + 0.75, 90.0]])
    sung = model.predict(Request(text, f0=points))
    hop, edges = plain.spec.frame_period, plain.timing.edges
    at = np.interp(points[:, 0], np.arange(len(edges)), edges) / hop
    lf0 = np.interp(at, np.arange(len(sung)), sung["lf0"])
    np.testing.assert_allclose(np.exp(lf0), points[:, 1], rtol=0.05)
    np.testing.assert_array_equal(sung["mcep"], plain["mcep"])
    far = np.arange(len(sung)) * hop > edges[place + 2]
    np.testing.assert_allclose(sung["lf0"][far], plain["lf0"][far], atol=1e-6)


def test_a_phone_is_as_high_as_the_middle_of_its_voiced_frames():
    random = np.random.default_rng(0)
    for _ in range(50):
        starts = np.concatenate([[0], np.cumsum(random.integers(0, 7, 6))])
        log_f0 = random.standard_normal(starts[-1]).astype(np.float32)
        voiced = random.random(starts[-1]) > 0.5
        found = heights(log_f0, voiced, starts)
        for p, (start, end) in enumerate(zip(starts[:-1], starts[1:], strict=True)):
            there = voiced[start:end]
            said = np.exp(np.median(log_f0[start:end][there])) if there.any() and there.mean() >= 0.5 else 0
            assert found[p] == pytest.approx(said)
