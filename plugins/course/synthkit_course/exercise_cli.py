# SPDX-License-Identifier: Apache-2.0
"""``synthkit exercise``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from synthkit.cli.common import json_option, print_json

NUMBER = "CHAPTER.EXERCISE"


@click.group()
def exercise() -> None:
    """Exercises of the course: begin one, check an answer, ask for a hint.

    \b
    synthkit exercise start 1.1
    synthkit exercise check 1.1
    synthkit exercise hint 1.1
    """


@exercise.command("list")
@click.argument("chapter", required=False, type=int)
@json_option
def list_exercises(chapter: int | None, as_json: bool) -> None:
    """All exercises, or those of CHAPTER.

    \b
    synthkit exercise list
    synthkit exercise list 1
    """
    from synthkit_course.chapters import chapters, find
    from synthkit_course.exercise import exercises

    wanted = chapters() if chapter is None else (find(chapter),)
    found = [one for each in wanted for one in exercises(each.number)]
    if as_json:
        print_json([{"exercise": one.id, "title": one.title, "task": one.task} for one in found])
        return
    for one in found:
        click.echo(f"{one.id}  {one.title}")


@exercise.command()
@click.argument("number", metavar=NUMBER)
@click.option("-o", "--out", type=click.Path(path_type=Path, file_okay=False), default=Path("."),
              help="Folder that the file goes to.  [default: this one]")  # fmt: skip
def start(number: str, out: Path) -> None:
    """Write a file to begin with; one that is there is left as it is.

    \b
    synthkit exercise start 1.1 -o answers
    """
    from synthkit.atomic import write_text
    from synthkit_course.chapters import CourseError
    from synthkit_course.exercise import exercise as find

    one = find(number)
    path = out / _file(one.id)
    if path.exists():
        raise CourseError("is there already", where=str(path), hint="go on in it, or move it away first")
    head = "\n".join(f"# {line}".rstrip() for line in [f"{one.id} {one.title}", "", *_wrapped(one.task)])
    write_text(path, f"{head}\n\n{one.skeleton}")
    click.echo(str(path))
    click.echo(f"next: synthkit exercise check {one.id} {path}", err=True)


@exercise.command()
@click.argument("number", metavar=NUMBER)
@click.argument("answer", required=False, metavar="[ANSWER.py|-]")
@click.option("--seconds", default=30.0, show_default=True, type=click.FloatRange(1, 600),
              help="That the answer may take.")  # fmt: skip
@json_option
def check(number: str, answer: str | None, seconds: float, as_json: bool) -> int:
    """Run ANSWER.py (left out: the file that `start` wrote here; - is stdin) and say whether it is right.

    It runs in a process of its own, without a network, and is ended when it takes too long. Exit code 1 says
    that it is not right yet.

    \b
    synthkit exercise check 1.1
    synthkit exercise check 1.1 answers/exercise_1_1.py
    """
    from synthkit.paths import read_text
    from synthkit_course.chapters import CourseError
    from synthkit_course.checking import judge
    from synthkit_course.exercise import exercise as find

    one = find(number)
    if answer == "-":
        text = sys.stdin.read()
    else:
        path = Path(answer or _file(one.id))
        if answer is None and not path.exists():
            raise CourseError(
                "there is no answer yet", where=str(path), hint=f"synthkit exercise start {one.id}"
            )
        text = read_text(path, CourseError)
    found = judge(one, text, seconds=seconds)
    if as_json:
        print_json({"exercise": one.id, "accepted": found.accepted, "word": found.word})
        return 0 if found.accepted else 1
    if found.printed.strip():
        click.echo(found.printed.rstrip(), err=True)
    if found.accepted:
        click.echo(f"{one.id} {one.title}: accepted")
        return 0
    click.echo(f"{one.id} {one.title}: not yet\n  {found.word}")
    click.echo(f"a hint: synthkit exercise hint {one.id}", err=True)
    return 1


@exercise.command()
@click.argument("number", metavar=NUMBER)
@click.option("-n", "--step", type=click.IntRange(1), default=1, show_default=True,
              help="Which hint: each says more than the one before.")  # fmt: skip
def hint(number: str, step: int) -> None:
    """A hint, step by step.

    \b
    synthkit exercise hint 1.1
    synthkit exercise hint 1.1 -n 2
    """
    from synthkit_course.chapters import CourseError
    from synthkit_course.exercise import exercise as find

    one = find(number)
    if step > len(one.hints):
        raise CourseError(
            f"exercise {one.id} has {len(one.hints)} hints", hint=f"synthkit exercise solution {one.id}"
        )
    click.echo(one.hints[step - 1])
    if step < len(one.hints):
        click.echo(f"more: synthkit exercise hint {one.id} -n {step + 1}", err=True)


@exercise.command()
@click.argument("number", metavar=NUMBER)
@click.option("--yes", is_flag=True, help="Do not ask.")
def solution(number: str, yes: bool) -> None:
    """Print the solution, after asking whether you are sure.

    \b
    synthkit exercise solution 1.1
    """
    from synthkit_course.exercise import exercise as find
    from synthkit_course.exercise import solution as text

    one = find(number)
    if not yes:
        click.confirm(f"Show the solution of {one.id} {one.title}?", abort=True, err=True)
    click.echo(text(one), nl=False)


def _file(id: str) -> str:
    return f"exercise_{id.replace('.', '_')}.py"


def _wrapped(text: str) -> list[str]:
    import textwrap

    return [line for part in text.split("\n\n") for line in [*textwrap.wrap(part, 96), ""]][:-1]
