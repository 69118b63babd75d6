# SPDX-License-Identifier: Apache-2.0
"""What alignments can be opened: those of corpora (label files that came with them, or lie in a folder), and
those that voices were built with.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

from synthkit import audio
from synthkit.corpora import Corpus, open_corpus
from synthkit.errors import SynthkitError, reason
from synthkit.labels import flags, read_alignment
from synthkit.pipeline.alignments import holds_alignments, read_alignments
from synthkit.pipeline.config import load
from synthkit.pipeline.context import BuildContext
from synthkit.pipeline.executors import SerialExecutor
from synthkit.pipeline.starting import segmentation_for
from synthkit.pipeline.voice_folder import read_manifest
from synthkit.plugins import registry
from synthkit.progress import Progress
from synthkit.scratch import scratch_folder
from synthkit.types import Alignment, Interval, Utterance, Waveform
from synthkit_web.lab.labels.corrections import SUFFIX, Corrections

NONE = "it has no labels"
STEP = 0.010
"""Seconds to which labels are taken to be right: a frame of most aligners, no less than people differ by."""


class NoAlignment(SynthkitError):
    """There is no such source, utterance or alignment."""

    status = 404


class Source(ABC):
    """Utterances with their alignments.

    Attributes
    ----------
    name, kind : str
        ``"corpus"`` or ``"voice"``.
    corrections : Corrections
        Where corrected ones go.
    """

    kind = ""

    def __init__(self, name: str, corrections: Corrections) -> None:
        self.name, self.corrections = name, corrections

    @property
    @abstractmethod
    def corpus(self) -> Corpus:
        """The recordings and their texts."""

    @property
    @abstractmethod
    def alignments(self) -> dict[str, Alignment]:
        """As they were before anybody corrected them, by utterance id."""

    @property
    @abstractmethod
    def trouble(self) -> dict[str, str]:
        """Why an utterance has no alignment, by its id."""

    def listed(self) -> list[dict[str, Any]]:
        """What the page lists: those in doubt first, the most doubtful of them before others."""
        corrected = self.corrections.ids()
        rows = []
        for u in self.corpus.utterances:
            found = self.alignments.get(u.id)
            rows.append(
                {
                    "id": u.id,
                    "text": u.text,
                    "flags": len(found.flags) if found and u.id not in corrected else 0,
                    "corrected": u.id in corrected,
                    "why": "" if found else self.trouble.get(u.id, NONE),
                }
            )
        return sorted(rows, key=lambda row: (bool(row["why"]), -row["flags"]))

    def utterance(self, id: str) -> Utterance:
        """The utterance `id`."""
        try:
            return self._by_id[id]
        except KeyError:
            raise NoAlignment(f"{self.name} has no utterance {id!r}") from None

    @cached_property
    def _by_id(self) -> dict[str, Utterance]:
        return {u.id: u for u in self.corpus.utterances}

    def waveform(self, id: str) -> Waveform:
        """The recording of an utterance, at its own rate."""
        u = self.utterance(id)
        return audio.read(u.audio, None, u.start, u.end)

    def seconds(self, id: str) -> float:
        """Duration of an utterance's recording."""
        u = self.utterance(id)
        rate, frames, _ = audio.info(u.audio)
        end = frames / rate if u.end is None else min(u.end, frames / rate)
        return end - (u.start or 0.0)

    def told(self, id: str) -> dict[str, Any]:
        """An utterance's tiers as they were, and as they were corrected."""
        u = self.utterance(id)
        first = self.alignments.get(id)
        if first is not None and not first.words:
            first = replace(first, words=self._words(u))
        if first is None:
            raise NoAlignment(
                self.trouble.get(id, NONE),
                where=id,
                hint=f"make them: synthkit align {self.name} -o labels; then synthkit lab --corpus … "
                "--labels labels",
            )
        seconds = self.seconds(id)
        state = self.corrections.state(id)
        corrected = self.corrections.read(id, seconds)
        return {
            "id": id, "text": u.text, "language": u.language, "seconds": seconds, "state": state,
            "first": _tiers(first, seconds), "corrected": _tiers(corrected, seconds) if corrected else None,
            "flags": [list(flag) for flag in first.flags],
        }  # fmt: skip

    def _words(self, utterance: Utterance) -> tuple[Interval, ...]:
        """The words of labels that have phones alone; none where they are not found."""
        return ()


