# SPDX-License-Identifier: Apache-2.0
"""Numbers as a report prints them."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np


def number(value: float | None) -> str:
    """Three significant digits, without exponents where they can be avoided.

    Parameters
    ----------
    value : float or None

    Returns
    -------
    str
        A dash for None.
    """
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


def decimals(halves: Iterable[float | None], values: Iterable[float | None] = ()) -> int:
    """Decimals of a row of means, the same in every cell: what its intervals are precise to.

    Parameters
    ----------
    halves : iterable of float or None
        Half the width of each mean's interval. The smallest shows a digit, the largest two.
    values : iterable of float or None
        The means, for a row without intervals: the smallest shows three digits.

    Returns
    -------
    int
        From 0 to 6.

    Examples
    --------
    >>> decimals([0.12, 0.45]), decimals([2.3, 11.0]), decimals([0.004, 0.5]), decimals([], [3.14159])
    (2, 0, 3, 2)
    """
    known = [h for h in halves if h is not None and h > 0]
    if known:
        wanted = max(-_place(min(known)), 1 - _place(max(known)))
    else:
        sizes = [abs(v) for v in values if v]
        wanted = 2 - _place(min(sizes)) if sizes else 2
    return min(max(wanted, 0), 6)


def _place(x: float) -> int:
    """The power of ten of the first digit of `x`, two digits of it being shown."""
    return math.floor(math.log10(float(f"{x:.1e}")))


def probability(p: float) -> str:
    """A p-value as papers print it.

    Parameters
    ----------
    p : float

    Returns
    -------
    str
    """
    return "< 0.001" if p < 0.001 else f"{p:.3f}"
