# SPDX-License-Identifier: Apache-2.0
"""``synthkit course``: what it lists, writes and opens."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path

import pytest
from synthkit_course import chapters as module
from synthkit_course import execute, serving
from synthkit_course.chapters import Chapter, CourseError, chapters
from synthkit_course.growing import ENDED, RUNNING, Growing
from synthkit_course.render import CLOSING, alone

from synthkit.cli import run

SMALL = """\
# SPDX-License-Identifier: Apache-2.0
# %% [markdown]
# # Small
#
# *Is it small?*

# %%
import numpy as np
from synthkit_course import cells

cells.start()
tone = cells.wave(0.1 * np.sin(np.arange(1600) / 3), 16000)
cells.listen(tone, "a tone")

# %% tags=["hide"]
def draw(turns__Hz, phase):
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots(figsize=(3, 2))
    ax.plot(np.sin(turns__Hz * np.arange(50) / 50 + phase))
    return ax, tone

cells.explore(draw, "A </script> sine", turns__Hz=[1, 2], phase=[0, 1.5], start={"phase": 1.5},
              lab=("bench/", "try it"))

# %%
cells.note(f"It has {1 + 1} and $x^2$.")

# %%
print("1 < 2")
"""


def test_low_rates_are_heard_in_browsers(open_page, tmp_path: Path) -> None:
    import numpy as np
    from synthkit_course.cells import listen, wave

    path = tmp_path / "low.html"
    path.write_text(listen(wave(0.1 * np.sin(np.arange(1000)), 2000)).html)
    open_page(path.as_uri()).wait_for_function("document.querySelector('audio').duration > 0.4")


@pytest.fixture
def small(tmp_path: Path, kept: Path) -> Chapter:
    """A chapter that runs at once."""
    path = tmp_path / "01-small.py"
    path.write_text(SMALL)
    return Chapter(1, "Small", "Is it small?", path)


def page_of(chapter: Chapter) -> str:
    return alone(chapter, execute.executed(chapter))


def test_chapters_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["course"]) == 0
    told = capsys.readouterr().out
    assert all(one.title in told and one.question in told for one in chapters())
    assert run(["course", "list", "--json"]) == 0
    assert [row["chapter"] for row in json.loads(capsys.readouterr().out)] == [c.number for c in chapters()]


def test_a_notebook_is_written_and_not_overwritten(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["course", "notebook", "1", "-o", str(tmp_path)]) == 0
    path = tmp_path / "01-sound.ipynb"
    book = json.loads(path.read_text())
    assert book["nbformat"] == 4 and book["cells"][0]["source"][0].startswith("# Sound")
    assert "SPDX" not in "".join(book["cells"][0]["source"])
    hidden = [c for c in book["cells"] if "hide" in c["metadata"].get("tags", ())]
    assert hidden and all(c["metadata"]["jupyter"]["source_hidden"] for c in hidden)
    before = path.read_bytes()
    assert run(["course", "notebook", "sound", "-o", str(tmp_path)]) == 2
    assert "--overwrite" in capsys.readouterr().err and path.read_bytes() == before
    assert run(["course", "notebook", "1", "-o", str(tmp_path), "--overwrite"]) == 0
    assert path.read_bytes() == before, "the same chapter is the same file"


def test_a_chapter_is_run_once_until_it_changes(small: Chapter, monkeypatch: pytest.MonkeyPatch) -> None:
    first = execute.executed(small)
    monkeypatch.setattr(execute, "run", lambda chapter: pytest.fail("run again"))
    assert execute.executed(small) == first
    small.path.write_text(SMALL.replace("{1 + 1}", "{1 + 2}"))
    monkeypatch.undo()


def test_a_cell_that_fails_is_told_with_its_error(small: Chapter) -> None:
    small.path.write_text(SMALL + "\n# %%\n1 / 0\n")
    with pytest.raises(CourseError, match="ZeroDivisionError"):
        execute.run(small)


def test_no_chapter_reaches_the_network(small: Chapter) -> None:
    small.path.write_text(SMALL + "\n# %%\nimport urllib.request as u\nu.urlopen('http://192.0.2.1/')\n")
    with pytest.raises(CourseError, match="may not use the network"):
        execute.run(small)


def test_a_page_of_its_own_works_without_a_network(small: Chapter, tmp_path: Path, open_page) -> None:
    path = tmp_path / "small.html"
    path.write_text(alone(small, execute.executed(small)), encoding="utf-8")
    page = open_page(path.as_uri())
    assert page.locator("h1").inner_text() == "Small"
    figure = page.locator(".sk-explore")
    assert figure.locator(".sk-frame").count() == 4
    assert figure.locator(".sk-frame:visible").get_attribute("data-at") == "0-1"
    assert figure.locator("output").all_inner_texts() == ["1 Hz", "1.5"]
    figure.locator("input").first.press("End")
    assert figure.locator(".sk-frame:visible").get_attribute("data-at") == "1-1"
    assert figure.locator("output").first.inner_text() == "2 Hz"
    assert page.locator("math").count() == 1 and page.get_by_text("1 < 2", exact=True).count() == 1
    assert page.locator("details").first.get_attribute("open") is None
    page.emulate_media(media="print")
    assert figure.locator(".sk-frame:visible").count() == 4


def test_slides_are_turned_by_keys(small: Chapter, tmp_path: Path, open_page) -> None:
    from synthkit_course.slides import slides

    path = tmp_path / "slides.html"
    path.write_text(slides(small, execute.executed(small)), encoding="utf-8")
    page = open_page(path.as_uri())
    assert page.locator("section").count() == 3
    assert page.locator("section:visible").inner_text().startswith("Small")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert page.locator("section:visible input").count() == 2
    page.keyboard.press("ArrowRight")
    assert page.locator("footer").inner_text() == "3 / 3"
    page.emulate_media(media="print")
    assert page.locator("section:visible").count() == 3


def test_more_states_than_can_be_printed_are_refused() -> None:
    from synthkit_course.cells import explore

    with pytest.raises(ValueError, match="17 states"):
        explore(lambda n: None, "", n=range(17))
    with pytest.raises(ValueError, match="0 sliders"):
        explore(lambda: None, "")


def test_open_hands_out_the_page_until_it_is_stopped(kept: Path, run_chapter) -> None:
    run_chapter(1)
    command = [sys.executable, "-m", "synthkit", "course", "open", "1", "--page", "--no-open", "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        url = line.split()[-1]
        assert url.startswith("http://127.0.0.1:"), line
        with urllib.request.urlopen(url) as page:
            assert "Can I see in a recording" in page.read().decode()
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0


def test_a_page_is_heard_while_its_chapter_still_runs(small: Chapter, tmp_path: Path, open_page) -> None:
    """The cell behind the sound waits for this test: so the sound was there before the chapter's end."""
    go = tmp_path / "go"
    wait = f"import pathlib, time\nwhile not pathlib.Path({str(go)!r}).exists():\n    time.sleep(.02)"
    small.path.write_text(f"{SMALL}\n# %%\n{wait}\nprint('and the end')\n")
    urls: queue.Queue[str] = queue.Queue()
    whole = threading.Event()
    thread = threading.Thread(target=serving.show, args=(small, 0, urls.put, whole.set), daemon=True)
    thread.start()
    page = open_page("about:blank")
    url = urls.get(timeout=60)
    page.goto(url, wait_until="commit")
    page.wait_for_function("document.querySelector('audio')?.duration > 0.05")
    assert page.locator("#sk-running").is_visible() and not whole.is_set()
    assert page.get_by_text("and the end").count() == 0
    page.locator(".sk-explore input").first.press("End")
    assert page.locator(".sk-frame:visible").get_attribute("data-at") == "1-1"
    go.touch()
    page.wait_for_load_state("load")
    assert (
        page.get_by_text("and the end", exact=True).is_visible() and page.locator("#sk-running").is_hidden()
    )
    assert whole.wait(10)
    with urllib.request.urlopen(url) as again:  # from its beginning, for whoever opens it again
        told = again.read().decode()
    assert told.count("<h1") == 1 and told == page_of(small).replace("<body>", f"<body>{RUNNING}").replace(
        CLOSING, ENDED + CLOSING
    )


