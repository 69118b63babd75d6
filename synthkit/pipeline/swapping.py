# SPDX-License-Identifier: Apache-2.0
"""A part of a voice taken for another, where it fits: its vocoder, its segmentation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from synthkit.errors import ConfigError
from synthkit.pipeline.contract import Bridge
from synthkit.pipeline.part import Part
from synthkit.pipeline.parts import Parts
from synthkit.pipeline.voice_folder import produced_spec
from synthkit.stages import Segmenter, Vocoder


def swapped_vocoder(
    parts: Parts,
    folder: Path,
    manifest: dict[str, Any],
    vocoder: str | Vocoder,
    table: dict[str, Any],
    *,
    rate: int,
) -> tuple[Parts, Vocoder, list[Bridge]]:
    """Parts of a voice with another vocoder, that one ready to render, and the adapters on the way to it.

    Parameters
    ----------
    parts, folder, manifest
        The voice's.
    vocoder : str or Vocoder
        By name, or one that is made.
    table : dict
        Its settings, for one by name; and ``adapters``.
    rate : int
        Hz; the voice's.

    Returns
    -------
    parts : Parts
    vocoder : Vocoder
    bridges : list of Bridge

    Raises
    ------
    ConfigError
        A setting that there is not, or settings for a vocoder that is made.
    SpecMismatch, VoiceError
        As `Parts.ready_vocoder`.
    """
    if isinstance(vocoder, str):
        tables = {"vocoder": {"plugin": vocoder, **table}}
        made = Parts.of(tables, ("vocoder",), base=Path.cwd()).at(rate)
        swapped = Parts(parts.stages | made.stages, parts.adapters | made.adapters)
        return swapped, *swapped.ready_vocoder(folder, manifest)
    if not isinstance(vocoder, Vocoder):
        raise ConfigError(
            f"{vocoder!r} is no vocoder", where="vocoder", hint="give its name, or one that is made"
        )
    settings = dict(table)
    adapters = tuple(settings.pop("adapters", ("auto",)))
    if settings:
        raise ConfigError(f"a vocoder that is made has its settings: {', '.join(settings)} came too late")
    own = Part("vocoder", type(vocoder).__name__, vocoder.config, adapters, type(vocoder))
    swapped = Parts(parts.stages | {"vocoder": own}, parts.adapters)
    return swapped, vocoder, swapped.connect(produced_spec(folder, manifest), vocoder)


def swapped_segmentation(
    parts: Parts, segmenter: str | Segmenter, table: dict[str, Any]
) -> tuple[Parts, Segmenter]:
    """Parts of a voice with another segmentation, and that one.

    Parameters
    ----------
    parts : Parts
        The voice's.
    segmenter : str or Segmenter
        By name, or one that is made.
    table : dict
        Its settings, for one by name.

    Returns
    -------
    parts : Parts
    segmenter : Segmenter

    Raises
    ------
    ConfigError
        A setting that there is not, or settings for a segmenter that is made.
    """
    if isinstance(segmenter, str):
        made = Part.of("segmentation", {"plugin": segmenter, **table}, base=Path.cwd())
        ready: Segmenter = made.new()
    elif table:
        raise ConfigError(f"a segmenter that is made has its settings: {', '.join(table)} came too late")
    else:
        ready = segmenter
        made = Part("segmentation", type(ready).__name__, ready.config, (), type(ready))
    return Parts(parts.stages | {"segmentation": made}, parts.adapters), ready
