# SPDX-License-Identifier: Apache-2.0
"""Progress on a terminal: a live bar, and whole lines above it."""

import io
import re

import pytest

from synthkit import progress
from synthkit.progress import Progress


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self):
        return True


def rows(text):
    """What such text leaves on a terminal's rows: carriage return, cursor up and erasing the line are
    obeyed."""
    screen, row, column = [""], 0, 0
    for part in re.findall(r"\x1b\[[0-9;?]*[A-Za-z]|\r|\n|[^\x1b\r\n]+", text):
        if part == "\n":
            row, column = row + 1, 0
            screen += [""] * (row + 1 - len(screen))
        elif part == "\r":
            column = 0
        elif part.endswith("A") and part.startswith("\x1b"):
            row -= int(part[2:-1] or 1)
        elif part == "\x1b[2K":
            screen[row] = ""
        elif not part.startswith("\x1b"):
            line = screen[row].ljust(column)
            screen[row] = line[:column] + part + line[column + len(part) :]
            column += len(part)
    return [line.rstrip() for line in screen]


@pytest.fixture
def terminal(monkeypatch):
    monkeypatch.setattr(progress, "QUIET_SECONDS", 0.0)
    monkeypatch.setenv("TERM", "xterm")
    return Terminal()


def test_a_line_that_is_told_under_a_live_bar_stands_on_a_row_of_its_own(terminal):
    told = Progress(terminal)
    long = "warning: [acoustic] " + "the weights have not moved " * 8
    for step in told.track(range(5), label="training", total=5):
        if step in (2, 3):
            told.log(f"step {step}: loss 0.5 [1/2]")
        if step == 4:
            told.log(long)
    left = rows(terminal.getvalue())
    assert "training" in terminal.getvalue()
    for wanted in ("step 2: loss 0.5 [1/2]", "step 3: loss 0.5 [1/2]", long.strip()):
        assert left.count(wanted) == 1
    assert not any("training" in line and "loss" in line for line in left)


def test_after_the_bar_lines_are_plain_again(terminal):
    told = Progress(terminal)
    list(told.track(range(3), label="training", total=3))
    before = len(terminal.getvalue())
    told.log("done")
    assert terminal.getvalue()[before:] == "done\n"


def test_a_total_that_changes_on_the_way_is_shown_as_it_is(terminal):
    planned = [10]
    for step in Progress(terminal).track(iter(range(4)), label="training", total=lambda: planned[0]):
        if step == 2:
            planned[0] = 4
    assert "1/10" in terminal.getvalue()
    assert "4/4" in terminal.getvalue()
    assert "4/10" not in terminal.getvalue()
