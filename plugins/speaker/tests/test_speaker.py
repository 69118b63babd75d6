"""Similarity tells a speaker from another."""

import numpy as np
import pytest
from synthkit_speaker import encoder
from synthkit_speaker.metric import SpeakerSimilarity

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
    same, other = measure(metric, EvalSample("x", "", "ru", clip(1), enrolment=(clip(1), clip(-1)), others=(clip(-1),)))
    assert same.value == pytest.approx(np.sqrt(0.5))
    assert other.value == 0.0


def test_a_missing_package_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(encoder, "find_spec", lambda name: None)
    with pytest.raises(MissingDependency, match="torch"):
        encoder.Resemblyzer().load()
