# SPDX-License-Identifier: Apache-2.0
"""The acoustic model `piper`.

J. Kim, J. Kong, J. Son, "Conditional variational autoencoder with adversarial learning for end-to-end
text-to-speech", ICML 2021 (VITS), as Piper exports it.
"""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from synthkit.errors import ConfigError, SpeechWarning, TextError, VoiceError
from synthkit.ipa_transcription import Transcription, punctuated, transcribe
from synthkit.requested import speaker_shares
from synthkit.settings import Field, Settings
from synthkit.stages import AcousticModel, Context, Request, SpeaksInBlocks, TrainingData
from synthkit.types import FeatureSpec, Timing, Waveform
from synthkit_piper.ids import to_ids
from synthkit_piper.model import DESCRIPTION, NETWORK, Description, Network, Scales
from synthkit_piper.parts import Parts

TRIED = 60
"""Ids on which parts of a network are tried; a second or more of whatever sounds."""


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


@dataclass(frozen=True)
class _Asked:
    """A request in the network's numbers."""

    said: Transcription
    ids: list[int]
    owners: list[int]
    scales: Scales
    seed: int
    shares: np.ndarray
    """Of the speakers, (speakers,)."""


class Piper(AcousticModel, SpeaksInBlocks):
    """Speaks with a network that Piper trained; it learns nothing here."""

    Config = PiperSettings
    Options = PiperOptions
    version = "3"
    takes = frozenset({"durations"})
    lacks: ClassVar[Mapping[str, str]] = {"f0": "the network gives sound and never says its pitch"}
    demos = ()  # its voices are shown by their own names

    def __init__(self, config: Settings | None = None) -> None:
        super().__init__(config)
        self._description: Description | None = None
        self._network: Network | None = None
        self._parts: Parts | None = None

    def produces(self, features: FeatureSpec) -> FeatureSpec:
        """A waveform at the network's own rate, whatever the features are."""
        return FeatureSpec("waveform", self._described().sample_rate)

    def check_given(self, request: Request, name: str) -> None:
        """Refuse F0, durations of a network that could not be cut, and speed where durations are given."""
        super().check_given(request, name)
        if self._parts is None:
            raise ConfigError(
                f"this voice of {name!r} cannot be given durations: its network was not cut into parts",
                where="durations",
                hint="make the voice again (`synthkit piper`, `synthkit voices get`), which tells why",
            )
        if self.asked(request.options).speed != 1:
            raise ConfigError("speed cannot be changed where durations are given", where="speed")

    def check_said(self, request: Request) -> None:
        """Refuse a speaker that there is not."""
        self._shares(request.speaker)

    def fit(self, data: TrainingData, folder: Path, ctx: Context) -> None:
        """Copy the network into the voice, in parts where it can be cut: that is all speaking needs.

        Raises
        ------
        ConfigError
            No model is named.
        VoiceError
            A file is missing or is no Piper voice.
        """
        network = self._given()
        keep(network, _beside(network), folder)

    def open(self, folder: Path) -> None:
        """Read the description and the network.

        Raises
        ------
        VoiceError
            A file is missing or damaged, or does not belong to the others; it is named.
        """
        self._description = Description.read(folder / DESCRIPTION)
        self._parts = Parts.open(folder)
        table = None if self._parts is None else self._parts.table
        if table is not None and any(not 0 <= number < len(table) for number in self._numbers()):
            raise VoiceError(
                f"names speakers up to {max(self._numbers())}, and the network has {len(table)}",
                where=str(folder / DESCRIPTION),
            )
        self._network = None if self._parts is not None else Network(folder / NETWORK)

    def predict(self, request: Request) -> Waveform:
        """Speak one utterance, and tell when each of its phones is said where the network was cut.

        Raises
        ------
        TextError
            The model has no id for any of its phones.
        ConfigError
            An unknown speaker.
        """
        asked, rate = self._asked(request), self._described().sample_rate
        if self._parts is None:
            return Waveform(self._whole(asked), rate)
        latent, speaker, timing = self._latent(request, asked)
        return Waveform(self._parts.sound(latent, speaker), rate, timing)

    def predict_blocks(self, request: Request) -> Iterator[Waveform]:
        """The same in blocks, the first of half a second; whole, where the network was not cut.

        Raises
        ------
        TextError, ConfigError
            As `predict`.
        """
        asked, rate = self._asked(request), self._described().sample_rate
        if self._parts is None:
            yield Waveform(self._whole(asked), rate)
            return
        latent, speaker, timing = self._latent(request, asked)
        for samples in self._parts.blocks(latent, speaker):
            yield Waveform(samples, rate, timing)

    def close(self) -> None:
        """Give the network's memory back."""
        self._network = self._parts = None

    def _asked(self, request: Request) -> _Asked:
        about = self._described()
        options = self.asked(request.options)
        said = transcribe(request.segmentation, request.pauses(punctuated(request.segmentation)))
        ids, owners, lacking = to_ids(said, about.table)
        if lacking:
            warnings.warn(
                f"the voice has no {', '.join(map(repr, lacking))}; left out", SpeechWarning, stacklevel=3
            )
        if len(ids) <= 3:
            raise TextError(f"the voice knows none of the phones {said.text!r}")
        scales = (options.noise, about.length / options.speed, options.noise_w)
        return _Asked(said, ids, owners, scales, options.seed, self._shares(request.speaker))

    def _whole(self, asked: _Asked) -> np.ndarray:
        assert self._network is not None, "open it first"
        many = np.count_nonzero(asked.shares) > 1
        if many:
            raise ConfigError(
                "this voice cannot mix speakers: its network was not cut into parts",
                where="speaker",
                hint="make the voice again (`synthkit piper`), which tells why",
            )
        number = self._numbers()[int(np.argmax(asked.shares))] if self._described().speakers else None
        return self._network.speak(asked.ids, asked.scales, number, asked.seed)

    def _latent(self, request: Request, asked: _Asked) -> tuple[np.ndarray, np.ndarray | None, Timing]:
        """What the decoder is given, the speaker's vector, and when each phone is said."""
        parts, said = self._parts, asked.said
        assert parts is not None
        period = parts.hop / self._described().sample_rate
        owners = np.asarray(asked.owners)

        def fixed(own: np.ndarray) -> np.ndarray:
            seconds = np.bincount(owners, own, len(said.phones)) * period
            return spread(own, owners, request.given(said.words).seconds(seconds) / period)

        speaker = None
        if parts.table is not None:
            numbers = self._numbers() or [0]
            speaker = asked.shares @ parts.table[numbers]
        asks = "durations" in request.fixes()
        frames, latent = parts.latent(asked.ids, asked.scales, speaker, asked.seed, fixed if asks else None)
        edges = np.concatenate([[0.0], np.cumsum(np.bincount(owners, frames, len(said.phones)))]) * period
        return latent, speaker, Timing(said.phones, said.words, edges)

    def _numbers(self) -> list[int]:
        """The network's number of each speaker, in their order."""
        return sorted(self._described().speakers.values())

    def _shares(self, name: str | None) -> np.ndarray:
        known = self._described().speakers
        if not known and name not in (None, ""):
            raise ConfigError(
                f"the voice has no speaker {name!r}", where="speaker", hint="it has one speaker"
            )
        return speaker_shares(name or None, sorted(known, key=lambda who: known[who]) or [""])

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


