# SPDX-License-Identifier: Apache-2.0
"""Glow-TTS's bundled weights: whose they are, that they speak what they never heard as recorded, without
torch, and that a voice takes them where they fit."""

import json
import subprocess
import sys
import tomllib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from coqui_samples import component, context, make_data
from synthkit_coqui import preflight, taken
from synthkit_coqui.symbols import SHARED
from synthkit_coqui.validation import mel_cepstral_distance

from synthkit import audio
from synthkit.corpora import open_corpus
from synthkit.errors import SpecMismatch, VoiceError
from synthkit.phones import canonical
from synthkit.plugins import registry
from synthkit.stages import HEARD, Request
from synthkit.types.finding import MISSING

FOLDER = taken.bundled("glowtts") / "nsh"
HELD_OUT = ("ru_0012", "ru_0143", "ru_0508")
"""Of the bundled recordings, some that the weights never heard."""


@pytest.fixture(scope="module")
def model():
    found = component("glowtts", device="cpu")
    found.open(FOLDER)
    return found


def test_they_never_heard_what_voices_are_judged_by_and_the_licence_lies_beside_them():
    heard = (FOLDER / HEARD).read_text(encoding="utf-8").split()
    assert len(heard) > 500 and not set(heard) & set(HELD_OUT)
    assert "Nickolay V. Shmyrev" in (FOLDER / "LICENCE.txt").read_text(encoding="utf-8")
    assert sum(f.stat().st_size for f in FOLDER.iterdir()) < 12e6


def test_they_speak_what_they_never_heard_as_it_was_recorded(model):
    text = registry().load("segmentation", "text")()
    kind = registry().load("features", "mel")
    mel = kind(kind.Config(preset="htk-16k"))
    apart, lengths = [], []
    for u in open_corpus("bundled-ru").utterances:
        if u.id in HELD_OUT:
            recorded = mel.extract(audio.read(u.audio, None, u.start, u.end))["mel"]
            spoken = model.predict(Request(text.segment(u.text, "ru")))["mel"]
            apart.append(mel_cepstral_distance(spoken, recorded))
            lengths.append(len(spoken) / len(recorded))
    assert len(apart) == len(HELD_OUT)
    assert np.mean(apart) < 4.5  # before its first step 11
    assert 0.8 < np.mean(lengths) < 1.2


def test_speaking_imports_neither_torch_nor_what_training_needs():
    """The latter is a fifth of the time to the first sound of a voice."""
    code = (
        "import sys\n"
        "from synthkit.plugins import registry\n"
        "from synthkit.stages import Request\n"
        "from synthkit_coqui.taken import bundled\n"
        "model = registry().load('acoustic_model', 'glowtts')()\n"
        "model.open(bundled('glowtts') / 'nsh')\n"
        "text = registry().load('segmentation', 'text')()\n"
        "assert len(model.predict(Request(text.segment('Мама мыла раму.', 'ru'))))\n"
        "training = {'synthkit_coqui.' + n for n in ('launch', 'plan', 'learner', 'preflight', 'corpus')}\n"
        "found = sorted({'torch', 'TTS', *training} & set(sys.modules))\n"
        "assert not found, found\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("kind", ["glowtts", "vits", "coqui-hifigan"])
def test_training_without_torch_is_refused_with_what_to_install(kind, monkeypatch):
    monkeypatch.setattr(preflight, "find_spec", lambda module: None if module == "torch" else object())
    (lacking,) = component(kind).check()
    assert (lacking.severity, lacking.code) == ("error", MISSING)
    assert lacking.problem == f"training {kind!r} needs torch"
    assert lacking.mend.startswith("pip install torch, then pip install --no-deps coqui-tts==")
    monkeypatch.setattr(preflight, "find_spec", lambda module: None)
    assert component(kind).check()[0].problem == f"training {kind!r} needs torch and coqui-tts"
    assert component("glowtts", pretrained="nsh").check() == []


def test_the_distribution_asks_for_no_torch():
    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text("utf-8"))["project"]
    assert not [r for r in project["dependencies"] if r.startswith(("torch", "matplotlib", "coqui"))]
    extra = " ".join(project["optional-dependencies"]["backend"])
    assert {"torch>=2.9", "matplotlib>=3.8"} <= set(extra.split())


def test_a_voice_takes_them_where_they_fit(tmp_path):
    data = make_data(2, 0, 1.2, preset="htk-16k")
    ctx = context(tmp_path / "work")
    glow = component("glowtts", pretrained="nsh")
    assert glow.check(data) == []
    glow.check_phone_set("msu-ru")
    glow.fit(data, tmp_path, ctx)
    for name in ("config.json", "model.safetensors"):
        assert (tmp_path / name).read_bytes() == (FOLDER / name).read_bytes()
    assert (tmp_path / HEARD).read_text(encoding="utf-8")
    assert any("nothing is trained" in line for line in ctx.progress.lines)
    with pytest.raises(SpecMismatch, match="are of other features"):
        glow.fit(replace(data, spec=replace(data.spec, hop_length=160)), tmp_path, ctx)
    with pytest.raises(SpecMismatch, match="speak phone set 'msu-ru'"):
        glow.check_phone_set("arpabet")


def test_weights_over_the_shared_inventory_fit_any_phone_set_whose_sounds_they_know(tmp_path):
    data = make_data(2, 0, 1.2, preset="htk-16k")
    sounds = {canonical(data.phone_set, p.symbol) for i in data.items for p in i.segmentation.phones()}
    for name, known in (("all", sounds), ("fewer", sorted(sounds)[1:])):
        (tmp_path / name / "made").mkdir(parents=True)
        about = json.loads((FOLDER / "config.json").read_text("utf-8"))
        about["symbols"] |= {"phone_set": SHARED, "tokens": ["pau", *sorted(known)]}
        (tmp_path / name / "config.json").write_text(json.dumps(about), "utf-8")
    glow = component("glowtts", pretrained=str(tmp_path / "all"))
    glow.check_phone_set("arpabet")
    glow.check_phone_set(data.phone_set)
    glow.fit(data, tmp_path / "all" / "made", context(tmp_path / "work"))
    assert (tmp_path / "all" / "made" / "config.json").is_file()
    with pytest.raises(SpecMismatch, match="never heard"):
        component("glowtts", pretrained=str(tmp_path / "fewer")).fit(
            data, tmp_path / "fewer" / "made", context(tmp_path / "work")
        )


def test_weights_of_another_model_or_of_none_are_refused(tmp_path):
    data = make_data(1, 0, 1.2, preset="htk-16k")
    with pytest.raises(VoiceError, match="are of a glowtts, this is a tacotron2"):
        component("tacotron2", pretrained=str(FOLDER)).fit(data, tmp_path, context(tmp_path))
    with pytest.raises(VoiceError, match="no pretrained weights 'nhs'") as error:
        component("glowtts", pretrained="nhs").fit(data, tmp_path, context(tmp_path))
    assert "bundled: nsh" in error.value.hint


def test_a_training_begins_with_them_by_name(tmp_path):
    glow = component("glowtts", preset="small", start_from="nsh", pretrained="")
    assert glow._start() == FOLDER
    assert glow.fingerprint() == component("glowtts", pretrained="nsh").fingerprint() != ""
