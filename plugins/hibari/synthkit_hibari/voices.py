# SPDX-License-Identifier: Apache-2.0
"""The voice "heart" as a voice folder."""

from __future__ import annotations

from pathlib import Path

from synthkit.pretrained import Origin, PretrainedVoice, compose
from synthkit.scratch import scratch_folder
from synthkit_hibari.acoustic import copy_network
from synthkit_hibari.frames import RATE, SPEC
from synthkit_hibari.segmenter import PHONE_SET


class Heart(PretrainedVoice):
    """Hibari's voice "heart", which its package carries."""

    paradigm = "distilled StyleTTS 2, F0 and spectra of harmonics and noise"
    languages = ("en",)
    sample_rate = RATE
    megabytes = 0.0
    origin = Origin(
        "hibari heart",
        "Apache-2.0",
        "hibari-tts 0.2.1, Maureese Williams; distilled from Kokoro-82M (voice af_heart), hexgrad, "
        "Apache-2.0",
    )

    @property
    def here(self) -> bool:
        """Always: the package that this plugin needs carries it."""
        return True

    def make(self, name: str, out: Path) -> Path:
        """See `PretrainedVoice.make`."""
        with scratch_folder() as work:
            copy_network(work)
            return compose(
                out,
                name=name,
                tables={s: {"plugin": "hibari"} for s in ("segmentation", "acoustic_model", "vocoder")},
                artefacts={"acoustic_model": work},
                spec=SPEC,
                sample_rate=RATE,
                languages=self.languages,
                phone_set=PHONE_SET,
                origin=self.origin,
            )
