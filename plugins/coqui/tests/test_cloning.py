"""From a corpus of two speakers over d-vectors to a clip: with the real speaker encoder."""

import json

import numpy as np
import pytest
from click.testing import CliRunner
from coqui_samples import TINY, context, make_data
from synthkit_coqui.acoustic import GlowTTS
from synthkit_coqui.commands import clone

from synthkit.errors import AudioError
from synthkit.plugins import registry
from synthkit.stages import Request

pytest.importorskip("resemblyzer")


def test_training_on_d_vectors_and_speaking_as_a_clip(tmp_path, monkeypatch):
    data = make_data(count=4, held_out=0, seconds=2.0, speakers=("Аня", "борис"))
    model = GlowTTS(GlowTTS.Config(**TINY, steps=3, rehearsal=False, speakers="d-vector"))
    ctx = context(tmp_path / "work")
    (tmp_path / "voice" / "acoustic_model").mkdir(parents=True)
    model.fit(data, tmp_path / "voice" / "acoustic_model", ctx)
    assert any("few-speakers" in line or "d-vectors of 2 speakers" in line for line in ctx.progress.lines)
    model.open(tmp_path / "voice" / "acoustic_model")
    assert set(model.vectors) == {"Аня", "борис"}
    encoder = registry().load("speaker_encoder", "resemblyzer")()
    clip = data.items[0].waveform()
    embedding = encoder.embed(clip)
    # A speaker's vector is the mean of its recordings': each is nearer to its own speaker's than chance.
    assert float(embedding @ np.float32(model.vectors["Аня"])) > 0.8
    spoken = model.predict(Request(data.items[0].segmentation, embedding=embedding))
    assert spoken.spec == data.spec
    other = model.predict(Request(data.items[0].segmentation, speaker="борис"))
    assert len(spoken) and len(other)

    from synthkit import audio

    audio.write(tmp_path / "short.wav", clip)  # two seconds
    result = CliRunner().invoke(clone, ["-v", str(tmp_path / "voice"), "--clip", str(tmp_path / "short.wav"), "да"])
    assert isinstance(result.exception, AudioError)
    assert "s of speech" in result.exception.message
    described = json.loads((tmp_path / "voice" / "acoustic_model" / "config.json").read_text())
    assert described["speaker_encoder"] == "resemblyzer"
    assert described["d_vector_dim"] == 256
