# SPDX-License-Identifier: Apache-2.0
"""The made-up language of `parametric_toy` (which tests import by that name) and a voice that speaks it."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from parametric_toy import SMALL, corpus

from synthkit.testing.samples import context


@pytest.fixture(scope="session")
def voice(tmp_path_factory):
    """A trained toy voice: the model, opened, and its folder."""
    from synthkit_parametric.parametric import ParametricModel, ParametricSettings

    folder = tmp_path_factory.mktemp("toy")
    (folder / "voice").mkdir()
    settings = ParametricSettings(**SMALL, steps=300, rate=1e-2, dropout=0.0, stored="float32")
    model = ParametricModel(settings)
    model.fit(corpus(folder), folder / "voice", context(folder / "work"))
    model.open(folder / "voice")
    return model, folder / "voice"
