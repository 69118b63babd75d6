# SPDX-License-Identifier: Apache-2.0
"""A corpus of any length, made of those there are: for rehearsing what a large one will cost.

Every utterance is one of the sources', spoken at another speed, pitch and level (`synthkit.varied`); no two
are alike. Recordings are made as they are read: a hundred hours take the disk of their sources and of a small
file for each utterance.
"""

from __future__ import annotations

import math
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from synthkit import audio, varied
from synthkit.atomic import check_free, made_at_once
from synthkit.corpora.corpus import Corpus
from synthkit.corpora.layouts import stored
from synthkit.errors import AudioError, CorpusError
from synthkit.types import Utterance

SPEEDS = (0.88, 1.14)
PITCHES = (37, 43)
GAINS = (-6.0, 0.0)
SHORTEST = 0.8
"""Seconds of a source below which it is left out: faster still, it would be too short for its phones."""


def vary(
    sources: Sequence[Corpus],
    out: Path,
    *,
    hours: float,
    seed: int = 0,
    track: Callable[[Iterator[Utterance]], Iterator[Utterance]] = lambda utterances: utterances,
) -> Corpus:
    """Write a corpus of `hours` into the folder `out`.

    Parameters
    ----------
    sources : sequence of Corpus
        Of one sample rate; utterances that are cuts of longer recordings, or cannot be read, are left out.
    out : Path
        It must not exist, or be empty.
    hours : float
    seed : int
        Another seed, another corpus; the same one, the same files.
    track : callable, optional
        Wraps the iterator of utterances, to show progress.

    Returns
    -------
    Corpus
        As it stands in `out`.

    Raises
    ------
    CorpusError
        There is something in `out`, no source can be used, or they are of different rates.
    """
    if not math.isfinite(hours) or hours <= 0:
        raise CorpusError(f"a corpus of {hours} hours is none")
    check_free(out, CorpusError)
    usable = [(f"{n}", u, found) for n, corpus in enumerate(sources) for u, found in _usable(corpus)]
    if not usable:
        raise CorpusError("none of the recordings can be varied", where=", ".join(c.name for c in sources))
    rates = sorted({rate for _, _, (rate, _) in usable})
    if len(rates) > 1:
        raise CorpusError(f"the sources are at {' and '.join(map(str, rates))} Hz; take them one by one")
    rng = np.random.default_rng(seed)
    with made_at_once(out) as folder:
        for name in ("sources", "takes"):
            (folder / name).mkdir()
        made = list(track(_takes(folder, usable, hours * 3600, rng)))
        first = sources[0]
        corpus = Corpus(
            f"{'+'.join(c.name for c in sources)}-{hours:g}h",
            tuple(dict.fromkeys(language for c in sources for language in c.languages)),
            first.licence,
            "; ".join(dict.fromkeys(c.attribution for c in sources)),
            folder,
            made,
        )
        stored.save(corpus, folder)
    return stored.load(out)


def _usable(corpus: Corpus) -> Iterator[tuple[Utterance, tuple[int, int]]]:
    """Utterances of `corpus` that are whole recordings, with their rate and number of samples."""
    for u in corpus.utterances:
        if u.start is not None or u.end is not None or u.audio.suffix == varied.SUFFIX:
            continue
        try:
            rate, samples, _ = audio.info(u.audio)
        except AudioError:
            continue
        if samples >= SHORTEST * rate:
            yield u, (rate, samples)


def _takes(
    folder: Path,
    usable: list[tuple[str, Utterance, tuple[int, int]]],
    seconds: float,
    rng: np.random.Generator,
) -> Iterator[Utterance]:
    """Utterances until there are enough seconds: all sources in one order, then in another."""
    copied: dict[tuple[str, str], tuple[str, str]] = {}
    number, so_far = 0, 0.0
    while True:
        for place in rng.permutation(len(usable)).tolist():
            which, u, (rate, samples) = usable[place]
            names = copied.get((which, u.id))
            if names is None:
                names = copied[which, u.id] = _copy(folder, which, u)
            speed = round(float(rng.uniform(*SPEEDS)), 6)
            take = varied.Take(
                *names,
                rate,
                varied.length(samples, speed),
                speed,
                int(rng.integers(*PITCHES, endpoint=True)),
                round(float(rng.uniform(*GAINS)), 3),
            )
            path = folder / "takes" / f"{number:07d}{varied.SUFFIX}"
            path.write_text(take.text(), encoding="utf-8")
            labels = path if take.labels else None
            yield replace(u, id=f"{number:07d}", audio=path, labels=labels, phones=None, extra={})
            number, so_far = number + 1, so_far + take.samples / rate
            if so_far >= seconds:
                return


def _copy(folder: Path, which: str, u: Utterance) -> tuple[str, str]:
    """Put a source into the corpus; names of its recording and its labels there."""
    names = []
    for path in (u.audio, u.labels):
        if path is None or not path.is_file():
            names.append("")
            continue
        name = f"sources/{which}-{len(names)}-{u.id}{path.suffix}"
        shutil.copyfile(path, folder / name)
        names.append(name)
    return names[0], names[1]
