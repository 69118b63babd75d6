# SPDX-License-Identifier: Apache-2.0
"""``synthkit course``."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

import click

from synthkit.cli.common import json_option, print_json


@click.group(invoke_without_command=True)
@click.pass_context
def course(ctx: click.Context) -> None:
    """The course: speech synthesis from a sound wave on, chapter by chapter, each with sounds and figures
    that are made here. Alone it lists the chapters.

    \b
    synthkit course list
    synthkit course open 1
    synthkit course notebook 1 -o notebooks
    """
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_chapters)


@course.command("list")
@json_option
def list_chapters(as_json: bool = False) -> None:
    """The chapters and their questions.

    \b
    synthkit course list
    """
    from synthkit_course.chapters import chapters

    if as_json:
        rows = [{"chapter": c.number, "title": c.title, "question": c.question} for c in chapters()]
        print_json(rows)
        return
    for one in chapters():
        click.echo(f"{one.number:>3}  {one.title}\n     {one.question}")


@course.command("open")
@click.argument("chapter")
@click.option(
    "--port", default=8380, show_default=True, type=click.IntRange(0, 65535), help="0: any that is free."
)
@click.option("--open/--no-open", "opens", default=True, help="Open it in a browser.  [default: open]")
@click.option("--page", "as_page", is_flag=True, help="As a page although JupyterLab is installed.")
def open_chapter(chapter: str, port: int, opens: bool, as_page: bool) -> int:
    """Open CHAPTER (its number, or a word of its title) in JupyterLab where that is installed, else as a page
    with its sounds and figures, which are made on this machine: the first time, while you read. Until stopped
    with Ctrl-C; only this machine reaches it.

    \b
    synthkit course open 1
    synthkit course open sound --page
    """
    from synthkit_course import serving
    from synthkit_course.chapters import find

    one = find(chapter)
    if serving.has_lab() and not as_page:
        path = Path("course") / f"{one.name}.ipynb"
        if not path.exists():  # what was changed there is the reader's
            _write_notebook(one, path)
        click.echo(f"notebook: {path}", err=True)
        return serving.open_lab(path, port, opens)
    serving.show(one, port, partial(opened, opens))
    click.echo("stopped", err=True)
    return 0


@course.command()
@click.argument("chapter")
@click.option("-o", "--out", type=click.Path(path_type=Path, file_okay=False), default=Path("."),
              help="Folder that the file goes to.  [default: this one]")  # fmt: skip
@click.option("--overwrite", is_flag=True, help="Replace a notebook that is there.")
@click.option("--run", "runs", is_flag=True, help="With its outputs.")
def notebook(chapter: str, out: Path, overwrite: bool, runs: bool) -> None:
    """Write CHAPTER as a Jupyter notebook.

    \b
    synthkit course notebook 1 -o notebooks
    synthkit course notebook 1 --run --overwrite
    """
    from synthkit_course.chapters import CourseError, find

    one = find(chapter)
    path = out / f"{one.name}.ipynb"
    if path.exists() and not overwrite:
        raise CourseError("is there already", where=str(path), hint="--overwrite replaces it")
    _write_notebook(one, path, runs)
    click.echo(str(path))


@course.command()
@click.argument("numbers", nargs=-1, metavar="[CHAPTER]...")
@click.option("-o", "--out", type=click.Path(path_type=Path, file_okay=False), default=Path("slides"),
              show_default=True, help="Folder that the files go to.")  # fmt: skip
def slides(numbers: tuple[str, ...], out: Path) -> None:
    """Write the figures of chapters (left out: of all) as slides, an HTML file each, to show and to print.

    \b
    synthkit course slides 1 -o slides
    """
    from synthkit.atomic import write_text
    from synthkit_course.chapters import chapters, find
    from synthkit_course.execute import executed
    from synthkit_course.slides import slides as made

    for one in [find(number) for number in numbers] or chapters():
        path = out / f"{one.name}.html"
        write_text(path, made(one, executed(one)))
        click.echo(str(path))


def opened(opens: bool, url: str) -> None:
    """Tell where a page is, and open it in a browser."""
    click.echo(f"chapter: {url}")
    sys.stdout.flush()
    if opens:
        import threading
        import webbrowser

        # Beside what is done here: some browsers return only when they are closed.
        threading.Thread(target=webbrowser.open, args=(url,), daemon=True).start()


def _write_notebook(chapter: object, path: Path, runs: bool = False) -> None:
    import nbformat

    from synthkit.atomic import write_text
    from synthkit_course.chapters import Chapter
    from synthkit_course.execute import executed

    assert isinstance(chapter, Chapter)
    made = executed(chapter) if runs else chapter.notebook()
    write_text(path, nbformat.writes(made))
