# SPDX-License-Identifier: Apache-2.0
"""A built voice as a system of a comparison."""

import hashlib
import json
import shutil

import pytest

from synthkit.eval.voice_systems import record_of, voice_system
from synthkit.pipeline.voice import Voice
from synthkit.stages import HEARD


def test_what_pretrained_weights_heard_counts_as_learned_from(demo_voice, tmp_path):
    folder = tmp_path / "v"
    shutil.copytree(demo_voice, folder)
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    corpus = manifest["corpus"]["name"]
    learned, held_out = voice_system(str(folder)).utterances(corpus)
    assert learned == set(manifest["utterances"])
    assert held_out and not learned & held_out
    one = min(held_out)
    heard = f"{one}\nsomebody-else\n".encode()
    (folder / "acoustic_model" / HEARD).write_bytes(heard)
    entry = {"size": len(heard), "sha256": hashlib.sha256(heard).hexdigest()}
    manifest["files"][f"acoustic_model/{HEARD}"] = entry
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    assert voice_system(str(folder)).utterances(corpus) == (learned | {one, "somebody-else"}, held_out)
    assert voice_system(str(folder)).utterances("another") == (set(), set())


def test_a_long_text_is_recorded_piece_by_piece(demo_voice):
    """Phones last as long as in their own piece, and it is heard when the first piece is there."""
    text = "Добрый день. " + "Мама мыла раму, а папа читал газету. " * 20
    with Voice.open(demo_voice) as voice:
        spoken = voice.speak(text)
        pieces = list(voice.stream(text))
    assert len({round(p.waveform.duration, 2) for p in pieces}) > 1, "pieces of different lengths"
    record = record_of(spoken, "x")
    alone = [record_of(p, "x") for p in pieces]
    assert record.durations == tuple(d for r in alone for d in r.durations)
    assert sum(record.durations) == pytest.approx(spoken.waveform.duration, rel=0.01)
    assert 0 < record.latency < sum(spoken.seconds.values())
