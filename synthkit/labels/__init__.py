"""Time-aligned labels in the field's file formats: Praat TextGrid, festvox and HTK ``.lab``, CTM.

One module per format, each with ``parse`` (text to tiers) and ``render`` (an `Alignment` to text);
`read_alignment` and `write_alignment` choose among them. Depends on `synthkit.types` alone.
"""

from synthkit.labels.files import (
    FORMATS,
    detect_format,
    read_alignment,
    read_alignments,
    write_alignment,
    write_alignments,
)
from synthkit.labels.tiers import SILENCES

__all__ = [
    "FORMATS",
    "SILENCES",
    "detect_format",
    "read_alignment",
    "read_alignments",
    "write_alignment",
    "write_alignments",
]
