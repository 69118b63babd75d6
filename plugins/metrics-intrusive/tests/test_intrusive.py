# SPDX-License-Identifier: Apache-2.0
"""PESQ and STOI equal to the values of VERSA's own test suite."""

from pathlib import Path

import numpy as np
import pytest
from synthkit_metrics_intrusive.metrics import Pesq, Stoi

from synthkit import audio
from synthkit.eval import Clip, EvalSample, measure
from synthkit.types import Waveform

pytest.importorskip("pesq", reason="pip install pesq==0.0.4")
pytest.importorskip("pystoi", reason="pip install pystoi==0.4.1")
DATA = Path(__file__).parent / "data"


@pytest.fixture(scope="module")
def pair():
    return EvalSample(
        "pair", "", "en", Clip(audio.read(DATA / "test2.wav")), Clip(audio.read(DATA / "test1.wav"))
    )


def test_published_pesq(pair):
    assert measure(Pesq(), pair)[0].value == pytest.approx(1.5722705, rel=1e-4)


def test_published_stoi(pair):
    assert measure(Stoi(), pair)[0].value == pytest.approx(0.0076251089, rel=1e-4)


def test_silence_is_undefined_not_a_number(pair):
    silent = EvalSample(
        "silent", "", "en", Clip(Waveform(np.zeros(16000, np.float32), 16000)), pair.reference
    )
    for metric in (Pesq(), Stoi()):
        found = measure(metric, silent)[0]
        assert found.value is None
        assert "silence" in found.reason
