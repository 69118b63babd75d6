# SPDX-License-Identifier: Apache-2.0
"""The lab's panel Training in a real Chromium: a build begun, stopped, gone on with; a training's folder."""

import contextlib
import os
import subprocess
import sys
import time

import httpx
import numpy as np
import pytest
from synthkit_web.lab.training.builds import Builds

from synthkit import audio, curve
from synthkit.atomic import write_json
from synthkit.errors import ConfigError
from synthkit.pipeline.logbook import logbook, seen
from synthkit.types import Waveform

RECIPE = """
[voice]
name = "small"
corpus = "bundled-ru"
limit = 4

[alignment]
plugin = "labels"

[acoustic_model]
plugin = "parametric"
steps = 120
channels = 16
batch_frames = 400
checkpoint_seconds = 0.2

[vocoder]
plugin = "world"
"""


@contextlib.contextmanager
def serving(tmp_path, *more):
    """Address of `synthkit lab` in `tmp_path`, with a cache of its own there."""
    command = [sys.executable, "-m", "synthkit", "lab", "--port", "0", "--no-open", *more]
    environment = {**os.environ, "SYNTHKIT_CACHE": str(tmp_path / "cache")}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=tmp_path, env=environment)
    try:
        process.stdout.readline()
        yield process.stdout.readline().split()[1]
    finally:
        process.kill()
        process.communicate()


def test_a_build_is_begun_stopped_and_gone_on_with_by_keyboard(open_page, tmp_path):
    (tmp_path / "small.toml").write_text(RECIPE, encoding="utf-8")
    out = tmp_path / "voices" / "small"
    with serving(tmp_path, "--build", "small.toml") as url:
        assert url.endswith("/lab/training/")
        page = open_page(url)
        page.wait_for_selector("body[data-state=new]")
        page.focus("#language")
        page.keyboard.press("Tab")
        page.focus("#start")
        page.keyboard.press("g")
        page.wait_for_selector("body[data-state=running]", timeout=300_000)
        page.wait_for_selector("#training:not([hidden])", timeout=300_000)
        page.wait_for_selector("#far:not([hidden])")
        assert "training" in page.text_content("#eta") and "120" in page.text_content("#eta")
        until = time.monotonic() + 300
        while not list(tmp_path.rglob("checkpoint.safetensors")) and time.monotonic() < until:
            time.sleep(0.02)  # of which it goes on
        page.keyboard.press("t")
        page.wait_for_selector("body[data-state=stopped]", timeout=300_000)
        assert not (out / "manifest.json").exists()
        page.wait_for_selector(".stages li.broken")  # the stage that it was stopped in is none that is over
        assert page.locator(".stages li.broken").count() == 1
        first = seen(out).pid
        page.keyboard.press("g")
        page.wait_for_selector("body[data-state=running]", timeout=300_000)
        assert seen(out).pid != first
        page.close()  # which stops nothing
        until = time.monotonic() + 300
        while seen(out).state == "running" and time.monotonic() < until:
            time.sleep(0.1)
        again = open_page(url)
        again.wait_for_selector("body[data-state=done][data-steps='120']")
        assert "training goes on from step" in again.text_content("#said")
        assert again.locator(".stages li.over").count() == 6  # all but a vocoder that trains
        again.focus("#curve")
        again.keyboard.press("Home")
        assert again.text_content("#at").startswith("step 1:") and "learning rate" in again.text_content(
            "#at"
        )
        assert again.is_disabled("#stop")
    assert (out / "manifest.json").is_file()


@pytest.fixture
def run(tmp_path):
    """The folder of a training as the coqui plugin leaves it: two validations, a word of its watch."""
    folder = tmp_path / "run"
    folder.mkdir()
    for step in range(10, 210, 10):
        curve.add(folder / curve.LOG, step, lr=1e-4 * step, loss=10 / step, mel_loss=5 / step)
    curve.add(folder / curve.WATCH, 150, code="attention-not-diagonal", message="attention is not diagonal")
    for step in (100, 200):
        place = folder / curve.VALIDATION / f"step-{step:09d}"
        samples = 0.1 * np.sin(np.arange(4000) / 10).astype(np.float32)
        for name in ("ru_0001", "ru_0002"):
            audio.write(place / f"{name}.wav", Waveform(samples, 16000))
        write_json(place / curve.HEARD, {"said": f"held-out distance {step}", "texts": {"ru_0001": "Мама."}})
        from matplotlib.figure import Figure

        Figure(figsize=(1, 1)).savefig(place / "alignment.png")
    return folder


