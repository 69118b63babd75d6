# SPDX-License-Identifier: Apache-2.0
"""The G.722 decoder against FFmpeg's."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import soundfile

from synthkit.corpora import g722

DATA = Path(__file__).parent / "data"


def test_same_samples_as_ffmpeg():
    expected, rate = soundfile.read(DATA / "digits-5.flac", dtype="int16")
    assert rate == g722.SAMPLE_RATE
    np.testing.assert_array_equal(g722.decode((DATA / "digits-5.g722").read_bytes()), expected)


def test_same_samples_without_numba():
    """numba is optional: the same loop uncompiled, in a process that cannot import it."""
    code = (
        "import sys; sys.modules['numba'] = None\n"
        "from synthkit.corpora import g722\n"
        "assert not g722._loop()[1]\n"
        f"sys.stdout.buffer.write(g722.decode(open({str(DATA / 'digits-5.g722')!r}, 'rb').read()).tobytes())"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout
    expected, _ = soundfile.read(DATA / "digits-5.flac", dtype="int16")
    assert out == expected.tobytes()


def test_no_bytes_no_samples():
    assert len(g722.decode(b"")) == 0
