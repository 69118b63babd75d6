# SPDX-License-Identifier: Apache-2.0
"""A voice gives back what it opened: on `close`, at the end of `with`, and when it cannot be opened at
all."""

from __future__ import annotations

import gc
import json
import os
import shutil

import pytest

from synthkit.errors import SynthkitError
from synthkit.pipeline.voice import Voice


def open_files() -> list[str]:
    """What the file descriptors of this process point to, those of the voice alone."""
    found = []
    for name in os.listdir("/proc/self/fd"):
        try:
            found.append(os.readlink(f"/proc/self/fd/{name}"))
        except FileNotFoundError:  # the folder's own, closed by now
            continue
    return [path for path in found if "/acoustic_model/" in path]


def test_a_closed_voice_holds_no_file_even_when_it_is_kept(demo_voice):
    before = sorted(open_files())
    with Voice.open(demo_voice) as voice:
        assert len(voice.say("Добрый день.").samples)
        assert len(open_files()) > len(before)
    assert sorted(open_files()) == before
    voice.close()  # a second time does no harm


@pytest.mark.parametrize(
    "lacking", ["predictor.npz", "names.bin", "gram-10-top.npy", "phrases.npy", "order-pitch-keys.npy"]
)
def test_a_voice_that_cannot_be_opened_leaves_no_file_open(demo_voice, tmp_path, lacking):
    shutil.copytree(demo_voice, tmp_path / "v")
    (tmp_path / "v" / "acoustic_model" / lacking).unlink()
    manifest = json.loads((tmp_path / "v" / "manifest.json").read_text(encoding="utf-8"))
    del manifest["files"][f"acoustic_model/{lacking}"]
    (tmp_path / "v" / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    before = sorted(open_files())
    with pytest.raises(SynthkitError, match=r"cannot be read|cannot read"):
        Voice.open(tmp_path / "v")
    assert sorted(open_files()) == before


def test_a_vocoder_that_does_not_fit_leaves_no_file_open(demo_voice):
    before = sorted(open_files())
    with pytest.raises(SynthkitError):
        Voice.open(demo_voice, overrides=["vocoder.plugin=hifigan"])
    assert sorted(open_files()) == before


def test_voices_that_nobody_closes_give_their_files_back(demo_voice):
    """Each holds some ten, and a process may have a thousand."""
    gc.collect()
    before = len(open_files())
    for _ in range(3):
        Voice.open(demo_voice).say("Раз.")
    gc.collect()
    assert len(open_files()) <= before
