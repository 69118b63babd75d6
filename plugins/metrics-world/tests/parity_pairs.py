# SPDX-License-Identifier: Apache-2.0
"""The pairs and the figures that the parity tests and ``benchmarks/eval_parity.py`` share.

`PUBLISHED` are figures of one pair of files, ``data/test1.wav`` and ``data/test2.wav``; `write` makes the
other pairs of the bundled recordings: different sentences, speakers, lengths and sample rates.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from synthkit import audio
from synthkit.corpora import open_corpus

DATA = Path(__file__).parent / "data"
VERSA = "VERSA's test suite"
PUBLISHED = {
    "mcd/versa": (5.0452265063, VERSA),
    "f0-rmse/versa": (20.2810045, VERSA),
    "f0-correlation/versa": (-0.0754090, VERSA),
    "mcd/versa-dtw": (4.6473568985, "VERSA's mcd_f0, dtw=True"),
    "pesq/wb": (1.5722705126, VERSA),
    "stoi/pystoi": (0.0076251089, VERSA),
    "mcd/pymcd": (8.691350712075545, "pymcd 0.2.1 run on the pair"),
    "mcd/pymcd-dtw": (7.588816425226404, "pymcd 0.2.1 run on the pair"),
    "mcd/pymcd-dtw_sl": (7.588816425226404, "pymcd 0.2.1 run on the pair"),
    "vuv-error/espnet": (44.776119402985076, "the recipe's calls of its packages"),
    "mcd/synthkit": (4.478, "an independent scorer, three decimals"),
}
"""Figure of the pair (recording test1.wav, test test2.wav) and who gives it."""


def bound(key: str) -> float:
    """Relative difference that parity allows: 1e-4, or half of the last decimal that is published."""
    return 1e-4 if key != "mcd/synthkit" else 0.0005 / PUBLISHED[key][0]


@dataclass(frozen=True)
class Pair:
    """What a pair is of.

    Attributes
    ----------
    name : str
    rates : (int, int)
        Sample rates of recording and test, Hz.
    seconds : (float, float)
        How much is taken of the two.
    silence : float
        Seconds of digital silence put before and after the test.
    subtype : str
        The files' samples.
    english : bool
        An English test, of another speaker.
    copied : bool
        The test is the recording itself at 0.8 of its level, with noise: tools that refuse unequal lengths
        take it.
    stereo : bool
        Both files have a second channel, of noise.
    """

    name: str
    rates: tuple[int, int]
    seconds: tuple[float, float] = (1.0, 1.0)
    silence: float = 0.0
    subtype: str = "PCM_16"
    english: bool = False
    copied: bool = False
    stereo: bool = False


PAIRS = (
    Pair("16 kHz", (16000, 16000), (1.2, 1.0)),
    Pair("16 kHz, in step", (16000, 16000), copied=True),
    Pair("22.05 kHz, silence", (22050, 22050), (1.1, 0.8), silence=0.2),
    Pair("24 kHz, two speakers", (24000, 24000), (0.9, 1.2), english=True),
    Pair("44.1 kHz, in step", (44100, 44100), copied=True),
    Pair("48 kHz, two speakers", (48000, 48000), (0.9, 1.0), english=True),
    Pair("48 kHz, in step, silence", (48000, 48000), silence=0.2, copied=True),
    Pair("22.05 kHz, test at 16 kHz", (22050, 16000)),
    Pair("16 kHz, test at 24 kHz", (16000, 24000), (1.0, 0.95)),
    Pair("24 bits", (24000, 24000), (0.9, 1.0), subtype="PCM_24"),
    Pair("two channels", (16000, 16000), copied=True, stereo=True),
    Pair("short", (16000, 16000), (0.4, 0.3)),
    Pair("8 kHz", (8000, 8000), (1.0, 0.95)),
)


def write(pair: Pair, folder: Path, scale: float = 1.0) -> tuple[Path, Path]:
    """The recording and the test as files of `folder`, `scale` times as long as the pair says."""
    russian, english = (open_corpus(f"bundled-{language}").utterances for language in ("ru", "en"))
    k = PAIRS.index(pair) if pair in PAIRS else 0
    sources = (russian[k], russian[k] if pair.copied else (english if pair.english else russian)[k + 1])
    paths = []
    for source, rate, seconds, role in zip(
        sources, pair.rates, pair.seconds, ("recording", "test"), strict=True
    ):
        wave = audio.read(source.audio)
        start = 0.3  # past the silence before the first word
        x = (
            audio.resample(wave, rate)
            .samples[round(start * rate) : round((start + scale * seconds) * rate)]
            .astype(float)
        )
        if role == "test":
            if pair.copied:
                x = 0.8 * x + 2e-3 * np.random.default_rng(k).standard_normal(len(x))
            x = np.pad(x, round(pair.silence * rate))
        elif pair.copied:
            x = np.pad(x, round(pair.silence * rate))
        if pair.stereo:
            x = np.stack([x, 0.05 * np.random.default_rng(0).standard_normal(len(x))], 1)
        path = folder / f"{role}.wav"
        soundfile.write(path, x, rate, pair.subtype)
        paths.append(path)
    return paths[0], paths[1]
