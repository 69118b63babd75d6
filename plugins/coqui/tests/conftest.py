# SPDX-License-Identifier: Apache-2.0
"""Fixtures; the helpers are in ``coqui_samples.py``."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from coqui_samples import make_data


@pytest.fixture(scope="session")
def data():
    return make_data()
