# SPDX-License-Identifier: Apache-2.0
"""Units of recordings and the guide's own speech in one search."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from synthkit_unit_selection.multiform import SOURCE, Multiform, guide_speech
from synthkit_unit_selection.phone_row import from_text
from synthkit_unit_selection.store import unit_dtype

from synthkit.cli import run
from synthkit.errors import ConfigError
from synthkit.pipeline.voice import Voice
from synthkit.plugins import registry
from synthkit.stages import Request
from synthkit.types import PAUSE, Frames, Phone, Prosody, Segmentation, Targets, Word

ROOT = Path(__file__).parents[3]
TEXT = "В лесу было тихо, и только ветер шумел."
pytest.importorskip("synthkit_parametric")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A guided voice of eight recordings."""
    out = tmp_path_factory.mktemp("multiform")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SYNTHKIT_CACHE", str(out / "cache"))
        recipe = ROOT / "corpora/recipes/demo-ru.toml"
        assert run(["build", str(recipe), "-o", str(out / "voice"), "--set", "voice.limit=8"]) == 0
    return out / "voice"


def opened(folder, **settings):
    return Voice.open(folder, overrides=[f"acoustic_model.{k}={v}" for k, v in settings.items()])


def shares(folder, **settings):
    """Share of half-phones that the guide says, and the path."""
    with opened(folder, **settings) as voice:
        path = voice.predict(voice.segment(TEXT))
    return np.mean([unit.source == SOURCE for unit in path.units]), path


def test_the_price_decides_who_speaks(folder):
    recorded, plain = shares(folder)
    dear, same = shares(folder, guide_speaks=1e5)
    cheap, said = shares(folder, guide_speaks=0)
    some, mixed = shares(folder, guide_speaks=25)
    assert (recorded, dear) == (0, 0) and cheap > 0.95 and 0 < some < cheap
    assert [u.index for u in same.units] == [u.index for u in plain.units]
    assert said.joins < mixed.joins < plain.joins
    for path in (plain, said, mixed):
        assert path.cost == sum(unit.cost for unit in path.units)
    assert mixed.cost < plain.cost, "what may be chosen besides makes the best path no dearer"
    prices = [u.target["hygiene"] for u in mixed.units if u.source == SOURCE]
    assert prices == pytest.approx([0.35 * 25] * len(prices))


def test_a_guide_that_says_all_is_heard_as_it_is(folder):
    with opened(folder, guide_speaks=0, **{"join.join": 1000}) as voice:
        text = voice.segment(TEXT)
        said, model = voice.speak(TEXT), voice.acoustic_model
        path = said.predictions[0]
        pauses = {path.words[k - 1] for k, symbol in enumerate(path.phones) if symbol == PAUSE and k}
        frames = model.guidance.guide.model.predict_targets(text, pauses=pauses).frames
    assert path.joins == 0
    own = registry().load("vocoder", "world")().render(frames)
    heard = said.waveform.samples  # as long as its phones, where frames go on to the end of a step
    assert 0 <= len(own.samples) - len(heard) < 160
    np.testing.assert_allclose(heard, own.samples[: len(heard)], atol=1e-6)


def test_what_is_given_and_the_guide_s_options_reach_its_speech(folder):
    with (
        opened(folder, guide_speaks=0) as voice,
        opened(folder, guide_speaks=0, **{"guide_options.modulation": 1}) as sharper,
    ):
        plain, sharp = (v.speak(TEXT).predictions[0].audio.speech.frames for v in (voice, sharper))
        text = voice.segment(TEXT)
        given = np.array([[k + 0.5, 200.0] for k in range(len(text.symbols()))])
        high = voice.predict(text, f0=given).audio.speech.frames
    assert np.std(sharp["mcep"][:, 1:], axis=0).sum() > 1.1 * np.std(plain["mcep"][:, 1:], axis=0).sum()
    np.testing.assert_array_equal(sharp["lf0"], plain["lf0"])
    voiced = high["vuv"] > 0.5
    assert abs(np.exp(high["lf0"][voiced]).mean() - 200) < 4 < abs(np.exp(plain["lf0"][voiced]).mean() - 200)


def test_a_share_of_aims_leaves_the_rest_to_the_guide_s_melody(folder):
    """Units are chosen by the melody that the guide speaks with, so that both go on from each other."""
    with opened(folder, guide_speaks=25) as voice:
        text = voice.segment(TEXT)
        points = np.array([[k + 0.5, 200.0] for k in range(len(text.symbols()))])

        def aimed(share):
            made = Prosody(frozenset(), f0=points, share=share)
            target, _ = voice.acoustic_model.target(Request(text, prosody=made), voice.acoustic_model.config)
            return target

        own, some, whole = (aimed(share) for share in (0.0, 0.5, 1.0))
        frames = [t.speech.frames["lf0"] for t in (own, some, whole)]
        np.testing.assert_allclose(frames[1], (frames[0] + frames[2]) / 2, atol=1e-5)
        speech = some.speech
        said = speech.records["acoustics"][speech.rows]
        voiced = said[:, 2] > 0.5
        np.testing.assert_array_equal(some.predicted[speech.times[voiced], 1], said[voiced, 1])
        assert voiced.sum() > 20 and np.abs(own.predicted[:, 1] - whole.predicted[:, 1]).max() > 0.1


