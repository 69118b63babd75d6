"""DistillMOS hears noise."""

from importlib.util import find_spec

import numpy as np
import pytest
from synthkit_mos import distill

from synthkit import audio
from synthkit.corpora import open_corpus
from synthkit.errors import MissingDependency
from synthkit.eval import Clip, EvalSample, measure
from synthkit.types import Waveform


@pytest.mark.skipif(not (find_spec("distillmos") and find_spec("xls_r_sqa")), reason=distill.HINT)
def test_noise_lowers_the_prediction():
    metric = distill.DistillMos()
    clean = audio.read(open_corpus("bundled-ru").utterances[0].audio)
    noise = np.random.default_rng(0).standard_normal(len(clean.samples)) * clean.samples.std() * 10 ** (-5 / 20)
    noisy = Waveform((clean.samples + noise).astype(np.float32), clean.sample_rate)
    a, b = (measure(metric, EvalSample("x", "", "ru", Clip(w)))[0].value for w in (clean, noisy))
    assert 3.0 < a < 5.0
    assert b < a - 0.5


def test_a_missing_package_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(distill, "find_spec", lambda name: None)
    with pytest.raises(MissingDependency, match="torch") as error:
        distill.DistillMos().prepare()
    assert "distillmos==0.9.1" in error.value.hint
