# SPDX-License-Identifier: Apache-2.0
"""The voice's configuration: TOML in, valid settings out; the resolved whole is saved in the voice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from synthkit import tables
from synthkit.errors import ConfigError
from synthkit.pipeline.parts import CONVERSION, Parts, check_sections
from synthkit.settings import Field, Settings


class VoiceSettings(Settings):
    """The ``[voice]`` table."""

    name: str = Field(pattern=r"^[\w][\w.-]*$", description="name of the voice and of its folder")
    corpus: str = Field(
        pattern=r"^[^\x00]*[^\s\x00][^\x00]*$",
        description="a registered corpus, or a folder of recordings and transcripts",
    )
    language: str | None = Field(default=None, description="language of the corpus, where it does not say")
    layout: str | None = Field(
        default=None, description="layout of the corpus's folder, where what lies in it could be one of two"
    )
    sample_rate: int | None = Field(
        default=None, ge=8000, le=48000, description="Hz; the corpus's own when not given"
    )
    held_out: int | list[str] = Field(
        default=0,
        description="leave every n-th utterance out of the voice, or those of these ids; 0 leaves out none",
    )
    limit: int = Field(default=0, ge=0, le=10**9, description="use only the first n utterances; 0 uses all")


@dataclass(frozen=True)
class Config:
    """A whole, valid configuration.

    Attributes
    ----------
    voice : VoiceSettings
    parts : Parts
        Its five stages.
    base : Path
        The folder that relative paths start from.
    """

    voice: VoiceSettings
    parts: Parts
    base: Path

    def to_dict(self) -> dict[str, Any]:
        """The resolved configuration, as it is saved in the voice."""
        return {"voice": self.voice.model_dump(exclude_none=True)} | self.parts.to_dict()


def load(path: Path, overrides: Iterable[str] = ()) -> Config:
    """Read and validate a configuration file.

    Parameters
    ----------
    path : Path
        TOML file; relative paths in it are relative to its folder.
    overrides : iterable of str
        ``"stage.key=value"`` as given to ``--set``; values are TOML, or plain text.

    Returns
    -------
    Config

    Raises
    ------
    ConfigError
        The file cannot be read, or a key or value is wrong; the message names it and what was meant.
    """
    data = tables.override(tables.read(path), overrides)
    return resolve(data, base=path.parent.resolve(), source=str(path))


def resolve(data: dict[str, Any], *, base: Path, source: str = "") -> Config:
    """Validate a configuration that is already read.

    Parameters
    ----------
    data : dict
        Tables by section, as TOML has them.
    base : Path
        Relative paths are relative to it.
    source : str
        Where it comes from, for messages.

    Returns
    -------
    Config

    Raises
    ------
    ConfigError
        A key or value is wrong; the message names it and what was meant.
    """
    check_sections(data, source)
    if "voice" not in data:
        raise ConfigError(
            "the [voice] table is missing", where=source, hint='[voice]\nname = "…"\ncorpus = "…"'
        )
    if CONVERSION in data:
        raise ConfigError(
            "a voice is converted when it is finished",
            where=f"{source} [{CONVERSION}]".strip(),
            hint="leave the section out and build; then: synthkit convert VOICE CLIPS -o OUT",
        )
    voice = tables.validate(VoiceSettings, data["voice"], where=f"{source} [voice]")
    return Config(voice, Parts.of(data, base=base, source=source), base)
