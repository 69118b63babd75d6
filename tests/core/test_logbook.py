# SPDX-License-Identifier: Apache-2.0
"""What a build leaves for who watches it: stages, how far it is, how it ended."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from synthkit import curve
from synthkit.errors import ConfigError, SynthkitError
from synthkit.pipeline.logbook import BUILD_STAGES, is_running, known_builds, logbook, logbook_path, seen
from synthkit.progress import Progress

ABOUT = {"command": ["synthkit", "build"], "cwd": "/"}


def test_a_build_tells_its_stages_and_what_it_said(tmp_path: Path) -> None:
    out = tmp_path / "mine"
    with logbook(out, ABOUT) as tell:
        progress = Progress(enabled=False, listen=tell)
        assert is_running(out)
        progress.tell("stage", name="features")
        progress.log("two utterances left out")
        assert list(progress.track(range(5), label="features", total=5)) == list(range(5))
        now = seen(out)
        assert now is not None and now.state == "running" and now.pid == os.getpid()
        assert (now.label, now.done, now.total) == ("features", 5, 5) and list(now.stages) == ["features"]
        progress.tell("stage", name="acoustic_model")
        tell("work", folder=str(tmp_path))
    after = seen(out)
    assert after is not None and after.state == "done" and after.work == {"acoustic_model": str(tmp_path)}
    assert [text for _, text in after.said] == ["two utterances left out"]
    assert set(after.stages) <= set(BUILD_STAGES)


def test_how_it_ended_is_kept_and_a_new_build_begins_anew(tmp_path: Path) -> None:
    out = tmp_path / "mine"
    with pytest.raises(ConfigError), logbook(out, ABOUT):
        raise ConfigError("no such key", where="voice.toml", hint="mend it")
    failed = seen(out)
    assert failed is not None and failed.state == "failed"
    assert failed.end == {"message": "no such key", "where": "voice.toml", "hint": "mend it"}
    with pytest.raises(KeyboardInterrupt), logbook(out, ABOUT):
        raise KeyboardInterrupt
    assert seen(out).state == "stopped" and not seen(out).end["message"]  # type: ignore[union-attr]


def test_a_killed_one_is_known_by_its_lock_and_half_a_line_is_no_trouble(tmp_path: Path) -> None:
    out = tmp_path / "mine"
    script = (
        "import sys, time; from pathlib import Path; from synthkit.pipeline.logbook import logbook\n"
        f"with logbook(Path({str(out)!r}), {ABOUT!r}) as tell:\n"
        " tell('stage', name='features'); print('there', flush=True); time.sleep(60)"
    )
    process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None and process.stdout.readline() == "there\n"
    with logbook(out, ABOUT) as tell:  # a second build of the same voice leaves it alone
        tell("stage", name="vocoder")
        assert seen(out).pid == process.pid  # type: ignore[union-attr]
    process.send_signal(signal.SIGKILL)
    process.communicate()
    with logbook_path(out).open("a", encoding="utf-8") as file:
        file.write('{"event": "lo')
    killed = seen(out)
    assert killed is not None and killed.state == "killed" and list(killed.stages) == ["features"]
    assert seen(tmp_path / "none") is None


def test_what_is_left_to_do_is_reckoned_from_how_long_it_took(tmp_path: Path) -> None:
    out = tmp_path / "mine"
    rows = [
        {"event": "begin", "at": 1.0, "pid": 1, **ABOUT},
        {"event": "stage", "at": 2.0, "name": "features"},
        {"event": "track", "at": 12.0, "label": "x", "done": 5, "total": 20, "elapsed": 10.0},
    ]
    logbook_path(out).write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    found = seen(out)
    assert found is not None and found.left == 30.0 and found.stages == {"features": 10.0}


def test_builds_are_found_where_voices_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with logbook(Path("voices/mine"), ABOUT), logbook(Path("other"), ABOUT):
        assert known_builds() == [Path("other"), Path("voices/mine")]


def test_a_course_is_cut_where_a_training_goes_on(tmp_path: Path) -> None:
    path = tmp_path / curve.LOG
    for step in range(1, 1001):
        curve.add(path, step, lr=0.1, loss=1 / step, late=None if step < 500 else float("nan"))
    with path.open("a") as file:
        file.write('{"step": 10')
    curve.cut(path, 900)
    course = curve.read(tmp_path, most=10)
    assert len(course.steps) == 10 and course.steps[0] == 1 and course.steps[-1] == 900
    assert course.lr == [0.1] * 10 and course.losses["loss"][-1] == pytest.approx(1 / 900)
    assert course.losses.get("late", [None])[-1] is None
    curve.add(tmp_path / curve.WATCH, 7, code="x", message="the loss does not fall")
    assert curve.words(tmp_path) == [(7, "the loss does not fall")]
    assert curve.read(tmp_path / "nowhere").steps == []


@pytest.fixture
def looks(tmp_path: Path) -> Iterator[Callable[[float], subprocess.Popen[str]]]:
    """``looks(1.5)``: a process that looks at the logbook for so long, and then tells when it let go."""
    with logbook(tmp_path / "mine", ABOUT):
        pass
    begun = []

    def look(seconds: float) -> subprocess.Popen[str]:
        script = (
            "import fcntl, os, time; from pathlib import Path\n"
            f"file = os.open({str(logbook_path(tmp_path / 'mine'))!r}, os.O_RDONLY)\n"
            "fcntl.flock(file, fcntl.LOCK_SH)\n"
            f"print('looks', flush=True); time.sleep({seconds}); print(time.monotonic()); os.close(file)"
        )
        process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
        begun.append(process)
        assert process.stdout is not None and process.stdout.readline() == "looks\n"
        return process

    yield look
    for process in begun:
        process.kill()
        process.wait()
        process.stdout.close()  # type: ignore[union-attr]


def test_looking_does_not_hinder_a_build_that_begins(tmp_path: Path, looks) -> None:
    process = looks(1.5)
    with logbook(tmp_path / "mine", ABOUT):
        began = time.monotonic()  # of all processes the same clock
        assert is_running(tmp_path / "mine")
    assert began - float(process.communicate()[0]) < 1


def test_who_looks_and_never_lets_go_is_named(tmp_path: Path, looks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("synthkit.pipeline.logbook.PATIENCE", 0.1)
    looks(600)
    with pytest.raises(SynthkitError, match="not let go of it") as raised, logbook(tmp_path / "mine", ABOUT):
        pass
    assert raised.value.where == str(logbook_path(tmp_path / "mine"))


def test_another_build_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda _: pytest.fail("waited"))
    with logbook(tmp_path / "mine", ABOUT), logbook(tmp_path / "mine", ABOUT) as second:
        second("stage", name="features")
        assert not seen(tmp_path / "mine").stages  # type: ignore[union-attr]


def test_a_training_that_learns_nothing_is_told_once() -> None:
    from synthkit.learning import Watch

    falling, flat = Watch(), Watch()
    assert not any(falling.see({"loss": 1 / (1 + step), "x": 1.0}, step, 300) for step in range(300))
    said = [text for step in range(300) if (text := flat.see({"loss": 1 + step % 2}, step, 300))]
    assert len(said) == 1 and "nothing is being learned" in said[0] and "120 steps" in said[0]
