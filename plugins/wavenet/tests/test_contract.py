# SPDX-License-Identifier: Apache-2.0
"""It keeps the contract of trained vocoders, for WORLD and for mel frames, in each of its forms."""

import pytest
from wavenet_toy import TINY, mel, world

pytest.importorskip("torch")


@pytest.mark.parametrize(
    ("data", "form", "output"),
    [
        (world, "residual", "logistics"),
        (mel, "residual", "softmax"),
        (mel, "waveform", "logistics"),
        (world, "waveform", "softmax"),
    ],
)
def test_contract(conformance, data, form, output, tmp_path):
    settings = TINY | {"form": form, "output": output}
    wave = conformance("vocoder", "wavenet", settings=settings, data=data(tmp_path / "data"))
    assert wave.sample_rate == 16000
