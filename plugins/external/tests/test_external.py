# SPDX-License-Identifier: Apache-2.0
"""Programs that speak as voices: a small one written here, and those that this machine has."""

import json
import os
import sys
import time

import numpy as np
import pytest
import tomli_w
from synthkit_external import running
from synthkit_external.acoustic import ABOUT
from synthkit_external.known import known, own_folder
from synthkit_external.recipe import Recipe, fill
from synthkit_external.voices import RECIPES, ExternalVoice

from synthkit.cli import run
from synthkit.errors import ConfigError, MissingDependency, VoiceError
from synthkit.pipeline.voice import Voice
from synthkit.plugins import registry

PROGRAM = """
import sys, wave
text, out, seen = open(sys.argv[1], encoding="utf-8").read(), sys.argv[2], sys.argv[3:]
with wave.open(out, "wb") as file:
    file.setnchannels(1); file.setsampwidth(2); file.setframerate(16000)
    file.writeframes(b"\\x00\\x20" * 160 * len(text.strip()))
open(PLACE, "w", encoding="utf-8").write(repr((text, seen)))
"""


@pytest.fixture
def robot(tmp_path, monkeypatch):
    """A recipe's tables; its program says 10 ms for each letter, and notes what it was given."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    script = tmp_path / "robot.py"
    script.write_text(f"PLACE = {str(tmp_path / 'noted')!r}\n{PROGRAM}")
    return {
        "name": "robot",
        "command": [sys.executable, str(script), "{text_file}", "{wav}", "$HOME; touch x"],
        "languages": ["en"],
        "sample_rate": 16000,
        "paradigm": "a robot",
        "sample": "Hello.",
    }


def recipe(tables, tmp_path, **more):
    path = tmp_path / "robot.toml"
    path.write_text(tomli_w.dumps(tables | more), encoding="utf-8")
    return path


def test_a_program_becomes_a_voice_like_any_other(robot, tmp_path, capsys):
    out = tmp_path / "voice"
    assert run(["external", str(recipe(robot, tmp_path)), "-o", str(out)]) == 0
    with Voice.open(out) as voice:
        wave = voice.say("Good morning, robot.")
    assert wave.sample_rate == 16000
    assert wave.duration == pytest.approx(0.01 * len("Good morning, robot."))
    assert np.abs(wave.samples).max() > 0.1
    assert run(["say", "-v", str(out), "Good morning.", "-o", str(tmp_path / "a.wav")]) == 0
    assert run(["doctor", str(out)]) == 0
    capsys.readouterr()


def test_no_shell_reads_arguments_or_text(robot, tmp_path):
    made = Recipe.read(recipe(robot, tmp_path))
    running.speak(made, "Say $(touch here) `touch there`; {wav} | cat")
    text, seen = eval((tmp_path / "noted").read_text())
    assert text == "Say $(touch here) `touch there`; {wav} | cat\n"
    assert seen == ["$HOME; touch x"]


def test_a_text_is_never_an_option_and_its_braces_stay(robot, tmp_path):
    made = Recipe.read(recipe(robot, tmp_path, command=["say-it", "{text}", "{wav}"]))
    filled = fill(made, "--version {wav}", tmp_path / "t", tmp_path / "w")
    assert filled.arguments == ["say-it", " --version {wav}", str(tmp_path / "w")]
    assert filled.stdin == b""
    piped = Recipe.read(recipe(robot, tmp_path, command=["say-it"], encoding="koi8-r"))
    assert fill(piped, "Да", tmp_path / "t", tmp_path / "w").stdin.decode("koi8-r") == "Да\n"
    with pytest.raises(ConfigError, match="koi8-r, which has no 'ö'"):
        fill(piped, "schön", tmp_path / "t", tmp_path / "w")


def test_a_program_that_hangs_is_stopped_with_all_that_it_started(robot, tmp_path):
    pid = tmp_path / "pid"
    script = f"echo $$ > {pid}; sleep 600 & sleep 600"
    made = Recipe.read(recipe(robot, tmp_path, command=["sh", "-c", script, "{text_file}"], seconds=1.0))
    with pytest.raises(running.ProgramError, match="did not end within 1 s"):
        running.speak(made, "Hello.")
    group = int(pid.read_text())
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:  # the kernel takes the group away when it comes to it
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return
        time.sleep(0.01)
    pytest.fail("something of the program still runs")


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["sh", "-c", "echo no voice >&2; exit 3", "{wav}"], "ended with code 3"),
        (["true", "{wav}"], "gave no sound"),
        (["echo", "hello"], "gave no sound"),
    ],
)
def test_a_program_that_fails_is_named(robot, tmp_path, command, said):
    made = Recipe.read(recipe(robot, tmp_path, command=command))
    with pytest.raises(running.ProgramError, match=said):
        running.speak(made, "Hello.")


def test_another_rate_than_the_recipe_says_is_refused(robot, tmp_path):
    made = Recipe.read(recipe(robot, tmp_path, sample_rate=22050))
    with pytest.raises(running.ProgramError, match=r"gave 16000 Hz.*says 22050"):
        running.speak(made, "Hello.")


def test_what_is_missing_is_named_with_how_to_get_it(robot, tmp_path):
    gone = Recipe.read(recipe(robot, tmp_path, command=["no-such-program"], install="apt install it"))
    with pytest.raises(MissingDependency, match="'no-such-program'") as caught:
        gone.require()
    assert caught.value.hint == "apt install it"
    no_voice = Recipe.read(recipe(robot, tmp_path, needs=["/no/such/*/voice", "/nor/this"]))
    assert "the voice's files" in no_voice.lacking()
    assert not Recipe.read(recipe(robot, tmp_path, needs=["/no/such", "/*/passwd"])).lacking()


def test_a_folder_from_elsewhere_runs_nothing(robot, tmp_path):
    """It names its recipe and no command; a machine that does not know the recipe refuses it."""
    out = tmp_path / "voice"
    assert run(["external", str(recipe(robot, tmp_path)), "-o", str(out)]) == 0
    assert sys.executable not in "".join(
        p.read_text() for p in out.rglob("*") if p.suffix in (".json", ".toml", ".txt")
    )
    (own_folder() / "robot.toml").unlink()
    with pytest.raises(VoiceError, match="knows no program that speaks as 'robot'"):
        Voice.open(out)
    for name in ("../robot", "robot/../robot", "joe"):
        with pytest.raises(VoiceError, match="knows no program"):
            known(name)


@pytest.mark.parametrize("text", ["", "[]", '{"format": 1}', '{"format": 9, "recipe": "x"}'])
def test_damaged_notes_are_refused(text, tmp_path):
    kind = registry().load("acoustic_model", "external")
    (tmp_path / ABOUT).write_text(text)
    with pytest.raises(VoiceError):
        kind().open(tmp_path)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"command": ["{text}"]}, "named by itself"),
        ({"command": ["say", "{voice}"]}, "a placeholder that there is not"),
        ({"command": []}, "command"),
        ({"name": "../x"}, "name"),
        ({"comand": ["say"]}, "did you mean 'command'"),
        ({"seconds": 0}, "seconds"),
        ({"name": "joe"}, "the name of a voice that is installed"),
    ],
)
def test_a_recipe_that_is_wrong_is_refused(robot, tmp_path, more, said, capsys):
    path = recipe(robot, tmp_path, **more)
    assert run(["external", str(path), "-o", str(tmp_path / "v")]) == 2
    assert said in capsys.readouterr().err
    assert not own_folder().exists()


def test_every_recipe_that_comes_with_it_is_registered_by_its_name():
    names = {p.stem for p in RECIPES.glob("*.toml")}
    found = {n: registry().load("pretrained_voice", n) for n in registry().names("pretrained_voice")}
    ours = {n for n, kind in found.items() if issubclass(kind, ExternalVoice)}
    assert ours == names == {found[n].recipe.name for n in ours}


@pytest.mark.parametrize("name", sorted(p.stem for p in RECIPES.glob("*.toml")))
def test_those_that_are_here_speak(name, tmp_path):
    voice = registry().load("pretrained_voice", name)()
    if not voice.here:
        pytest.skip(f"{name}: {voice.recipe.lacking()} is missing: {voice.recipe.install}")
    out = voice.make(name, tmp_path / name)
    said = json.loads((out / "acoustic_model" / ABOUT).read_text())
    assert bool(said["version"]) == bool(voice.recipe.version)
    with Voice.open(out) as opened:
        short, longer = opened.say(voice.recipe.sample), opened.say(" ".join([voice.recipe.sample] * 3))
    assert 0.3 < short.duration < longer.duration
    assert short.sample_rate == voice.sample_rate


def test_festivals_russian_voice_is_known_to_have_heard_the_whole_corpus(tmp_path):
    voice = registry().load("pretrained_voice", "festival-ru")()
    if not voice.here or not registry().load("corpus", "msu-ru-nsh")().folder().is_dir():
        pytest.skip("needs festvox-ru and `synthkit corpora get msu-ru-nsh`")
    out = voice.make("festival-ru", tmp_path / "f")
    assert "ru_0012" in (out / "acoustic_model" / "heard.txt").read_text().split("\n")
