# SPDX-License-Identifier: Apache-2.0
"""The data that flows between stages. Depends on numpy and the standard library alone.

text ──► Segmentation ──► Item: Frames | UnitPath | Waveform ──► Waveform
audio ─► Alignment ─────► Frames under a FeatureSpec, which meets a Demand
"""

from synthkit.types.alignment import Alignment, Interval
from synthkit.types.audio import Waveform
from synthkit.types.demand import Demand
from synthkit.types.differences import OPEN
from synthkit.types.features import FeatureSpec, Frames, Stream
from synthkit.types.finding import Finding
from synthkit.types.item import Item, frames_of, path_of
from synthkit.types.segmentation import PAUSE, Phone, Segmentation, Word
from synthkit.types.targets import Targets
from synthkit.types.timing import Timing
from synthkit.types.units import AudioSource, Unit, UnitPath
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
    "Phone",
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
