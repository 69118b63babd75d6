# SPDX-License-Identifier: Apache-2.0
"""Packages: what is taken out of them, and what happens when they are damaged."""

import os
import shutil
import subprocess
import sys

import pytest

from synthkit.corpora import debian
from synthkit.errors import CorpusError, MissingDependency

FILES = {"usr/share/x/a.wav": b"a" * 5000, "usr/share/x/b.txt": b"b", "usr/share/doc/x/copyright": b"free"}


def everything(name):
    return name


@pytest.mark.parametrize("compression", ["xz", "gz"])
def test_chosen_files_come_out(tmp_path, deb, compression):
    path = deb(tmp_path / "x_1_all.deb", FILES, compression=compression)
    written = debian.unpack(
        path, tmp_path / "out", lambda n: n.rpartition("/")[2] if "/doc/" not in n else None
    )
    assert {p.name: p.read_bytes() for p in written} == {"a.wav": b"a" * 5000, "b.txt": b"b"}


def test_real_dpkg_deb_package(tmp_path):
    if shutil.which("dpkg-deb") is None:
        pytest.skip("dpkg-deb is not installed")
    tree = tmp_path / "tree"
    for name, content in FILES.items():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_bytes(content)
    (tree / "DEBIAN").mkdir()
    (tree / "DEBIAN/control").write_text(
        "Package: x\nVersion: 1\nArchitecture: all\nMaintainer: n <n@example.org>\nDescription: x\n"
    )
    for compression in ("xz", "zstd"):
        path = tmp_path / f"{compression}.deb"
        made = subprocess.run(
            ["dpkg-deb", "-b", f"-Z{compression}", str(tree), str(path)], capture_output=True
        )
        if made.returncode and compression == "zstd":
            pytest.skip("this dpkg-deb cannot write zstd")
        out = tmp_path / compression
        debian.unpack(path, out, everything)
        assert {str(p.relative_to(out)): p.read_bytes() for p in out.rglob("*") if p.is_file()} == FILES


@pytest.mark.parametrize("evil", ["../evil", "/tmp/../../evil", "a/../../evil"])
def test_nothing_is_written_outside(tmp_path, deb, evil):
    path = deb(tmp_path / "x.deb", {evil: b"boo"})
    (tmp_path / "deep" / "out").mkdir(parents=True)
    with pytest.raises(CorpusError, match="outside"):
        debian.unpack(path, tmp_path / "deep" / "out", everything)
    assert not list(tmp_path.rglob("evil"))


def test_links_are_not_made(tmp_path, deb):
    path = deb(tmp_path / "x.deb", {"a": b"1"}, links=[("b", "/etc/passwd")])
    debian.unpack(path, tmp_path / "out", everything)
    assert os.listdir(tmp_path / "out") == ["a"]


@pytest.mark.parametrize("keep", [4, 40, 200, 0.5, 0.99])
def test_a_truncated_package_is_refused(tmp_path, deb, keep):
    data = deb(tmp_path / "x.deb", {"a": os.urandom(20000)}).read_bytes()
    (tmp_path / "cut.deb").write_bytes(data[: int(keep if keep > 1 else keep * len(data))])
    with pytest.raises(CorpusError, match=r"cut\.deb"):
        debian.unpack(tmp_path / "cut.deb", tmp_path / "out", everything)


def test_flipped_bytes_are_noticed(tmp_path, deb):
    data = bytearray(deb(tmp_path / "x.deb", {"a": os.urandom(20000)}).read_bytes())
    data[len(data) // 2 : len(data) // 2 + 50] = bytes(50)
    (tmp_path / "bad.deb").write_bytes(data)
    with pytest.raises(CorpusError, match="damaged"):
        debian.unpack(tmp_path / "bad.deb", tmp_path / "out", everything)


def fake_apt(folder, script):
    path = folder / "apt-get"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


@pytest.mark.parametrize(
    ("script", "hint"),
    [
        ("echo 'E: Unable to locate package nosuch' >&2; exit 100", "apt-get update"),
        ("echo 'E: Failed to fetch http://x Could not connect' >&2; exit 100", "network"),
        ("exit 0", "no nosuch_"),
    ],
)
def test_apt_failures_are_explained(tmp_path, monkeypatch, script, hint):
    fake_apt(tmp_path, script)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(CorpusError, match=hint) as caught:
        debian.fetch("nosuch", tmp_path, None, print, lambda *_: None)
    assert hint in str(caught.value)


def test_without_apt_the_message_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingDependency, match="apt-get") as caught:
        debian.fetch("festvox-ru", tmp_path, None, print, lambda *_: None)
    assert "--from" in str(caught.value)


def test_progress_of_the_download_is_told(tmp_path, monkeypatch):
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "apt-get"
    program.write_text(
        f"#!{sys.executable}\n"
        "import os, sys\n"
        "fd = next(int(a.split('=')[1]) for a in sys.argv if a.startswith('APT::Status-Fd='))\n"
        "os.write(fd, b'dlstatus:1:50.0:Retrieving\\n')\n"
        "open('x_1_all.deb', 'w')\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    seen = []
    debian.fetch("x", tmp_path, None, print, lambda what, done: seen.append((what, done)))
    assert seen == [("downloading x", 0.5)]
