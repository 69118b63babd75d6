# SPDX-License-Identifier: Apache-2.0
"""Whose language, and what is fair."""

import contextlib
import json
import resource
import shutil

import pytest

from synthkit import audio
from synthkit.cli import run
from synthkit.corpora import open_corpus
from synthkit.errors import ConfigError, MachineError
from synthkit.eval import sentences
from synthkit.eval.sentences import choose_sentences
from synthkit.eval.voice_systems import voice_system


def test_a_language_that_a_voice_does_not_speak_is_refused(demo_voice, tmp_path):
    voice = voice_system(str(demo_voice))
    with pytest.raises(ConfigError, match="demo-ru speaks ru, and 2 of the 2 sentences are en"):
        choose_sentences([voice], corpus="bundled-en", limit=2)
    texts = tmp_path / "t.txt"
    texts.write_text("Привет.\n")
    assert [i.language for i in choose_sentences([voice], texts=texts).items] == ["ru"]
    with pytest.raises(ConfigError, match="are de"):
        choose_sentences([voice], texts=texts, language="de")


def test_a_folder_without_a_language_has_the_voices(demo_voice, tmp_path):
    u = open_corpus("bundled-ru").utterances[2]
    audio.write(tmp_path / "one.wav", audio.read(u.audio))
    (tmp_path / "one.txt").write_text(u.text, encoding="utf-8")
    found = choose_sentences([voice_system(str(demo_voice))], corpus=str(tmp_path), rule="all")
    assert [i.language for i in found.items] == ["ru"]
    with pytest.raises(Exception, match="does not tell its language"):
        choose_sentences([], corpus=str(tmp_path), rule="all")


def test_a_recording_that_cannot_be_read_is_left_out_and_named(tmp_path):
    for u in open_corpus("bundled-ru").utterances[:4]:
        shutil.copy(u.audio, tmp_path)
        (tmp_path / f"{u.audio.stem}.txt").write_text(u.text, encoding="utf-8")
    bad, good, *_ = sorted(tmp_path.glob("*.flac"))
    bad.write_bytes(bad.read_bytes()[:5000])
    found = choose_sentences([], corpus=str(tmp_path), language="ru", rule="all")
    assert [i.id for i in found.items] == sorted(p.stem for p in tmp_path.glob("*.flac") if p != bad)
    assert all(bad.stem not in {u.id for u in i.enrolment} for i in found.items)
    (note,) = [w for w in found.warnings if bad.stem in w]
    assert "left out, as its recording cannot be used: " in note and str(bad) in note
    # One that would only be compared with as the speaker's is named too.
    (tmp_path / "ids").write_text(good.stem)
    found = choose_sentences([], corpus=str(tmp_path), language="ru", rule=str(tmp_path / "ids"))
    assert len(found.items[0].enrolment) == 2 and "not compared with" in found.warnings[-1]
    with pytest.raises(ConfigError, match="no recording of these sentences can be read"):
        (tmp_path / "ids").write_text(bad.stem)
        choose_sentences([], corpus=str(tmp_path), language="ru", rule=str(tmp_path / "ids"))
    # A fault of the machine is nobody's recording's.
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.ExitStack() as opened:
        opened.callback(resource.setrlimit, resource.RLIMIT_NOFILE, limit)
        resource.setrlimit(resource.RLIMIT_NOFILE, (64, limit[1]))
        with contextlib.suppress(OSError):
            while True:
                opened.enter_context(open("/dev/null"))
        with pytest.raises(MachineError, match="too many files are open"):
            sentences._readable(found.items)


def test_sentences_that_were_learned_from_are_told_first_and_refused_when_asked(demo_voice, tmp_path, capsys):
    learned = json.loads((demo_voice / "manifest.json").read_text(encoding="utf-8"))["utterances"]
    (tmp_path / "ids").write_text("\n".join(learned[:2]))
    base = ["compare", str(demo_voice), "--split", str(tmp_path / "ids"), "-m", "lsd", "--no-references"]
    base += ["--executor", "serial", "-o", str(tmp_path / "out"), "--work", str(tmp_path / "work")]
    assert run([*base, "--fair"]) == 2
    refused = capsys.readouterr()
    assert "demo-ru learned from" in refused.err and refused.out == ""
    assert run([*base, "--json"]) == 0
    shown = capsys.readouterr()
    data = json.loads(shown.out)
    assert any("demo-ru learned from" in w for w in data["warnings"])
    assert "warning: demo-ru learned from" in shown.err
    assert data["verdict"].startswith("demo-ru: ")
    # What is made of units can keep a recording out.
    choice = choose_sentences([voice_system(str(demo_voice))], rule="all", leave_one_out=True)
    choice.require_fair()
    copy = tmp_path / "trained"
    shutil.copytree(demo_voice, copy)
    manifest = json.loads((copy / "manifest.json").read_text(encoding="utf-8"))
    manifest["produces"]["kind"] = "world"
    (copy / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    trained = choose_sentences([voice_system_of(copy)], rule="all", leave_one_out=True)
    with pytest.raises(ConfigError, match="learned from"):
        trained.require_fair()


def voice_system_of(folder):
    from synthkit.eval.voice_systems import VoiceSystem

    return VoiceSystem(folder.name, folder, (), True)


def test_a_plan_speaks_nothing(demo_voice, tmp_path, capsys):
    arguments = ["compare", str(demo_voice), str(demo_voice), "--plan", "--difference", "f0-rmse=3"]
    arguments += ["--primary", "f0-rmse,lsd", "-o", str(tmp_path / "out")]
    assert run([*arguments, "--json"]) == 0
    plan = json.loads(capsys.readouterr().out)
    assert (plan["voices"], plan["tests"]) == (2, 2)
    assert plan["figures"][0]["difference"] == 3.0
    assert run(arguments) == 0
    out = capsys.readouterr().out
    assert "f0-rmse" in out and "no power: at n =" in out
    assert not (tmp_path / "out").exists()
    assert run([*arguments, "--difference", "f0-rmse"]) == 2
    assert "not METRIC=X" in capsys.readouterr().err
