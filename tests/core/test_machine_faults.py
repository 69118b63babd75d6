# SPDX-License-Identifier: Apache-2.0
"""A fault of the machine stops the work with one message; it is never an utterance's, a sentence's or a
metric's."""

from __future__ import annotations

import errno
import os
import pickle
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest

from synthkit.errors import AudioError, MachineError, VoiceError, machine_fault, reason
from synthkit.eval.metric import Definition, Metric, measure
from synthkit.eval.sample import Clip, EvalSample
from synthkit.pretrained import package
from synthkit.types import Waveform

SYNTHKIT = str(Path(sys.executable).parent / "synthkit")
RECIPE = Path(__file__).parents[2] / "corpora" / "recipes" / "demo-ru.toml"


def came_of(cause: BaseException, *, shown: bool = True) -> Exception:
    """An error of ours that was raised because of `cause`."""
    try:
        try:
            raise cause
        except BaseException as error:
            if shown:
                raise AudioError("cannot be opened") from error
            raise AudioError("cannot be opened") from None
    except AudioError as error:
        return error


@pytest.mark.parametrize(
    "cause",
    [OSError(errno.ENOSPC, "x"), OSError(errno.EMFILE, "x"), OSError(errno.EROFS, "x"), MemoryError()],
)
@pytest.mark.parametrize("shown", [True, False])
def test_what_came_of_the_machine_is_the_machines_wherever_it_goes(cause, shown):
    error = came_of(cause, shown=shown)
    assert isinstance(machine_fault(error), MachineError)
    with pytest.raises(MachineError):
        reason(error)
    assert isinstance(pickle.loads(pickle.dumps(error)), MachineError)  # as a worker process gives it back


def test_other_libraries_ways_of_saying_it_are_understood():
    for text in (
        "I/O error: No space left on device (os error 28)",
        "[Errno 28] Error writing bytes to file",
    ):
        fault = machine_fault(RuntimeError(text))
        assert fault is not None
        assert "no space left" in fault.message


def test_a_library_that_cannot_be_loaded_for_want_of_handles_is_the_machines_fault():
    """As the loader of shared libraries says it: no number, the words of the system."""
    text = "libx.so: cannot open shared object file: Too many open files"
    fault = machine_fault(ImportError(text))
    assert fault is not None
    assert "too many files" in fault.message
    assert machine_fault(ImportError("libx.so: cannot open shared object file: No such file")) is None


def test_synthkit_that_cannot_even_start_says_so_in_one_line():
    script = (
        "import resource, synthkit.__main__ as entry\n"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))\n"
        "entry.main()"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("error: synthkit cannot start: ")
    assert "Too many open files" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_worker_that_cannot_be_asked_for_leaves_no_traceback_of_the_fork_server():
    """One handle is free: enough for the connection to the server, not for the pipe that it is sent."""
    script = """
import os, resource
from multiprocessing import forkserver
from synthkit.pipeline.executors import fork_server
if __name__ == "__main__":
    process = fork_server().Process(target=abs, args=(1,))
    forkserver.ensure_running()
    free = os.dup(0)
    os.close(free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (free + 1, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    try:
        process.start()
    except OSError as error:
        print(error.errno)
    os.waitpid(forkserver._forkserver._forkserver_pid, 0)
"""
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.stdout == f"{errno.EMFILE}\n", done.stderr
    assert done.stderr == ""


def test_an_utterances_fault_stays_one():
    error = came_of(FileNotFoundError(errno.ENOENT, "x"))
    assert machine_fault(error) is None
    assert reason(error) == "cannot be opened"
    assert type(pickle.loads(pickle.dumps(error))) is AudioError
    assert machine_fault(VoiceError("error 28 of 30")) is None


class Full(Metric):
    """A metric on a machine without memory."""

    gives = (Definition("full", "test", "", "none", "full", "full", "here"),)

    def measure(self, sample):
        raise MemoryError


def test_no_memory_is_not_a_metrics_fault():
    clip = Clip(Waveform(np.zeros(100, np.float32), 8000))
    with pytest.raises(MachineError, match="memory"):
        measure(Full(), EvalSample("u", "раз", "ru", clip))


