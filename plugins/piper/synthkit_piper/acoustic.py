# SPDX-License-Identifier: Apache-2.0
"""The acoustic model `piper`.

J. Kim, J. Kong, J. Son, "Conditional variational autoencoder with adversarial learning for end-to-end
text-to-speech", ICML 2021 (VITS), as Piper exports it.
"""

from __future__ import annotations

import shutil
import warnings
from pathlib import Path

from synthkit.errors import ConfigError, SpeechWarning, TextError
from synthkit.settings import Field, Settings
from synthkit.stages import AcousticModel, Context, Request, TrainingData
from synthkit.types import FeatureSpec, Waveform
from synthkit_piper.ids import characters, to_ids
from synthkit_piper.model import DESCRIPTION, NETWORK, Description, Network


class PiperOptions(Settings):
    """What a request may ask."""

    speed: float = Field(default=1.0, gt=0.2, lt=5, description="2 is twice as fast")
    noise: float = Field(
        default=0.0,
        ge=0,
        le=2,
        description="how much of the voice's variety is drawn; 0 is its mean, the same each time",
    )
    noise_w: float = Field(default=0.0, ge=0, le=2, description="the same for durations")
    seed: int = Field(
        default=0, ge=0, lt=2**31, description="of what is drawn: the same draws for the same seed"
    )


class PiperSettings(PiperOptions):
    """Settings of `piper`."""

    model: Path | None = Field(
        default=None, description="NAME.onnx, with NAME.onnx.json beside it; a built voice keeps both"
    )


class Piper(AcousticModel):
    """Speaks with a network that Piper trained; it learns nothing here."""

    Config = PiperSettings
    Options = PiperOptions
    version = "1"
    demos = ()  # its voices are shown by their own names

    def __init__(self, config: Settings | None = None) -> None:
        super().__init__(config)
        self._description: Description | None = None
        self._network: Network | None = None

    def produces(self, features: FeatureSpec) -> FeatureSpec:
        """A waveform at the network's own rate, whatever the features are."""
        return FeatureSpec("waveform", self._described().sample_rate)

    def fit(self, data: TrainingData, folder: Path, ctx: Context) -> None:
        """Copy the network's two files into the voice: they are all it needs.

        Raises
        ------
        ConfigError
            No model is named.
        VoiceError
            A file is missing or is no Piper voice.
        """
        network = self._given()
        Description.read(_beside(network))
        Network(network)
        shutil.copyfile(network, folder / NETWORK)
        shutil.copyfile(_beside(network), folder / DESCRIPTION)

    def open(self, folder: Path) -> None:
        """Read the description; the network is loaded when the first sentence is spoken."""
        self._description = Description.read(folder / DESCRIPTION)
        self._network = Network(folder / NETWORK)

    def predict(self, request: Request) -> Waveform:
        """Speak one utterance.

        Raises
        ------
        TextError
            The model has no id for any of its phones.
        ConfigError
            An unknown speaker.
        """
        assert self._description is not None and self._network is not None, "open it first"
        asked = self.asked(request.options)
        said = characters(request.segmentation)
        ids, lacking = to_ids(said, self._description.table)
        if lacking:
            warnings.warn(
                f"the voice has no {', '.join(map(repr, lacking))}; left out", SpeechWarning, stacklevel=2
            )
        if len(ids) <= 3:
            raise TextError(f"the voice knows none of the phones {said!r}")
        scales = (asked.noise, self._description.length / asked.speed, asked.noise_w)
        samples = self._network.speak(ids, scales, self._speaker(request.speaker), asked.seed)
        return Waveform(samples, self._description.sample_rate)

    def close(self) -> None:
        """Give the network's memory back."""
        self._network = None

    def _speaker(self, name: str | None) -> int | None:
        assert self._description is not None
        known = self._description.speakers
        if name is None or (not known and name == ""):
            return 0 if known else None
        if name not in known:
            some = ", ".join(sorted(known)[:12]) + (" …" if len(known) > 12 else "")
            raise ConfigError(
                f"the voice has no speaker {name!r}",
                hint=f"its speakers: {some}" if known else "it has one speaker",
            )
        return known[name]

    def _described(self) -> Description:
        return self._description or Description.read(_beside(self._given()))

    def _given(self) -> Path:
        path: Path | None = self.config.model
        if path is None:
            raise ConfigError(
                "no model is named, and none is trained here",
                where="[acoustic_model] model",
                hint='model = "NAME.onnx", or `synthkit voices get` for a voice that is ready',
            )
        if not path.is_file():
            raise ConfigError("there is no such file", where=str(path))
        return path


def _beside(network: Path) -> Path:
    return network.with_name(network.name + ".json")
