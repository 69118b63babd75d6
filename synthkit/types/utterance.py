# SPDX-License-Identifier: Apache-2.0
"""One recorded utterance of a corpus."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Utterance:
    """One recording with its text.

    Attributes
    ----------
    id : str
        Unique in its corpus; safe as a file name.
    text : str
        Orthographic transcript, as the corpus gives it (may carry stress marks).
    audio : Path
        Absolute path of the audio file (wav or flac).
    language : str
        BCP-47 language, such as ``"ru"`` or ``"en"``.
    speaker : str
        Speaker name, unique in its corpus.
    labels : Path or None
        Phone labels that came with the corpus, in any format `synthkit.labels.read_alignment` reads.
    start, end : float or None
        Cut within the audio file, seconds; None means the whole file.
    phones : tuple of str or None
        Phones the corpus states for this utterance, where it does (used for scoring segmenters).
    extra : dict
        Anything else the corpus knows, kept as text.
    """

    id: str
    text: str
    audio: Path
    language: str
    speaker: str = "speaker"
    labels: Path | None = None
    start: float | None = None
    end: float | None = None
    phones: tuple[str, ...] | None = None
    extra: dict[str, str] = field(default_factory=dict)