def limited(kib: int, command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """`command` where no file may grow beyond `kib` KiB: a full disk that needs no administrator."""
    environment = {**os.environ, "SYNTHKIT_CACHE": str(folder / "cache")}
    shell = ["bash", "-c", f"ulimit -f {kib}; exec {SYNTHKIT} {command}"]
    return subprocess.run(shell, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def stopped(done: subprocess.CompletedProcess[str]) -> bool:
    assert "Traceback" not in done.stderr
    assert "left out" not in done.stderr
    assert "could not be spoken" not in done.stderr
    assert done.stderr.count("error: ") == 1
    return done.returncode == 2 and "no space left" in done.stderr


def test_a_full_disk_stops_a_batch_and_the_next_run_ends_it(demo_voice, tmp_path):
    (tmp_path / "t").write_text("Раз, два, три, четыре, пять.\n" * 3, encoding="utf-8")
    command = f"say -v {demo_voice} --lines -f t -o out"
    assert stopped(limited(8, command, tmp_path))
    assert not list(tmp_path.rglob("*.part*"))
    assert limited(100_000, command, tmp_path).returncode == 0
    assert len(os.listdir(tmp_path / "out")) == 3


def test_a_full_disk_stops_align_and_a_comparison(demo_voice, tmp_path):
    assert stopped(
        limited(1, "align bundled-ru --limit 2 --set alignment.plugin=labels -o labels -j 1", tmp_path)
    )
    (tmp_path / "t").write_text("Раз, два, три.\nЧетыре.\n", encoding="utf-8")
    compare = f"compare {demo_voice} --texts t --metric pauses -o report --workers 1"
    assert stopped(limited(8, compare, tmp_path))
    assert not list(tmp_path.rglob("*.part*"))


def test_a_full_disk_drops_no_utterance_of_a_build(tmp_path):
    """Segmentations are smaller than the limit and features larger: the disk fills up in the middle."""
    assert stopped(limited(64, f"build {RECIPE} -o v --set voice.limit=6 -j 2", tmp_path))
    assert list((tmp_path / "cache" / "segmentation").rglob("*.json"))
    assert not (tmp_path / "v").exists()


def test_a_fork_server_that_ends_is_a_fault_of_the_machine_and_no_interruption(tmp_path):
    """As where no further file can be opened; its end of file was taken for the end of what is typed."""
    (tmp_path / "ends.py").write_text(
        "import errno, os, resource, sys\n"
        "import synthkit.pipeline.forked\n"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (len(os.listdir('/proc/self/fd')) - 1,) * 2)\n"
    )
    code = (
        "import click\n"
        "import synthkit.cli\n"
        "from synthkit.pipeline import executors\n"
        "@click.command()\n"
        "def work():\n"
        "    print(list(executors.ProcessExecutor().map(abs, [-1, -2])))\n"
        "if __name__ == '__main__':\n"
        "    context = executors.fork_server()\n"
        "    context.set_forkserver_preload(['ends'])\n"
        "    executors.fork_server = lambda: context\n"
        "    synthkit.cli.cli = work\n"
        "    raise SystemExit(synthkit.cli.run([]))\n"
    )
    (tmp_path / "works.py").write_text(code)
    done = subprocess.run(
        [sys.executable, "works.py"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith("error: the process that starts workers ended\n")
    assert "Traceback" not in done.stderr and "interrupted" not in done.stderr


@pytest.mark.parametrize(
    ("words", "place"),
    [
        ("corpora export bundled-ru --to ljspeech -o made", "made"),
        ("corpora export bundled-ru --to lhotse -o made", "made"),
        ("voices get joe -o made", "tmp"),  # a file of 60 MB is unpacked there
    ],
)
def test_what_is_made_in_one_go_leaves_nothing_on_a_full_disk_and_says_what_to_do(words, place, tmp_path):
    """It does not go on from where it was, and its message does not say so."""
    (tmp_path / "tmp").mkdir()
    done = subprocess.run(
        [SYNTHKIT, *words.split()],
        cwd=tmp_path,
        env={**os.environ, "TMPDIR": str(tmp_path / "tmp"), "SYNTHKIT_CACHE": str(tmp_path / "cache")},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000)),
        capture_output=True,
        text=True,
        check=False,
    )
    where = tmp_path / place if place == "tmp" else place
    assert done.returncode == 2
    assert done.stderr.splitlines()[-2].startswith(f"error: {where}: no space left on the disk")
    hint = done.stderr.splitlines()[-1]
    assert "free some space" in hint
    assert "begins anew" in hint
    assert ("TMPDIR" in hint) == (place == "tmp")
    assert not (tmp_path / "made").exists()
    assert not list(tmp_path.rglob("*.part*"))


def test_pip_on_a_full_disk_is_told_as_that(tmp_path, monkeypatch):
    said = "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device"
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(
        package.subprocess, "run", lambda *_, **__: subprocess.CompletedProcess([], 1, "", said)
    )
    with pytest.raises(MachineError, match="no space left on the disk") as error:
        package.Package("no-such-package-anywhere", "1", "0" * 64, 60.0).files(["a"], tmp_path / "made")
    assert error.value.where == str(tmp_path)
    assert "TMPDIR" in error.value.hint
