# SPDX-License-Identifier: Apache-2.0
"""`synthkit adapt`: a voice of few recordings that begins with what another has learned."""

import json
import re
import shutil
import tomllib

import numpy as np
import pytest
from synthkit_parametric.fitting import BUNDLED, bring_licence
from synthkit_parametric.voice import TrainedVoice

from synthkit.cli import run
from synthkit.corpora import open_corpus
from synthkit.errors import ConfigError
from synthkit.pipeline import adapting, cloning, guided
from synthkit.pipeline.voice import Voice

pytest.importorskip("torch")
FEW = ["acoustic_model.steps=4", "acoustic_model.batch_frames=600"]


@pytest.fixture(scope="module")
def clips(tmp_path_factory):
    """Five short clips in LJSpeech's layout, without labels."""
    out = tmp_path_factory.mktemp("mine")
    (out / "wavs").mkdir()
    shortest = sorted(open_corpus("bundled-ru").utterances, key=lambda u: len(u.text))
    lines = []
    for u in [u for u in shortest if len(u.text) > 20][:5]:
        shutil.copyfile(u.audio, out / "wavs" / f"{u.id}{u.audio.suffix}")
        lines.append(f"{u.id}|{u.text}|{u.text}")
    (out / "metadata.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return out


@pytest.fixture(scope="module")
def adapted(clips):
    voice = clips.parent / "me"
    command = ["adapt", "nsh", str(clips), "-o", str(voice), "--language", "ru", "--workers", "1"]
    assert run([*command, *(f"--set={s}" for s in FEW)]) == 0
    return voice


def test_it_knows_the_phones_of_both_and_says_what_the_clips_lack(clips, adapted):
    made = TrainedVoice.load(adapted / "acoustic_model")
    own = {p.symbol for u in open_corpus(clips, "ru").utterances for p in _phones(adapted, u.text)}
    learned = TrainedVoice.load(BUNDLED / "nsh").symbols
    assert set(learned) - own, "clips that have every phone prove nothing"
    assert set(learned) | own <= set(made.symbols)
    ours = (adapted / "acoustic_model" / "LICENCE.txt").read_text("utf-8")
    for name in ("nsh", "several"):
        theirs = (BUNDLED / name / "LICENCE.txt").read_text("utf-8")
        assert theirs in ours, "whose recordings the bases have heard goes along"
    with Voice.open(adapted) as voice:
        said = voice.speak("Щука съела жёлтого ёжика у фонтана.")  # sounds that five clips do not have
    assert said.waveform.duration > 1
    assert json.loads((adapted / "manifest.json").read_text(encoding="utf-8"))["corpus"]["utterances"] == 5


def test_two_networks_that_began_apart_speak_together(adapted, tmp_path):
    made = TrainedVoice.load(adapted / "acoustic_model")
    assert len(made.networks) == 2 and made.made["also_from"] == "several"
    first, second = made.networks
    assert any(np.abs(first[k] - second[k]).max() > 0.01 for k in first)
    heard = set(made.made["heard"])
    for name in ("nsh", "several"):
        assert set(TrainedVoice.load(BUNDLED / name).made["heard"]) <= heard


def test_clips_of_five_languages_have_a_base():
    learned = adapting.find_base("five").learned
    assert set(learned.languages) == {"en", "es", "fr", "it", "ru"}
    assert learned.speakers == ("allison", "carlo", "june", "nsh")
    assert learned.settings_for("fr") == {"modulation": 1.0, "steps": 600}
    assert learned.settings_for("ru")["also_from"] == "nsh"


def test_english_clips_begin_with_the_weights_that_speak_it_alone(tmp_path):
    learned = adapting.find_base("several").learned
    assert learned.settings_for("en-GB") == {"modulation": 1.0, "steps": 600}
    assert learned.settings_for("ru") == {"modulation": 1.0, "steps": 600, "also_from": "nsh"}


def test_a_clone_of_a_clip_has_one_network(clips, tmp_path, monkeypatch):
    monkeypatch.setattr(cloning, "build", lambda config, out, ctx: config)
    clip = next((clips / "wavs").iterdir())
    base = adapting.find_base("several")
    cloning.voice_of(base, [(clip, "Привет.")], "ru", tmp_path / "me", None)
    told = tomllib.loads((tmp_path / "me-clips" / adapting.FILE).read_text(encoding="utf-8"))[
        "acoustic_model"
    ]
    assert told["learn"] == "speaker" and told["steps"] == cloning.STEPS
    assert not {"also_from", "modulation"} & told.keys(), "a clip is too little for either"


def test_the_configuration_is_written_once_and_built_as_it_is(clips, adapted, capsys):
    path = clips / adapting.FILE
    written = tomllib.loads(path.read_text(encoding="utf-8"))
    assert written["acoustic_model"] == {
        "also_from": "several",
        "modulation": 1.0,
        "plugin": "parametric",
        "start_from": "nsh",
        "steps": 600,
    }
    assert written["voice"]["sample_rate"] == 16000
    before = path.read_bytes()
    made = adapting.write(clips, adapting.find_base("nsh"), None, None)
    assert "is there already" in made.notes[0] and path.read_bytes() == before
    with pytest.raises(ConfigError, match="begins with 'nsh'"):
        adapting.write(clips, adapting.find_base(str(adapted)), None, None)


def test_units_of_the_clips_are_chosen_by_the_adapted_voice(clips, adapted, tmp_path, capsys):
    mine = shutil.copytree(clips, tmp_path / "mine")
    out = tmp_path / "me"
    command = ["adapt", "nsh", str(mine), "--units", "-o", str(out), "-l", "ru", "--workers", "1", "--json"]
    command += [f"--set={s}" for s in FEW]
    assert run(command) == 0
    assert json.loads(capsys.readouterr().out)["voice"] == str(out), "of the mixture alone"
    kept = tomllib.loads((out / "voice.toml").read_text(encoding="utf-8"))
    assert kept["acoustic_model"]["plugin"] == "unit-selection"
    assert kept["acoustic_model"]["target"]["spectrum"] == guided.WEIGHTS["target"]["spectrum"]
    with Voice.open(out) as mixture, Voice.open(guided.guide_of(out)) as guide:
        assert guide.manifest["produces"]["kind"] == "world"
        path = mixture.speak("Щука съела жёлтого ёжика.").predictions[0]  # sounds that the clips lack
    assert {u.source for u in path.units} <= {u.id for u in open_corpus(mine, "ru").utterances}
    before = (mine / guided.FILE).read_bytes()
    assert guided.write(mine, guided.guide_of(out)).read_bytes() == before
    with pytest.raises(ConfigError, match="guides, not"):
        guided.write(mine, adapted)


def test_whose_voice_it_began_with_is_told(adapted, tmp_path):
    bring_licence([str(adapted / "acoustic_model")], tmp_path)
    kept, base = ((f / "LICENCE.txt").read_text("utf-8") for f in (tmp_path, adapted / "acoustic_model"))
    assert kept.startswith(base) and "Begun with the voice mine" in kept and "nobody has stated" in kept


def test_a_voice_is_a_base_with_its_sections_and_sizes(clips, adapted):
    base = adapting.find_base(str(adapted))
    assert base.start_from == str((adapted / "acoustic_model").resolve())
    assert base.sections["acoustic_model"]["channels"] == 192
    assert base.learned.phone_set == "msu-ru"
    made = tomllib.loads(adapting.draft(clips, base, "ru").text)["acoustic_model"]
    assert "also_from" not in made, "which the base began with, not what begins with the base"


@pytest.mark.parametrize(
    ("base", "said"),
    [("nhs", "no weights 'nhs'.*nsh"), ("clips", "is no voice"), ("english", "speaks ru.*in 'en'")],
)
def test_what_cannot_be_begun_with_is_refused_with_what_can(base, said, clips, tmp_path, capsys):
    english = tmp_path / "english"
    shutil.copytree(clips, english)
    (english / adapting.FILE).unlink(missing_ok=True)
    name, language = {"clips": str(clips)}.get(base, base), "ru"
    if base == "english":
        name, language = "nsh", "en"
    assert run(["adapt", name, str(english), "-o", str(tmp_path / "v"), "-l", language]) == 2
    shown = capsys.readouterr().err.replace("\n", " ")
    assert re.search(said, shown), shown
    assert not (tmp_path / "v").exists()


def _phones(voice, text):
    with Voice.open(voice) as opened:
        return opened.segment(text).phones()


def test_texts_that_tell_no_language_are_read_as_the_base_s(clips, tmp_path):
    short = tmp_path / "short"
    (short / "wavs").mkdir(parents=True)
    first = next((clips / "wavs").iterdir())
    shutil.copyfile(first, short / "wavs" / first.name)
    (short / "metadata.csv").write_text(f"{first.stem}|привет|привет\n", encoding="utf-8")
    made = adapting.draft(short, adapting.find_base("nsh"))
    assert tomllib.loads(made.text)["voice"]["language"] == "ru"
    assert any("since the texts do not tell" in note for note in made.notes)


def test_weights_of_several_languages_begin_a_voice_of_one(clips, tmp_path):
    mine = tmp_path / "mine"
    shutil.copytree(clips, mine)
    (mine / adapting.FILE).unlink(missing_ok=True)
    command = [
        "adapt",
        "several",
        str(mine),
        "-o",
        str(tmp_path / "me"),
        "--language",
        "ru",
        "--workers",
        "1",
    ]
    assert run([*command, *(f"--set={s}" for s in FEW)]) == 0
    made = TrainedVoice.load(tmp_path / "me" / "acoustic_model")
    assert (made.phone_set, made.languages, made.shape.languages) == ("msu-ru", ("ru",), 0)
    assert "Allison Smith" in (tmp_path / "me" / "acoustic_model" / "LICENCE.txt").read_text(encoding="utf-8")
    with Voice.open(tmp_path / "me") as voice:
        said = voice.speak("Щука съела жёлтого ёжика у фонтана.")
    assert said.waveform.duration > 1


def test_a_language_that_weights_have_not_is_refused(clips, tmp_path, capsys):
    own = shutil.copytree(clips, tmp_path / "clips", ignore=shutil.ignore_patterns("adapted.toml"))
    assert run(["adapt", "several", str(own), "-o", str(tmp_path / "v"), "-l", "fr"]) == 2
    assert "speaks en, ru" in capsys.readouterr().err.replace("\n", " ")
