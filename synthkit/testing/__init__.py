# SPDX-License-Identifier: Apache-2.0
"""A conformance kit for every stage, which any plugin can run on itself.

Each `check_*` function takes a made component, uses it on real (small) input and raises AssertionError
with a sentence that says what the contract asks. With synthkit installed, pytest offers the fixture
``conformance``, so that a plugin's whole test can be::

    def test_contract(conformance):
        conformance("vocoder", "buzz")

For pages there are ``chromium`` and ``open_page``: a real headless browser (`synthkit.testing.browser`).
"""

from synthkit.testing.checks import (
    check_acoustic_model,
    check_adapter,
    check_aligner,
    check_class,
    check_command,
    check_converter,
    check_corpus,
    check_executor,
    check_features,
    check_label_format,
    check_layout,
    check_metric,
    check_prosody_model,
    check_registration,
    check_segmenter,
    check_settings,
    check_speaker_encoder,
    check_trainable_vocoder,
    check_vocoder,
)
from synthkit.testing.samples import (
    sample_alignment,
    sample_pairs,
    sample_speech,
    sample_training_data,
    sample_utterances,
    sample_waveform,
)

__all__ = [
    "check_acoustic_model",
    "check_adapter",
    "check_aligner",
    "check_class",
    "check_command",
    "check_converter",
    "check_corpus",
    "check_executor",
    "check_features",
    "check_label_format",
    "check_layout",
    "check_metric",
    "check_prosody_model",
    "check_registration",
    "check_segmenter",
    "check_settings",
    "check_speaker_encoder",
    "check_trainable_vocoder",
    "check_vocoder",
    "sample_alignment",
    "sample_pairs",
    "sample_speech",
    "sample_training_data",
    "sample_utterances",
    "sample_waveform",
]
