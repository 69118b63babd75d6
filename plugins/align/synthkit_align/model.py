# SPDX-License-Identifier: Apache-2.0
"""The acoustic model of the embedded aligner: a mixture of Gaussians per state of every phone."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from synthkit.errors import VoiceError
from synthkit.paths import read_json
from synthkit_align.features import Cepstra
from synthkit_align.graph import STATES

FLOOR = 1e-2
"""Smallest variance, of features whose variance over the corpus is 1."""
PRIOR = 2.0
"""Frames of the corpus's overall Gaussian added to each state's: what a phone heard once falls back on."""
ENOUGH = 0.4
"""Seconds of speech a Gaussian must keep after it is split in two."""

_ARRAYS = ("scale", "mean", "precision", "constant", "count", "stay")


@dataclass
class Model:
    """Phones, their densities and their transitions.

    Attributes
    ----------
    phones : list of str
        By `synthkit_align.graph.phone_key`, the pause first.
    cepstra : Cepstra
    scale : ndarray, float32, shape (D,)
        Frames are divided by it, so that each dimension varies by 1 over the corpus.
    mean, precision : ndarray, float32, shape (E, M, D)
        ``E = len(phones) * STATES``; precision is the inverse variance.
    constant : ndarray, float32, shape (E, M)
        Log-weight plus the Gaussian's log-normaliser.
    count : ndarray, int32, shape (E,)
        Gaussians in use.
    stay : ndarray, float64, shape (E,)
        Probability of a state's self-loop.
    usual : dict
        Per phone the median and spread of log-duration and of score: what `flags` compares with.
    habits : dict
        Seconds to add to its boundaries by context, where a person has corrected some: see
        `synthkit_align.corrections.habits`.
    """

    phones: list[str]
    cepstra: Cepstra
    scale: np.ndarray
    mean: np.ndarray
    precision: np.ndarray
    constant: np.ndarray
    count: np.ndarray
    stay: np.ndarray
    usual: dict[str, Any] = field(default_factory=dict)
    habits: dict[str, float] = field(default_factory=dict)

    @classmethod
    def flat(cls, phones: list[str], cepstra: Cepstra, scale: np.ndarray, mixtures: int) -> Model:
        """Every state alike: one Gaussian, the corpus's own."""
        states, dims = len(phones) * STATES, cepstra.dimension
        constant = np.full((states, mixtures), -1e30, np.float32)
        constant[:, 0] = -0.5 * dims * np.log(2 * np.pi)
        return cls(
            phones,
            cepstra,
            scale.astype(np.float32),
            np.zeros((states, mixtures, dims), np.float32),
            np.ones((states, mixtures, dims), np.float32),
            constant,
            np.ones(states, np.int32),
            np.full(states, 0.7 ** (cepstra.hop / 0.01)),
        )

    def index(self) -> dict[str, int]:
        """Place of each phone."""
        return {key: i for i, key in enumerate(self.phones)}

    def update(self, sums: Sums) -> None:
        """Maximum-likelihood means, variances, weights and transitions, drawn to the overall Gaussian."""
        for e in range(len(self.count)):
            total = sums.occupancy[e].sum()
            if total < 1e-6:
                continue
            for m in range(self.count[e]):
                n = sums.occupancy[e, m]
                # The overall Gaussian has mean 0 and variance 1 in scaled features.
                mean = sums.sums[e, m] / (n + PRIOR)
                variance = (sums.squares[e, m] + PRIOR) / (n + PRIOR) - mean * mean
                variance = np.maximum(variance, FLOOR)
                self.mean[e, m], self.precision[e, m] = mean, 1 / variance
                weight = (n + 1e-3) / (total + 1e-3 * self.count[e])
                self.constant[e, m] = np.log(weight) - 0.5 * np.log(2 * np.pi * variance).sum()

    def split(self, mixtures: int, sums: Sums) -> None:
        """Part the largest Gaussians until a state has `mixtures`, or too few frames for more."""
        enough = ENOUGH / self.cepstra.hop
        for e in range(len(self.count)):
            held = sums.occupancy[e].copy()
            while self.count[e] < mixtures and held.max() > 2 * enough:
                m, k = int(np.argmax(held)), int(self.count[e])
                step = 0.2 / np.sqrt(self.precision[e, m])
                self.mean[e, k] = self.mean[e, m] + step
                self.mean[e, m] -= step
                self.precision[e, k] = self.precision[e, m]
                self.constant[e, m] -= np.log(2)
                self.constant[e, k] = self.constant[e, m]
                held[m] /= 2
                held[k] = held[m]
                self.count[e] += 1

    def save(self, folder: Path) -> None:
        """Write ``model.json`` and one npy per array."""
        folder.mkdir(parents=True, exist_ok=True)
        for name in _ARRAYS:
            np.save(folder / f"{name}.npy", getattr(self, name))
        head = {"phones": self.phones, "cepstra": self.cepstra.to_dict(), "usual": self.usual}
        if self.habits:
            head["habits"] = self.habits
        (folder / "model.json").write_text(
            json.dumps(head, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8"
        )

    @classmethod
    def load(cls, folder: Path) -> Model:
        """Inverse of `save`.

        Raises
        ------
        VoiceError
            A file is missing or cannot be read.
        """
        try:
            head = read_json(folder / "model.json", VoiceError, hint="build the voice again")
            arrays = {name: np.load(folder / f"{name}.npy", allow_pickle=False) for name in _ARRAYS}
            model = cls(head["phones"], Cepstra(**head["cepstra"]), **arrays, usual=head["usual"])
            model.habits = {str(k): float(v) for k, v in head.get("habits", {}).items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise VoiceError(
                f"the aligner's model cannot be read: {error}",
                where=str(folder),
                hint="build the voice again",
            ) from error
        if len(model.mean) != len(model.phones) * STATES:
            raise VoiceError("the aligner's model does not fit its phones", where=str(folder))
        return model


@dataclass
class Sums:
    """What the frames of many utterances add up to, under one model."""

    occupancy: np.ndarray
    sums: np.ndarray
    squares: np.ndarray
    log_probability: float = 0.0
    frames: int = 0

    @classmethod
    def zeros(cls, model: Model) -> Sums:
        """Nothing added yet."""
        return cls(
            np.zeros(model.constant.shape),
            np.zeros(model.mean.shape),
            np.zeros(model.mean.shape),
        )

    def add(self, other: Sums) -> None:
        """Add in place."""
        for name in ("occupancy", "sums", "squares"):
            getattr(self, name).__iadd__(getattr(other, name))
        self.log_probability += other.log_probability
        self.frames += other.frames
