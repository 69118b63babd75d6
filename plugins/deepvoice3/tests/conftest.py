# SPDX-License-Identifier: Apache-2.0
"""Recordings to learn from, as mel frames (`deepvoice3_toy`, which tests import by that name)."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
