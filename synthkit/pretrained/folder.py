# SPDX-License-Identifier: Apache-2.0
"""A voice folder made of parts that are there already, without a build."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import copytree
from typing import Any

from synthkit import __version__
from synthkit.atomic import made_at_once, sha256, write_json
from synthkit.errors import VoiceError
from synthkit.pipeline.parts import OPTIONAL, SPEAKING, Parts
from synthkit.pipeline.voice_folder import FORMAT, MANIFEST
from synthkit.types import FeatureSpec


@dataclass(frozen=True)
class Origin:
    """Where a voice comes from, as its manifest keeps it.

    Attributes
    ----------
    name : str
        Of the recordings, or of whoever trained on them.
    licence : str
        Of recordings and weights; what a user has to keep to.
    attribution : str
        Who has to be named, and where the original is.
    """

    name: str
    licence: str
    attribution: str


def compose(
    out: Path,
    *,
    name: str,
    tables: Mapping[str, Mapping[str, Any]],
    artefacts: Mapping[str, Path],
    spec: FeatureSpec,
    sample_rate: int,
    languages: Sequence[str],
    phone_set: str,
    origin: Origin,
    speakers: Sequence[str] = ("",),
) -> Path:
    """Make the voice `out` of the stages' tables and of the folders that those stages open.

    Parameters
    ----------
    out : Path
        An older voice that is there is replaced, as a whole.
    name : str
    tables : mapping
        ``segmentation``, ``acoustic_model`` and ``vocoder``, each as it would stand in a TOML file.
    artefacts : mapping of str to Path
        Folder of what a stage's component opens, by stage.
    spec : FeatureSpec
        What the acoustic model gives.
    sample_rate : int
        Hz.
    languages, phone_set, speakers
        What the voice speaks, and as whom.
    origin : Origin

    Returns
    -------
    Path
        `out`.

    Raises
    ------
    ConfigError, PluginError
        A table is wrong, or its plugin is missing.
    VoiceError
        The parts do not open as a voice.
    """
    from synthkit.pipeline.replacing import refuse_to_replace
    from synthkit.pipeline.voice import Voice

    refuse_to_replace(out)
    missing = [stage for stage in SPEAKING if stage not in (*tables, *OPTIONAL)]
    if missing:
        raise VoiceError(f"a voice needs {', '.join(missing)}", where=name)
    with made_at_once(out) as folder:
        for stage, source in artefacts.items():
            copytree(source, folder / stage)
        parts = Parts.of(tables, SPEAKING, base=folder, source=name, rate=sample_rate)
        import tomli_w

        config = {"voice": {"name": name, "corpus": origin.name, "sample_rate": sample_rate}}
        text = tomli_w.dumps(config | {stage: part.to_dict() for stage, part in parts.stages.items()})
        (folder / "voice.toml").write_text(text, encoding="utf-8")
        files = {
            path.relative_to(folder).as_posix(): {"size": path.stat().st_size, "sha256": sha256(path)}
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }
        manifest = {
            "format": FORMAT,
            "synthkit": __version__,
            "name": name,
            "sample_rate": sample_rate,
            "languages": list(languages),
            "speakers": list(speakers),
            "phone_set": phone_set,
            "corpus": {
                "name": origin.name,
                "licence": origin.licence,
                "attribution": origin.attribution,
                "utterances": 0,
                "minutes": 0,
            },
            "plugins": {stage: part.made() for stage, part in parts.stages.items()},
            "features": spec.to_dict(),
            "features_hash": spec.hash,
            "produces": spec.to_dict(),
            "keys": {},
            "utterances": [],
            "held_out": [],
            "left_out": [],
            "files": files,
        }
        write_json(folder / MANIFEST, manifest)
        with Voice.open(folder):  # a voice that does not open never takes its place
            pass
    return out
