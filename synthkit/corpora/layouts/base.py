# SPDX-License-Identifier: Apache-2.0
"""`Layout`: what a reader of one kind of corpus folder is, and `Collector`, which it fills."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from synthkit.corpora.corpus import Corpus
from synthkit.corpora.layouts.files import Recordings, folders_of, not_read, safe_id, without_suffix
from synthkit.corpora.owners import licence_line
from synthkit.errors import CorpusError
from synthkit.recognise import Evidence
from synthkit.types import Utterance
from synthkit.unsupported_audio import conversions

if TYPE_CHECKING:
    from synthkit.labels import LabelFiles


class UnknownLanguage(CorpusError):
    """Neither the user nor the layout says the language of a folder."""


class Layout(ABC):
    """A way to lay out a corpus in a folder. Subclass it and register it with ``register_layouts``."""

    @abstractmethod
    def evidence(self, folder: Path) -> Evidence:
        """How sure it is that `folder` is laid out so.

        Every registered layout is asked of every folder and the strongest evidence has it, so look no further
        than is needed (a few names, the first lines of a table), and do not raise for another's folder.

        Parameters
        ----------
        folder : Path
            Absolute.

        Returns
        -------
        Evidence
        """

    @abstractmethod
    def read(self, folder: Path, language: str | None) -> Corpus:
        """The corpus in `folder`: usually a `Collector` filled and its `Collector.corpus` returned.

        Parameters
        ----------
        folder : Path
            Absolute.
        language : str or None
            BCP-47, where the user said it; it goes before what the layout knows.

        Returns
        -------
        Corpus

        Raises
        ------
        CorpusError
            A table is damaged (the message names file and line), the language is unknown, or nothing is
            usable. A recording without text, or a text without recording, is left out and listed instead.
        """


@dataclass
class Collector:
    """What a layout's reader finds in `folder`, one recording at a time.

    Attributes
    ----------
    folder : Path
    language : str or None
        As the user said it.
    utterances : dict of str to Utterance
        Added so far, by id.
    left_out : list of (id, reason)
    """

    folder: Path
    language: str | None
    utterances: dict[str, Utterance] = field(default_factory=dict)
    left_out: list[tuple[str, str]] = field(default_factory=list)

    def add(
        self,
        id: str,
        text: str,
        audio: Path | None,
        speaker: str = "speaker",
        language: str | None = None,
        *,
        start: float | None = None,
        end: float | None = None,
        extra: dict[str, str] | None = None,
    ) -> None:
        """One recording with its text; left out with the reason where it lacks one of them.

        Parameters
        ----------
        id : str
            Made fit for a file name by `safe_id`; the first of a name is used.
        text : str
        audio : Path or None
            The recording, whether or not it exists.
        speaker : str
        language : str, optional
            BCP-47, where the layout tells it.
        start, end : float, optional
            Seconds: the utterance is this part of the recording. Label files are for whole recordings.
        extra : dict of str to str, optional
            What else the layout says of the utterance.

        Raises
        ------
        CorpusError
            Neither the user nor the layout says the language.
        """
        id = safe_id(id)
        chosen = self.language or language
        if id in self.utterances:
            self.leave_out(id, f"duplicate id; the first one is used, this one says {text[:60]!r}")
        elif audio is None or not audio.is_file():
            self.leave_out(id, "no recording")
        elif not text.strip():
            self.leave_out(id, "empty transcript")
        elif chosen is None:
            raise UnknownLanguage(
                "the folder does not tell its language",
                where=str(self.folder),
                hint="say it: --language on the command line, voice.language in a configuration, "
                'language="ru" here',
            )
        else:
            labels = self._labels_of(audio) if start is None and end is None else None
            self.utterances[id] = Utterance(
                id, text.strip(), audio, chosen, speaker, labels, start=start, end=end, extra=extra or {}
            )

    def _labels_of(self, audio: Path) -> Path | None:
        folders = folders_of(audio.relative_to(self.folder)) if audio.is_relative_to(self.folder) else ()
        return self.labels.find(audio, tuple(folders))

    @cached_property
    def labels(self) -> LabelFiles:
        """Label files of the folder."""
        from synthkit.labels import LabelFiles  # a layout that says where its labels are needs none of it

        return LabelFiles(self.folder)

    def leave_out_unused(self, known: Recordings) -> None:
        """List the recordings that no table has named, and those in formats that are not read.

        Parameters
        ----------
        known : Recordings
            All recordings of the folder.
        """
        for audio in known.unused():
            self.leave_out(self._called(audio), "no transcript")
        for audio in known.unreadable():
            if audio not in known.told:
                self.leave_out(self._called(audio), known.why_none(audio.stem))

    def _called(self, audio: Path) -> str:
        inside = audio.relative_to(self.folder) if audio.is_relative_to(self.folder) else Path(audio.name)
        return "_".join([*folders_of(inside), without_suffix(audio.name)])

    def leave_out(self, id: str, reason: str) -> None:
        """A recording or a text that cannot be used.

        Parameters
        ----------
        id : str
            What it is called in `Corpus.left_out`.
        reason : str
            Half a sentence.
        """
        self.left_out.append((safe_id(id), reason))

    def corpus(self, licence: str = "", attribution: str = "") -> Corpus:
        """Everything found, named by the folder.

        Parameters
        ----------
        licence, attribution : str
            See `Corpus`; without a licence, that of a file that is called so (its name if it is long).

        Returns
        -------
        Corpus

        Raises
        ------
        CorpusError
            There is not one usable utterance.
        """
        utterances = list(self.utterances.values())
        for path in self.labels.unused():
            inside = path.relative_to(self.folder).as_posix()
            self.leave_out(path.stem, f"labels of no recording that is used: {inside}")
        if not utterances:
            reasons = "; ".join(f"{i}: {r}" for i, r in self.left_out[:3]) or "it is empty"
            unread = not_read(self.folder)
            raise CorpusError(
                f"no usable recording ({reasons})",
                where=str(self.folder),
                hint=conversions(unread) if unread else "",
            )
        return Corpus(
            self.folder.name,
            tuple(dict.fromkeys(u.language for u in utterances)),
            licence or licence_line(self.folder),
            attribution,
            self.folder,
            utterances,
            self.left_out,
        )
