# SPDX-License-Identifier: Apache-2.0
"""Speaking with a network that was cut into three; see `synthkit_piper.cutting`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Self

import numpy as np

from synthkit.errors import VoiceError
from synthkit.onnx_network import open_network, run_network
from synthkit.paths import read_json
from synthkit_piper.model import Scales, sown

DURATIONS, FRAMES, DECODER, PARTS, SPEAKERS = (
    "durations.onnx", "frames.onnx", "decoder.onnx", "parts.json", "speakers.npy",
)  # fmt: skip
FILES = (DURATIONS, FRAMES, DECODER, PARTS)
"""What there is of a cut network; and `SPEAKERS`, where it has several."""
GIVEN = ("input", "input_lengths", "scales")
"""What the first part is given, and the second may be."""
AGAIN = "make the voice again, or copy it again from where it is whole"
FIRST, MOST = 50, 400
"""Frames of the first block, and of any: each has twice those of the one before, since what a block sees
on either side is made twice."""


class Parts:
    """Three networks, ready to run on one thread.

    Parameters
    ----------
    folder : Path
    about : mapping
        Names of the tensors ``latent``, ``durations`` and ``speaker`` (empty: there is one speaker), samples
        a frame (``hop``), and the frames that a block sees on either side (``context``).

    Raises
    ------
    VoiceError
        A file is missing or damaged, or is no part of the same network.

    Attributes
    ----------
    hop : int
        Samples a frame.
    table : ndarray or None
        Vectors of the speakers, (speakers, channels).
    """

    def __init__(self, folder: Path, about: Mapping[str, Any]) -> None:
        self.folder, self.about = folder, about
        self.hop, self.context = about["hop"], about["context"]
        self.table = _table(folder / SPEAKERS) if about["speaker"] else None
        self._durations = open_network(folder / DURATIONS)
        self._frames = open_network(folder / FRAMES)
        self._decoder = open_network(folder / DECODER)
        voice = [about["speaker"]] if about["speaker"] else []
        made = [o.name for o in self._durations.get_outputs()]
        self._check(self._durations, DURATIONS, (*GIVEN, *voice), about["durations"])
        self._check(self._frames, FRAMES, (*GIVEN, *voice, *made), about["latent"])
        self._check(self._decoder, DECODER, (about["latent"], *voice))

    @classmethod
    def open(cls, folder: Path) -> Self | None:
        """The parts in `folder`; None where the network was not cut.

        Raises
        ------
        VoiceError
            One is missing, or is not what was written.
        """
        path = folder / PARTS
        if not path.exists():
            return None
        about = read_json(path, VoiceError)
        names, least = ("latent", "durations", "speaker"), {"hop": 1, "context": 0}
        if (
            not isinstance(about, dict)
            or not all(isinstance(about.get(name), str) for name in names)
            or not all(type(about.get(n)) is int and k <= about[n] < 10_000 for n, k in least.items())
        ):
            raise VoiceError("does not say how the network was cut", where=str(path), hint=AGAIN)
        return cls(folder, about)

    def _check(self, session: Any, name: str, given: Iterable[str], wanted: str | None = None) -> None:
        """Refuse a part of another network."""
        lacking = {i.name for i in session.get_inputs()} - set(given)
        if lacking or (wanted is not None and wanted not in [o.name for o in session.get_outputs()]):
            what = f"needs {', '.join(sorted(lacking))}" if lacking else f"does not give {wanted}"
            raise VoiceError(
                f"{what}: it is no part of this network", where=str(self.folder / name), hint=AGAIN
            )

    def latent(
        self,
        ids: list[int],
        scales: Scales,
        speaker: np.ndarray | None = None,
        seed: int = 0,
        fixed: Any = None,
    ) -> tuple[np.ndarray, np.ndarray]:
        """What the decoder is given.

        Parameters
        ----------
        ids : list of int
        scales : (float, float, float)
            Noise, length, and noise of durations.
        speaker : ndarray or None, shape (channels,)
            Of a network of several.
        seed : int
            Of what is drawn.
        fixed : callable, optional
            Gives frames of each id in place of the network's own, which it is given, both int64 (ids,).

        Returns
        -------
        frames : ndarray, shape (ids,), int64
            One or more in all.
        latent : ndarray, shape (1, channels, frames), float32

        Raises
        ------
        VoiceError
            A part cannot be run.
        """
        values = (
            np.asarray([ids], np.int64),
            np.asarray([len(ids)], np.int64),
            np.asarray(scales, np.float32),
        )
        given: dict[str, np.ndarray] = dict(zip(GIVEN, values, strict=True)) | self._voice(speaker)
        session = self._durations
        if scales[2]:
            session = sown(self.folder / DURATIONS, seed)
        names = [o.name for o in session.get_outputs()]
        made = run_network(session, self.folder / DURATIONS, _taken(session, given), names)
        given |= dict(zip(names, made, strict=True))
        name = self.about["durations"]
        own = np.rint(given[name]).astype(np.int64).reshape(-1)
        frames = own
        if fixed is not None:
            frames = np.asarray(fixed(own), np.int64)
            frames[-1] += not frames.any()  # nothing at all has no sound
            given[name] = frames.astype(given[name].dtype).reshape(given[name].shape)
        session = self._frames
        if scales[0]:
            session = sown(self.folder / FRAMES, seed)
        latent = run_network(session, self.folder / FRAMES, _taken(session, given), [self.about["latent"]])[0]
        return frames, latent

    def sound(self, latent: np.ndarray, speaker: np.ndarray | None = None) -> np.ndarray:
        """Samples (frames * hop,), float32 in [-1, 1], of what `latent` gave.

        Raises
        ------
        VoiceError
            The decoder cannot be run, or gives other than `hop` samples a frame.
        """
        path, given = self.folder / DECODER, {self.about["latent"]: latent, **self._voice(speaker)}
        made = run_network(self._decoder, path, _taken(self._decoder, given))[0]
        samples = np.asarray(made, np.float32).reshape(-1)
        if len(samples) != latent.shape[-1] * self.hop:
            raise VoiceError(
                f"gives {len(samples)} samples of {latent.shape[-1]} frames, not {self.hop} of each",
                where=str(path), hint=AGAIN,
            )  # fmt: skip
        return np.clip(samples, -1.0, 1.0)

    def blocks(
        self, latent: np.ndarray, speaker: np.ndarray | None = None, most: int = MOST
    ) -> Iterator[np.ndarray]:
        """The samples of `sound` in blocks of at most `most` frames, the first of `FIRST`."""
        at, size, total = 0, FIRST, latent.shape[-1]
        while at < total:
            end = min(at + size, total)
            first, last = max(at - self.context, 0), min(end + self.context, total)
            samples = self.sound(np.ascontiguousarray(latent[:, :, first:last]), speaker)
            yield samples[(at - first) * self.hop : (end - first) * self.hop]
            at, size = end, min(2 * size, most)

    def _voice(self, speaker: np.ndarray | None) -> dict[str, np.ndarray]:
        name = self.about["speaker"]
        return {name: np.asarray(speaker, np.float32)[None]} if name and speaker is not None else {}


def _taken(session: Any, given: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {i.name: given[i.name] for i in session.get_inputs()}


def _table(path: Path) -> np.ndarray:
    """Vectors of the speakers, (speakers, channels), float32."""
    try:
        table = np.asarray(np.load(path, allow_pickle=False), np.float32)
    except Exception as error:  # numpy raises whatever the header made it stumble over
        raise VoiceError(f"holds no speakers: {str(error)[:200]}", where=str(path), hint=AGAIN) from error
    if table.ndim != 2 or not table.size or not np.isfinite(table).all():
        raise VoiceError("holds no speakers: no table of finite numbers", where=str(path), hint=AGAIN)
    return table
