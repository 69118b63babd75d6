# SPDX-License-Identifier: Apache-2.0
"""`synthkit convert`: any voice, turned into one that sounds like somebody else; whose it is goes with it."""

import json
import shutil

import numpy as np
import pytest
import soundfile

from synthkit import audio
from synthkit.cli import run
from synthkit.corpora import open_corpus
from synthkit.eval import voice_systems
from synthkit.eval.sentences import choose_sentences
from synthkit.eval.voice_systems import voice_system
from synthkit.marks import marks_of
from synthkit.pipeline import config
from synthkit.pipeline.converting import said_alike
from synthkit.pipeline.parts import CONVERSION
from synthkit.pipeline.voice import Voice
from synthkit.pipeline.voice_folder import read_manifest

CONSENT = "Anna has recorded these utterances and agrees that voices are made of them and used under: CC0"


@pytest.fixture(scope="module")
def clips(tmp_path_factory):
    """Clips of a speaker a quarter smaller than the voice's, with a line of consent."""
    folder = tmp_path_factory.mktemp("anna") / "clips"
    (folder / "wavs").mkdir(parents=True)
    rows = []
    for u in sorted(open_corpus("bundled-ru").utterances, key=lambda u: len(u.text))[:6]:
        w = audio.read(u.audio)
        faster = audio.resample(type(w)(w.samples, round(w.sample_rate * 1.25)), w.sample_rate)
        audio.write(folder / "wavs" / f"{u.id}.wav", faster)
        rows.append(f"{u.id}|{u.text}|{u.text}")
    (folder / "metadata.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    (folder / "LICENCE.txt").write_text(CONSENT + ".\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def converted(demo_voice, clips, tmp_path_factory):
    out = tmp_path_factory.mktemp("converted") / "anna"
    assert run(["convert", "-v", str(demo_voice), str(clips), "-o", str(out), "-l", "ru"]) == 0
    return out


def median_f0(samples, rate):
    from synthkit.eval.pitch import yin

    found = yin(samples, rate)
    return np.median(found[found > 0])


def test_a_voice_of_units_is_turned(converted, demo_voice):
    with Voice.open(demo_voice) as before, Voice.open(converted, full_check=True) as after:
        said, turned = before.say("Мама мыла раму."), after.say("Мама мыла раму.")
        piece = next(iter(after.stream("Мама мыла раму.")))
        plain = Voice.open(converted, overrides=["conversion.strength=0"]).say("Мама мыла раму.")
        assert after.with_vocoder("world", adapters=["units-to-frames"]).say("Да.").duration > 0.1
    assert len(turned.samples) == len(said.samples)
    higher = median_f0(turned.samples, 16000) / median_f0(said.samples, 16000)
    assert 1.12 < higher < 1.4
    assert piece.waveform.samples.tobytes() == turned.samples.tobytes()
    assert plain.samples.tobytes() == said.samples.tobytes()


def test_whose_it_is_goes_with_it(converted, demo_voice, tmp_path):
    manifest = read_manifest(converted)
    about = manifest[CONVERSION]
    assert (about["licence"], len(about["utterances"])) == (CONSENT, 6)
    assert manifest["name"] == "anna"
    assert manifest["corpus"] == read_manifest(demo_voice)["corpus"]
    assert (converted / "recordings" / "conversion" / "LICENCE.txt").read_text() == CONSENT + ".\n"
    assert marks_of(manifest)["copyright"].endswith(f"; Converted to: {CONSENT}")
    out = tmp_path / "out.wav"
    assert run(["say", "-v", str(converted), "--mark", "Да.", "-o", str(out)]) == 0
    with soundfile.SoundFile(out) as file:
        assert CONSENT in file.copy_metadata()["copyright"]


def test_an_altered_conversion_is_noticed(converted, tmp_path, capsys):
    copy = tmp_path / "copy"
    shutil.copytree(converted, copy)
    (kept,) = (copy / CONVERSION).iterdir()
    kept.write_bytes(kept.read_bytes()[:-40] + bytes(40))
    assert run(["say", "-v", str(copy), "Да.", "-o", str(tmp_path / "x.wav")]) == 2
    assert f"{CONVERSION}/{kept.name}: altered" in capsys.readouterr().err


def test_what_cannot_be_turned_is_refused_before_any_work(converted, demo_voice, clips, tmp_path, capsys):
    def refused(*command):
        assert run(["convert", *map(str, command), "-l", "ru"]) == 2
        return capsys.readouterr().err

    assert "is converted already" in refused("-v", converted, clips, "-o", tmp_path / "x")
    assert "not converted in its place" in refused("-v", demo_voice, clips, "-o", demo_voice)
    assert "did you mean 'strength'" in refused(
        "-v", demo_voice, clips, "-o", tmp_path / "x", "--set", "conversion.strenght=1"
    )
    assert "only [conversion] is new" in refused(
        "-v", demo_voice, clips, "-o", tmp_path / "x", "--set", "vocoder.plugin=world"
    )
    assert "there is no conversion named 'none'" in refused(
        "-v", demo_voice, clips, "-o", tmp_path / "x", "--converter", "none"
    )
    assert not (tmp_path / "x").exists()


def test_a_recipe_with_a_conversion_says_how(tmp_path, capsys):
    path = tmp_path / "voice.toml"
    path.write_text('[voice]\nname = "a"\ncorpus = "bundled-ru"\n[conversion]\nplugin = "world-mixture"\n')
    assert run(["build", str(path), "-o", str(tmp_path / "a")]) == 2
    assert "synthkit convert VOICE CLIPS" in capsys.readouterr().err
    with pytest.raises(Exception, match="when it is finished"):
        config.load(path)


def test_a_clip_that_cannot_be_said_is_told(demo_voice, clips):
    from dataclasses import replace

    told = []

    class Ctx:
        log = staticmethod(told.append)

    first, second = open_corpus(clips, "ru").utterances[:2]
    with Voice.open(demo_voice) as voice:
        pairs = list(said_alike(voice, [replace(first, text="…"), second], Ctx))
    assert [p.utterance.id for p in pairs] == [second.id]
    assert told[0].startswith(f"{first.id} is left out: ")
    assert pairs[0].recorded.sample_rate == pairs[0].said.sample_rate == voice.sample_rate


def test_json_says_what_it_is_made_of(demo_voice, clips, tmp_path, capsys):
    out = tmp_path / "again"
    assert run(["convert", "-v", str(demo_voice), str(clips), "-o", str(out), "-l", "ru", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["out"] == str(out)
    assert said["licence"] == CONSENT


def test_a_comparison_warns_of_the_clips_that_the_converter_learned_from(converted, demo_voice, clips):
    system = voice_system(str(converted))
    heard, held_out = system.utterances("clips")
    assert (len(heard), held_out) == (6, set())
    own = read_manifest(converted)["corpus"]["name"]
    assert system.utterances(own) == voice_system(str(demo_voice)).utterances(own)
    for forgetful in (False, True):
        found = choose_sentences(
            [system], corpus=str(clips), language="ru", rule="all", leave_one_out=forgetful
        )
        (warning,) = [w for w in found.warnings if "learned from" in w]
        assert warning.startswith("anna learned from 6 of these 6 sentences")
        assert ("its converter cannot forget" in warning) == forgetful
        assert found.heard == {"anna": 6}
    plain = voice_system(str(demo_voice))
    assert not [
        w for w in choose_sentences([plain], corpus=str(clips), rule="all").warnings if "learned" in w
    ]


def test_another_release_of_the_converter_has_the_voice_speak_again(converted, monkeypatch):
    asked = []
    monkeypatch.setattr(voice_systems, "releases", lambda parts: [asked.extend(parts), "x"][1:])
    voice_systems._voice_identity.cache_clear()
    voice_systems._voice_identity(converted, ())
    voice_systems._voice_identity.cache_clear()
    assert "world-mixture" in [part.name for part in asked]
