# SPDX-License-Identifier: Apache-2.0
"""Putting a voice's folder together, all of it or nothing."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tomli_w

from synthkit import __version__
from synthkit.atomic import sha256, write_json, writing_folder
from synthkit.corpora.owners import licence_files
from synthkit.errors import SynthkitError, reason
from synthkit.pipeline.parts import ADAPTERS
from synthkit.pipeline.replacing import refuse_to_replace
from synthkit.pipeline.state import Build
from synthkit.pipeline.voice_folder import (
    FORMAT,
    MANIFEST,
    RECORDINGS,
    read_manifest,
    read_stamps,
    stamps,
    unaltered,
    write_stamps,
)
from synthkit.settings import Settings
from synthkit.stages import TrainingData


def assemble(state: Build, data: TrainingData, trained: Mapping[str, Path], out: Path) -> None:
    """Put the voice together beside `out` and let it take that place.

    Files that the old voice at `out` already holds under the same key are linked, not copied.

    Parameters
    ----------
    state : Build
        Whose stages are done.
    data : TrainingData
        What it learned from.
    trained : mapping of str to Path
        By stage, folders of what was trained.
    out : Path
        Of the voice; an older one that is there is replaced at once.

    Raises
    ------
    SynthkitError
        Since the build began somebody has put there what is no voice's.
    """
    refuse_to_replace(out)
    parts = {"alignment": state.cache.path("alignment", state.keys["alignment"]), **trained}
    old, kept = _old_manifest(out), read_stamps(out)
    with writing_folder(out) as folder:
        known: dict[str, Any] = {}
        for stage, source in parts.items():
            same = old.get("keys", {}).get(stage) == state.keys.get(stage)
            known |= _bring(stage, source, folder, out, old.get("files", {}) if same else {}, kept)
        config = state.config.to_dict()
        for stage, part in state.parts.stages.items():
            _self_contain(stage, part.settings, config[stage], folder)
        for name, settings in state.parts.adapters.items():
            _self_contain(f"{ADAPTERS}/{name}", settings, config[ADAPTERS][name], folder)
        bring_licences(state.corpus.root, folder / RECORDINGS)
        (folder / "voice.toml").write_text(tomli_w.dumps(config), encoding="utf-8")
        manifest = _manifest(state, data, folder, known)
        write_json(folder / MANIFEST, manifest)
    files = manifest["files"].items()
    write_stamps(out, stamps({name: (out / name).stat() for name in dict(files)}, dict(files)))


def bring_licences(root: Path, folder: Path) -> None:
    """Copy what says how recordings may be used into a voice that is made of them.

    Parameters
    ----------
    root : Path
        Of the corpus.
    folder : Path
        Made if there is anything to be put there.
    """
    for file in licence_files(root):
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, folder / file.name)


def _manifest(state: Build, data: TrainingData, folder: Path, known: dict[str, Any]) -> dict[str, Any]:
    model = state.parts["acoustic_model"].get()
    seconds = sum(state.seconds(u.id) for u in state.training)
    files = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and name != MANIFEST:
            files[name] = known.get(name) or {"size": path.stat().st_size, "sha256": sha256(path)}
    return {
        "format": FORMAT,
        "synthkit": __version__,
        "name": state.config.voice.name,
        "sample_rate": state.sample_rate,
        "languages": list(data.languages),
        "speakers": list(data.speakers),
        "phone_set": data.phone_set,
        "corpus": {
            "name": state.corpus.name,
            "licence": state.corpus.licence,
            "attribution": state.corpus.attribution,
            "utterances": len(state.training),
            "minutes": round(seconds / 60, 2),
        },
        "plugins": {stage: part.made() for stage, part in state.parts.stages.items()},
        "features": data.spec.to_dict(),
        "features_hash": data.spec.hash,
        "produces": model.produces(data.spec).to_dict(),
        "keys": state.keys,
        "utterances": [u.id for u in state.training],
        "held_out": [u.id for u in state.held_out],
        "left_out": [list(pair) for pair in (*state.corpus.left_out, *state.left_out)],
        "files": files,
    }


def _self_contain(place: str, settings: Settings, table: dict[str, Any], folder: Path) -> None:
    """Copy every file that the settings name into the voice, and name it in `table` relative to it."""
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        if name in type(settings).places:
            table.pop(name, None)
        elif isinstance(value, Path) and value.exists():
            target = folder / place / "settings" / value.name
            target.parent.mkdir(parents=True, exist_ok=True)
            if value.is_dir():
                shutil.copytree(value, target)
            else:
                shutil.copyfile(value, target)
            table[name] = target.relative_to(folder).as_posix()


def _old_manifest(out: Path) -> dict[str, Any]:
    try:
        return read_manifest(out)
    except SynthkitError as error:
        reason(error)
        return {}


def _bring(
    stage: str, source: Path, folder: Path, out: Path, files: dict[str, Any], kept: dict[str, Any]
) -> dict[str, Any]:
    """Copy a stage's artefacts into the voice; link the `files` that the old voice has, when they are still
    whole."""
    known: dict[str, Any] = {}
    for file in sorted(p for p in source.rglob("*") if p.is_file()):
        name = f"{stage}/{file.relative_to(source).as_posix()}"
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        entry = files.get(name)
        here = out / name
        if (
            entry
            and here.is_file()
            and unaltered(here, stamps({name: here.stat()}, files)[name], entry, kept.get(name))
        ):
            os.link(here, target)
            known[name] = entry
        else:
            shutil.copyfile(file, target)
    return known
