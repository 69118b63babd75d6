# SPDX-License-Identifier: Apache-2.0
"""The files that a training leaves: a description in JSON, and beside it the tensors that it speaks of.

For components that are trained and then work without torch. What is read is checked against what its own
description states, so that a file that was cut, swapped or made by something else is refused with a reason
before anything is spoken. `synthkit.weights` reads what others made.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from synthkit.atomic import sha256, writing
from synthkit.errors import VoiceError
from synthkit.paths import read_json

AGAIN = "build the voice again"


def read_description(path: Path, *, form: int, package: str) -> dict[str, Any]:
    """A trained component's JSON.

    Parameters
    ----------
    path : Path
    form : int
        The value of its key ``format`` that is read.
    package : str
        The distribution that reads it, for messages.

    Returns
    -------
    dict

    Raises
    ------
    VoiceError
        It is missing, no valid JSON, or of another format.
    """
    if not path.exists():
        raise VoiceError("is missing", where=str(path), hint=AGAIN)
    data = read_json(path, VoiceError, hint=AGAIN)
    if not isinstance(data, dict) or data.get("format") != form:
        found = data.get("format") if isinstance(data, dict) else None
        raise VoiceError(
            f"has format {found!r}, and this version reads {form}",
            where=str(path),
            hint=f"{AGAIN}, or update {package}",
        )
    return data


def read_tensors(
    path: Path, shapes: Mapping[str, tuple[int, ...]], *, described: str
) -> dict[str, np.ndarray]:
    """A trained component's weights by name, as float32.

    Parameters
    ----------
    path : Path
        A safetensors file.
    shapes : mapping
        Name to shape of every tensor that has to be there; no other may be.
    described : str
        Name of the file that states these sizes, for messages.

    Returns
    -------
    dict of str to ndarray

    Raises
    ------
    VoiceError
        It is missing, cannot be read, does not have these tensors, or holds what is no finite number.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    if not path.is_file():
        raise VoiceError("is missing", where=str(path), hint=AGAIN)
    try:
        weights = load_file(path)
    except (SafetensorError, OSError) as error:
        raise VoiceError(f"cannot be read: {error}", where=str(path), hint=AGAIN) from error
    wrong = sorted(
        k for k in shapes.keys() | weights if k not in weights or weights[k].shape != shapes.get(k)
    )
    if wrong:
        has = weights[wrong[0]].shape if wrong[0] in weights else "none"
        raise VoiceError(
            f"{len(wrong)} tensors do not fit {described}; the first, {wrong[0]!r}, should be "
            f"{shapes.get(wrong[0], 'absent')} and is {has}",
            where=str(path),
            hint=f"the two files are not of one training; {AGAIN}",
        )
    whole = sorted(k for k, v in weights.items() if v.dtype.kind != "f")
    if whole:
        raise VoiceError(
            f"{whole[0]!r} holds {weights[whole[0]].dtype}, which are no weights", where=str(path)
        )
    weights = {k: v.astype(np.float32) for k, v in weights.items()}
    odd = sorted(k for k, v in weights.items() if not np.isfinite(v).all())
    if odd:
        raise VoiceError(f"{odd[0]!r} has values that are not finite", where=str(path))
    return weights


def write_tensors(path: Path, weights: Mapping[str, np.ndarray], *, dtype: str) -> None:
    """Write weights as a safetensors file, whole or not at all.

    Parameters
    ----------
    path : Path
    weights : mapping
        Arrays of any shape by name.
    dtype : str
        ``"float16"`` or ``"float32"``.

    Raises
    ------
    MachineError
        The disk is full or may not be written.
    """
    from safetensors.numpy import save_file

    with writing(path) as temporary:
        save_file({k: np.ascontiguousarray(v, dtype=dtype) for k, v in weights.items()}, temporary)


def pretrained_folder(name: str, bundled: Path, *, where: str, otherwise: str) -> Path:
    """The folder of weights that were trained before.

    Parameters
    ----------
    name : str
        Of a folder in `bundled`, or the path of another; ``~`` is the user's own.
    bundled : Path
        Has a folder for each of the weights that come with the plugin.
    where : str
        The setting that names them, for messages.
    otherwise : str
        What other folder may be given, for messages.

    Returns
    -------
    Path

    Raises
    ------
    VoiceError
        There is no such folder.
    """
    folder = bundled / name if (bundled / name).is_dir() else Path(name).expanduser()
    if not folder.is_dir():
        known = ", ".join(pretrained_names(bundled))
        raise VoiceError(
            f"there are no pretrained weights {name!r}",
            where=where,
            hint=f"bundled: {known or 'none'}; or give the folder {otherwise}",
        )
    return folder


def pretrained_names(bundled: Path) -> tuple[str, ...]:
    """Names of the weights that come with a plugin, in the folder `bundled`.

    Parameters
    ----------
    bundled : Path

    Returns
    -------
    tuple of str
    """
    return tuple(sorted(p.name for p in bundled.iterdir() if p.is_dir())) if bundled.is_dir() else ()


def pretrained_digest(name: str, bundled: Path) -> str:
    """A hash of weights that were trained before, for a component's fingerprint.

    Others under the same name are another result.

    Parameters
    ----------
    name, bundled
        As in `pretrained_folder`; of none, or where there is no such folder, it is "".

    Returns
    -------
    str
    """
    folder = bundled / name if name and (bundled / name).is_dir() else Path(name).expanduser()
    if not name or not folder.is_dir():
        return ""
    digest = hashlib.sha256()
    for path in sorted([*folder.glob("*.json"), *folder.glob("*.safetensors")]):
        digest.update(f"{path.name}\0{sha256(path)}\n".encode())
    return digest.hexdigest()[:40]
