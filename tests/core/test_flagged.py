# SPDX-License-Identifier: Apache-2.0
"""``doctor`` of a built voice names the utterances whose boundaries are implausible."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from synthkit.atomic import sha256
from synthkit.cli import run
from synthkit.pipeline.alignments import INDEX, LINES, read_alignments, write_alignments


def test_the_most_doubtful_come_first(
    demo_voice: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    voice = tmp_path / "voice"
    shutil.copytree(demo_voice, voice)
    assert run(["doctor", str(voice)]) == 0
    assert "implausible" in capsys.readouterr().out
    found, failures = read_alignments(voice / "alignment")
    one, two = sorted(found)[:2]
    flagged = {i: replace(a, flags=()) for i, a in found.items()}
    flagged[one] = replace(found[one], flags=((1, "shorter than any other"),))
    flagged[two] = replace(found[two], flags=((2, "longer than any other"), (3, "silent")))
    write_alignments(
        voice / "alignment", [*flagged.items(), *((i, ValueError(r)) for i, r in failures.items())]
    )
    manifest = json.loads((voice / "manifest.json").read_text(encoding="utf-8"))
    for name in (LINES, INDEX):
        file = voice / "alignment" / name
        manifest["files"][f"alignment/{name}"] = {"size": file.stat().st_size, "sha256": sha256(file)}
    (voice / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    assert run(["doctor", str(voice), "--json"]) == 0
    findings = json.loads(capsys.readouterr().out)
    said = next(f for f in findings if f["code"] == "flagged")["problem"]
    assert said.startswith(f"2 of {len(found)} utterances")
    assert said.index(two) < said.index(one)
    assert "longer than any other, and 1 more" in said