def test_only_what_is_heard_of_the_guide_is_rendered(folder, monkeypatch):
    """And it is what the whole is: voiced samples by their shape, since pulses are counted from the start."""
    asked = []

    vocoder = registry().load("vocoder", "world")
    render = vocoder.render

    def counted(self, frames):
        asked.append(len(frames))
        return render(self, frames)

    monkeypatch.setattr(vocoder, "render", counted)
    with opened(folder, guide_speaks=25) as voice:
        path = voice.predict(voice.segment(TEXT))
        audio, frames = path.audio, path.audio.speech.frames
        assert asked == []
        voice.render(path)
        (heard,) = asked
        runs = [r for r in path.runs() if r[0].source == SOURCE]
        spoken = sum(r[-1].end - r[0].start for r in runs) / 80
        assert spoken < heard <= spoken + len(runs) * 30 and heard < 0.9 * len(frames)
        voice.render(path)
        assert len(asked) == 1
        part = [audio.read(SOURCE, r[0].start - 300, r[-1].end + 300) for r in runs]
        assert len(asked) == 1
        whole = audio.read(SOURCE, -5, 80 * len(frames) + 5)
    assert asked[1:] == [len(frames)]
    assert not whole[:5].any() and not whole[-5:].any()
    for (first, *_, last), piece in zip(runs, part, strict=True):
        start, end = first.start - 300, last.end + 300
        same = np.zeros(end - start, np.float32)
        low, high = max(start, 0), min(end, 80 * len(frames))
        same[low - start : high - start] = whole[low + 5 : high + 5]
        levels = [20 * np.log10(np.sqrt(np.mean(x**2)) + 1e-4) for x in (piece, same)]
        assert abs(levels[0] - levels[1]) < 1.5


def test_a_neural_vocoder_makes_the_guide_heard(folder, tmp_path, monkeypatch):
    """Its weights are part of the voice; what it does not read, it does not speak with."""
    pytest.importorskip("synthkit_syrinx")
    monkeypatch.setenv("SYNTHKIT_CACHE", str(folder.parent / "cache"))
    recipe = ROOT / "corpora/recipes/demo-ru.toml"
    vocoder = ["acoustic_model.guide_vocoder.plugin=syrinx", "acoustic_model.guide_vocoder.pretrained=nsh"]
    more = ["voice.limit=8", "acoustic_model.guide_speaks=0", *vocoder]
    assert run(["build", str(recipe), "-o", str(tmp_path / "voice"), *(f"--set={s}" for s in more)]) == 0
    kept = tmp_path / "voice" / "acoustic_model" / "guide-speech" / "vocoder"
    assert sorted(path.suffix for path in kept.iterdir()) == [".json", ".safetensors"]
    monkeypatch.setattr(registry().load("vocoder", "syrinx"), "bundled", tmp_path)
    with Voice.open(tmp_path / "voice") as neural, opened(folder, guide_speaks=0) as plain:
        one, other = (v.speak(TEXT).waveform.samples for v in (neural, plain))
    assert len(one) == len(other) and not np.allclose(one, other, atol=0.01)
    levels = [20 * np.log10(np.sqrt(np.mean(x**2))) for x in (one, other)]
    assert abs(levels[0] - levels[1]) < 3
    with (
        Voice.open(folder, overrides=["acoustic_model.guide_speaks=0", *vocoder]) as voice,
        pytest.raises(ConfigError, match="without weights of vocoder 'syrinx'"),
    ):
        voice.speak(TEXT)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"plugin": "overlap-add"}, "does not take the guide's frames"),
        ({"plugin": "syrinx"}, "would have to be trained"),
        ({"plugin": "sirynx"}, "sirynx"),
        ({"pitch": 9.0}, "pitch"),
        ({"speed": 2.0}, "cannot be made faster or slower"),
        ({"plugin": "syrinx", "pretrained": "nobody"}, "no pretrained weights 'nobody'"),
    ],
)
def test_a_vocoder_that_cannot_make_the_guide_heard_is_refused(table, said, tmp_path, capsys):
    recipe = ROOT / "corpora/recipes/demo-ru.toml"
    more = ["voice.limit=2", *(f"acoustic_model.guide_vocoder.{k}={v}" for k, v in table.items())]
    assert run(["build", str(recipe), "-o", str(tmp_path / "no"), *(f"--set={s}" for s in more)]) != 0
    err = capsys.readouterr().err
    assert said in err and "guide_vocoder" in err and "Traceback" not in err
    assert not (tmp_path / "no").exists()


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ("guidance_speaker=anna", "of the guide 'parametric': there is no speaker 'anna'"),
        ("guide_options.modulation=-1", "of the guide 'parametric': modulation: Input should be greater"),
        ("guide_options.foo=1", "of the guide 'parametric': unknown option 'foo'"),
    ],
)
def test_what_the_guide_has_not_is_told_before_any_work(setting, told, tmp_path, capsys):
    recipe = ROOT / "corpora/recipes/demo-ru.toml"
    more = ["voice.limit=2", "acoustic_model.guide_speaks=16", f"acoustic_model.{setting}"]
    assert run(["build", str(recipe), "-o", str(tmp_path / "no"), *(f"--set={s}" for s in more)]) == 2
    err = capsys.readouterr().err
    assert told in err and f"[acoustic_model] {setting.split('=')[0].split('.')[0]}" in err, err
    assert "features" not in err and not (tmp_path / "no").exists()


