# SPDX-License-Identifier: Apache-2.0
"""The description that a training leaves: read within limits, or named."""

import json
import os

import pytest

from synthkit.errors import VoiceError
from synthkit.trained import read_description


def _pipe(path):
    os.mkfifo(path)


def _huge(path):
    with path.open("wb") as file:
        file.truncate(2 << 30)


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (lambda path: None, "is missing"),
        (_pipe, "a pipe or a device"),  # nobody writes to it: it would be waited for without end
        (_huge, "too large"),
        (lambda path: path.write_bytes(b'{"format": 1'), "no valid JSON"),
        (lambda path: path.write_text("[" * 100_000), "no valid JSON"),
        (lambda path: path.write_text(json.dumps({"format": 2})), "has format 2, and this version reads 1"),
        (lambda path: path.write_text("[1]"), "has format None"),
    ],
)
def test_a_description_that_is_none_is_named_with_what_to_do(tmp_path, damage, told):
    path = tmp_path / "weights.json"
    damage(path)
    with pytest.raises(VoiceError, match=told) as error:
        read_description(path, form=1, package="synthkit-parametric")
    assert error.value.where == str(path)
    assert "build the voice again" in error.value.hint
