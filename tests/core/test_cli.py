"""The command line: exit codes, messages, streams, and what it does not import."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from synthkit.cli import run

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
    assert imported(["--help"], ["numpy", "pydantic", "scipy", "torch", "rich", "soundfile"]) == []


def test_say_on_a_classical_voice_imports_nothing_heavy(demo_voice, tmp_path):
    arguments = ["say", "-v", str(demo_voice), "Мама мыла раму.", "-o", str(tmp_path / "a.wav")]
    assert imported(arguments, ["torch", "scipy", "numba", "matplotlib", "rich", "pandas"]) == []


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
        [SYNTHKIT, "say", "-v", str(tmp_path / "none"), "text", "--debug"], capture_output=True, text=True, check=False
    )
    assert "Traceback" in done.stderr


def test_plugins_as_json_lists_every_component(capsys):
    run(["plugins", "--json"])
    data = json.loads(capsys.readouterr().out)
    assert {"name": "serial", "stage": "executor"}.items() <= {
        k: v for c in data["components"] if c["name"] == "serial" for k, v in c.items()
    }.items()


def test_a_table_fits_a_narrow_terminal(monkeypatch):
    from synthkit.cli.common import table

    rows = [("world", "vocoder", "a long description of what it does and of what it cannot do")]
    for columns in (40, 60, 100):
        monkeypatch.setenv("COLUMNS", str(columns))
        assert max(len(line) for line in table(rows, ("name", "stage", "about")).splitlines()) <= columns


def test_a_reader_that_goes_away_is_no_error():
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {SYNTHKIT} plugins --json | head -1"], capture_output=True, text=True, check=False
    )
    assert "BrokenPipe" not in done.stderr
    assert "Traceback" not in done.stderr


BAD = ["3,14", "%", "№", "🙂", "中文", "\u0301", "…!?", "", "7000", "2024 году", "-5", "СССР", "iPhone", "a\0b"]


@pytest.mark.parametrize("text", BAD)
def test_odd_text_is_spoken_or_refused_by_name_and_leaves_no_empty_file(text, demo_voice, tmp_path, capsys):
    import soundfile

    source = tmp_path / "text.txt"
    source.write_text(text, encoding="utf-8")
    out = tmp_path / "out.wav"
    code = run(["say", "-v", str(demo_voice), "--file", str(source), "-o", str(out)])
    streams = capsys.readouterr()
    if code == 0:
        assert soundfile.info(out).duration > 0.1
    else:
        assert code == 2
        assert streams.err.startswith("error: ")
        assert not out.exists()


def test_invalid_utf8_is_refused_by_byte_and_position(demo_voice, tmp_path, capsys):
    source = tmp_path / "text.txt"
    source.write_bytes("при".encode() + b"\xff\xfe")
    assert run(["say", "-v", str(demo_voice), "--file", str(source), "-o", str(tmp_path / "o.wav")]) == 2
    assert "0xff at position 6" in capsys.readouterr().err
    assert not (tmp_path / "o.wav").exists()


def test_a_batch_goes_on_after_a_line_that_cannot_be_spoken(demo_voice, tmp_path, capsys):
    source = tmp_path / "lines.txt"
    source.write_text("Добрый день.\n…!?\nДо встречи.\n", encoding="utf-8")
    out = tmp_path / "out"
    assert run(["say", "-v", str(demo_voice), "--file", str(source), "--lines", "-o", str(out)]) == 1
    assert sorted(p.name for p in out.iterdir()) == ["0001.wav", "0003.wav"]
    assert "0002.wav" in capsys.readouterr().err


def test_a_very_long_text_is_spoken(demo_voice, tmp_path):
    import soundfile

    source = tmp_path / "long.txt"
    source.write_text("Мама мыла раму, и было тихо. " * 3449, encoding="utf-8")  # 100,000 characters
    out = tmp_path / "long.wav"
    assert run(["say", "-v", str(demo_voice), "--file", str(source), "-o", str(out)]) == 0
    assert soundfile.info(out).duration > 3000
