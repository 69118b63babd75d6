# SPDX-License-Identifier: Apache-2.0
"""The acoustic model `hibari`: one network, phones to frames."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np

from synthkit.errors import ConfigError, MissingDependency, TextError, VoiceError
from synthkit.onnx_network import open_network
from synthkit.paths import read_json
from synthkit.settings import Field, Settings
from synthkit.stages import AcousticModel, Context, Request, TrainingData
from synthkit.types import FeatureSpec, Frames
from synthkit_hibari.frames import BINS, SPEC, STREAMS
from synthkit_hibari.segmenter import PHONE_SET, spelling

NETWORK, VOCABULARY = "voice.onnx", "vocabulary.json"
OUTPUTS = (*STREAMS, "f0")


class HibariOptions(Settings):
    """What a request may ask."""

    speed: float = Field(default=1.0, ge=0.5, le=2.0, description="2 is twice as fast")
    pitch: float = Field(default=0.0, ge=-12, le=12, description="semitones above the voice's own")


class Hibari(AcousticModel):
    """A network that was trained elsewhere; it learns nothing here."""

    Config = HibariOptions
    Options = HibariOptions
    version = "1"
    demos = ()  # its voices are shown by their own names

    def __init__(self, config: Settings | None = None) -> None:
        super().__init__(config)
        self._session: Any = None
        self._ids: dict[str, int] = {}

    def produces(self, features: FeatureSpec) -> FeatureSpec:
        """Frames of their own kind, whatever the features are."""
        return SPEC

    def check_phone_set(self, phone_set: str) -> None:
        """Refuse phones that are not hibari's."""
        if phone_set != PHONE_SET:
            from synthkit.errors import SpecMismatch

            raise SpecMismatch(
                f"hibari speaks the phones {PHONE_SET!r}, not {phone_set!r}",
                hint='set segmentation.plugin = "hibari"',
            )

    def fit(self, data: TrainingData, folder: Path, ctx: Context) -> None:
        """Copy the network that is in the package: it is all that speaking needs."""
        copy_network(folder)

    def open(self, folder: Path) -> None:
        """Load the network.

        Raises
        ------
        VoiceError
            A file is missing or is no network of hibari's.
        """
        path = folder / NETWORK
        try:
            self._ids = {str(k): int(v) for k, v in read_json(folder / VOCABULARY, VoiceError).items()}
        except (AttributeError, TypeError, ValueError) as error:
            raise VoiceError(
                f"is no table of characters' numbers: {error}", where=str(folder / VOCABULARY)
            ) from error
        self._session = open_network(path)
        if [o.name for o in self._session.get_outputs()] != list(OUTPUTS):
            raise VoiceError("is no network of hibari's", where=str(path))

    def predict(self, request: Request) -> Frames:
        """Frames of one utterance, ``(T, 601)`` a spectrum and ``(T,)`` F0 in Hz.

        Raises
        ------
        TextError
            None of its phones is one of the voice's.
        """
        asked = self.asked(request.options)
        said = spelling(request.segmentation)
        ids = [0, *(self._ids[c] for c in said if c in self._ids), 0]
        if len(ids) < 3:
            raise TextError(
                f"the voice knows none of the phones {said!r}", hint="its segmentation is `hibari`"
            )
        given = {"ids": np.asarray([ids], np.int64), "speed": np.asarray([asked.speed], np.float32)}
        arrays = dict(zip(OUTPUTS, self._session.run(None, given), strict=True))
        data = {name: np.ascontiguousarray(arrays[name][0].T, np.float32) for name in STREAMS}
        assert data["lh"].shape[1] == BINS
        data["f0"] = np.asarray(arrays["f0"][0], np.float32) * np.float32(2.0 ** (asked.pitch / 12))
        return Frames(data, SPEC)

    def close(self) -> None:
        """Give the network's memory back."""
        self._session = None


def copy_network(folder: Path) -> None:
    """The network and its alphabet, from the package into `folder`."""
    try:
        from hibari.tts import ASSETS
    except ImportError as error:
        raise MissingDependency("hibari needs hibari-tts", hint="pip install hibari-tts==0.2.1") from error
    assets = Path(ASSETS)
    if not (assets / "hibari.onnx").is_file():
        raise ConfigError("hibari-tts here has no voice in it", hint="pip install hibari-tts==0.2.1")
    shutil.copyfile(assets / "hibari.onnx", folder / NETWORK)
    shutil.copyfile(assets / "vocab.json", folder / VOCABULARY)
