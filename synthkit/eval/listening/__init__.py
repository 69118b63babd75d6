# SPDX-License-Identifier: Apache-2.0
"""Listening tests: their designs, what listeners said, who of them listened, and what follows.

`synthkit.eval.scales` says what a score may be, `design` who hears what, `formats` reads answers
(`synthkit.eval.ratings` our own), `screening` finds who did not listen, `questions` says what was asked,
`scores`, `preference` and `discrimination` hold the statistics, `verdict` puts them together, `simulate`
makes listeners whose truth is known and `power` counts how often it is found. Nothing here knows of a server
or of a sound; the pages that are listened on are the plugin ``web``.
"""

from synthkit.eval.listening.questions import ID, definitions
from synthkit.eval.listening.scores import analyse_ratings, rows

__all__ = ["ID", "analyse_ratings", "definitions", "rows"]
