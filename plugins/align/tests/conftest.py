# SPDX-License-Identifier: Apache-2.0
"""The stand-in for the command `mfa`, and an utterance that it aligns; see `stand_in_mfa`."""

import os
import stat
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))  # tests import `mfa_tools` by that name

import numpy as np
import pytest
from mfa_tools import recorded

from synthkit import audio
from synthkit.types import PAUSE, Phone, Segmentation, Utterance, Waveform, Word


@pytest.fixture
def here(tmp_path, monkeypatch):
    """The stand-in on the PATH; the user's own root of MFA, empty."""
    program = tmp_path / "bin" / "mfa"
    program.parent.mkdir()
    program.write_text(
        f"#!{sys.executable}\n{(Path(__file__).parent / 'stand_in_mfa.py').read_text()}".replace(
            "Path(__file__).parent", f"Path({str(Path(__file__).parent)!r})"
        )
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("STAND_IN_LOG", str(tmp_path / "asked"))
    monkeypatch.setenv("MFA_ROOT_DIR", str(tmp_path / "users-mfa"))
    return tmp_path


@pytest.fixture
def item(here):
    """The recorded utterance, its words said as MFA's TextGrid has them (and one way more)."""
    grid = recorded()
    path = here / "ru_0006.wav"
    audio.write(path, Waveform(np.zeros(round(grid.duration * 16000), np.float32), 16000))
    words = tuple(
        Word(
            w.label,
            tuple(Phone(p.label) for p in grid.phones if w.start <= p.start < w.end and p.label != PAUSE),
            variants=((Phone("b"),) * 30,),  # longer than any: the stand-in never chooses it
        )
        for w in grid.words
    )
    return Utterance("ru_0006", "x", path, "ru", "nsh"), Segmentation("x", "ru", "msu-ru", words)
