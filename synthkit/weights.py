# SPDX-License-Identifier: Apache-2.0
"""Weights that somebody else made: read as data, without running any code that came with them.

A ``.pth`` is a pickle in a zip. torch's restricted reader runs nothing in it; before that, the archive is
looked at, since one that unpacks to far more than it is fills the memory. torch and safetensors are imported
when they are used.
"""

from __future__ import annotations

import pickle
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from synthkit.errors import SynthkitError, VoiceError

LARGEST = 8 << 30
"""Bytes of a file that is read, where its reader says nothing else."""


def read_checkpoint(
    path: Path, *, largest: int | None = None, error: type[SynthkitError] = VoiceError
) -> dict[str, Any]:
    """A torch or safetensors file's dictionary, its tensors on the CPU; no code in it is run.

    Parameters
    ----------
    path : Path
    largest : int, optional
        Bytes, `LARGEST` if not given; a larger file, or one that unpacks to more, is refused.
    error : type of SynthkitError
        What is raised.

    Returns
    -------
    dict

    Raises
    ------
    SynthkitError
        It is missing, too large, cut short, or holds anything but tensors and plain values.
    """
    if path.suffix == ".safetensors":
        return read_safetensors(path, largest=largest, error=error)
    import torch

    largest = LARGEST if largest is None else largest
    size = _size(path, largest, error)
    try:
        _check_archive(path, size, largest, error)
        state = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as problem:
        named = re.search(r"(?:GLOBAL|global|class) ([\w.]+)", str(problem))
        what = f" ({named.group(1)})" if named else ""
        raise error(
            f"the checkpoint holds code, which is never run{what}",
            where=str(path),
            hint="ask its author for tensors alone: a safetensors file, or torch.save({'model': "
            "model.state_dict()}, …)",
        ) from problem
    except (RuntimeError, EOFError, ValueError, KeyError, IndexError, OSError) as problem:
        said = f"{type(problem).__name__}: {str(problem)[:120]}"
        raise error(
            f"the checkpoint cannot be read; it is damaged or cut short ({said})", where=str(path)
        ) from problem
    if not isinstance(state, dict):
        raise error("the checkpoint holds no dictionary of weights", where=str(path))
    return state


def read_safetensors(
    path: Path, *, largest: int | None = None, error: type[SynthkitError] = VoiceError
) -> dict[str, Any]:
    """Tensors by name.

    Parameters
    ----------
    path : Path
    largest : int, optional
        Bytes, `LARGEST` if not given.
    error : type of SynthkitError
        What is raised.

    Returns
    -------
    dict of str to ndarray

    Raises
    ------
    SynthkitError
        It is missing, too large, cut short or no safetensors file.
    """
    from safetensors.torch import load_file

    with _whole(path, largest, error):
        found: dict[str, Any] = load_file(path)
    return found


def read_arrays(
    path: Path,
    *,
    largest: int | None = None,
    unread: tuple[str, ...] = (),
    error: type[SynthkitError] = VoiceError,
) -> dict[str, np.ndarray] | None:
    """The same without torch: float32 arrays by name; None where a tensor is of a kind that numpy has not
    (bfloat16), or of no floating point.

    Parameters
    ----------
    path : Path
    largest : int, optional
        Bytes, `LARGEST` if not given.
    unread : tuple of str
        Endings of the names of tensors that are left where they are.
    error : type of SynthkitError
        What is raised.

    Returns
    -------
    dict of str to ndarray, or None

    Raises
    ------
    SynthkitError
        It is missing, too large, cut short or no safetensors file.
    """
    from safetensors import safe_open

    with _whole(path, largest, error), safe_open(path, framework="np") as file:
        names = [name for name in list(file.keys()) if not name.endswith(unread)]
        if not {file.get_slice(name).get_dtype() for name in names} <= {"F16", "F32"}:
            return None
        return {name: file.get_tensor(name).astype(np.float32) for name in names}


@contextmanager
def _whole(path: Path, largest: int | None, error: type[SynthkitError]) -> Iterator[None]:
    """While a safetensors file is read: what is wrong with it is told as `error`."""
    from safetensors import SafetensorError

    try:
        _size(path, LARGEST if largest is None else largest, error)
        yield
    except (SafetensorError, OSError) as problem:
        raise error(f"the weights cannot be read: {problem}", where=str(path)) from problem


def _size(path: Path, largest: int, error: type[SynthkitError]) -> int:
    try:
        size = path.stat().st_size
    except OSError as problem:
        raise error("there is no checkpoint", where=str(path)) from problem
    if not path.is_file():
        raise error("cannot be read: it is no file", where=str(path))
    if size > largest:
        raise error(
            f"a checkpoint of {size / 2**30:.1f} GiB is larger than any model that is read here",
            where=str(path),
            hint=f"at most {largest / 2**30:.2g} GiB are read; is it the right file?",
        )
    return size


def _check_archive(path: Path, size: int, largest: int, error: type[SynthkitError]) -> None:
    """A torch archive is a zip of stored entries; one that unpacks to far more than it is, is refused."""
    with path.open("rb") as file:
        start = file.read(4)
    if start[:1] == b"\x80":
        return  # the older format, a bare pickle, which the restricted reader takes too
    if len(start) == 4 and start != b"PK\x03\x04":
        raise error("is no checkpoint: torch writes no file that begins so", where=str(path))
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
    except zipfile.BadZipFile as problem:
        raise error(
            f"the checkpoint is cut short ({size} bytes)", where=str(path), hint="copy it again"
        ) from problem
    if unpacked > max(2 * size, 2**20) or unpacked > largest:
        raise error(
            f"the checkpoint unpacks to {unpacked / 2**20:.0f} MiB from {size / 2**20:.0f}; refused",
            where=str(path),
        )
