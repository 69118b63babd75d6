# SPDX-License-Identifier: Apache-2.0
"""The voice folder: what its manifest says, and whether it is whole."""

from __future__ import annotations

import hashlib
import math
import os
import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from stat import S_ISREG
from typing import Any, NamedTuple

from synthkit import atomic
from synthkit.atomic import sha256, write_json
from synthkit.errors import SynthkitError, VoiceError
from synthkit.paths import PathError, json_of, read_bytes, read_json
from synthkit.places import default_root
from synthkit.types import FeatureSpec

FORMAT = 1
MANIFEST = "manifest.json"
RECORDINGS = "recordings"
"""Folder of a voice in which stands how the recordings that it is made of may be used."""


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a voice.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    dict

    Raises
    ------
    VoiceError
        There is no voice at `folder`, or one of a format this version does not know.
    """
    path = folder / MANIFEST
    if not folder.is_dir():
        raise VoiceError("there is no such voice", where=str(folder), hint="`synthkit build` makes one")
    if not os.path.lexists(path):
        raise VoiceError(
            f"is no voice: {MANIFEST} is missing",
            where=str(folder),
            hint="`synthkit corpora check` looks at recordings, `synthkit build` makes a voice of them",
        )
    try:
        data = json_of(read_bytes(path))
    except PathError as error:
        raise VoiceError(error.message, where=str(path), hint="build the voice again") from None
    except (ValueError, RecursionError) as error:
        raise VoiceError(f"cannot be read: {error}", where=str(path), hint="build the voice again") from None
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        found = data.get("format") if isinstance(data, dict) else None
        raise VoiceError(f"has format {found!r}; this synthkit reads format {FORMAT}", where=str(path))
    wrong = [name for name, fits in _KEYS.items() if not fits(data.get(name))]
    if not wrong and "params" in data["features"]:  # specs of before they were open have other hashes
        wrong += ["features_hash"] * (FeatureSpec.from_dict(data["features"]).hash != data["features_hash"])
    if wrong:
        raise VoiceError(
            f"is damaged: {', '.join(wrong)} {'is' if len(wrong) == 1 else 'are'} missing or not what a "
            "build writes",
            where=str(path),
            hint="build the voice again, or copy it again from where it is whole",
        )
    return data


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(v, str) for v in value)


def _text(value: Any) -> bool:
    return isinstance(value, str) and bool(value)


def _tags(value: Any) -> bool:
    return _texts(value) and bool(value) and all(_TAG.fullmatch(v) for v in value)


def _of_texts(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(v, str) for v in value.values())


def _pairs(value: Any) -> bool:
    return isinstance(value, list) and all(_texts(pair) and len(pair) == 2 for pair in value)


def _corpus(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and all(isinstance(value.get(name), str) for name in ("name", "licence", "attribution"))
        and type(value.get("utterances")) is int
        and type(value.get("minutes")) in (int, float)
        and 0 <= value["minutes"] < math.inf
        and value["utterances"] >= 0
    )


def _conversion(value: Any) -> bool:
    return value is None or (
        isinstance(value, dict) and _of_texts({**value, "utterances": "", "minutes": ""})
    )


def _files(value: Any) -> bool:
    return isinstance(value, dict) and all(
        isinstance(e, dict) and type(e.get("size")) is int and isinstance(e.get("sha256"), str)
        for e in value.values()
    )


def _plugins(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and {"segmentation", "acoustic_model", "vocoder"} <= value.keys()
        and all(_of_texts(part) and _text(part.get("plugin")) for part in value.values())
    )


def _spec(value: Any) -> bool:
    if not isinstance(value, dict):
        return False
    try:
        spec = FeatureSpec.from_dict(value)
    except (KeyError, ValueError, TypeError, AttributeError):
        return False
    return spec.sample_rate <= HIGHEST_RATE and (spec.hop_length or 1) <= HIGHEST_RATE


HIGHEST_RATE = 768_000
"""Hz."""
_TAG = re.compile(r"[A-Za-z][A-Za-z0-9]*([-_][A-Za-z0-9]+)*")
_KEYS: dict[str, Callable[[Any], bool]] = {
    "synthkit": lambda v: isinstance(v, str),
    "name": _text,
    "sample_rate": lambda v: type(v) is int and 1000 <= v <= HIGHEST_RATE,
    "languages": _tags,
    "speakers": _texts,
    "phone_set": _text,
    "corpus": _corpus,
    "conversion": _conversion,
    "plugins": _plugins,
    "features": _spec,
    "features_hash": _text,
    "produces": _spec,
    "keys": _of_texts,
    "utterances": _texts,
    "held_out": _texts,
    "left_out": _pairs,
    "files": _files,
}
"""What a manifest must have, and whether a value is of the kind that a build writes."""


def produced_spec(folder: Path, manifest: Mapping[str, Any]) -> FeatureSpec:
    """What the acoustic model of the voice in `folder` gives.

    Parameters
    ----------
    folder : Path
        For messages.
    manifest : mapping

    Returns
    -------
    FeatureSpec

    Raises
    ------
    VoiceError
        Its manifest does not state it.
    """
    try:
        return FeatureSpec.from_dict(manifest["produces"])
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise VoiceError(
            f"does not state what the voice speaks: {error}",
            where=str(folder / MANIFEST),
            hint="build the voice again",
        ) from error


def verify(folder: Path, manifest: dict[str, Any], *, full: bool = False) -> None:
    """Check that every file of the voice is there and unaltered, and that its stages have no other.

    A file whose size, inode and modification time are those it had when it was last hashed is not hashed
    again, unless `full`.

    Parameters
    ----------
    folder : Path
    manifest : dict
    full : bool

    Raises
    ------
    VoiceError
        Naming every file that is missing or altered, or that the manifest does not name.
    """
    kept = {} if full else read_stamps(folder)
    there, wrong = _files_there(folder, manifest["files"])
    fresh = {}
    for name, now in stamps({name: file.status for name, file in there.items()}, manifest["files"]).items():
        entry, file = manifest["files"][name], there[name]
        if file.status.st_size != entry["size"]:
            wrong.append(f"{name}: {file.status.st_size} bytes instead of {entry['size']}")
        elif unaltered(file.path, now, entry, kept.get(name)):
            fresh[name] = now
        else:
            wrong.append(f"{name}: altered (checksum differs)")
    wrong += [f"{name}: {MANIFEST} does not name it" for name in _unnamed(folder, manifest)]
    if wrong:
        raise VoiceError(
            "voice is damaged:\n    " + "\n    ".join(wrong),
            where=str(folder),
            hint="build it again (what is cached is not computed twice), or copy it again from where it is "
            "whole",
        )
    if fresh != kept:
        write_stamps(folder, fresh)


def _unnamed(folder: Path, manifest: Mapping[str, Any]) -> list[str]:
    """Files of the voice's stages, and its settings, that its manifest says nothing of: nobody can tell
    whether they are as they were built. Hidden ones are none of a build's."""
    found = [] if "voice.toml" in manifest["files"] else ["voice.toml"]
    for stage in sorted(manifest["plugins"]):
        for place, folders, names in os.walk(folder / stage):
            folders[:] = [name for name in folders if not name.startswith(".")]
            inside = Path(place).relative_to(folder)
            found += [(inside / name).as_posix() for name in names if not name.startswith(".")]
    return [name for name in found if name not in manifest["files"]]


