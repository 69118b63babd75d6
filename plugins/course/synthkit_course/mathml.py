# SPDX-License-Identifier: Apache-2.0
"""Formulas as MathML, which the browser itself draws: neither a script nor the network is needed."""

from __future__ import annotations

import re
from html import unescape

FORMULA = re.compile(r'<(span|div) class="arithmatex">(.*?)</\1>', re.S)


def with_formulas(html: str) -> str:
    r"""Formulas of pymdownx.arithmatex as MathML: ``\(…\)`` within a line, ``\[…\]`` on a line of its own."""
    return FORMULA.sub(_formula, html)


def _formula(match: re.Match[str]) -> str:
    from latex2mathml.converter import convert

    text = unescape(match[2]).strip()
    display = "block" if text.startswith(r"\[") else "inline"
    math = str(convert(text[2:-2].strip(), display=display))
    # On a narrow screen a long formula scrolls, and the page does not; by keyboard as well.
    return math if display == "inline" else f'<div style="overflow-x:auto" tabindex="0">{math}</div>'
