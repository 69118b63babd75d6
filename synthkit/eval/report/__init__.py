# SPDX-License-Identifier: Apache-2.0
"""The report of a comparison: one HTML file that needs nothing else.

page.py       the page as a whole        tables.py   summary, tests, definitions
forest.py     forest plots as SVG        examples.py players, spectrograms, phones and F0
encoding.py   sounds and pictures as data URIs
text.py       tables for the terminal
page.css, page.js   put into the page as they are
"""

from synthkit.eval.report.page import write_report

__all__ = ["write_report"]