def spread(own: np.ndarray, owners: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Frames of each id, so that each phone has those that are wanted.

    Parameters
    ----------
    own : ndarray, shape (ids,), int64
        As the network has them; a phone's ids keep their shares of it.
    owners : ndarray, shape (ids,)
        The phone of each; never decreasing.
    wanted : ndarray, shape (phones,)
        Frames of each phone, which need not be whole: its edges are rounded.

    Returns
    -------
    ndarray, shape (ids,), int64
    """
    out = np.zeros(len(own), np.int64)
    edges = np.rint(np.concatenate([[0.0], np.cumsum(wanted)])).astype(np.int64)
    for phone, count in enumerate(np.diff(edges).tolist()):
        mine = np.flatnonzero(owners == phone)
        weights = own[mine].astype(np.float64)
        if not len(mine):
            continue
        if not weights.sum():
            weights[:] = 1.0
        out[mine] = np.diff(np.rint(np.concatenate([[0.0], np.cumsum(weights)]) * count / weights.sum()))
    return out


def keep(network: Path, description: Path, folder: Path) -> None:
    """Write into `folder` what speaking needs of a Piper voice's two files.

    That is the network in parts; where it cannot be cut it is the network, and a `SpeechWarning` says why.

    Raises
    ------
    VoiceError
        They are no Piper voice.
    """
    about = Description.read(description)
    Network(network)
    from synthkit_piper.cutting import NotFound, cut
    from synthkit_piper.parts import FILES, SPEAKERS

    signs = [i for sign, own in sorted(about.table.items()) if len(sign) == 1 for i in own][:TRIED]
    try:
        cut(network, folder, signs)
    except NotFound as reason:
        for name in (*FILES, SPEAKERS):
            (folder / name).unlink(missing_ok=True)
        shutil.copyfile(network, folder / NETWORK)
        warnings.warn(
            f"{network.name}: {reason}; so it speaks each piece of a text whole, does not tell when "
            "phones are said, and mixes no speakers",
            SpeechWarning,
            stacklevel=2,
        )
    shutil.copyfile(description, folder / DESCRIPTION)


def _beside(network: Path) -> Path:
    return network.with_name(network.name + ".json")
