# SPDX-License-Identifier: Apache-2.0
"""What the unit-selection benchmarks share: the corpus's texts, a voice, the measure of a wave."""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
K = 10 * np.sqrt(2) / np.log(10)


@dataclass
class Item:
    """One recording: id, text, file."""

    id: str
    text: str
    audio: Path


def corpus_items(name: str = "msu-ru-nsh") -> list[Item]:
    """Recordings of a corpus in its own order."""
    from synthkit.corpora import open_corpus

    return [Item(u.id, u.text, Path(u.audio)) for u in open_corpus(name).utterances]


def arguments(description: str | None) -> argparse.ArgumentParser:
    """A parser with ``--voice``."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--voice", type=Path, help="a built voice of the corpus; without it one is built")
    return parser


def voice_folder(given: Path | None) -> Path:
    """The voice to measure, built by the recipe where none was given."""
    if given:
        return given
    out = Path(tempfile.gettempdir()) / "synthkit-benchmark-nsh"
    if not (out / "manifest.json").exists():
        synthkit = str(Path(sys.executable).parent / "synthkit")
        subprocess.run(
            [synthkit, "build", str(ROOT / "corpora/recipes/nsh.toml"), "-o", str(out)], check=True
        )
    return out


def analyse(samples: np.ndarray, rate: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """F0 (Hz, 0 unvoiced), energy (dB) and mel-cepstra 1–24 (alpha 0.41) every 5 ms, by WORLD with DIO."""
    import pysptk
    import pyworld

    x = samples.astype(np.float64) + 1e-5 * np.random.RandomState(0).randn(len(samples))
    f0, t = pyworld.dio(x, rate, f0_floor=60, f0_ceil=400, frame_period=5)
    f0 = pyworld.stonemask(x, f0, t, rate)
    envelope = pyworld.cheaptrick(x, f0, t, rate)
    return f0, 10 * np.log10(envelope.sum(1)), pysptk.sp2mc(envelope, 24, 0.41)[:, 1:]


def warp(distance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Exact DTW path (steps 1-1, 1-0, 0-1; the diagonal preferred) through a distance matrix."""
    from numba import njit

    global _walk
    if _walk is None:

        @njit
        def walk(cost):  # type: ignore[no-untyped-def]
            n, m = cost.shape
            total = np.full((n + 1, m + 1), np.inf)
            total[0, 0] = 0
            step = np.zeros((n + 1, m + 1), np.int8)
            for i in range(1, n + 1):
                for j in range(1, m + 1):
                    a, b, c = total[i - 1, j - 1], total[i - 1, j], total[i, j - 1]
                    best = min(a, b, c)
                    step[i, j] = 0 if a == best else (1 if b == best else 2)
                    total[i, j] = best + cost[i - 1, j - 1]
            i, j, out = n, m, []
            while i > 0 and j > 0:
                out.append((i - 1, j - 1))
                s = step[i, j]
                if s != 2:
                    i -= 1
                if s != 1:
                    j -= 1
            return out

        _walk = walk
    path = np.array(_walk(distance)[::-1])
    return path[:, 0], path[:, 1]


_walk = None


def compare(reference: np.ndarray, test: np.ndarray, rate: int) -> tuple[float, float]:
    """MCD (dB, frames of the reference within 40 dB of its loudest) and F0 RMSE (Hz, co-voiced) along DTW."""
    from scipy.spatial.distance import cdist

    fx, energy, a = analyse(reference, rate)
    fy, _, b = analyse(test, rate)
    distance = cdist(a, b)
    i, j = warp(distance)
    speech = (energy > energy.max() - 40)[i]
    both = (fx[i] > 0) & (fy[j] > 0)
    error = fx[i][both] - fy[j][both]
    return float(K * distance[i, j][speech].mean()), float(
        np.sqrt(np.mean(error**2))
    ) if both.any() else np.nan
