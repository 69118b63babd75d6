# SPDX-License-Identifier: Apache-2.0
"""Recordings of a corpus in which somebody else speaks, by the speaker embeddings of its clips."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from synthkit import audio
from synthkit.corpora.checks import Flaw
from synthkit.errors import AudioError, MissingDependency, PluginError, reason
from synthkit.plugins import registry
from synthkit.types import Utterance, Waveform

if TYPE_CHECKING:
    from synthkit.corpora.corpus import Corpus
    from synthkit.stages import SpeakerEncoder

SHORTEST = 1.6
"""Seconds of a recording from which it is judged: a shorter one is as far from its own speaker as others
are."""
HEARD = 5.0
"""Seconds from the middle of a recording that are embedded."""
FEWEST = 8
"""Recordings of a speaker from which they are compared."""
FAR = 0.15
"""Cosine less than the usual one, from which it is somebody else; or `DEVIATIONS`, where they spread more."""
DEVIATIONS = 4.5
"""Robust standard deviations (median absolute deviation × 1.4826)."""
APART = 0.1
"""How much less alike two halves of a speaker's recordings are than each is in itself, where they are of two
persons."""
SEVERAL = 3
"""Recordings that make another person, rather than so many odd recordings of the speaker's own."""


def strangers(embeddings: np.ndarray) -> dict[int, tuple[float, float]]:
    """Which of a speaker's recordings are somebody else's.

    They are parted in two by k-means on the sphere (k = 2). Where the two are less alike than the recordings
    within them, the larger is the speaker's, and the smaller another's if it is of several. From its mean
    direction, the quarter that is farthest left out, each recording is as far as its cosine says.

    Parameters
    ----------
    embeddings : ndarray, shape (N, D)
        One a recording; of any length but 0.

    Returns
    -------
    dict of int to (float, float)
        Places of those that are; each with its cosine to the speaker and the usual one.
    """
    if len(embeddings) < FEWEST:
        return {}
    x = embeddings / np.linalg.norm(embeddings, axis=1, keepdims=True)
    mine, theirs = _persons(x)
    centre = _unit(np.median(x[mine], axis=0))
    for _ in range(3):
        cosine = x[mine] @ centre
        centre = _unit(x[mine][cosine >= np.quantile(cosine, 0.25)].mean(axis=0))
    own = x[mine] @ centre
    usual = float(np.median(own))
    spread = 1.4826 * float(np.median(np.abs(own - usual)))
    limit = usual - max(DEVIATIONS * spread, FAR)
    others = set(np.flatnonzero(x @ centre < limit).tolist()) | set(theirs.tolist())
    return {k: (float(x[k] @ centre), usual) for k in sorted(others)}


def _persons(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Places of the speaker's recordings, and of those of another person: where there are two parts that are
    unlike each other, the larger, and the smaller if it is `SEVERAL` that are alike among themselves."""
    everything, nobody = np.arange(len(x)), np.zeros(0, np.int64)
    # From the recording that is farthest from their mean, and the one that is farthest from that.
    first = x[int((x @ x.mean(axis=0)).argmin())]
    centres = np.stack([x[int((x @ first).argmin())], first])
    part = np.zeros(len(x), np.int64)
    for _ in range(20):
        before, part = part, (x @ centres.T).argmax(axis=1)
        if not 0 < part.sum() < len(x):
            return everything, nobody
        if (part == before).all():
            break
        centres = np.stack([_unit(x[part == k].mean(axis=0)) for k in (0, 1)])
    alike = (x * centres[part]).sum(axis=1)
    if float(centres[0] @ centres[1]) >= float(np.median(alike)) - APART:
        return everything, nobody
    larger = int(part.sum() * 2 > len(x))
    mine, rest = np.flatnonzero(part == larger), np.flatnonzero(part != larger)
    person = len(rest) >= SEVERAL and np.median(alike[rest]) >= np.median(alike[mine]) - APART
    return mine, rest if person else nobody


def usable_encoder(name: str | None = None) -> tuple[str, SpeakerEncoder] | None:
    """A speaker encoder whose packages and weights are here, and its name.

    Parameters
    ----------
    name : str, optional
        Which; the first that can be loaded if left out.

    Returns
    -------
    (str, SpeakerEncoder) or None
        None where none is named and none can be loaded.

    Raises
    ------
    MissingDependency, PluginError
        The one that is named cannot be used.
    """
    for each in [name] if name is not None else registry().names("speaker_encoder"):
        try:
            encoder: SpeakerEncoder = registry().load("speaker_encoder", each)()
            encoder.embed(_probe())
        except AudioError:
            pass  # it is loaded, and hears that the probe is no speech
        except (MissingDependency, PluginError):
            if name is not None:
                raise
            continue
        return each, encoder
    return None


def check_speakers(
    corpus: Corpus,
    encoder: SpeakerEncoder,
    *,
    track: Callable[[Sequence[Utterance]], Iterable[Utterance]] = iter,
) -> list[Flaw]:
    """Recordings that are unlike the others of their speaker: warnings, in the corpus's order.

    Parameters
    ----------
    corpus : Corpus
    encoder : SpeakerEncoder
    track : callable, optional
        Wraps the utterances, to show progress.

    Returns
    -------
    list of Flaw
    """
    places: dict[str, list[int]] = {}
    found: list[np.ndarray] = []
    for k, utterance in enumerate(track(corpus.utterances)):
        embedding = embedding_of(utterance, encoder)
        if embedding is not None:
            places.setdefault(utterance.speaker, []).append(k)
            found.append(embedding)
    number = {k: n for n, k in enumerate(sorted(k for own in places.values() for k in own))}
    flaws: dict[int, Flaw] = {}
    for speaker, own in places.items():
        for at, (cosine, usual) in strangers(np.array([found[number[k]] for k in own])).items():
            u = corpus.utterances[own[at]]
            told = f"sounds like another speaker than {speaker!r}: likeness {cosine:.2f}, usually {usual:.2f}"
            flaws[own[at]] = Flaw(u.id, str(u.audio), told, "warning")
    return [flaws[k] for k in sorted(flaws)]


def embedding_of(utterance: Utterance, encoder: SpeakerEncoder) -> np.ndarray | None:
    """The embedding of a recording: of `HEARD` seconds from its middle.

    Parameters
    ----------
    utterance : Utterance
    encoder : SpeakerEncoder

    Returns
    -------
    ndarray, shape (D,), or None
        None where it is shorter than `SHORTEST`, or nobody speaks in it.
    """
    try:
        wave = audio.read(utterance.audio, start=utterance.start, end=utterance.end, longest=600.0)
        if wave.duration < SHORTEST:
            return None
        size = round(HEARD * wave.sample_rate)
        first = max(0, (len(wave.samples) - size) // 2)
        return encoder.embed(Waveform(wave.samples[first : first + size], wave.sample_rate))
    except AudioError as error:  # the check of recordings says so
        reason(error)
        return None


def _unit(x: np.ndarray) -> np.ndarray:
    return np.asarray(x / max(float(np.linalg.norm(x)), 1e-12))


def _probe() -> Waveform:
    """A second of quiet noise: enough for an encoder to load what it needs."""
    return Waveform((0.01 * np.random.default_rng(0).standard_normal(16000)).astype(np.float32), 16000)