class _File(NamedTuple):
    path: Path
    status: os.stat_result


def _files_there(folder: Path, names: Iterable[str]) -> tuple[dict[str, _File], list[str]]:
    """Those of `names` that are files in `folder`, and what is wrong with the others."""
    there, wrong = dict[str, _File](), list[str]()
    root = os.path.realpath(folder)
    for name in names:
        if "\x00" in name:
            wrong.append(f"{name!r}: is no file's name")
            continue
        path = os.path.realpath(os.path.join(root, name))
        if not path.startswith(root + os.sep):
            wrong.append(f"{name}: lies outside the voice")
            continue
        try:
            stat = os.stat(path)
        except OSError:
            wrong.append(f"{name}: missing")
            continue
        if not S_ISREG(stat.st_mode):
            wrong.append(f"{name}: is no file")
            continue
        there[name] = _File(Path(path), stat)
    return there, wrong


def stamps(statuses: Mapping[str, os.stat_result], files: Mapping[str, Any]) -> dict[str, list[Any]]:
    """What each file still has that has not been touched since it was hashed; `files` are the manifest's.

    Parameters
    ----------
    statuses : mapping of str to os.stat_result
        By name within the voice.
    files : mapping
        By name, each with its ``sha256``.

    Returns
    -------
    dict of str to list
    """
    return {name: [*row, files[name]["sha256"]] for name, row in atomic.stamps(statuses).items()}


def unaltered(path: Path, now: list[Any], entry: dict[str, Any], known: list[Any] | None) -> bool:
    """Whether a file is as the manifest's `entry` says: by its stamp, if that is the `known` one, or its
    hash.

    Parameters
    ----------
    path : Path
    now : list
        Its stamp.
    entry : dict
        With ``sha256``.
    known : list or None
        The stamp that it had when it was last hashed.

    Returns
    -------
    bool
    """
    return known == now or sha256(path) == entry["sha256"]


def read_stamps(folder: Path) -> dict[str, Any]:
    """Stamps of a voice's files by name; none where they were not kept.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    dict of str to list
    """
    try:
        return dict(read_json(_stamps_path(folder), VoiceError))
    except (VoiceError, ValueError, TypeError):
        return {}


def write_stamps(folder: Path, stamps: dict[str, Any]) -> None:
    """Keep the stamps of a voice's files.

    Parameters
    ----------
    folder : Path
    stamps : dict of str to list
        Where they cannot be written, files are hashed again next time.
    """
    # A cache that cannot be written only means that files are hashed again next time.
    with suppress(OSError, SynthkitError):
        write_json(_stamps_path(folder), stamps)


def _stamps_path(folder: Path) -> Path:
    name = hashlib.sha256(os.fsencode(folder.resolve())).hexdigest()[:24]
    return default_root() / "verified" / f"{name}.json"
