# SPDX-License-Identifier: Apache-2.0
"""The report of a comparison: one HTML file that needs nothing else, or a folder where the sounds are many.

page.py       the page as a whole        tables.py   summary, tests, definitions
forest.py     forest plots as SVG        tracks.py   phones, F0, loudness, places over the recording
                                         numbers.py  numbers as they are printed
terminal.py, text.py   tables for the terminal
web/          styles and scripts, put into the page as they are
"""

from synthkit.eval.report.page import write_report

__all__ = ["write_report"]
