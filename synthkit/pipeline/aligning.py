# SPDX-License-Identifier: Apache-2.0
"""Align recordings without building a voice: segmentation and alignment, and nothing after them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from synthkit import audio, tables
from synthkit.errors import AlignmentError, SynthkitError, reason
from synthkit.labels import detect_format, label_format, misfit, read_alignment, write_alignment
from synthkit.paths import PathError, output_path
from synthkit.pipeline.context import BuildContext
from synthkit.pipeline.executors import Executor
from synthkit.pipeline.part import ComponentRef
from synthkit.pipeline.parts import Parts
from synthkit.pipeline.voice_folder import read_manifest, verify
from synthkit.progress import Progress
from synthkit.scratch import scratch_folder
from synthkit.types import Alignment, Segmentation, Utterance


@dataclass(frozen=True)
class Aligned:
    """What became of the recordings: their alignments, and the reason for each that has none."""

    alignments: dict[str, Alignment]
    left_out: list[tuple[str, str]]
    notes: tuple[str, ...] = ()
    """Labels in the corpus that cannot be of its recordings, one sentence each."""

    def write(self, folder: Path, format: str) -> None:
        """One label file per utterance, named by its id, in the label format registered as `format`.

        Parameters
        ----------
        folder : Path
            Made where it is missing.
        format : str
            As in ``synthkit plugins``.
        """
        suffix = label_format(format).suffix
        for id_, alignment in self.alignments.items():
            write_alignment(output_path(folder, id_, suffix), alignment, format=format)


def nameable(
    utterances: Sequence[Utterance], folder: Path, format: str
) -> tuple[list[Utterance], list[tuple[str, str]]]:
    """The utterances whose labels can be files in `folder`, and the reason for each that has no such name.

    Parameters
    ----------
    utterances : sequence of Utterance
    folder : Path
        Where the files would lie.
    format : str
        As in ``synthkit plugins``.

    Returns
    -------
    good : list of Utterance
    bad : list of (id, reason)
    """
    good, bad = [], []
    for utterance in utterances:
        try:
            output_path(folder, utterance.id, label_format(format).suffix)
        except PathError as error:
            bad.append((utterance.id, error.message))
        else:
            good.append(utterance)
    return good, bad


@dataclass(frozen=True)
class _Segment:
    """The segmenter on one utterance, in whichever process."""

    ref: ComponentRef

    def __call__(self, utterance: Utterance) -> Segmentation | str:
        try:
            said: Segmentation = self.ref.get().segment(utterance.text, utterance.language)
        except SynthkitError as error:
            return reason(error)
        return said


def align(
    utterances: Sequence[Utterance],
    executor: Executor,
    progress: Progress,
    *,
    voice: Path | None = None,
    overrides: Iterable[str] = (),
) -> Aligned:
    """Segment and align recordings.

    Parameters
    ----------
    utterances : sequence of Utterance
    executor, progress
        How to map, and where to tell how far it is.
    voice : Path, optional
        A built voice: its segmentation and its trained aligner are used. Without one the aligner is trained
        on the recordings themselves, if it trains at all.
    overrides : iterable of str
        ``"alignment.plugin=mfa"``, ``"segmentation.stress=false"`` and the like.

    Returns
    -------
    Aligned

    Raises
    ------
    SynthkitError
        The voice or a setting is wrong, or what the aligner needs is missing. What concerns one utterance is
        in `Aligned.left_out`.
    """
    names = ("segmentation", "alignment")
    if voice is not None:
        manifest = read_manifest(voice)
        verify(voice, manifest)
        parts = Parts.of_voice(voice, manifest, names, list(overrides))
    else:
        parts = Parts.of(tables.override({}, overrides), names, base=Path.cwd(), source="--set")
    executor.agree(parts.wanted())
    with scratch_folder() as work:
        ctx = BuildContext(executor, progress, work)
        left_out: list[tuple[str, str]] = []
        items: list[tuple[Utterance, Segmentation]] = []
        texts = ctx.map(_Segment(parts["segmentation"].ref), utterances, label="segmentation")
        for utterance, text in zip(utterances, texts, strict=True):
            if isinstance(text, str):
                left_out.append((utterance.id, f"segmentation: {text}"))
            else:
                items.append((utterance, text))
        part = parts["alignment"]
        aligner = part.new() if voice is None else part.opened(voice)
        found = aligner.align(items, ctx) if items else {}
    good: dict[str, Alignment] = {}
    for id_, result in found.items():
        if isinstance(result, Alignment):
            good[id_] = result
        elif isinstance(result, AlignmentError):
            left_out.append((id_, f"alignment: {reason(result)}"))
        else:
            raise result
    return Aligned(good, left_out, tuple(_foreign(items)))


def _foreign(items: Sequence[tuple[Utterance, Segmentation]]) -> Iterator[str]:
    """What is to be said of label files that came with the recordings: whether they are of others."""
    for utterance, text in items:
        if utterance.labels is None:
            continue
        try:
            rate, frames, _ = audio.info(utterance.audio)
            exact = detect_format(utterance.labels) == "textgrid"
            found = read_alignment(utterance.labels, id=utterance.id)
        except SynthkitError as error:
            yield f"{utterance.id}: {reason(error)}"
            continue
        wrong = misfit(found, utterance.text, frames / rate, exact=exact, read=[w.text for w in text.words])
        if wrong is not None:
            yield f"{utterance.id}: {wrong}"
