# SPDX-License-Identifier: Apache-2.0
"""Fetch Debian packages with apt and read files out of them, without installing anything."""

from __future__ import annotations

import io
import lzma
import os
import shutil
import subprocess
import tarfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

from synthkit.corpora.recipe import Log, OnProgress
from synthkit.errors import CorpusError, MissingDependency

_UNKNOWN = ("Unable to locate", "Can't select", "Can't find a source", "No candidate")
"""What apt says of a package that its lists do not have."""


def fetch(package: str, folder: Path, source: Path | None, log: Log, progress: OnProgress) -> Path:
    """The ``.deb`` of `package`: from `source` if given, else downloaded into `folder` by apt.

    Parameters
    ----------
    package : str
        Its name in the Debian archive.
    folder : Path
        Where a download is put.
    source : Path or None
        A folder that has it already.
    log : callable
        Told what is done, a line each.
    progress : callable
        Called with what is done and how much of it, 0 to 1.

    Returns
    -------
    Path

    Raises
    ------
    MissingDependency
        There is no ``apt-get``.
    CorpusError
        apt does not know the package or cannot download it; the hint says what to try.
    """
    if source is not None:
        found = sorted(source.glob(f"{package}_*.deb"))
        if not found:
            raise CorpusError(f"no {package}_*.deb there", where=str(source))
        return found[-1]
    apt = shutil.which("apt-get")
    if apt is None:
        raise MissingDependency(
            f"the corpus is Debian's package {package!r}, and there is no apt-get here",
            hint=f"download {package}_*.deb from packages.debian.org and run: "
            "synthkit corpora get NAME --from FOLDER_WITH_THE_DEB",
        )
    log(f"downloading Debian package {package}")
    read_end, write_end = os.pipe()
    with os.fdopen(read_end, "r", errors="replace") as status:
        try:
            process = subprocess.Popen(
                [apt, "-q", "-o", f"APT::Status-Fd={write_end}", "download", package],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
                errors="replace",
                pass_fds=(write_end,),
                env={**os.environ, "LC_ALL": "C"},
            )
        finally:
            os.close(write_end)
        try:
            for line in status:
                parts = line.split(":")
                if parts[0] == "dlstatus" and len(parts) > 2:
                    progress(f"downloading {package}", min(float(parts[2]) / 100, 1.0))
            errors = process.communicate()[1]
        except BaseException:
            process.kill()
            process.wait()
            raise
    if process.returncode:
        lines = [row[2:].strip() for row in errors.splitlines() if row.startswith("E:")]
        reason = lines[-1] if lines else f"apt-get ended with {process.returncode}"
        unknown = any(words in errors for words in _UNKNOWN)
        raise CorpusError(
            f"apt-get cannot download {package!r}: {reason}",
            hint="the package lists may be missing or old: run `sudo apt-get update` and try again"
            if unknown
            else "is there a network? A package fetched elsewhere can be given with --from FOLDER",
        )
    found = sorted(folder.glob(f"{package}_*.deb"))
    if not found:
        raise CorpusError(
            f"apt-get said nothing was wrong, but there is no {package}_*.deb", where=str(folder)
        )
    return found[-1]


def unpack(deb: Path, folder: Path, place: Callable[[str], str | None]) -> list[Path]:
    """Write chosen files of a package into `folder`.

    Parameters
    ----------
    deb : Path
        The package.
    folder : Path
        Nothing is written outside it; links and special files are never made.
    place : callable
        Given a member's path (``"usr/share/…"``), the path under `folder` to write it to, or None.

    Returns
    -------
    list of Path
        What was written, in the package's order.

    Raises
    ------
    CorpusError
        The file is no Debian package, or is cut short or damaged.
    """
    written = []
    root = folder.resolve()
    try:
        with _data_archive(deb) as archive:
            for member in archive:
                target = place(str(PurePosixPath(member.name))) if member.isfile() else None
                if target is None:
                    continue
                path = (root / target).resolve()
                if not path.is_relative_to(root):
                    raise CorpusError(f"member {member.name!r} points outside the folder", where=str(deb))
                content = archive.extractfile(member)
                assert content is not None
                path.parent.mkdir(parents=True, exist_ok=True)
                with open(path, "wb") as file:
                    shutil.copyfileobj(content, file)
                if path.stat().st_size != member.size:
                    raise CorpusError(f"cut short within {member.name!r}", where=str(deb))
                written.append(path)
    except (tarfile.TarError, lzma.LZMAError, zlib.error, EOFError) as error:
        raise CorpusError(
            f"damaged or cut short: {error}", where=str(deb), hint="download it again"
        ) from error
    return written


@contextmanager
def _data_archive(deb: Path) -> Iterator[tarfile.TarFile]:
    with open(deb, "rb") as file:
        name, start, size = _find_data(file, deb)
        if name.endswith(".zst"):  # Ubuntu's packages; Python reads zstd only from 3.14 on
            tool = shutil.which("dpkg-deb")
            if tool is None:
                raise MissingDependency(
                    f"{deb.name} is compressed with zstd; unpacking it needs dpkg-deb",
                    hint="apt install dpkg",
                )
            with subprocess.Popen([tool, "--fsys-tarfile", str(deb)], stdout=subprocess.PIPE) as process:
                with tarfile.open(fileobj=process.stdout, mode="r|") as archive:
                    yield archive
                process.communicate()
            if process.returncode:
                raise CorpusError("damaged: dpkg-deb cannot unpack it", where=str(deb))
            return
        file.seek(start)
        with tarfile.open(fileobj=io.BufferedReader(_Part(file, size)), mode="r|*") as archive:
            yield archive


def _find_data(file: IO[bytes], deb: Path) -> tuple[str, int, int]:
    """Name, offset and size of ``data.tar.*`` in the package, an ``ar`` archive (deb(5))."""
    total = os.fstat(file.fileno()).st_size
    if file.read(8) != b"!<arch>\n":
        raise CorpusError("not a Debian package", where=str(deb))
    while len(header := file.read(60)) == 60 and header[58:] == b"`\n":
        name = header[:16].decode("ascii", "replace").strip().rstrip("/")
        try:
            size = int(header[48:58])
        except ValueError:
            break
        start = file.tell()
        if start + size > total:
            raise CorpusError(
                f"cut short: {name} should have {size} bytes, {total - start} are there",
                where=str(deb),
                hint="download it again",
            )
        if name.startswith("data.tar"):
            return name, start, size
        file.seek(start + size + size % 2)
    raise CorpusError("damaged or cut short: holds no data", where=str(deb), hint="download it again")


class _Part(io.RawIOBase):
    """The next `size` bytes of a file, as a file."""

    def __init__(self, file: IO[bytes], size: int) -> None:
        self.file, self.left = file, size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:  # type: ignore[no-untyped-def]
        data = self.file.read(min(len(buffer), self.left))
        buffer[: len(data)] = data
        self.left -= len(data)
        return len(data)