def test_where_no_build_is_known_none_can_be_begun(open_page, tmp_path):
    (tmp_path / "empty").mkdir()
    with serving(tmp_path / "empty", "--corpus", "bundled-ru") as url:
        page = open_page(f"{url.partition('/lab/')[0]}/lab/training/", complains=True)
        page.wait_for_selector("#trouble:not([hidden])")
        assert page.is_disabled("#start") and page.is_disabled("#stop")


@pytest.mark.parametrize(("width", "dark"), [(1400, False), (390, True)])
def test_the_course_of_a_training_is_seen_and_heard(run, open_page, tmp_path, width, dark):
    with serving(tmp_path, "--build", str(run)) as url:
        page = open_page(url, width=width, dark=dark)
        page.wait_for_selector("body[data-state=watched][data-validation='200']")
        assert page.evaluate("document.documentElement.scrollWidth") == width
        reached = set()
        page.focus(".panels a")
        for _ in range(24):
            reached.add(page.evaluate("document.activeElement.id || document.activeElement.dataset.url"))
            page.keyboard.press("Tab")
        assert {"language", "which", "loss", "curve", "step", "said"} <= reached  # begin and stop cannot be
        assert any(str(name).endswith("ru_0002.wav") for name in reached)
        assert "attention is not diagonal" in page.text_content("#words")
        assert page.text_content("#figures") == "held-out distance 200"
        assert "Мама." in page.text_content("#sounds") and page.is_visible("#attention")
        assert page.evaluate("document.getElementById('attention').naturalWidth") > 0
        page.focus("#curve")
        page.keyboard.press("1")
        page.wait_for_selector("body[data-heard$='step-000000200/ru_0001.wav']")
        page.keyboard.press("ArrowLeft")
        assert page.text_content("#at").startswith("step 190: loss 0.05263")
        page.select_option("#step", "100")
        page.wait_for_selector("body[data-validation='100']")
        page.select_option("#language", "ru")
        other = page.context.new_page()
        other.goto(url)
        other.wait_for_selector("body[data-validation='200']")  # each tab has its own
        page.reload()
        page.wait_for_selector("body[data-validation='100']")
        assert page.text_content("h1") == "Обучение" and page.text_content("#at").startswith("шаг 190")


def test_what_cannot_be_is_said_and_nothing_else_is_given_out(run, tmp_path):
    (tmp_path / "bad.toml").write_text(RECIPE.replace("bundled-ru", "nowhere/"), encoding="utf-8")
    with logbook(tmp_path / "ran", {"command": ["python", "-c", "evil"], "cwd": "/"}):
        pass
    with serving(tmp_path, "--build", str(run), "--build", "bad.toml") as url:
        base = url.replace("/lab/training/", "/lab/api/trainings")
        by_name = {row["name"]: row for row in httpx.get(base).json()}
        assert by_name["ran"]["state"] == "done" and by_name["small"]["state"] == "new"
        key = by_name["run"]["key"]
        for path in (
            "run.json",
            "training/../log.jsonl",
            "training/..%2Flog.jsonl",
            "training/step-000000200/heard.json",
        ):
            assert httpx.get(f"{base}/{key}/{path}").status_code == 404
        assert httpx.get(f"{base}/{key}/training/step-000000200/ru_0001.wav").status_code == 200
        for name in (
            "run",
            "ran",
        ):  # a folder is only looked at; a command that is no build of ours is not run
            refused = httpx.post(f"{base}/{by_name[name]['key']}/start")
            assert refused.status_code == 409 and "only looked at" in refused.json()["error"]
        small = by_name["small"]["key"]
        assert httpx.post(f"{base}/{small}/stop").status_code == 409
        assert httpx.post(f"{base}/{small}/start").status_code == 200
        until = time.monotonic() + 300
        while (told := httpx.get(f"{base}/{small}").json())["state"] in ("begins", "running"):
            assert time.monotonic() < until
            time.sleep(0.1)
        assert told["state"] == "failed" and "nowhere" in f"{told['end']}"
        assert httpx.post(f"{base}/nobody/start").status_code == 404
    with pytest.raises(ConfigError, match="synthkit init"):
        Builds([tmp_path])
