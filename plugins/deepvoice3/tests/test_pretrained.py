# SPDX-License-Identifier: Apache-2.0
"""The bundled weights: whose they are, that attention says every phone of a sentence in its time, and that no
torch is needed for it."""

import subprocess
import sys

import numpy as np
import pytest
from deepvoice3_toy import mel
from synthkit_deepvoice3.fitting import BUNDLED, pretrained
from synthkit_deepvoice3.model import DeepVoice, DeepVoiceSettings

from synthkit.errors import SpecMismatch
from synthkit.plugins import registry
from synthkit.stages import Request
from synthkit.testing.samples import context

HELD_OUT = ("ru_0012", "ru_0143", "ru_0508")
"""Of the bundled recordings, some that the weights never heard."""


def test_they_never_heard_what_voices_are_judged_by_and_the_licence_lies_beside_them():
    heard = pretrained("nsh").made["heard"]
    assert heard and not set(heard) & set(HELD_OUT)
    assert "Nickolay V. Shmyrev" in (BUNDLED / "nsh" / "LICENCE.txt").read_text(encoding="utf-8")
    assert sum(f.stat().st_size for f in (BUNDLED / "nsh").iterdir()) < 12e6


def test_a_sentence_is_said_from_end_to_end_at_the_pace_of_speech():
    model = DeepVoice()
    model.open(BUNDLED / "nsh")
    segmentation = registry().load("segmentation", "text")().segment("Мама мыла раму, и было тихо.", "ru")
    frames = model.predict(Request(segmentation))
    seconds = np.diff(frames.timing.edges)
    said = np.array([word >= 0 for word in frames.timing.words])
    assert (seconds[said] > 0).mean() > 0.9
    assert 0.05 < seconds[said].mean() < 0.15 and seconds.max() < 1
    loud = frames["mel"].mean(axis=1)
    middle = ((frames.timing.edges[:-1] + frames.timing.edges[1:]) / 2 / frames.spec.frame_period).astype(int)
    vowels = [m for m, p in zip(middle, frames.timing.phones, strict=True) if p in ("aa", "ii", "oo")]
    assert min(loud[vowels]) > max(loud[0], loud[-1])


def test_other_weights_under_the_same_name_are_another_result(tmp_path):
    import shutil

    shutil.copytree(BUNDLED / "nsh", tmp_path / "mine")
    model = DeepVoice(DeepVoiceSettings(pretrained=str(tmp_path / "mine")))
    before = model.fingerprint()
    assert before and before == DeepVoice(DeepVoiceSettings(pretrained="nsh")).fingerprint()
    (tmp_path / "mine" / "deepvoice3.safetensors").write_bytes(b"other")
    assert model.fingerprint() not in ("", before)
    assert DeepVoice().fingerprint() == ""
    assert DeepVoice(DeepVoiceSettings(pretrained="nowhere")).fingerprint() == ""


def test_speaking_imports_no_torch():
    code = (
        "import sys\n"
        "from synthkit.plugins import registry\n"
        "from synthkit.stages import Request\n"
        "from synthkit_deepvoice3.fitting import BUNDLED\n"
        "model = registry().load('acoustic_model', 'deepvoice3')()\n"
        "model.open(BUNDLED / 'nsh')\n"
        "text = registry().load('segmentation', 'text')()\n"
        "assert len(model.predict(Request(text.segment('Мама мыла раму.', 'ru'))))\n"
        "assert 'torch' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_voice_takes_them_where_its_frames_are_theirs(tmp_path):
    from dataclasses import replace

    data = mel(tmp_path / "data", count=1)
    model = DeepVoice(DeepVoiceSettings(pretrained="nsh"))
    model.fit(data, tmp_path, context(tmp_path))
    bundled = (BUNDLED / "nsh" / "deepvoice3.safetensors").read_bytes()
    assert (tmp_path / "deepvoice3.safetensors").read_bytes() == bundled
    other = replace(data, spec=replace(data.spec, hop_length=160))
    with pytest.raises(SpecMismatch, match="are of other features"):
        model.fit(other, tmp_path, context(tmp_path))
    with pytest.raises(SpecMismatch, match="speak phone set 'msu-ru'"):
        model.check_phone_set("arpabet")
