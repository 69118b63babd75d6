# SPDX-License-Identifier: Apache-2.0
"""``synthkit compare`` as it is typed."""

import json


def test_the_command_compares_references_without_any_voice(tmp_path, capsys, monkeypatch):
    from synthkit.cli import run

    arguments = [
        "compare",
        "-c",
        "bundled-ru",
        "--limit",
        "2",
        "-m",
        "f0-yin",
        "-m",
        "pauses",
        "--executor",
        "serial",
    ]
    arguments += ["-o", str(tmp_path / "out"), "--work", str(tmp_path / "work"), "--json"]
    assert run(arguments) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["failures"] == []
    assert shown["computed"] > 0
    data = json.loads((tmp_path / "out" / "results.json").read_text())
    assert data["systems"][0] == "natural"
    assert data["about"]["facts"]["licence"]
    assert (tmp_path / "out" / "index.html").stat().st_size > 50_000
    assert data["pairs"] == []  # references are described, not tested
    assert "f0-rmse/yin" in data["tested"]
    assert run(arguments) == 0
    assert json.loads(capsys.readouterr().out)["computed"] == 0
    arguments.remove("--json")
    assert run(arguments) == 0
    assert "natural" in capsys.readouterr().out.splitlines()[2]
    monkeypatch.setenv("COLUMNS", "24")  # the names go under the table
    assert run(arguments) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[2].split() == ["[1]", "[2]"]
    assert "[1] natural" in lines
