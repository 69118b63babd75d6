# SPDX-License-Identifier: Apache-2.0
"""Files that say that they are synthetic."""

import numpy as np
import pytest
import soundfile

from synthkit import audio
from synthkit.marks import marks_of
from synthkit.types import Waveform

MANIFEST = {"name": "ёж", "corpus": {"licence": "CC-BY-3.0", "attribution": "Anna"}}


@pytest.mark.parametrize("suffix", [".wav", ".flac"])
def test_a_marked_file_says_what_it_is_and_sounds_the_same(suffix, tmp_path):
    sound = Waveform(np.sin(np.arange(8000) / 20).astype(np.float32) / 2, 16000)
    plain, marked = tmp_path / f"plain{suffix}", tmp_path / f"marked{suffix}"
    audio.write(plain, sound)
    audio.write(marked, sound, marks_of(MANIFEST))
    with soundfile.SoundFile(marked) as file:
        said = file.copy_metadata()
    assert said["title"] == "Synthetic speech by the voice ёж"
    assert "no person said this" in said["comment"] and "'ёж'" in said["comment"]
    assert said["copyright"] == "Recordings of the voice: Anna, CC-BY-3.0"
    with soundfile.SoundFile(plain) as file:
        assert not file.copy_metadata()
    np.testing.assert_array_equal(audio.read(plain).samples, audio.read(marked).samples)


def test_recordings_of_nobody_have_no_copyright():
    assert "copyright" not in marks_of({"name": "x", "corpus": {"licence": "", "attribution": ""}})
    assert marks_of({"name": "x", "corpus": {"licence": "CC0-1.0"}})["copyright"].endswith("CC0-1.0")