def test_a_chapter_that_stops_says_so_on_its_page(small: Chapter) -> None:
    small.path.write_text(SMALL + "\n# %%\n1 / 0\n")
    growing = Growing(small)
    with pytest.raises(CourseError, match="ZeroDivisionError"):
        growing.run()
    told = "".join(growing.pieces())
    assert "<audio" in told and "ZeroDivisionError" in told.split("The chapter stopped here")[1]
    assert told.endswith("</body></html>\n")


def test_a_chapter_that_another_process_ran_grows_at_once(small: Chapter) -> None:
    execute.executed(small)
    assert execute.known(small)
    growing = Growing(small)
    growing.run()
    assert page_of(small).partition("<body>")[2].removesuffix(CLOSING) in "".join(growing.pieces())


def test_jupyterlab_gets_the_notebook_which_is_the_readers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(serving, "has_lab", lambda: True)
    given: list[tuple[Path, int, bool]] = []
    monkeypatch.setattr(serving, "open_lab", lambda *asked: given.append(asked) or 0)
    assert run(["course", "open", "1", "--no-open"]) == 0
    assert given == [(Path("course/01-sound.ipynb"), 8380, False)]
    written = tmp_path / "course" / "01-sound.ipynb"
    written.write_text("mine")
    assert run(["course", "open", "1"]) == 0 and written.read_text() == "mine"


def test_without_its_chapters_the_course_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(module, "__file__", str(tmp_path / "a" / "b" / "c" / "chapters.py"))
    with pytest.raises(CourseError, match="the chapters are missing"):
        module.folder()


def test_wheels_carry_the_chapters(tmp_path: Path) -> None:
    import tarfile
    import zipfile

    hatchling = pytest.importorskip("hatchling.build")
    project = Path(__file__).parents[1]
    before = os.getcwd()
    try:
        os.chdir(project)
        source = tmp_path / hatchling.build_sdist(str(tmp_path))
        direct = tmp_path / hatchling.build_wheel(str(tmp_path / "direct"))
        with tarfile.open(source) as archive:
            archive.extractall(tmp_path / "unpacked", filter="data")
        (folder,) = (tmp_path / "unpacked").iterdir()
        os.chdir(folder)
        built = hatchling.build_wheel(str(tmp_path / "built"))
    finally:
        os.chdir(before)
    wanted = {f"synthkit_course/chapters/{one.path.name}" for one in chapters()}
    wanted |= {"synthkit_course/chapters/solutions/1.1.py", "synthkit_course/static/look.css"}
    for wheel in (tmp_path / "direct" / direct.name, tmp_path / "built" / built):
        with zipfile.ZipFile(wheel) as archive:
            assert wanted <= set(archive.namelist()), wheel