def _tiers(alignment: Alignment, seconds: float) -> dict[str, Any]:
    phones = list(alignment.phones)
    phones[-1] = replace(phones[-1], end=max(seconds, phones[-1].start + 1e-3))
    return {
        "phones": [[p.start, p.end, p.label] for p in phones],
        "words": [[w.start, min(w.end, phones[-1].end), w.label] for w in alignment.words],
    }


class CorpusSource(Source):
    """A corpus and its label files.

    Parameters
    ----------
    corpus : Corpus
    corrections : Corrections
    labels : Path, optional
        A folder of ``ID.TextGrid``, as `synthkit align` writes them, in place of what came with the corpus.
    """

    kind = "corpus"

    def __init__(self, corpus: Corpus, corrections: Corrections, labels: Path | None = None) -> None:
        super().__init__(corpus.name, corrections)
        self._corpus, self._labels = corpus, labels

    @property
    def corpus(self) -> Corpus:
        """See `Source`."""
        return self._corpus

    @property
    def alignments(self) -> dict[str, Alignment]:
        """See `Source`."""
        return self._read[0]

    @property
    def trouble(self) -> dict[str, str]:
        """See `Source`."""
        return self._read[1]

    def _words(self, utterance: Utterance) -> tuple[Interval, ...]:
        """By the import of labels, whose business it is to find the text's words in phones."""
        try:
            segmenter = registry().load("segmentation", segmentation_for(utterance.language))()
            said = segmenter.segment(utterance.text, utterance.language)
            with scratch_folder() as work:
                ctx = BuildContext(SerialExecutor(), Progress(enabled=False), work)
                found = registry().load("alignment", "labels")().align([(utterance, said)], ctx)
        except SynthkitError:
            return ()  # phones can be looked at without them
        aligned = found[utterance.id]
        return aligned.words if isinstance(aligned, Alignment) else ()

    @cached_property
    def _read(self) -> tuple[dict[str, Alignment], dict[str, str]]:
        found: dict[str, Alignment] = {}
        trouble: dict[str, str] = {}
        for u in self._corpus.utterances:
            path = u.labels if self._labels is None else self._labels / f"{u.id}{SUFFIX}"
            if path is None or not path.is_file():
                continue
            try:
                found[u.id] = read_alignment(path, id=u.id)
            except SynthkitError as error:
                trouble[u.id] = reason(error)
        known = flags.usual((a.phones for a in found.values()), STEP)
        return {i: replace(a, flags=flags.flags(a.phones, known)) for i, a in found.items()}, trouble


class VoiceSource(Source):
    """What a voice was built with.

    Parameters
    ----------
    folder : Path
        Of the voice.
    corrections : callable
        The corrections of a voice of that name.
    corpora : sequence of Corpus
        Where its recordings are, if one of these is its corpus; else the corpus that it names is opened.
    """

    kind = "voice"

    def __init__(
        self, folder: Path, corrections: Callable[[str], Corrections], corpora: list[Corpus]
    ) -> None:
        self.manifest = read_manifest(folder)
        name = str(self.manifest["name"])
        super().__init__(name, corrections(name))
        self.folder, self._corpora = folder, corpora

    @cached_property
    def _opened(self) -> Corpus:
        name = self.manifest.get("corpus", {}).get("name")
        for corpus in self._corpora:
            if corpus.name == name:
                return corpus
        settings = load(self.folder / "voice.toml").voice
        try:
            return open_corpus(settings.corpus, settings.language, layout=settings.layout)
        except SynthkitError as error:
            raise NoAlignment(
                f"the recordings of this voice are not found: {error.message}",
                where=str(self.folder),
                hint=f"name the folder of its corpus {name!r}: synthkit lab … --corpus FOLDER",
            ) from error

    @property
    def corpus(self) -> Corpus:
        """See `Source`."""
        found = self._opened
        return replace(found, utterances=[u for u in found.utterances if u.id in self._read[0]])

    @property
    def alignments(self) -> dict[str, Alignment]:
        """See `Source`."""
        return self._read[0]

    @property
    def trouble(self) -> dict[str, str]:
        """See `Source`."""
        return self._read[1]

    @cached_property
    def _read(self) -> tuple[dict[str, Alignment], dict[str, str]]:
        place = self.folder / "alignment"
        if not holds_alignments(place):
            raise NoAlignment("this voice keeps no alignment", where=str(self.folder))
        found, failed = read_alignments(place)
        return dict(found), failed
