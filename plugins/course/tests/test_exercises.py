# SPDX-License-Identifier: Apache-2.0
"""What every exercise has, how answers are judged, and the command. (Each answer: in ``chapters``.)"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from synthkit_course.chapters import CourseError, chapters, folder
from synthkit_course.checking import judge, judged
from synthkit_course.exercise import Exercise, Refused, Wrong, exercise, exercises, solution

from synthkit.cli import run

ALL = [one for chapter in chapters() for one in exercises(chapter.number)]


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.id)
def test_an_exercise_has_its_parts(one: Exercise) -> None:
    assert one.title and len(one.task) > 60
    assert len(one.hints) >= 2 and all(len(hint) > 20 for hint in one.hints)
    given = re.findall(r"^def (\w+)", one.skeleton, re.M)[-1:]  # what stands before it is there to be used
    assert given and all(f"`{name}(" in one.task for name in given)
    assert set(given) <= set(re.findall(r"^def (\w+)", solution(one), re.M))
    assert "def " in one.skeleton and solution(one) not in one.skeleton


def test_what_an_answer_may_do_is_told() -> None:
    one = exercise("1.1")
    cases = {
        "while True: pass": "did not end within",
        "import os; os._exit(3)": "ended Python before it was checked",
        "def louder(a, b:": "SyntaxError in line 1",
        "x = 1 / 0": "ZeroDivisionError in line 1",
        "def louder(a, b):\n    return missing": "NameError in line 2",
        "def lauter(a, b):\n    return 1": "defines no `louder`",
        "louder = 3": "has to be a function",
        "def louder(a, b):\n    return 'loud'": "has to be one number, not str",
        "def louder(a, b):\n    return float('nan')": "is nan",
        "import urllib.request as u\nu.urlopen('http://example.org')": "may not use the network",
    }
    for code, word in cases.items():
        found = judge(one, code, seconds=4 if "while" in code else 30)
        assert not found.accepted and word in found.word, (code, found.word)


def test_what_it_prints_is_kept_apart() -> None:
    found = judge(exercise("1.3"), "print('hello')\n" + solution(exercise("1.3")))
    assert found.accepted and found.printed.strip() == "hello"


def test_the_command_from_start_to_solution(tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["exercise", "list", "1"]) == 0
    assert "1.1  How much louder" in capsys.readouterr().out
    assert run(["exercise", "check", "1.1"]) == 2
    assert "synthkit exercise start 1.1" in capsys.readouterr().err
    assert run(["exercise", "start", "1.1"]) == 0
    assert run(["exercise", "start", "1.1"]) == 2, "what the student wrote is not overwritten"
    capsys.readouterr()
    assert run(["exercise", "check", "1.1"]) == 1
    assert "not yet" in capsys.readouterr().out
    assert run(["exercise", "hint", "1.1", "-n", "2"]) == 0
    assert "MEAN" in capsys.readouterr().out
    assert run(["exercise", "hint", "1.1", "-n", "9"]) == 2
    capsys.readouterr()
    assert run(["exercise", "solution", "1.1", "--yes"]) == 0
    (tmp_path / "exercise_1_1.py").write_text(capsys.readouterr().out)
    assert run(["exercise", "check", "1.1", "--json"]) == 0
    assert '"accepted": true' in capsys.readouterr().out


def test_the_solution_is_not_shown_unasked(monkeypatch, capsys) -> None:
    import io

    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    assert run(["exercise", "solution", "1.1"]) == 130
    assert "log10" not in capsys.readouterr().out


def test_every_chapter_has_its_file_of_tests() -> None:
    for chapter in chapters():
        text = (Path(__file__).parent / "chapters" / f"test_{chapter.number:02}.py").read_text()
        assert (
            f"chapter_is_whole({chapter.number})" in text
            and f"exercises_are_judged({chapter.number})" in text
            and f"page_fits_a_phone({chapter.number})" in text
        )


def test_all_exercises_are_counted() -> None:
    """Three a chapter; with twelve chapters, 36 of 36 accept their solution and refuse what is wrong."""
    files = [path for path in (folder() / "exercises").iterdir() if path.suffix == ".py"]
    assert len(ALL) == len(files) == 3 * len(chapters())
    assert all(len({wrong.word for wrong in one.wrong}) >= 3 for one in ALL)


@pytest.mark.parametrize("number", ["1.9", "99.1", "one", "1"])
def test_an_exercise_that_there_is_not(number: str) -> None:
    with pytest.raises(CourseError):
        exercise(number)


def by_chance(share, *, word="nought"):
    """An exercise whose wrong answer is right for so great a share of the numbers that are drawn."""

    def check(answer, rng):
        wanted = 0.0 if rng.random() < share else 1.0
        if answer.number("one") != wanted:
            raise Refused("nought is not one")

    wrong = (Wrong("def one():\n    return 0.0\n", word),)
    return Exercise("0.0", "", "", "def one():\n    ...\n", ("", ""), check, wrong)


def test_numbers_by_which_a_wrong_answer_is_right_are_drawn_again():
    """Once in 25 draws the level was nearly the same in both frames: who forgot to leave it out was right."""
    one = by_chance(0.5)
    for _ in range(40):
        assert judged(one, one.wrong[0].code) == (False, "nought is not one")
        assert judged(one, "def one():\n    return 1.0\n") == (True, "accepted")


@pytest.mark.parametrize("one", [by_chance(1.0), by_chance(0.0, word="another word")])
def test_an_exercise_that_no_numbers_make_fair_is_at_fault(one):
    with pytest.raises(CourseError, match="whatever numbers are drawn"):
        judged(one, "def one():\n    return 1.0\n")
