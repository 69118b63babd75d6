# SPDX-License-Identifier: Apache-2.0
"""What an answer may be, when a chapter is run anew, and formulas that need no script."""

from pathlib import Path

import numpy as np
import pytest
from synthkit_course import chapters, execute
from synthkit_course.exercise import Answer, Refused, as_array, as_number, near
from synthkit_course.mathml import with_formulas


def answer(**names):
    return Answer(names, Path("answer.py"))


def test_what_an_answer_lacks_is_told():
    for given, said in (
        (answer(), "defines no `mine`"),
        (answer(mine=...), "write your answer"),
        (answer(mine=7), "has to be a function"),
        (answer(mine=lambda: None), "returns nothing"),
        (answer(mine=lambda: 1 / 0), "stopped"),
    ):
        with pytest.raises(Refused, match=said):
            given.call("mine")
    assert answer(mine=lambda x: x + 1).call("mine", 2) == 3


def test_numbers_and_arrays_are_taken_as_what_they_are():
    assert as_number("mine", np.float32(2)) == 2.0
    for wrong in ("2", [1, 2], float("nan")):
        with pytest.raises(Refused):
            as_number("mine", wrong)
    assert as_array("mine", [1, 2], (2,)).tolist() == [1, 2]
    with pytest.raises(Refused):
        as_array("mine", [1, 2], (3,))
    assert near(1.0005, 1.0) and not near(1.01, 1.0)


def test_a_chapter_is_run_anew_when_its_code_changes():
    first, second = (chapters.find(n) for n in (1, 2))
    assert execute.key(first) == execute.key(first) != execute.key(second)


def test_formulas_are_drawn_by_the_browser():
    html = r'<p><span class="arithmatex">\(\alpha &lt; 2\)</span></p><div class="arithmatex">\[x^2\]</div>'
    made = with_formulas(html)
    assert made.count("<math") == 2 and "arithmatex" not in made and "\\(" not in made
    assert 'tabindex="0"' in made and with_formulas("<p>plain</p>") == "<p>plain</p>"
