# SPDX-License-Identifier: Apache-2.0
"""Predicted acoustics from another voice."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from synthkit_unit_selection.guidance import fit_guidance
from synthkit_unit_selection.guide import (
    Guide,
    asked_guide,
    check_phone_set,
    check_spec,
    pauses_after,
    strange_phones,
)
from synthkit_unit_selection.phone_row import from_text

from synthkit.cli import run
from synthkit.dsp.specs import WorldSpec
from synthkit.errors import ConfigError, SpecMismatch, VoiceError
from synthkit.pipeline.voice import Voice
from synthkit.stages import PredictsTargets
from synthkit.types import PAUSE, Frames, Phone, Segmentation, Targets, Word

ROOT = Path(__file__).parents[3]
SPEC = WorldSpec(
    sample_rate=16000, n_fft=1024, hop_length=80, floor=1e-11, order=1, alpha=0.41, f0_method="dio+stonemask",
    fmin=60.0, fmax=400.0,
)  # fmt: skip


def said(*words: str) -> Segmentation:
    return Segmentation(
        " ".join(words),
        "xx",
        "toy",
        tuple(Word(w, tuple(Phone(c) for c in w), 3 * (w == words[-1])) for w in words),
    )


class Toy(PredictsTargets):
    """Every phone lasts 40 ms, its two halves 20 ms; c1 counts the frames; voiced in the second half."""

    def known_phones(self):
        return ("a", "b", PAUSE)

    def predict_targets(self, segmentation, *, pauses=None, speaker=None, options=None):
        phones, words = [PAUSE], [-1]
        for k, word in enumerate(segmentation.words):
            phones += [p.symbol for p in word.phones]
            words += [k] * len(word.phones)
            if k in pauses or k == len(segmentation.words) - 1:
                phones.append(PAUSE)
                words.append(-1)
        count = 8 * len(phones)
        clock = np.arange(count, dtype=np.float32)
        mcep = np.stack([np.array([ord(p[0]) for p in phones], np.float32).repeat(8), clock], axis=1)
        data = {"mcep": mcep, "lf0": 5 + clock / 100, "vuv": (clock % 8 >= 4).astype(np.float32)}
        frames = Frames({k: v.astype(np.float32) for k, v in data.items()}, SPEC.spec)
        seconds = np.full(len(phones), 0.04)
        return Targets(
            tuple(phones),
            tuple(words),
            seconds,
            np.zeros(len(phones)),
            frames,
            8 * np.arange(len(phones) + 1),
        )


@pytest.fixture
def toy() -> Guide:
    return Guide(Toy(), "toy", "toy", SPEC.spec, "d")


def test_frames_are_measured_by_halves(toy):
    text = said("ab", "ba")
    spoken = from_text(text, [True, True])
    assert pauses_after(spoken) == {0, 1}
    rows, found = toy.targets(text, spoken, 5)
    assert found.all()
    assert len(rows) == 2 * len(spoken) == 14
    np.testing.assert_allclose(rows[:, 0], np.log(0.02), rtol=1e-5)
    np.testing.assert_allclose(rows[:, 2], [0, 1] * 7)  # voiced share
    # Half h holds frames 4 h … 4 h + 3, so that its mean clock is 4 h + 1.5.
    np.testing.assert_allclose(rows[:, 4], 4 * np.arange(14) + 1.5, rtol=1e-6)
    np.testing.assert_allclose(rows[:, 1], 5 + (4 * np.arange(14) + 1.5) / 100, rtol=1e-5)
    np.testing.assert_allclose(rows[::2, 3], [ord(s[0]) for s in spoken.symbols])


def test_phones_that_only_the_recording_has_are_not_said(toy):
    text = said("ab")
    spoken = from_text(text, [True], {0: (1, [("a", 0, 0), ("a", 0, 0), ("b", 0, 0)])})
    rows, found = toy.targets(text, spoken, 5)
    assert found.sum() == len(spoken) - 1
    assert not rows[np.flatnonzero(~found.repeat(2))].any()


def test_bias_is_taken_off_and_the_rest_is_the_scale(toy, tmp_path):
    texts = [said("ab", "ba"), said("aab"), said("bab", "a")]
    spoken = [from_text(t, [False] * len(t.words)) for t in texts]
    rng = np.random.default_rng(0)
    acoustics, own = [], []
    for t, s in zip(texts, spoken, strict=True):
        rows, _ = toy.targets(t, s, 5)
        noise = rng.standard_normal(rows.shape) * [0.1, 0.2, 0, 0.3, 0.4]
        acoustics.append((rows - [0.5, 0.1, 0, 2, -3] + noise).astype(np.float32))
        own.append(np.zeros_like(rows))
    recordings = list(zip(texts, spoken, own, acoustics, strict=True))
    guidance = fit_guidance(toy, lambda: recordings, tmp_path / "guidance.npz")
    np.testing.assert_allclose(guidance.offset, [0.5, 0.1, 0, 2, -3], atol=0.35)
    np.testing.assert_allclose(np.sqrt(guidance.residual[[0, 1, 3, 4]]), [0.1, 0.2, 0.3, 0.4], rtol=0.5)
    rows, _ = toy.targets(texts[0], spoken[0], 5)
    np.testing.assert_allclose(
        guidance.predict(texts[0], spoken[0], own[0]), rows - guidance.offset, rtol=1e-5
    )
    np.testing.assert_allclose(guidance.recorded(0, len(rows)), rows - guidance.offset, rtol=1e-5)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("sample_rate", 8000),
        ("hop_length", 160),
        ("n_fft", 512),
        ("floor", 1),
        ("alpha", 0.5),
        ("f0_method", "x"),
    ],
)
def test_frames_of_another_kind_are_refused_by_field(toy, field, value):
    check_spec(toy, SPEC.spec)
    with pytest.raises(SpecMismatch, match=rf"{field} +\S+ +{value}"):
        check_spec(toy, replace(SPEC, **{field: value}).spec)


def test_frames_of_another_order_are_refused(toy):
    with pytest.raises(SpecMismatch, match=r"stream mcep +float32 × 2 +float32 × 3"):
        check_spec(toy, replace(SPEC, order=2).spec)


def test_search_range_of_f0_and_aperiodicity_do_not_matter(toy):
    check_spec(toy, replace(SPEC, fmin=50.0, n_bap=1).spec)


def test_unknown_phones_are_told_and_replaced(toy):
    (line,) = strange_phones(toy, "toy", [said("ac")])
    assert "'c' (1 in the corpus)" in line
    assert "'b' instead" in line
    text = said("ac")
    rows, found = toy.targets(text, from_text(text, [True]), 5)
    assert found.all()
    assert rows[4, 3] == ord("b")
    with pytest.raises(SpecMismatch, match="phone set 'toy', the corpus has 'ipa'"):
        check_phone_set(toy, "ipa")


@pytest.fixture(scope="module")
def voices(tmp_path_factory):
    """A parametric voice and a unit voice that it guides, moved to another place after the build."""
    pytest.importorskip("synthkit_parametric")
    folder = tmp_path_factory.mktemp("guided")
    patch = pytest.MonkeyPatch()
    patch.setenv("SYNTHKIT_CACHE", str(folder / "cache"))
    recipe = ROOT / "plugins/parametric/recipes/demo-ru-parametric.toml"
    assert run(["build", str(recipe), "-o", str(folder / "par"), "--set", "voice.limit=2"]) == 0
    shutil.copy(ROOT / "corpora/recipes/demo-ru.toml", folder / "demo.toml")
    more = ["--set", "voice.limit=8", "--set", "acoustic_model.guidance_model=par"]
    more += ["--set", "acoustic_model.guidance_pretrained="]  # the recipe's
    assert run(["build", str(folder / "demo.toml"), "-o", str(folder / "built"), *more]) == 0
    shutil.move(folder / "built", folder / "moved")
    shutil.move(folder / "par", folder / "elsewhere")
    yield folder
    patch.undo()


def test_a_guided_voice_moves_as_it_is(voices):
    voice = Voice.open(voices / "moved")
    model = voice.acoustic_model
    text = voice.segment("Добрый вечер.")
    path = voice.predict(text)
    assert path.cost == sum(u.cost for u in path.units)
    assert model.guidance is not None
    targets = model.guidance.guide.model.predict_targets(text)
    assert model.guidance.guide.plugin == "parametric"
    # Its phones last about as the guide has them: what is read off its vectors was learned from recordings.
    same = list(targets.phones) == list(path.phones)
    assert not same or np.corrcoef(path.targets["duration"], targets.durations)[0, 1] > 0.7


def test_guidance_of_the_build_stays(voices):
    for asked in ("acoustic_model.guidance_model=", f"acoustic_model.guidance_model={voices / 'moved'}"):
        with pytest.raises(VoiceError, match="was built with"):
            Voice.open(voices / "moved", overrides=[asked])


def test_what_cannot_guide_is_refused_before_any_work(voices, capsys):
    command = ["build", str(voices / "demo.toml"), "-o", str(voices / "no"), "--set", "voice.limit=4"]
    command += ["--set", "acoustic_model.guidance_pretrained="]
    for guide, why in (
        ("moved", "cannot guide"),
        ("nowhere", "there is no such voice"),
    ):
        assert run([*command, "--set", f"acoustic_model.guidance_model={guide}"]) != 0
        assert why in capsys.readouterr().err
    more = ["--set", "features.order=30", "--set", "acoustic_model.guidance_model=elsewhere"]
    assert run([*command, *more]) != 0
    said = capsys.readouterr().err
    assert "stream mcep  float32 × 25  float32 × 31" in said
    assert "features:" not in said
    assert not (voices / "no").exists()


def test_another_phone_set_is_refused_before_alignment(voices, capsys):
    command = ["build", str(voices / "demo.toml"), "-o", str(voices / "no"), "--set", "voice.limit=4"]
    # The espeak front end speaks IPA; nothing of it is aligned before the guide refuses it.
    pytest.importorskip("synthkit_espeak")
    more = ["--set", "segmentation.plugin=espeak", "--set", "acoustic_model.guidance_model=elsewhere"]
    more += ["--set", "acoustic_model.guidance_pretrained="]
    assert run([*command, *more]) != 0
    said = capsys.readouterr().err
    assert "speaks phone set 'msu-ru'" in said
    assert "alignment" not in said
    assert "features" not in said


def test_weights_that_come_with_a_plugin_guide_without_another_voice(tmp_path, monkeypatch):
    pytest.importorskip("synthkit_parametric")
    monkeypatch.setenv("SYNTHKIT_CACHE", str(tmp_path / "cache"))
    recipe = ROOT / "corpora/recipes/demo-ru.toml"
    more = ["--set", "voice.limit=4", "--set", "acoustic_model.guidance_pretrained=parametric:nsh"]
    assert run(["build", str(recipe), "-o", str(tmp_path / "built"), *more]) == 0
    shutil.move(tmp_path / "built", tmp_path / "moved")
    voice = Voice.open(tmp_path / "moved")
    guidance = voice.acoustic_model.guidance
    assert guidance is not None
    assert guidance.head is not None
    assert guidance.guide.named == "parametric:nsh"
    kept = tmp_path / "moved/acoustic_model/guide"
    bundled = ROOT / "plugins/parametric/synthkit_parametric/data/nsh"
    assert {p.name for p in kept.iterdir()} == {p.name for p in bundled.iterdir()}  # with their licence
    # A comparison has to know what the voice learned from beyond its own recordings.
    heard = (tmp_path / "moved/acoustic_model/heard.txt").read_text(encoding="utf-8").split()
    assert len(heard) > 400
    assert "ru_0012" not in heard
    recorded = voice.acoustic_model.predicted(0)
    assert np.isfinite(recorded).all()
    assert voice.speak("Добрый вечер.").waveform.duration > 0.5
    voice.close()
    with pytest.raises(VoiceError, match="was built with"):
        Voice.open(tmp_path / "moved", overrides=["acoustic_model.guidance_pretrained="])


@pytest.mark.parametrize(
    ("named", "why"),
    [
        ("nsh", "names no weights"),
        ("parametric:nobody", "no weights 'nobody'"),
        ("unit-selection:nsh", "cannot guide"),
        ("nothing:nsh", "nothing"),
    ],
)
def test_weights_that_are_not_there_are_refused_before_any_work(tmp_path, named, why, capsys):
    recipe = ROOT / "corpora/recipes/demo-ru.toml"
    more = ["--set", "voice.limit=2", "--set", f"acoustic_model.guidance_pretrained={named}"]
    assert run(["build", str(recipe), "-o", str(tmp_path / "no"), *more]) != 0
    said = capsys.readouterr().err
    assert why in said
    assert "Traceback" not in said
    assert not (tmp_path / "no").exists()


@pytest.mark.parametrize("change", ["segmentation.plugin=espeak", "features.order=30"])
def test_bundled_weights_that_do_not_fit_say_what_to_leave_out(tmp_path, change, capsys):
    pytest.importorskip("synthkit_espeak")
    recipe = ROOT / "corpora/recipes/demo-ru.toml"
    more = ["--set", "voice.limit=2", "--set", change]
    assert run(["build", str(recipe), "-o", str(tmp_path / "no"), *more]) != 0
    assert "leave out guidance_pretrained" in capsys.readouterr().err
    assert not (tmp_path / "no").exists()


def test_a_voice_has_one_guide():
    with pytest.raises(ConfigError, match="a voice has one"):
        asked_guide(Path("some"), "parametric:nsh", None)
