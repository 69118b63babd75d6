# SPDX-License-Identifier: Apache-2.0
"""Speaking with a network that was cut into three; see `synthkit_piper.cutting`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Self

import numpy as np

from synthkit.errors import VoiceError
from synthkit_piper.model import Scales, session_of, sown

DURATIONS, FRAMES, DECODER, PARTS, SPEAKERS = (
    "durations.onnx", "frames.onnx", "decoder.onnx", "parts.json", "speakers.npy",
)  # fmt: skip
FILES = (DURATIONS, FRAMES, DECODER, PARTS)
"""What there is of a cut network; and `SPEAKERS`, where it has several."""
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

    Attributes
    ----------
    hop : int
        Samples a frame.
    table : ndarray or None
        Vectors of the speakers, (speakers, channels).
    """

    def __init__(self, folder: Path, about: Mapping[str, Any]) -> None:
        self.folder, self.about = folder, about
        self.hop, self.context = int(about["hop"]), int(about["context"])
        self.table: np.ndarray | None = None
        if about["speaker"]:
            self.table = np.load(folder / SPEAKERS, allow_pickle=False)
        self._durations = session_of(folder / DURATIONS)
        self._frames = session_of(folder / FRAMES)
        self._decoder = session_of(folder / DECODER)

    @classmethod
    def open(cls, folder: Path) -> Self | None:
        """The parts in `folder`; None where the network was not cut.

        Raises
        ------
        VoiceError
            One is missing, or is not what was written.
        """
        if not (folder / PARTS).exists():
            return None
        try:
            about = json.loads((folder / PARTS).read_text(encoding="utf-8"))
            return cls(folder, about)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise VoiceError(
                f"the parts of the network cannot be opened: {type(error).__name__} {error}",
                where=str(folder),
                hint="make the voice again",
            ) from error

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
        latent : ndarray, shape (1, channels, frames), float32
        """
        given: dict[str, np.ndarray] = {
            "input": np.asarray([ids], np.int64),
            "input_lengths": np.asarray([len(ids)], np.int64),
            "scales": np.asarray(scales, np.float32),
            **self._voice(speaker),
        }
        session = self._durations
        if scales[2]:
            session = sown(self.folder / DURATIONS, seed)
        names = [o.name for o in session.get_outputs()]
        given |= dict(zip(names, session.run(names, _taken(session, given)), strict=True))
        name = self.about["durations"]
        own = np.rint(given[name]).astype(np.int64).reshape(-1)
        frames = own
        if fixed is not None:
            frames = np.asarray(fixed(own), np.int64)
            given[name] = frames.astype(given[name].dtype).reshape(given[name].shape)
        session = self._frames
        if scales[0]:
            session = sown(self.folder / FRAMES, seed)
        latent = session.run([self.about["latent"]], _taken(session, given))[0]
        return frames, latent

    def sound(self, latent: np.ndarray, speaker: np.ndarray | None = None) -> np.ndarray:
        """Samples (N,), float32 in [-1, 1]."""
        given = {self.about["latent"]: latent, **self._voice(speaker)}
        samples = np.asarray(self._decoder.run(None, _taken(self._decoder, given))[0], np.float32)
        return np.clip(samples.reshape(-1), -1.0, 1.0)

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
