# SPDX-License-Identifier: Apache-2.0
"""Wav files whose writer did not know how long they are."""

import struct

import numpy as np
import pytest

from synthkit import audio

INFO = b"LIST" + struct.pack("<I", 26) + b"INFOISFT" + struct.pack("<I", 14) + b"Lavf58.76.100\0"


@pytest.mark.parametrize("promised", [0, 0xFFFFFFFF])
@pytest.mark.parametrize("after", [b"", INFO, INFO + b"id3 \x02\0\0\0ab", b"LIST\x07\0\0\0INFO"])
def test_a_list_after_audio_of_unknown_length_is_no_audio(tmp_path, promised, after):
    samples = np.arange(1, 1001, dtype="<i2") * 20
    head = b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, 16000, 32000, 2, 16)
    body = head + b"data" + struct.pack("<I", promised) + samples.tobytes() + after
    path = tmp_path / "a.wav"
    path.write_bytes(b"RIFF" + struct.pack("<I", promised and 0xFFFFFFFF) + body)
    damaged = after[:7] == b"LIST\x07\0\0"  # a list that does not end with the file may be sound
    assert audio.info(path)[1] == 1000 + (len(after) // 2 if damaged else 0)
    assert audio.read(path).samples[:1000] == pytest.approx(samples / 32768)
