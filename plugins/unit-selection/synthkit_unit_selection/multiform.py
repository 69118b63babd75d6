# SPDX-License-Identifier: Apache-2.0
"""What a guide says itself, as one more recording to choose from: recorded units where there are good ones,
its own speech where there are not.

V. Pollet, A. Breen, "Synthesis by generation and concatenation of multiform segments", Interspeech 2008; here
both kinds of units stand in one search, so that a join between them costs what any join costs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from synthkit.errors import ConfigError, SpecMismatch, VoiceError
from synthkit.pipeline.part import Part
from synthkit.types import FeatureSpec, Frames, Targets, Waveform
from synthkit_unit_selection.guide import Guide, halves
from synthkit_unit_selection.phone_row import PhoneRow
from synthkit_unit_selection.train import acoustic_rows, join_rows

if TYPE_CHECKING:
    from synthkit.request import Request
    from synthkit.stages import Context, TrainingData, Vocoder
    from synthkit.types import UnitPath
    from synthkit_unit_selection.store import UnitStore

SOURCE = "(guide)"
"""Stands where other units have their utterance's id."""
VOCODER = "world"
"""Plugin that makes the guide's frames heard where no other is named."""
WHERE = "[acoustic_model] guide_vocoder"
SPEECH = "guide-speech"
"""Folder of the weights of what makes the guide's frames heard."""
ROOM = 0.03
"""Seconds on either side of a stretch that may be read with it: a cross-fade, and the search of its place."""
CONTEXT = 0.04
"""Seconds beyond what is read that are rendered with it, so that it does not know that there is no more: more
than half of WORLD's longest window."""


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
    vocoder : callable
        Gives what makes them heard.
    """

    records: np.ndarray
    times: np.ndarray
    rows: np.ndarray
    frames: Frames
    vocoder: Callable[[], Vocoder]

    def with_melody(self, predicted: np.ndarray) -> np.ndarray:
        """Predicted acoustics ``(2 P, A)`` with the guide's F0 where it speaks with voice."""
        out, said = predicted.copy(), self.records["acoustics"][self.rows]
        voiced = said[:, 2] > 0.5
        out[self.times[voiced], 1] = said[voiced, 1]
        return out


