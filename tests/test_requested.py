# SPDX-License-Identifier: Apache-2.0
"""`synthkit.requested`: what a request names."""

import numpy as np
import pytest

from synthkit.errors import ConfigError
from synthkit.requested import speaker_shares

SPEAKERS = ("Аня", "борис", "c+d")


@pytest.mark.parametrize(
    ("name", "shares"),
    [
        (None, [1, 0, 0]),
        ("борис", [0, 1, 0]),
        ("0.6*Аня+0.4*борис", [0.6, 0.4, 0]),
        ("3*Аня + 1*борис", [0.75, 0.25, 0]),
        ("Аня+борис", [0.5, 0.5, 0]),
        ("c+d", [0, 0, 1]),  # a name that looks like a mixture
    ],
)
def test_names_and_mixtures(name, shares):
    assert np.allclose(speaker_shares(name, SPEAKERS), shares)


@pytest.mark.parametrize("name", ["0.5*Борис+0.5*Аня", "борис:0.5,Аня:0.5", "0,5*борис", "0*Аня", "nan*Аня"])
def test_what_is_none_is_told_with_how_mixtures_are_written(name):
    with pytest.raises(ConfigError) as caught:
        speaker_shares(name, SPEAKERS)
    assert caught.value.where == "speaker" and '"0.6*a+0.4*b"' in caught.value.hint
    assert ("did you mean 'борис'" in caught.value.hint) == name.startswith("0.5*Б")