def test_without_a_guide_it_is_refused(folder, tmp_path, capsys):
    recipe = ROOT / "corpora/recipes/demo-ru.toml"
    for setting in ("guide_speaks=3", "guide_options.modulation=1", "guide_vocoder.plugin=world"):
        more = ["voice.limit=2", "acoustic_model.guidance_pretrained=", f"acoustic_model.{setting}"]
        assert run(["build", str(recipe), "-o", str(tmp_path / "no"), *(f"--set={s}" for s in more)]) != 0
        err = capsys.readouterr().err
        assert (
            "only where there is one" in err
            and f"[acoustic_model] {setting.split('=')[0].split('.')[0]}" in err
        )
        assert err.count("error: ") == 1 and err.count("→") == 1, err
        assert not (tmp_path / "no").exists()
    with opened(folder) as voice:
        voice.acoustic_model.guidance = None
        with pytest.raises(ConfigError, match="only where there is one"):
            voice.predict(voice.segment(TEXT), options={"guide_speaks": 3})


class Store:
    """Ten recorded units, of which each is its number; the recording is a ramp."""

    sample_rate, phones = 16000, ("", "a")

    def __init__(self, dtype):
        self.rows = np.zeros(12, dtype)
        self.rows["edge"] = np.arange(12)
        self.units = self

    def __len__(self):
        return 10

    def fetch(self, rows, before):
        return np.concatenate([before, self.rows]), rows + len(before)

    def sources(self, units):
        return [f"u{k}" for k in units.tolist()]

    def lengths(self, units):
        return np.full(len(units), 7)

    def read(self, source, start, end):
        return np.arange(start, end, dtype=np.float32)


class Guide:
    """Says two phones of 20 ms each, the second voiced."""

    def said(self, segmentation, spoken, options):
        assert options == {"some": 1}
        count = 8
        data = {"mcep": np.zeros((count, 2)), "lf0": np.full(count, 5.0), "vuv": np.arange(count) >= 4}
        spec = registry().load("features", "world")
        spec = spec(spec.Config(sample_rate=16000, order=1, aperiodicity=False)).spec
        frames = Frames({k: v.astype(np.float32) for k, v in data.items()}, spec)
        found = Targets(("b", "a"), (0, 0), np.array([0.02, 0.02]), np.zeros(2), frames, np.array([0, 4, 8]))
        return found, [(1, 0)]


def test_a_phone_that_the_guide_does_not_say_is_none_of_its_units():
    text = Segmentation("a", "xx", "toy", (Word("a", (Phone("a"),)),))
    spoken = from_text(text, [False], {0: (1, [("a", 0, 0)])})
    dtype = unit_dtype(3, 6, 4)
    context = np.ones((len(spoken), 3), np.uint8)
    speech = guide_speech(Guide(), Request(text), spoken, context, dtype, 2.5, {"some": 1}, None)
    assert speech.times.tolist() == [0, 1] and speech.rows.tolist() == [2, 3]
    assert speech.records["edge"].tolist() == [0, 160, 320, 480, 640]
    np.testing.assert_allclose(speech.records["acoustics"][2:4, 2], 1)  # voiced
    np.testing.assert_allclose(np.exp(speech.records["acoustics"][:4, 0]), 0.01, rtol=1e-5)
    assert (speech.records["acoustics"][:4, -1] == 2.5).all()
    both = Multiform(Store(dtype), speech)
    units = np.array([3, both.base + 2, 9, both.base + 3])
    block, at = both.units.fetch(units)
    assert block["edge"][at].tolist() == [3, 320, 9, 480]
    assert block["edge"][at + 1].tolist() == [4, 480, 10, 640]
    assert both.sources(units) == ["u3", SOURCE, "u9", SOURCE]
    assert both.lengths(units).tolist() == [7, 640, 7, 640]
    assert both.read("u3", 2, 4).tolist() == [2, 3]


def test_an_id_that_is_no_text_is_damage(folder, tmp_path):
    """Found by the fuzzer at 2,000 cases: it was a `UnicodeDecodeError`."""
    from synthkit_unit_selection.store import UnitStore

    from synthkit.errors import VoiceError

    shutil.copytree(folder / "acoustic_model", tmp_path / "units")
    path = tmp_path / "units" / "names.bin"
    path.write_bytes(b"\xff\xfe" + path.read_bytes()[2:])
    store = UnitStore(tmp_path / "units")
    try:
        with pytest.raises(VoiceError, match="recording 0 is not UTF-8"):
            store.source(0)
    finally:
        store.close()
