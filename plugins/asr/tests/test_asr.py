# SPDX-License-Identifier: Apache-2.0
"""Error rates with a recogniser that hears what the test says it hears."""

from types import SimpleNamespace

import numpy as np
import pytest
from synthkit_asr.whisper import Whisper, WhisperSettings

from synthkit.errors import MissingDependency
from synthkit.eval import Clip, EvalSample, measure
from synthkit.types import Waveform


class Fake(Whisper):
    heard = "мама мыла мыла раму"

    def prepare(self):
        self._model = SimpleNamespace(transcribe=self._hear)

    def _hear(self, samples, **options):
        assert samples.dtype == np.float32
        assert options["language"] == "ru"
        assert options["temperature"] == 0.0
        return [SimpleNamespace(text=t) for t in self.heard.split(" ", 1)], None


def sample(text, rate=22050):
    return EvalSample("x", text, "ru", Clip(Waveform(np.zeros(rate, np.float32), rate)))


def test_errors_are_counted_over_normalised_words():
    wer, cer = measure(Fake(), sample("Мама мы́ла 1 раму!"))
    assert wer.detail["substitutions"] == 1  # "один" heard as "мыла"
    assert wer.detail["deletions"] == wer.detail["insertions"] == 0
    assert (wer.value, wer.n) == (25.0, 4)
    assert cer.n == len("мамамылаодинраму")
    assert wer.detail["heard"] == "мама мыла мыла раму"


def test_a_text_without_words_is_undefined():
    assert measure(Fake(), sample("!?"))[0].reason == "the text has no words"


def test_a_missing_model_says_how_to_get_it(tmp_path):
    pytest.importorskip("faster_whisper", reason="pip install faster-whisper")
    metric = Whisper(WhisperSettings(model=str(tmp_path / "none")))
    with pytest.raises(MissingDependency, match="no folder with a Whisper model at") as caught:
        metric.prepare()
    assert str(tmp_path / "none") in caught.value.message
    assert "pip install" not in caught.value.hint, "the package is there"
    with pytest.raises(MissingDependency, match="whisper"):
        Whisper(WhisperSettings(model="nobody-has-this")).prepare()
