# SPDX-License-Identifier: Apache-2.0
"""What each stage's contract asks, as checks that use the component: one module per kind of component."""

from synthkit.testing.checks.acoustic import check_acoustic_model, check_unit_path
from synthkit.testing.checks.common import (
    BASES,
    check_class,
    check_demands,
    check_registration,
    check_settings,
)
from synthkit.testing.checks.converter import check_converter
from synthkit.testing.checks.frames import check_adapter, check_features
from synthkit.testing.checks.metric import check_metric
from synthkit.testing.checks.others import (
    check_command,
    check_corpus,
    check_executor,
    check_pretrained_voice,
    check_speaker_encoder,
)
from synthkit.testing.checks.prosody import check_prosody_model
from synthkit.testing.checks.readers import check_label_format, check_layout
from synthkit.testing.checks.text import check_aligner, check_alignment, check_segmenter
from synthkit.testing.checks.vocoder import check_trainable_vocoder, check_vocoder

__all__ = [
    "BASES",
    "check_acoustic_model",
    "check_adapter",
    "check_aligner",
    "check_alignment",
    "check_class",
    "check_command",
    "check_converter",
    "check_corpus",
    "check_demands",
    "check_executor",
    "check_features",
    "check_label_format",
    "check_layout",
    "check_metric",
    "check_pretrained_voice",
    "check_prosody_model",
    "check_registration",
    "check_segmenter",
    "check_settings",
    "check_speaker_encoder",
    "check_trainable_vocoder",
    "check_unit_path",
    "check_vocoder",
]
