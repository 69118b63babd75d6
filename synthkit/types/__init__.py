# SPDX-License-Identifier: Apache-2.0
"""The data that flows between stages. Depends on numpy and the standard library alone.

text ──► Segmentation ──► Item: Frames | UnitPath | Waveform ──► Waveform
audio ─► Alignment ─────► Frames under a FeatureSpec, which meets a Demand
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from synthkit.types.audio import Waveform
from synthkit.types.demand import Demand
from synthkit.types.differences import OPEN
from synthkit.types.features import FeatureSpec, Frames, Stream
from synthkit.types.item import Item, frames_of, path_of
from synthkit.types.segmentation import PAUSE, Phone, Segmentation, Word
from synthkit.types.units import AudioSource, Unit, UnitPath

if TYPE_CHECKING:
    from synthkit.types.alignment import Alignment, Interval
    from synthkit.types.finding import Finding
    from synthkit.types.lattice import Lattice
    from synthkit.types.prosody import Prosody
    from synthkit.types.targets import PhoneVectors, Targets
    from synthkit.types.timing import Timing
    from synthkit.types.utterance import Utterance

__all__ = [
    "OPEN",
    "PAUSE",
    "Alignment",
    "AudioSource",
    "Demand",
    "FeatureSpec",
    "Finding",
    "Frames",
    "Interval",
    "Item",
    "Lattice",
    "Phone",
    "PhoneVectors",
    "Prosody",
    "Segmentation",
    "Stream",
    "Targets",
    "Timing",
    "Unit",
    "UnitPath",
    "Utterance",
    "Waveform",
    "Word",
    "frames_of",
    "path_of",
]

_LATER = {
    "Alignment": "alignment",
    "Interval": "alignment",
    "Finding": "finding",
    "Lattice": "lattice",
    "PhoneVectors": "targets",
    "Prosody": "prosody",
    "Targets": "targets",
    "Timing": "timing",
    "Utterance": "utterance",
}
"""What saying a text needs nothing of, and the module of each: loaded when it is asked for."""


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    globals()[name] = found = getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
    return found
