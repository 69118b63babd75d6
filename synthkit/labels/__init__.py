# SPDX-License-Identifier: Apache-2.0
"""Time-aligned labels in the field's file formats: Praat TextGrid, festvox and HTK ``.lab``, CTM.

One module per format, each with ``parse`` (text to tiers), ``render`` (an `Alignment` to text) and the
`LabelFormat` that the hook ``register_label_formats`` offers; `read_alignment` and `write_alignment` choose
among all that are registered. Depends on `synthkit.types` and the plugin registry.
"""

from synthkit.labels.files import (
    detect_format,
    is_label_file,
    label_format,
    read_alignment,
    read_alignments,
    write_alignment,
    write_alignments,
)
from synthkit.labels.finding import LabelFiles, find_labels
from synthkit.labels.fit import misfit
from synthkit.labels.format import Choice, LabelFile, LabelFormat, Labels
from synthkit.labels.tiers import SILENCES
from synthkit.recognise import Evidence

__all__ = [
    "SILENCES",
    "Choice",
    "Evidence",
    "LabelFile",
    "LabelFiles",
    "LabelFormat",
    "Labels",
    "detect_format",
    "find_labels",
    "is_label_file",
    "label_format",
    "misfit",
    "read_alignment",
    "read_alignments",
    "write_alignment",
    "write_alignments",
]
