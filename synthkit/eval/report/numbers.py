# SPDX-License-Identifier: Apache-2.0
"""Numbers as a report prints them."""

from __future__ import annotations

import numpy as np


def number(value: float | None) -> str:
    """Three significant digits, without exponents where they can be avoided."""
    if value is None:
        return "–"
    size = abs(value)
    if size == 0:
        return "0"
    if size >= 100:
        return f"{value:.0f}"
    if size >= 10:
        return f"{value:.1f}"
    if size >= 0.095:
        return f"{value:.2f}"
    return str(np.format_float_positional(float(f"{value:.3g}"), trim="-"))


def probability(p: float) -> str:
    """A p-value as papers print it."""
    return "< 0.001" if p < 0.001 else f"{p:.3f}"
