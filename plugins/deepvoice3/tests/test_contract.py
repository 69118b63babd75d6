# SPDX-License-Identifier: Apache-2.0
"""It keeps the contract, on real utterances."""

import pytest
from deepvoice3_toy import SMALL, mel


def test_deepvoice3(conformance, tmp_path):
    pytest.importorskip("torch")
    frames = conformance("acoustic_model", "deepvoice3", settings=SMALL, data=mel(tmp_path))
    assert frames["mel"].shape[1] == 80
