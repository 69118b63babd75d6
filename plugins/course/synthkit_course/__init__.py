# SPDX-License-Identifier: Apache-2.0
"""The course: chapters that run, exercises that are checked, slides of the figures.

chapters.py   where the chapters lie, and what they are called
cells.py      what a chapter shows: sounds, figures, figures with a slider, numbers in prose, tasks
shown.py      pictures and players as HTML
explore.py    a figure with sliders as HTML, every state of which is seen in print
voices.py     the small voices that chapters speak with, built once
execute.py    a chapter run from its first cell to its last, without a network; kept until its code changes
offline.py    what a kernel is told first, so that nothing is fetched
render.py     a run chapter as Markdown for the site, and as a page of its own
mathml.py     formulas as MathML, which needs no script
slides.py     the figures of a chapter as slides
site.py       hooks of MkDocs
exercise.py   what an exercise is, and how one is read
checking.py   an answer run and judged in a process of its own
serving.py    the pages on this machine
growing.py    a page that is handed out while its chapter is run
cli.py        ``synthkit course``; exercise_cli.py, ``synthkit exercise``

The chapters are in ``docs/course`` of the source tree; a wheel carries them in ``chapters``.
"""

from __future__ import annotations

from synthkit import hookimpl
from synthkit.hookspecs import Register


@hookimpl
def register_commands(register: Register) -> None:
    """Chapters and exercises."""
    register("course", "synthkit_course.cli:course", summary="speech synthesis taught: chapters that run")
    register("exercise", "synthkit_course.exercise_cli:exercise", summary="exercises of the course, checked")
