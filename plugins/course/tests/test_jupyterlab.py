# SPDX-License-Identifier: Apache-2.0
"""A chapter in a real JupyterLab, in a real Chromium: it is run there, is heard, and its sliders move."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("jupyterlab", reason="needs jupyterlab: pip install jupyterlab")

CHAPTER = """\
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
def draw(turns__Hz):
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots(figsize=(3, 2))
    ax.plot(np.sin(turns__Hz * np.arange(50) / 50))
    return ax, tone

cells.explore(draw, "A sine", turns__Hz=[1, 2])

# %%
cells.note(f"It has {1 + 1}.")
"""
STARTED = """\
import sys
from pathlib import Path
from synthkit_course.serving import open_lab
sys.exit(open_lab(Path(sys.argv[1]), 0, False))
"""


@pytest.fixture
def lab(tmp_path: Path):
    """Address of JupyterLab with the chapter, as `synthkit course open` runs it; stopped by Ctrl-C."""
    import nbformat
    from synthkit_course.chapters import Chapter

    text = tmp_path / "01-small.py"
    text.write_text(CHAPTER)
    notebook = tmp_path / "course" / "01-small.ipynb"
    notebook.parent.mkdir()
    nbformat.write(Chapter(1, "Small", "Is it small?", text).notebook(), notebook)
    (tmp_path / "CONFIG").mkdir()
    settings = {"ServerApp": {"allow_root": True}}  # where tests run as root, as in a container
    (tmp_path / "CONFIG" / "jupyter_server_config.json").write_text(json.dumps(settings))
    own = {f"JUPYTER_{name}_DIR": str(tmp_path / name) for name in ("CONFIG", "DATA", "RUNTIME")}
    process = subprocess.Popen(
        [sys.executable, "-c", STARTED, str(notebook)], cwd=tmp_path, env=os.environ | own,
        stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    told = []
    try:
        for line in process.stderr:
            told.append(line)
            if found := re.search(r"http://127\.0\.0\.1:\d+/lab\S*token=\S+", line):
                break
        else:
            pytest.fail("".join(told))
        yield found[0]
        os.killpg(process.pid, signal.SIGINT)  # where nobody can be asked, JupyterLab stops at once
        assert process.wait(30) == 0
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


@pytest.mark.timeout(240)
def test_a_chapter_is_run_heard_and_moved(lab: str, open_page) -> None:
    page = open_page(lab, complains=True)  # of what is JupyterLab's own
    page.set_default_timeout(90_000)
    page.get_by_role("heading", name="Small").wait_for()
    page.get_by_text("Run", exact=True).first.click()
    page.get_by_text("Run All Cells", exact=True).click()
    page.get_by_text("It has 2.").wait_for()
    assert page.locator("audio").first.evaluate(
        "a => new Promise(f => a.readyState ? f(true) : a.onloadedmetadata = () => f(true))"
    )
    figure = page.locator(".sk-explore.sk-live")
    figure.scroll_into_view_if_needed()
    assert figure.locator(".sk-frame:visible").get_attribute("data-at") == "0"
    figure.locator("input").press("End")
    assert figure.locator(".sk-frame:visible").get_attribute("data-at") == "1"
