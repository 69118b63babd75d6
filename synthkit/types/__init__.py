"""The data that flows between stages. Depends on numpy and the standard library alone.

text ──► Segmentation ──► Frames | UnitPath | Waveform ──► Waveform
audio ─► Alignment ─────► Frames under a FeatureSpec
"""

from synthkit.types.alignment import Alignment, Interval
from synthkit.types.audio import Waveform
from synthkit.types.features import FeatureSpec, Frames
from synthkit.types.finding import Finding
from synthkit.types.segmentation import PAUSE, Phone, Segmentation, Word
from synthkit.types.targets import Targets
from synthkit.types.units import AudioSource, Unit, UnitPath
from synthkit.types.utterance import Utterance

__all__ = [
    "PAUSE",
    "Alignment",
    "AudioSource",
    "FeatureSpec",
    "Finding",
    "Frames",
    "Interval",
    "Phone",
    "Segmentation",
    "Targets",
    "Unit",
    "UnitPath",
    "Utterance",
    "Waveform",
    "Word",
]
