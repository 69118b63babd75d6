# SPDX-License-Identifier: Apache-2.0
"""How a training that can be gone on with normalised its inputs, and what it has heard: a file beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from synthkit.atomic import write_json
from synthkit.earlier import kept_beside
from synthkit.neural_vocoder import N, Normalised
from synthkit.types import FeatureSpec


def kept_scales(path: Path, kind: type[N], spec: FeatureSpec) -> tuple[N | None, set[str]]:
    """How a state that the user keeps normalised its inputs, and the recordings that it has heard.

    Parameters
    ----------
    path : Path
        As `keep_scales` wrote it.
    kind : type
        Of the scales.
    spec : FeatureSpec
        Of the training that would go on.

    Returns
    -------
    scales : Normalised or None
        None where there is no such file, or it is of other features.
    heard : set of str
        Ids.

    Raises
    ------
    VoiceError
        The file is none that `keep_scales` wrote.
    """

    def read(kept: dict[str, Any]) -> tuple[N, set[str]]:
        return kind.from_dict(kept), set(kept.get("heard", ()))

    return kept_beside(path, spec, read) or (None, set())


def keep_scales(path: Path, scales: Normalised, heard: set[str], spec: FeatureSpec) -> None:
    """Write what `kept_scales` reads, whole or not at all.

    Parameters
    ----------
    path : Path
    scales : Normalised
    heard : set of str
        Ids of the recordings whose frames they are of.
    spec : FeatureSpec
        Of those frames.
    """
    write_json(path, {"spec": spec.hash, "heard": sorted(heard), **scales.to_dict()})
