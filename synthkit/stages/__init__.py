# SPDX-License-Identifier: Apache-2.0
"""The stages of the pipeline as base classes. A plugin subclasses one per component.

Every component is made from its validated settings, ``Component(settings)``, is cheap to make, and
imports what is heavy only when it works. Components that learn write their artefacts into a folder in
`fit` and come back by `open`; everything they need to speak is in that folder.

`component` holds what all have in common and what a build gives them, `text` segmentation and alignment,
`acoustic` the models, `prosody` what may stand before them, `sound` features, vocoders, adapters,
converters and speaker encoders. All names are here.
"""

from __future__ import annotations

from synthkit.request import Request
from synthkit.stages.acoustic import (
    HEARD,
    AcousticModel,
    Bundled,
    PredictsTargets,
    ShowsCandidates,
    SpeaksInBlocks,
)
from synthkit.stages.adapting import Adapts, Learned
from synthkit.stages.cloning import Clones
from synthkit.stages.component import Component, Context, Demo, TrainingData, TrainingItem
from synthkit.stages.prosody import ProsodyModel
from synthkit.stages.sound import Adapter, Converter, FeatureExtractor, SpeakerEncoder, Vocoder
from synthkit.stages.text import Aligner, Segmenter

__all__ = [
    "HEARD",
    "AcousticModel",
    "Adapter",
    "Adapts",
    "Aligner",
    "Bundled",
    "Clones",
    "Component",
    "Context",
    "Converter",
    "Demo",
    "FeatureExtractor",
    "Learned",
    "PredictsTargets",
    "ProsodyModel",
    "Request",
    "Segmenter",
    "ShowsCandidates",
    "SpeakerEncoder",
    "SpeaksInBlocks",
    "TrainingData",
    "TrainingItem",
    "Vocoder",
]
