# SPDX-License-Identifier: Apache-2.0
"""The command line: exit codes, messages, streams, and what it does not import."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from synthkit import audio
from synthkit.cli import run
from synthkit.pipeline.voice import Voice

SYNTHKIT = str(Path(sys.executable).parent / "synthkit")


def imported(arguments: list[str], modules: list[str]) -> list[str]:
    code = (
        "import sys\nfrom synthkit.cli import run\n"
        f"code = run({arguments!r})\n"
        f"print('IMPORTED', *[m for m in {modules!r} if m in sys.modules], file=sys.stderr)\n"
        "sys.exit(code)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    line = next(x for x in done.stderr.splitlines() if x.startswith("IMPORTED"))
    return line.split()[1:]


def test_help_imports_nothing_that_is_not_needed_for_it():
    heavy = ["numpy", "pydantic", "scipy", "torch", "rich", "soundfile", "pluggy", "importlib.metadata"]
    asked = [sys.executable, "-m", "synthkit", "plugins"]  # from now on what they offer is remembered
    subprocess.run(asked, capture_output=True, check=True)
    assert imported(["--help"], [*heavy, "synthkit_text", "synthkit_world", "synthkit_coqui"]) == []


def test_say_on_a_classical_voice_imports_nothing_heavy(demo_voice, tmp_path):
    arguments = ["say", "-v", str(demo_voice), "Мама мыла раму.", "-o", str(tmp_path / "a.wav")]
    assert imported(arguments, ["pydantic", "torch", "scipy", "numba", "matplotlib", "rich", "pandas"]) == []


def test_say_imports_only_the_plugins_of_its_voice(demo_voice, tmp_path):
    arguments = ["say", "-v", str(demo_voice), "Мама мыла раму.", "-o", str(tmp_path / "a.wav")]
    code = (
        f"import sys\nfrom synthkit.cli import run\nassert run({arguments!r}) == 0\n"
        "print(*sorted({m.partition('.')[0] for m in sys.modules if m.startswith('synthkit_')}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "synthkit_text synthkit_unit_selection"


def test_a_command_that_is_not_there_suggests_one(capsys):
    assert run(["biuld"]) == 2
    assert "Did you mean 'build'" in capsys.readouterr().err


def test_a_mistake_of_the_user_is_a_message_and_no_traceback(tmp_path):
    done = subprocess.run(
        [SYNTHKIT, "say", "-v", str(tmp_path / "none"), "text"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "there is no such voice" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_debug_shows_the_traceback_wherever_it_stands(tmp_path):
    done = subprocess.run(
        [SYNTHKIT, "say", "-v", str(tmp_path / "none"), "text", "--debug"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" in done.stderr


def test_plugins_as_json_lists_every_component(capsys):
    run(["plugins", "--json"])
    data = json.loads(capsys.readouterr().out)
    assert {"name": "serial", "stage": "executor"}.items() <= {
        k: v for c in data["components"] if c["name"] == "serial" for k, v in c.items()
    }.items()


def test_a_table_fits_a_narrow_terminal(monkeypatch):
    from synthkit.columns import columns

    rows = [("world", "vocoder", "a long description of what it does and of what it cannot do")]
    for width in (40, 60, 100):
        monkeypatch.setenv("COLUMNS", str(width))
        assert max(len(line) for line in columns(rows, ("name", "stage", "about")).splitlines()) <= width


def test_a_reader_that_goes_away_is_no_error():
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {SYNTHKIT} plugins --json | head -1"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "BrokenPipe" not in done.stderr
    assert "Traceback" not in done.stderr


SPOKEN = ["3,14", "%", "№", "7000", "2024 году", "-5", "СССР", "iPhone", "a\0b"]
REFUSED = {
    "🙂": "SLIGHTLY SMILING FACE",
    "中文": "CJK UNIFIED IDEOGRAPH-4E2D",
    "\u0301": "COMBINING ACUTE ACCENT",
    "…!?": "HORIZONTAL ELLIPSIS",
    "": "empty",
    " \n": "empty",
    "\0": "NUL",
}


@pytest.mark.parametrize("text", SPOKEN)
def test_odd_text_is_spoken(text, any_demo_voice, tmp_path, capsys):
    import soundfile

    source = tmp_path / "text.txt"
    source.write_text(text, encoding="utf-8")
    assert (
        run(["say", "-v", str(any_demo_voice), "--file", str(source), "-o", str(tmp_path / "out.wav")]) == 0
    )
    assert soundfile.info(tmp_path / "out.wav").duration > 0.1
    if "\0" in text:
        assert "NUL" in capsys.readouterr().err


@pytest.mark.parametrize("text", REFUSED)
def test_text_that_cannot_be_spoken_is_refused_by_name_and_leaves_no_file(
    text, any_demo_voice, tmp_path, capsys
):
    source = tmp_path / "text.txt"
    source.write_text(text, encoding="utf-8")
    out = tmp_path / "new" / "out.wav"
    assert run(["say", "-v", str(any_demo_voice), "--file", str(source), "-o", str(out)]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert REFUSED[text] in error
    assert not out.parent.exists()


def test_invalid_utf8_is_refused_by_byte_and_position(demo_voice, tmp_path, capsys):
    source = tmp_path / "text.txt"
    source.write_bytes("при".encode() + b"\xff\xfe")
    assert run(["say", "-v", str(demo_voice), "--file", str(source), "-o", str(tmp_path / "o.wav")]) == 2
    assert "0xff at position 6" in capsys.readouterr().err
    assert not (tmp_path / "o.wav").exists()


def test_an_argument_that_is_not_utf8_is_refused_too(demo_voice, tmp_path):
    command = [
        SYNTHKIT.encode(),
        b"say",
        b"-v",
        str(demo_voice).encode(),
        b"a\xff",
        b"-o",
        str(tmp_path / "o.wav").encode(),
    ]
    done = subprocess.run([*command, b"--json"], capture_output=True, check=False)
    assert done.returncode == 2
    assert b"0xff at position 1" in done.stderr
    assert b"Traceback" not in done.stderr


def test_a_batch_goes_on_after_a_line_that_cannot_be_spoken(demo_voice, tmp_path, capsys):
    source = tmp_path / "lines.txt"
    source.write_bytes("Добрый день.\n\n…!?\n".encode() + b"\xff\xfe\n" + "До встречи.\n".encode())
    out = tmp_path / "out"
    assert run(["say", "-v", str(demo_voice), "--file", str(source), "--lines", "-o", str(out)]) == 1
    assert sorted(p.name for p in out.iterdir()) == ["0001.wav", "0004.wav"]
    error = capsys.readouterr().err
    assert f"line 3 ({out / '0002.wav'}): nothing in the text can be spoken" in error
    assert f"line 4 ({out / '0003.wav'}): {source}: is not UTF-8" in error
    assert "2 of 4 lines could not be spoken: 3, 4" in error


def test_a_batch_goes_on_whatever_goes_wrong_with_a_line(demo_voice, tmp_path, capsys, monkeypatch):
    from synthkit.errors import AudioError
    from synthkit.pipeline.voice import Voice

    render = Voice.render
    faults = iter([None, ZeroDivisionError("a fault of ours"), AudioError("no sound"), None])

    def faulty(self, item, *vocoder):
        fault = next(faults)
        if fault is not None:
            raise fault
        return render(self, item, *vocoder)

    monkeypatch.setattr(Voice, "render", faulty)
    source, out = tmp_path / "lines.txt", tmp_path / "out"
    source.write_text("Раз.\nДва.\nТри.\nЧетыре.\n", encoding="utf-8")
    command = ["say", "-v", str(demo_voice), "--file", str(source), "--lines", "-o", str(out), "--json"]
    assert run(command) == 1
    streams = capsys.readouterr()
    rows = json.loads(streams.out)
    assert [row["line"] for row in rows] == [1, 2, 3, 4]
    assert [row["error"] for row in rows if not row["out"]] == [
        "ZeroDivisionError: a fault of ours",
        "no sound",
    ]
    assert sorted(p.name for p in out.iterdir()) == ["0001.wav", "0004.wav"]
    assert "line 2 " in streams.err
    assert "2 of 4 lines could not be spoken: 2, 3" in streams.err


def test_a_mistake_in_the_command_ends_a_batch_at_once(demo_voice, tmp_path, capsys):
    source, out = tmp_path / "lines.txt", tmp_path / "out"
    source.write_text("Раз.\nДва.\n", encoding="utf-8")
    command = [
        "say",
        "-v",
        str(demo_voice),
        "--file",
        str(source),
        "--lines",
        "-o",
        str(out),
        "-O",
        "guidnce=1",
    ]
    assert run(command) == 2
    assert capsys.readouterr().err.count("guidnce") == 1
    assert not out.exists()


def test_a_folder_that_cannot_be_written_is_named(demo_voice, tmp_path, capsys):
    (tmp_path / "file").write_text("in the way")
    assert run(["say", "-v", str(demo_voice), "Раз.", "-o", str(tmp_path / "file" / "out.wav")]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert "out.wav" in error
    assert "fault of synthkit" not in error


def test_a_word_that_no_language_has_is_refused_by_name(demo_voice, tmp_path, capsys):
    source = tmp_path / "long.txt"
    source.write_text("а" * 100_000, encoding="utf-8")
    assert run(["say", "-v", str(demo_voice), "--file", str(source), "-o", str(tmp_path / "o.wav")]) == 2
    assert "the word 'аааааааааааааааааааа…' has 100000 phones" in capsys.readouterr().err
    assert not (tmp_path / "o.wav").exists()


def test_what_is_noted_is_noted_once(demo_voice, tmp_path, capsys):
    text = "Кракозябр 🙂. " * 30 + " ".join(f"{c}кракозяб" for c in "абвгдежзиклмн")
    assert run(["say", "-v", str(demo_voice), text, "-o", str(tmp_path / "o.wav")]) == 0
    notes = [line for line in capsys.readouterr().err.splitlines() if line.startswith("note: ")]
    assert len(notes) == len(set(notes)) == 11
    assert "--json" in notes[-1]


def test_a_number_below_zero_as_an_argument_says_how(demo_voice, tmp_path, capsys):
    assert run(["say", "-v", str(demo_voice), "-5", "-o", str(tmp_path / "o.wav")]) == 2
    assert "-- -5" in capsys.readouterr().err
    assert run(["say", "-v", str(demo_voice), "-o", str(tmp_path / "o.wav"), "--", "-5"]) == 0


def test_a_very_long_text_is_spoken(demo_voice, tmp_path):
    import soundfile

    source = tmp_path / "long.txt"
    source.write_text("Мама мыла раму, и было тихо. " * 3449, encoding="utf-8")  # 100,000 characters
    out = tmp_path / "long.wav"
    assert run(["say", "-v", str(demo_voice), "--file", str(source), "-o", str(out)]) == 0
    assert soundfile.info(out).duration > 3000


def test_a_text_spoken_in_pieces_is_the_same_sound(demo_voice):
    import numpy as np

    from synthkit.pipeline.voice import Voice

    voice = Voice.open(demo_voice)
    text = "Мама мыла раму, и было тихо. 🙂 " * 40
    pieces = list(voice.stream(text))
    assert len(pieces) > 1
    whole = voice.speak(text)
    assert np.concatenate([p.waveform.samples for p in pieces]).tobytes() == whole.waveform.samples.tobytes()
    assert pieces[0].segmentation.notes == whole.segmentation.notes != ()
    assert not pieces[1].segmentation.notes


def test_what_is_not_right_with_speech_is_a_note_and_not_a_line_of_code(capsys):
    import warnings

    from synthkit.errors import SpeechWarning

    with warnings.catch_warnings():
        assert run(["plugins", "--json"]) == 0
        warnings.warn("the attention did not find the end", SpeechWarning, stacklevel=1)
        warnings.warn("an old name", DeprecationWarning, stacklevel=1)
    assert capsys.readouterr().err.startswith("note: the attention did not find the end\n")


def test_what_is_said_is_played(demo_voice, tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SYNTHKIT_PLAYER", f"tee {tmp_path}/heard-{{rate}}.raw")
    assert run(["say", "-v", str(demo_voice), "Доброе утро.", "--play"]) == 0
    assert not (tmp_path / "out.wav").exists()
    heard = np.frombuffer((tmp_path / "heard-16000.raw").read_bytes(), "<i2")
    with Voice.open(demo_voice) as voice:
        assert np.array_equal(heard, audio.to_pcm16(voice.say("Доброе утро.").samples))
    assert run(["say", "-v", str(demo_voice), "Доброе утро.", "--play", "-o", "both.wav"]) == 0
    assert np.array_equal(audio.to_pcm16(audio.read(tmp_path / "both.wav").samples), heard)
    monkeypatch.setenv("SYNTHKIT_PLAYER", "false")
    assert run(["say", "-v", str(demo_voice), "Доброе утро.", "--play"]) == 2
    assert "the player ended with code 1" in capfd.readouterr().err
    monkeypatch.delenv("SYNTHKIT_PLAYER")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert run(["say", "-v", str(demo_voice), "Доброе утро.", "--play"]) == 3
    assert "alsa-utils" in capfd.readouterr().err


def test_ssml_without_its_option_is_told(demo_voice, tmp_path, capsys):
    """Its breaks and speeds were passed over without a word."""
    text = '<speak>Раз <break time="700ms"/> два.</speak>'
    assert run(["say", "-v", str(demo_voice), text, "-o", str(tmp_path / "a.wav")]) == 0
    assert "--ssml obeys them" in capsys.readouterr().err
    assert (
        run(["say", "-v", str(demo_voice), f'<?xml version="1.0"?>\n{text}', "-o", str(tmp_path / "c.wav")])
        == 0
    )
    assert "--ssml obeys them" in capsys.readouterr().err
    assert run(["say", "-v", str(demo_voice), "<speaker> Раз.", "-o", str(tmp_path / "d.wav")]) == 0
    assert "--ssml" not in capsys.readouterr().err
    assert run(["say", "-v", str(demo_voice), "--ssml", text, "-o", str(tmp_path / "b.wav")]) == 0
    assert "--ssml" not in capsys.readouterr().err
