# SPDX-License-Identifier: Apache-2.0
"""Cached results are verified before they are believed, and leftovers of killed processes are swept."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from synthkit.atomic import sweep, writing, writing_folder
from synthkit.cli import run
from synthkit.errors import SynthkitError
from synthkit.pipeline import checked
from synthkit.pipeline.cache import Cache
from synthkit.pipeline.voice_folder import read_stamps, write_stamps

RECIPE = str(Path(__file__).parents[2] / "corpora" / "recipes" / "demo-ru.toml")


def flip(path: Path) -> None:
    """One bit, and the times as they were: what a disk does, not a program."""
    status, data = path.stat(), bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def lose(path: Path) -> None:
    path.unlink()


def swap_for_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


ALTERATIONS = (flip, cut, empty, lose, swap_for_folder)


@pytest.mark.parametrize("alter", ALTERATIONS)
def test_an_altered_result_is_removed_and_told(alter: Callable[[Path], None], tmp_path):
    told: list[str] = []
    cache = Cache(tmp_path, told.append)

    def make(folder: Path) -> None:
        (folder / "a").write_bytes(bytes(range(200)))
        (folder / "b").mkdir()
        (folder / "b" / "c").write_text("c", encoding="utf-8")

    folder = cache.folder("s", "abc", make)
    file = cache.file("s", "abd", ".json", lambda p: p.write_text("{}", encoding="utf-8"))
    assert cache.holds(folder)
    assert cache.holds(file)
    assert told == []
    alter(folder / "a")
    assert not cache.holds(folder)
    alter(file)
    assert not cache.holds(file)
    assert len(told) == (1 if alter is lose else 2)  # a file that is gone is no damaged one
    assert str(folder) in told[0]
    cache.folder("s", "abc", make)
    assert cache.holds(folder)
    assert (folder / "a").read_bytes() == bytes(range(200))


def test_what_is_untouched_is_not_hashed_again_and_what_was_touched_is_once(tmp_path, monkeypatch):
    path = Cache(tmp_path).file("s", "abc", ".json", lambda p: p.write_text("{}", encoding="utf-8"))
    hashed = []
    real = checked.atomic.sha256
    monkeypatch.setattr(checked.atomic, "sha256", lambda p: hashed.append(p) or real(p))
    assert checked.is_whole(path)
    assert hashed == []
    os.utime(path)
    assert checked.is_whole(path)
    assert checked.is_whole(path)
    assert hashed == [path]


@pytest.mark.parametrize("damage", [b"", b"{", b"[1]", b'{"": 1}', b"\xff", b'{"": ["0", 1, 2, 3, 4]}'])
def test_a_damaged_checksum_makes_its_result_again(damage, tmp_path):
    told: list[str] = []
    path = Cache(tmp_path).file("s", "abc", ".json", lambda p: p.write_text("{}", encoding="utf-8"))
    checked.sum_of(path).write_bytes(damage)
    assert not checked.is_whole(path, told.append)
    assert not path.exists()
    assert len(told) == 1


def test_a_build_makes_every_altered_result_again_and_ends_in_the_same_bytes(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("SYNTHKIT_CACHE", str(tmp_path / "cache"))

    def built() -> dict[str, str]:
        assert run(["build", RECIPE, "-o", str(tmp_path / "v"), "--set", "voice.limit=4", "-j", "1"]) == 0
        files = json.loads((tmp_path / "v" / "manifest.json").read_text(encoding="utf-8"))["files"]
        return {name: entry["sha256"] for name, entry in files.items()}

    whole = built()
    capsys.readouterr()
    rng = random.Random(0)
    results = [
        p for p in sorted((tmp_path / "cache").rglob("*")) if p.is_file() and "/verified/" not in str(p)
    ]
    stages = sorted({p.relative_to(tmp_path / "cache").parts[0] for p in results} - {".lock", "plugins"})
    assert stages == ["acoustic_model", "alignment", "checks", "features", "segmentation"]
    for n, stage in enumerate(stages):
        damaged = rng.choice([p for p in results if f"/cache/{stage}/" in str(p) and p.suffix != ".sum"])
        ALTERATIONS[n % 3](damaged)
        shutil.rmtree(tmp_path / "v")
        assert built() == whole
        assert "is damaged and is made again" in capsys.readouterr().err


def test_leftovers_of_the_dead_are_swept_and_those_of_the_living_are_not(tmp_path):
    script = (
        "import os, sys, signal; from pathlib import Path; from synthkit.atomic import writing, "
        "writing_folder\n"
        "with writing(Path(sys.argv[1], 'a.wav')), writing_folder(Path(sys.argv[1], 'v')) as v:\n"
        "    (v / 'x').write_text('x'); os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    (tmp_path / "mine.part").write_text("no leftover of ours", encoding="utf-8")
    (tmp_path / ".a.tar.part").write_text("neither", encoding="utf-8")
    with writing(tmp_path / "b.wav"), writing_folder(tmp_path / "w"):
        subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False)
        assert len(os.listdir(tmp_path)) == 6
        assert sweep(tmp_path, "v") == 1
        assert sweep(tmp_path) == 1
        assert len(os.listdir(tmp_path)) == 4
    assert sorted(os.listdir(tmp_path)) == [".a.tar.part", "b.wav", "mine.part", "w"]


def test_a_folder_whose_replacing_was_cut_short_is_put_back(tmp_path):
    script = (
        "import os, sys, signal; from pathlib import Path; from synthkit.atomic import writing_folder\n"
        "real = os.rename\n"
        "def rename(a, b):\n"
        "    real(a, b)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "os.rename = rename\n"
        "with writing_folder(Path(sys.argv[1], 'v')) as v:\n"
        "    (v / 'x').write_text('new')\n"
    )
    (tmp_path / "v").mkdir()
    (tmp_path / "v" / "x").write_text("old", encoding="utf-8")
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False)
    assert not (tmp_path / "v").exists()
    assert sweep(tmp_path, "v") == 2
    assert (tmp_path / "v" / "x").read_text(encoding="utf-8") == "old"
    assert os.listdir(tmp_path) == ["v"]


def test_the_cache_is_shown_and_pruned_but_not_while_it_is_used(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("SYNTHKIT_CACHE", str(tmp_path))
    cache = Cache()
    for name in ("abc", "abd"):
        cache.file("features", name, ".npz", lambda p: p.write_bytes(bytes(1000)))
    os.utime(checked.sum_of(cache.path("features", "abc", ".npz")), (0, 0))
    assert run(["cache", "--json"]) == 0
    (shown,) = json.loads(capsys.readouterr().out)["stages"]
    assert (shown["stage"], shown["results"], shown["size"]) == ("features", 2, 2000)
    with cache.used():
        assert run(["cache", "--prune"]) == 2
        assert "in use" in capsys.readouterr().err
    assert run(["cache", "--prune", "--unused", "30"]) == 0
    assert not cache.path("features", "abc", ".npz").exists()
    assert cache.holds(cache.path("features", "abd", ".npz"))
    with pytest.raises(SynthkitError, match="'vocoder'"):
        from synthkit.pipeline.pruning import prune_results

        prune_results(tmp_path, ["vocoder"])
    assert run(["cache", "--prune", "--stage", "features"]) == 0
    assert not list(tmp_path.rglob("*.npz*"))


def to_pipe(path: Path) -> None:
    path.unlink(missing_ok=True)
    os.mkfifo(path)


def to_device(path: Path) -> None:
    path.unlink(missing_ok=True)
    path.symlink_to("/dev/zero")


def nest(path: Path) -> None:
    path.write_text("[" * 200_000, encoding="utf-8")


@pytest.mark.parametrize("damage", [to_pipe, to_device, nest, swap_for_folder])
def test_a_checksum_that_is_no_file_is_neither_waited_for_nor_in_the_way(damage, tmp_path):
    told: list[str] = []
    cache = Cache(tmp_path, told.append)

    def made() -> Path:
        return cache.file("s", "abc", ".json", lambda p: p.write_text("{}", encoding="utf-8"))

    damage(checked.sum_of(made()))
    assert cache.holds(made())
    assert len(told) == 1
    made().unlink()
    damage(checked.sum_of(cache.path("s", "abc", ".json")))  # the result is gone, what is beside it is not
    assert cache.holds(made())


@pytest.mark.parametrize("damage", [to_pipe, to_device, nest, swap_for_folder])
def test_stamps_of_a_voice_that_are_no_file_are_none(damage, tmp_path, monkeypatch):
    monkeypatch.setenv("SYNTHKIT_CACHE", str(tmp_path / "cache"))
    write_stamps(tmp_path, {"a": [1]})
    (kept,) = (tmp_path / "cache" / "verified").iterdir()
    damage(kept)
    assert read_stamps(tmp_path) == {}


def test_a_folder_that_is_written_again_leaves_nothing_of_a_run_that_was_killed(tmp_path):
    """`corpora export`, `get` and `vary`, `voices get` and `listen plan` swept nothing."""
    script = (
        "import os, sys, signal; from pathlib import Path; from synthkit.atomic import writing_folder\n"
        "with writing_folder(Path(sys.argv[1])) as folder:\n"
        "    (folder / 'a').write_text('a'); os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    out, another = tmp_path / "out", tmp_path / "another"
    for path in (out, another):
        assert subprocess.run([sys.executable, "-c", script, str(path)], check=False).returncode == -9
    with writing_folder(out) as folder:
        (folder / "b").write_text("b", encoding="utf-8")
        with writing_folder(out):  # what is being written is let be
            assert (folder / "b").is_file()
    names = [p.name for p in tmp_path.iterdir()]
    assert len(names) == 2
    assert "out" in names
    assert [name for name in names if name.startswith(".another.")]


def test_two_processes_that_sweep_the_same_leftover_do_not_fail(tmp_path, monkeypatch):
    """The one that was slower ended with a traceback: what it was taking away was gone."""
    script = (
        "import sys; from pathlib import Path; from synthkit.atomic import prefix; print(prefix(Path('out')))"
    )
    name = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout
    out, remove = tmp_path / "out", shutil.rmtree
    for kind in ("part", "old"):
        (tmp_path / f"{name.strip()}x.{kind}").mkdir()

    def quicker(path, *args, **named):
        remove(path, *args, **named)
        if path.name.endswith(("x.part", "x.old")):
            raise FileNotFoundError(path)

    monkeypatch.setattr(shutil, "rmtree", quicker)
    with writing_folder(out) as folder:
        (folder / "b").write_text("b", encoding="utf-8")
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_a_checksum_that_is_a_link_to_a_folder_is_written_over(tmp_path):
    cache, elsewhere = Cache(tmp_path, lambda told: None), tmp_path / "elsewhere"
    elsewhere.mkdir()
    link = checked.sum_of(cache.path("s", "abc", ".json"))
    link.parent.mkdir(parents=True)
    link.symlink_to(elsewhere)
    cache.file("s", "abc", ".json", lambda p: p.write_text("{}", encoding="utf-8"))
    assert link.is_file() and not link.is_symlink() and elsewhere.is_dir()
