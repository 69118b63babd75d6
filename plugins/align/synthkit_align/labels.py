# SPDX-License-Identifier: Apache-2.0
"""Labels that came with the corpus, and the word tier that belongs to them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from synthkit import audio
from synthkit.errors import AlignmentError, AudioError
from synthkit.settings import Field, Settings
from synthkit.stages import Aligner, Context
from synthkit.types import PAUSE, Alignment, Interval, Segmentation, Utterance
from synthkit_align.words import find_words


class LabelSettings(Settings):
    """Settings of the label import."""

    most_different: float = Field(
        default=0.6,
        gt=0,
        description="edits per phone from which labels are held to belong to another text",
    )


class LabelAligner(Aligner):
    """Reads ``Utterance.labels`` and finds the segmentation's words in their phones.

    The labels' phones and times stay as they are (neighbouring pauses become one); words the labels
    carry themselves are kept, otherwise they are found by the likeness of the phones.
    """

    Config = LabelSettings
    version = "1"
    per_utterance = True

    def align(
        self, items: Sequence[tuple[Utterance, Segmentation]], ctx: Context
    ) -> dict[str, Alignment | Exception]:
        """See `Aligner.align`. Missing or unreadable labels, and those of another text, are errors."""
        return dict(self.align_each(items, ctx))

    def align_each(
        self, items: Sequence[tuple[Utterance, Segmentation]], ctx: Context
    ) -> Iterator[tuple[str, Alignment | Exception]]:
        """See `Aligner.align_each`."""
        yield from ctx.map(self._one, items, label="labels")

    def _one(self, item: tuple[Utterance, Segmentation]) -> tuple[str, Alignment | AlignmentError]:
        utterance, segmentation = item
        if utterance.labels is None:
            return utterance.id, AlignmentError(
                "the corpus has no labels for it", where=utterance.id, hint="use the aligner `hmm`"
            )
        try:
            path = Path(utterance.labels)
            return utterance.id, imported(utterance, segmentation, path, self.config.most_different)
        except AlignmentError as error:
            return utterance.id, error


def imported(
    utterance: Utterance, segmentation: Segmentation, path: Path, most_different: float
) -> Alignment:
    """The alignment of an utterance by the label file at `path`.

    Parameters
    ----------
    utterance : Utterance
    segmentation : Segmentation
        Whose words are found in the labels, where the file has none.
    path : Path
    most_different : float
        Edits per phone from which the labels are held to belong to another text.

    Raises
    ------
    AlignmentError
        The file cannot be read, or is of another recording or text.
    """
    from synthkit import labels  # what is refused before it aligns needs none of it

    duration = _duration(utterance)
    found = labels.read_alignment(path, id=utterance.id, duration=duration)
    wrong = labels.misfit(
        labels.read_alignment(path, id=utterance.id),
        segmentation.text,
        duration,
        exact=labels.detect_format(path) == "textgrid",
        read=[word.text for word in segmentation.words],
    )
    if wrong is not None or found.duration > duration + 0.05:
        late = f"labels end at {found.duration:.3f} s, the recording at {duration:.3f} s"
        raise AlignmentError(wrong or late, where=str(path))
    phones = _to_end(_one_pause(found.phones), duration)
    words = found.words
    if not words:
        spans, cost = find_words([p.label for p in phones], segmentation)
        spoken = max(1, sum(p.label != PAUSE for p in phones))
        if spans is None or cost / spoken > most_different:
            raise AlignmentError(
                "its labels do not fit its text"
                + ("" if spans is None else f": {cost / spoken:.2f} edits per phone"),
                where=str(path),
                hint="check the transcript, the language and the phone set of the segmentation",
            )
        words = tuple(
            Interval(phones[a].start, phones[b - 1].end, word.text)
            for (a, b), word in zip(spans, segmentation.words, strict=True)
        )
    return Alignment(utterance.id, phones, words, duration, found.flags)


def _duration(utterance: Utterance) -> float:
    try:
        rate, frames, _ = audio.info(utterance.audio)
    except AudioError as error:
        raise AlignmentError(error.message, where=error.where, hint=error.hint) from error
    whole = frames / rate
    return (whole if utterance.end is None else min(utterance.end, whole)) - (utterance.start or 0.0)


def _one_pause(phones: tuple[Interval, ...]) -> tuple[Interval, ...]:
    out: list[Interval] = []
    for phone in phones:
        if out and phone.label == PAUSE == out[-1].label:
            out[-1] = Interval(out[-1].start, phone.end, PAUSE)
        else:
            out.append(phone)
    return tuple(out)


def _to_end(phones: tuple[Interval, ...], duration: float) -> tuple[Interval, ...]:
    """The last phone ends with the recording; what would begin after it is an error upstream."""
    last = phones[-1]
    if last.start >= duration:
        raise AlignmentError(f"label {last.label!r} begins at {last.start:.3f} s, after the recording's end")
    return (*phones[:-1], Interval(last.start, duration, last.label, last.score))
