# SPDX-License-Identifier: Apache-2.0
"""It keeps the contract of trained vocoders, for WORLD and for mel frames."""

import pytest
from syrinx_toy import TINY, mel, world

pytest.importorskip("torch")


@pytest.mark.parametrize("data", [world, mel])
def test_contract(conformance, data, tmp_path):
    wave = conformance("vocoder", "syrinx", settings=TINY, data=data(tmp_path / "data"))
    assert wave.sample_rate == 16000
