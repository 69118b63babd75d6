# SPDX-License-Identifier: Apache-2.0
"""The conformance kit on what is trained here: fitted for a step or two, opened, spoken with."""

from __future__ import annotations

import pytest
from coqui_samples import TINY, make_data


@pytest.mark.parametrize(("name", "more"), [("coqui-hifigan", {}), ("coqui-mb-melgan", {"segment": 4096})])
def test_a_vocoder(conformance, name, more):
    settings = {**TINY, **more, "steps": 1, "device": "cpu"}
    conformance("vocoder", name, settings=settings, data=make_data())


def test_an_acoustic_model(conformance):
    conformance("acoustic_model", "glowtts", settings={**TINY, "steps": 1, "device": "cpu"}, data=make_data())
