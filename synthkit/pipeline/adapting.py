# SPDX-License-Identifier: Apache-2.0
"""A configuration for few recordings: a voice that begins with what another has learned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomli_w

from synthkit import tables
from synthkit.atomic import sweep, write_text
from synthkit.errors import ConfigError, SynthkitError, VoiceError, reason
from synthkit.pipeline import starting
from synthkit.pipeline.voice_folder import MANIFEST, read_manifest
from synthkit.plugins import registry
from synthkit.stages import Adapts, Learned

FILE = "adapted.toml"
"""The configuration's name in the folder of the recordings."""


@dataclass(frozen=True)
class Base:
    """What a voice begins with.

    Attributes
    ----------
    name : str
        As the user said it.
    plugin : str
        The acoustic model.
    start_from : str
        Its setting of that name.
    learned : Learned
    sections : mapping of str to dict
        Of the base's configuration, by stage, as far as it has one; sizes of its model among them.
    """

    name: str
    plugin: str
    start_from: str
    learned: Learned
    sections: Mapping[str, dict[str, Any]]


def find_base(name: str) -> Base:
    """The voice, or the bundled weights, of that name.

    Parameters
    ----------
    name : str
        A voice folder, or weights that come with an acoustic model.

    Returns
    -------
    Base

    Raises
    ------
    ConfigError
        There is no such base, or its acoustic model cannot begin with another's weights.
    VoiceError
        The voice is damaged.
    """
    folder = Path(name).expanduser()
    if (folder / MANIFEST).is_file():
        read_manifest(folder)
        sections = tables.read(folder / "voice.toml")
        plugin = sections.get("acoustic_model", {}).get("plugin", "")
        kind = registry().load("acoustic_model", plugin)
        if not issubclass(kind, Adapts):
            raise ConfigError(
                f"acoustic model {plugin!r} of {folder.name!r} cannot begin with what another has learned",
                where="BASE",
                hint=f"take a voice of {_able()}, or weights by name: {_known() or 'none are installed'}",
            )
        start = str((folder / "acoustic_model").resolve())
        return Base(name, plugin, start, kind.learned(start), sections)
    for plugin in registry().names("acoustic_model"):
        kind = _loaded(plugin)
        if kind is not None and name in kind.known_weights():
            return Base(name, plugin, name, kind.learned(name), {})
    if folder.is_dir():
        raise VoiceError(f"is no voice: {MANIFEST} is missing", where=str(folder))
    raise ConfigError(
        f"there is no voice and there are no weights {name!r}",
        where="BASE",
        hint=f"weights that are installed: {_known() or 'none'}; or give a voice folder",
    )


def draft(
    folder: Path, base: Base, language: str | None = None, *, layout: str | None = None
) -> starting.Draft:
    """The configuration of a voice of the recordings in `folder` that begins with `base`, with remarks.

    Parameters
    ----------
    folder : Path
    base : Base
    language : str, optional
        BCP-47; that of the base where neither the user nor the layout says it.
    layout : str, optional

    Returns
    -------
    Draft

    Raises
    ------
    CorpusError
        It is no folder of recordings and transcripts.
    ConfigError
        The base speaks other languages.
    """
    notes: list[str] = []
    known = base.learned.languages
    corpus, said = starting.open_folder(
        folder, language, layout, notes, otherwise=known[0] if len(known) == 1 else None
    )
    spoken = corpus.languages[0]
    if spoken.split("-")[0] not in {k.split("-")[0] for k in known}:
        raise ConfigError(
            f"{base.name!r} speaks {', '.join(known)}, the recordings are in {spoken!r}",
            where="BASE",
            hint="take a base of that language; `synthkit build` makes a voice of these recordings alone",
        )
    voice: dict[str, Any] = {"name": starting.name_of(folder), "corpus": "."}
    if said is not None:
        voice["language"] = said
    if layout is not None:
        voice["layout"] = layout
    spec, sections = base.learned.spec, base.sections
    # What fixes the sizes of a model is the base's; what is its own is where its weights come from.
    model = {
        k: v
        for k, v in sections.get("acoustic_model", {}).items()
        if k not in ("pretrained", "steps", "also_from")
    }
    made = {
        "voice": {**voice, "sample_rate": spec.sample_rate},
        "segmentation": sections.get("segmentation") or {"plugin": starting.segmentation_for(spoken)},
        "alignment": {"plugin": starting.aligner_for(corpus, notes)},
        "features": sections.get("features") or {"plugin": spec.kind},
        "acoustic_model": {
            **base.learned.settings_for(spoken),
            **model,
            "plugin": base.plugin,
            "start_from": base.start_from,
        },
        "vocoder": sections.get("vocoder") or {"plugin": spec.kind},
    }
    head = f"# A voice of the recordings in this folder that begins with what {base.name} has learned.\n\n"
    return starting.Draft(head + tomli_w.dumps(made), notes)


def write(folder: Path, base: Base, language: str | None, layout: str | None) -> starting.Draft:
    """Write the configuration into `folder`, unless it is there for the same base; what was seen on the way.

    Parameters
    ----------
    folder, base, language, layout
        As in `draft`.

    Returns
    -------
    Draft
        The configuration that stands in the folder now.

    Raises
    ------
    ConfigError
        There is one that begins with something else, or it cannot be written.
    CorpusError
        As `draft`.
    """
    path = folder / FILE
    sweep(folder, path.name)
    if path.exists():
        begins = tables.read(path).get("acoustic_model", {}).get("start_from")
        if begins != base.start_from:
            raise ConfigError(
                f"is of a voice that begins with {begins!r}, not with {base.start_from!r}",
                where=str(path),
                hint="delete it for a new one, or build it as it is: synthkit build",
            )
        return starting.Draft(
            path.read_text(encoding="utf-8"), [f"{path} is there already, and built as it is"]
        )
    made = draft(folder, base, language, layout=layout)
    try:
        write_text(path, made.text)
    except OSError as error:
        raise ConfigError(f"cannot be written: {error.strerror}", where=str(path)) from error
    return made


def _loaded(plugin: str) -> type[Adapts] | None:
    """The acoustic model of that name, where it can begin with others' weights and is whole."""
    try:
        kind = registry().load("acoustic_model", plugin)
    except SynthkitError as error:  # `synthkit plugins` says what is wrong with it
        reason(error)
        return None
    return kind if issubclass(kind, Adapts) else None


def _able() -> str:
    return ", ".join(n for n in registry().names("acoustic_model") if _loaded(n)) or "none that is installed"


def _known() -> str:
    """Names of weights that are installed."""
    kinds = filter(None, map(_loaded, registry().names("acoustic_model")))
    return ", ".join(sorted({name for k in kinds for name in k.known_weights()}))
