# SPDX-License-Identifier: Apache-2.0
"""What a guide says itself, as one more recording to choose from: recorded units where there are good ones,
its own speech where there are not.

V. Pollet, A. Breen, "Synthesis by generation and concatenation of multiform segments", Interspeech 2008; here
both kinds of units stand in one search, so that a join between them costs what any join costs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from synthkit.plugins import registry
from synthkit.types import Frames, Targets, Waveform
from synthkit_unit_selection.guide import Guide, halves
from synthkit_unit_selection.phone_row import PhoneRow
from synthkit_unit_selection.train import acoustic_rows, join_rows

if TYPE_CHECKING:
    from synthkit.request import Request
    from synthkit.stages import Vocoder
    from synthkit_unit_selection.store import UnitStore

SOURCE = "(guide)"
"""Stands where other units have their utterance's id."""
VOCODER = "world"
"""Plugin that speaks the guide's frames, which are WORLD's."""


@dataclass(frozen=True)
class GuideSpeech:
    """A request as the guide says it.

    Attributes
    ----------
    records : ndarray, shape (2 G + 1,)
        Of a unit store: halves of the G phones it says, and where the last one ends.
    times, rows : ndarray, shape (M,)
        Half-phones of the target, and the record of each.
    frames : Frames
    """

    records: np.ndarray
    times: np.ndarray
    rows: np.ndarray
    frames: Frames

    @cached_property
    def samples(self) -> np.ndarray:
        """All of it, float32; made when it is first asked for."""
        made: Waveform = vocoder().render(self.frames)
        return made.samples


def vocoder() -> Vocoder:
    """What makes frames heard; `ConfigError` where the plugin is not installed."""
    made: Vocoder = registry().load("vocoder", VOCODER)()
    return made


def guide_speech(
    guide: Guide,
    request: Request,
    spoken: PhoneRow,
    context: np.ndarray,
    dtype: np.dtype,
    doubt: float,
    options: Mapping[str, Any],
) -> GuideSpeech:
    """Let `guide` say `request`, its contour moved to what is given and aimed at.

    Parameters
    ----------
    guide : Guide
    request : Request
    spoken : PhoneRow
        The phones of the target ``(P,)``.
    context : ndarray, shape (P, F)
        Their context rows, which count for what says them, too.
    dtype : numpy.dtype
        Of a record, as `store.unit_dtype`.
    doubt : float
        The hygiene penalty of each of its units.
    options : mapping
        Of a request to the guide.

    Returns
    -------
    GuideSpeech

    Raises
    ------
    ConfigError
        An option that the guide's model has not.
    """
    found, matched = guide.said(request.segmentation, spoken, options)
    frames, seconds = _moved(found, request), halves(found.durations)
    at = np.round(seconds / frames.spec.frame_period, 6)  # an edge on a frame is not a hair beyond it
    records = np.zeros(len(seconds), dtype)
    records["word"] = -1
    records["edge"] = np.rint(seconds * frames.spec.sample_rate)
    records["join"] = join_rows(frames, at)
    records["acoustics"][:-1, :-1] = acoustic_rows(np.diff(seconds), at, frames)
    records["acoustics"][:-1, -1] = doubt
    theirs, ours = np.array(matched, np.int64).reshape(-1, 2).T
    for half in (0, 1):
        records["context"][2 * theirs + half] = context[ours]
        records["word"][2 * theirs + half] = np.array(spoken.word)[ours]
    pair = np.arange(2)
    times, rows = (2 * places[:, None] + pair for places in (ours, theirs))
    return GuideSpeech(records, times.reshape(-1), rows.reshape(-1), frames)


def _moved(found: Targets, request: Request) -> Frames:
    """Frames of the guide, their contour through the points that `request` aims at and gives."""
    frames = found.frames
    given, aims = request.given(found.words), request.aims(found.words)
    if not (len(given.f0) or len(aims.f0)):
        return frames
    edges = np.concatenate([[0.0], np.cumsum(found.durations)])
    time = np.arange(len(frames)) * frames.spec.frame_period
    place = np.interp(time, edges, np.arange(len(edges)))
    data = {name: frames[name] for name in frames.spec.names}
    data["lf0"] = given.contour(place, aims.contour(place, data["lf0"])).astype(np.float32)
    return Frames(data, frames.spec, frames.timing)


class Records:
    """Rows of a unit store, and after them those of the guide's speech; see `table.Rows.fetch`."""

    def __init__(self, store: UnitStore, base: int, records: np.ndarray) -> None:
        self._store, self._base, self._records = store, base, records

    def fetch(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """A block that holds `rows` ``(N,)`` and the row after each, and the place of each in it."""
        said = rows >= self._base
        block, recorded = self._store.units.fetch(rows[~said])
        at = rows - self._base
        at[~said] = recorded + len(self._records)
        return np.concatenate([self._records, block]), at


class Multiform:
    """An open unit store with the guide's speech as its last recording; the `AudioSource` of paths through
    both.

    Parameters
    ----------
    store : UnitStore
    speech : GuideSpeech

    Attributes
    ----------
    base : int
        The guide's first unit; no recorded one is its neighbour.
    """

    def __init__(self, store: UnitStore, speech: GuideSpeech) -> None:
        self._store, self.speech = store, speech
        self.base = len(store) + 2
        self.units = Records(store, self.base, speech.records)
        self.sample_rate, self.phones = store.sample_rate, store.phones

    def __len__(self) -> int:
        return self.base + len(self.speech.records)

    def sources(self, units: np.ndarray) -> list[str]:
        """Utterance id of each unit's recording, `SOURCE` of what the guide says."""
        said = units >= self.base
        named = iter(self._store.sources(units[~said]))
        return [SOURCE if other else next(named) for other in said.tolist()]

    def lengths(self, units: np.ndarray) -> np.ndarray:
        """Samples of each unit's recording."""
        said = units >= self.base
        out = np.full(len(units), int(self.speech.records["edge"][-1]), np.int64)
        out[~said] = self._store.lengths(units[~said])
        return out

    def read(self, source: str, start: int, end: int) -> np.ndarray:
        """Samples ``[start, end)`` of a recording or of the guide's speech, float32; zeros beyond the
        ends."""
        if source != SOURCE:
            return self._store.read(source, start, end)
        samples = self.speech.samples
        out = np.zeros(max(end - start, 0), np.float32)
        low, high = max(start, 0), min(end, len(samples))
        if high > low:
            out[low - start : high - start] = samples[low:high]
        return out

    def pitch_marks(self, source: str, start: int, end: int) -> np.ndarray:
        """None, as of recordings."""
        return self._store.pitch_marks(source, start, end)
