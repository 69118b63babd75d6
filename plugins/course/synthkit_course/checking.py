# SPDX-License-Identifier: Apache-2.0
"""An answer run and judged in a process of its own: it may be wrong, slow or endless, and harms nothing."""

from __future__ import annotations

import contextlib
import io
import json
import os
import secrets
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from synthkit.scratch import scratch_folder
from synthkit_course.chapters import CourseError
from synthkit_course.exercise import Answer, Exercise, Refused, exercise, solution

SECONDS = 30.0
"""That an answer may take, its imports included."""
DRAWS = 100
"""Seeds that are tried for one by which the known answers are told apart."""
PRINTED = 2000
"""Characters of what an answer prints that are shown."""


@dataclass(frozen=True)
class Verdict:
    """What became of an answer.

    Attributes
    ----------
    accepted : bool
    word : str
        What the student is told.
    printed : str
        What the answer itself printed, its end.
    """

    accepted: bool
    word: str
    printed: str = ""


def judge(one: Exercise, answer: str, *, seconds: float = SECONDS) -> Verdict:
    """Run an answer and compare it with what is right.

    Parameters
    ----------
    one : Exercise
    answer : str
        A whole file of Python.
    seconds : float
        After which it is ended.

    Raises
    ------
    CourseError
        The check itself failed: a fault of the exercise's.
    """
    with scratch_folder() as place:
        own = place / "answer"
        own.mkdir()
        path, told = own / "answer.py", place / "verdict.json"
        path.write_text(answer, encoding="utf-8")
        with open(place / "printed", "w+b") as printed:
            process = subprocess.Popen(
                [sys.executable, "-m", "synthkit_course.checking", one.id, str(path), str(told)],
                cwd=own, stdin=subprocess.DEVNULL, stdout=printed, stderr=subprocess.STDOUT,
                start_new_session=True,
            )  # fmt: skip
            try:
                process.wait(seconds)
            except subprocess.TimeoutExpired:
                return Verdict(
                    False,
                    f"it did not end within {seconds:g} s: is there a loop without an end, or one over every "
                    "sample that numpy could do at once?",
                )
            finally:
                # Children of the answer's too, whatever became of the answer.
                _end(process)
            printed.seek(0)
            output = printed.read().decode("utf-8", "replace")
        if not told.is_file():
            last = (output.strip().splitlines() or ["nothing was printed"])[-1]
            return Verdict(False, f"your file ended Python before it was checked ({last})", output[-PRINTED:])
        found = json.loads(told.read_text(encoding="utf-8"))
    if "fault" in found:
        raise CourseError(f"its check failed: {found['fault']}", where=f"exercise {one.id}")
    return Verdict(found["accepted"], found["word"], output[-PRINTED:])


def _end(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def main(id: str, path: Path, told: Path) -> None:
    """In the process of its own: write the verdict to `told`."""
    from synthkit_course.offline import refuse

    refuse()
    try:
        accepted, word = judged(exercise(id), path.read_text(encoding="utf-8"), path)
    except Exception as error:  # told to the one who asked, who raises it
        told.write_text(json.dumps({"fault": f"{type(error).__name__}: {error}"}), encoding="utf-8")
        raise
    told.write_text(json.dumps({"accepted": accepted, "word": word}), encoding="utf-8")


def judged(
    one: Exercise, source: str, path: Path = Path("answer.py"), *, seed: int | None = None
) -> tuple[bool, str]:
    """Run an answer in this process; see `judge`.

    Parameters
    ----------
    one : Exercise
    source : str
    path : Path
        Named where the answer fails.
    seed : int, optional
        Of the numbers it is judged by; a fair one if not given.

    Returns
    -------
    (bool, str)
        Whether it is accepted, and what the student is told.
    """
    seed = fair(one) if seed is None else seed
    names: dict[str, object] = {"__name__": "answer", "__file__": str(path)}
    empty = Answer({}, path)
    try:
        exec(compile(source, str(path), "exec"), names)
    except Exception as error:
        return False, f"your file stopped before it was checked: {empty.told(error)}"
    try:
        one.check(Answer(names, path), np.random.default_rng(seed))
    except Refused as refused:
        return False, str(refused)
    return True, "accepted"


def fair(one: Exercise) -> int:
    """A seed of numbers that tell the known answers apart.

    A level that happens to be the same in both frames makes the answer right that forgot to leave it out:
    some random numbers do that to some rule, once in 25 draws or in thousands. So what is known to be right
    and wrong is judged by them first.

    Parameters
    ----------
    one : Exercise

    Returns
    -------
    int

    Raises
    ------
    CourseError
        No numbers do, so the exercise is at fault.
    """
    known = [(wrong.code, wrong.word) for wrong in one.wrong]
    right = solution(one) if one.solution_path.is_file() else None
    for _ in range(DRAWS):
        seed = secrets.randbits(64)
        with contextlib.redirect_stdout(io.StringIO()):
            answers = ((judged(one, code, seed=seed), word) for code, word in known)
            if all(not accepted and word in said for (accepted, said), word in answers) and (
                right is None or judged(one, right, seed=seed)[0]
            ):
                return seed
    raise CourseError(
        "its solution is refused, or a wrong answer of its own is accepted or told another word, whatever "
        "numbers are drawn",
        where=f"exercise {one.id}",
    )


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
