# SPDX-License-Identifier: Apache-2.0
"""Both models keep the contract, on real utterances of the bundled corpora."""

import pytest

pytest.importorskip("torch")

FEW = {"channels": 16, "encoder_layers": 1, "decoder_layers": 1, "lstm": 8, "steps": 5, "threads": 1}


@pytest.mark.parametrize("corpus", ["bundled-ru", "bundled-en"])
def test_parametric(conformance, corpus):
    frames = conformance("acoustic_model", "parametric", settings=FEW, corpus=corpus)
    assert len(frames) > 20


def test_parametric_mel(conformance):
    import tempfile
    from pathlib import Path

    from synthkit.plugins import registry
    from synthkit.testing.samples import sample_training_data

    kind = registry().load("features", "mel")
    features = kind(kind.Config(preset="htk-16k"))
    with tempfile.TemporaryDirectory() as folder:
        data = sample_training_data(features=features, folder=Path(folder))
        frames = conformance("acoustic_model", "parametric-mel", settings=FEW, data=data)
    assert frames["mel"].shape[1] == 80