class Rendered:
    """The guide's speech as samples, of which only what is heard is made, when it is first read.

    Its stretches are rendered at once, one behind the other, since the vocoder looks at all that it is given
    for the edge of the recordings' band.

    Parameters
    ----------
    speech : GuideSpeech
    stretches : sequence of (int, int)
        First sample and end of each that is heard; what is read besides makes all of the speech.
    """

    def __init__(self, speech: GuideSpeech, stretches: Sequence[tuple[int, int]]) -> None:
        self._frames, self._vocoder = speech.frames, speech.vocoder
        self._made = np.zeros(len(self._frames), bool)
        for start, end in stretches:
            self._made[self._around(start, end, ROOM + CONTEXT)] = True

    def _around(self, start: int, end: int, seconds: float) -> slice:
        """Frames of samples ``[start, end)`` and of `seconds` on either side."""
        spec = self._frames.spec
        more, hop = round(seconds * spec.sample_rate), spec.hop_length
        return slice(max((start - more) // hop, 0), max(-(-(end + more) // hop), 0))

    @cached_property
    def _samples(self) -> np.ndarray:
        spec = self._frames.spec
        chosen = Frames({name: self._frames[name][self._made] for name in spec.names}, spec)
        made: Waveform = self._vocoder().render(chosen)
        return made.samples

    def read(self, start: int, end: int) -> np.ndarray:
        """Samples ``[start, end)``, float32; zeros beyond the ends."""
        hop, out = self._frames.spec.hop_length, np.zeros(max(end - start, 0), np.float32)
        low, high = max(start, 0), min(end, len(self._made) * hop)
        if high <= low:
            return out
        if not self._made[self._around(low, high, CONTEXT)].all():
            self._made = np.ones_like(self._made)
            self.__dict__.pop("_samples", None)
        at = low - hop * int(np.count_nonzero(~self._made[: low // hop]))
        out[low - start : high - start] = self._samples[at : at + high - low]
        return out


def vocoder_part(table: Mapping[str, Any]) -> Part:
    """What makes a guide's frames heard, as the setting ``guide_vocoder`` has it: ``plugin``, and settings of
    that vocoder.

    Raises
    ------
    SynthkitError
        There is no such vocoder, or a setting is wrong: one that makes speech longer or shorter is, since the
        guide's units are found by their time.
    """
    part = Part.of("vocoder", {"plugin": VOCODER, **table}, base=Path(), source=WHERE)
    if getattr(part.settings, "speed", 1) != 1:
        raise ConfigError(
            "the guide's speech cannot be made faster or slower by its vocoder",
            where=f"{WHERE}.speed",
            hint="leave it out; `--speed`, or speed of the voice's own [vocoder], is for all that is said",
        )
    return part


def check_vocoder(part: Part, frames: FeatureSpec) -> None:
    """Raise `ConfigError` unless `part` can make a guide's `frames` heard without being trained for it."""
    if not any(demand.accepts(frames) for demand in part.new().accepts()):
        raise ConfigError(
            f"vocoder {part.plugin!r} does not take the guide's frames",
            where=WHERE,
            hint='leave it out, or name one that does, such as plugin = "syrinx", pretrained = "nsh"',
        )
    if part.kind.trainable and not getattr(part.settings, "pretrained", ""):
        raise ConfigError(
            f"vocoder {part.plugin!r} would have to be trained on the guide's frames",
            where=WHERE,
            hint="name weights of it: pretrained = …",
        )


def keep_vocoder(part: Part, frames: FeatureSpec, data: TrainingData, folder: Path, ctx: Context) -> None:
    """Put the weights of what makes a guide's frames heard, if it has any, into the voice's `folder`.

    Raises
    ------
    ConfigError
        There are none of that name, or they are of other frames.
    """
    if not part.kind.trainable:
        return
    place = folder / SPEECH / part.stage
    place.mkdir(parents=True)
    try:
        part.new().fit(replace(data, spec=frames), place, ctx)
    except (SpecMismatch, VoiceError) as error:
        raise ConfigError(error.message, where=WHERE, hint=error.hint) from error


def open_vocoder(part: Part, folder: Path) -> Vocoder:
    """What `keep_vocoder` kept in `folder`.

    Raises
    ------
    ConfigError
        It kept nothing: the voice was built with another.
    VoiceError
        It cannot be read.
    """
    if not part.kind.trainable:
        made: Vocoder = part.new()
        return made
    if not (folder / SPEECH).is_dir():
        raise ConfigError(
            f"the voice was built without weights of vocoder {part.plugin!r} for its guide's speech",
            where=WHERE,
            hint="its weights are part of the voice: change the voice's TOML file and build again",
        )
    opened: Vocoder = part.opened(folder / SPEECH)
    return opened


def guide_speech(
    guide: Guide,
    request: Request,
    spoken: PhoneRow,
    context: np.ndarray,
    dtype: np.dtype,
    doubt: float,
    options: Mapping[str, Any],
    vocoder: Callable[[], Vocoder],
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
    vocoder : callable
        Gives what makes its frames heard.

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
    return GuideSpeech(records, times.reshape(-1), rows.reshape(-1), frames, vocoder)


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
        block, recorded = self._store.units.fetch(rows[~said], self._records)
        at = rows - self._base
        at[~said] = recorded
        return block, at


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
        self._rendered = Rendered(speech, ())
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
        return self._rendered.read(start, end)

    def heard(self, path: UnitPath) -> None:
        """Tell what of the guide's speech `path` will read."""
        runs = [(run[0].start, run[-1].end) for run in path.runs() if run[0].source == SOURCE]
        self._rendered = Rendered(self.speech, runs)

    def pitch_marks(self, source: str, start: int, end: int) -> np.ndarray:
        """None, as of recordings."""
        return self._store.pitch_marks(source, start, end)
