# SPDX-License-Identifier: Apache-2.0
"""``python -m synthkit``."""

from synthkit.cli import main

main()
