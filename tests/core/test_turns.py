# SPDX-License-Identifier: Apache-2.0
"""Two processes that want the same result: one makes it, the other waits (`synthkit.pipeline.turns`)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from synthkit.pipeline.cache import MAKING, Cache
from synthkit.pipeline.turns import turn

MAKES = """
import sys
from pathlib import Path
from synthkit.pipeline.cache import Cache

def make(folder):
    print("makes", flush=True)
    sys.stdin.readline()
    (folder / "who").write_text(sys.argv[2])

cache = Cache(Path(sys.argv[1]), lambda line: print(line, flush=True))
print((cache.folder("acoustic_model", "abc", make) / "who").read_text(), flush=True)
"""


def start(root: Path, name: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", MAKES, str(root), name]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


@pytest.mark.parametrize("killed", [False, True])
def test_the_second_waits_and_takes_the_result_or_makes_it_where_the_first_was_killed(killed, tmp_path):
    first, second = start(tmp_path, "first"), None
    try:
        assert first.stdout.readline() == "makes\n"
        second = start(tmp_path, "second")
        assert "another process makes the same" in second.stdout.readline()
        if killed:
            first.kill()
        else:
            first.stdin.write("\n")
            first.stdin.flush()
            assert first.stdout.readline() == "first\n"
        if killed:
            assert second.stdout.readline() == "makes\n"
        said, _ = second.communicate("\n")
        assert said == ("second\n" if killed else "first\n")
        assert second.returncode == 0
    finally:
        for process in (first, second):
            if process is not None:
                process.kill()
                process.communicate()
    assert os.listdir(tmp_path / MAKING) == []


def test_the_lock_is_there_while_it_is_held_and_goes_with_an_error(tmp_path):
    path = tmp_path / "locks" / "k"
    for _ in range(2):
        with pytest.raises(KeyError), turn(path, lambda: pytest.fail("nobody holds it")):
            assert path.exists()
            raise KeyError
        assert not path.exists()


def test_a_result_that_is_there_needs_no_lock(tmp_path):
    cache = Cache(tmp_path)
    made = cache.folder("s", "abc", lambda folder: (folder / "f").write_text("x"))
    (tmp_path / MAKING).rmdir()
    assert cache.folder("s", "abc", lambda folder: None) == made
    assert not (tmp_path / MAKING).exists()
