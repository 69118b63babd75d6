# SPDX-License-Identifier: Apache-2.0
"""A build on its way: what its stages hand to each other, and what becomes of each utterance."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from synthkit.compact import Digests
from synthkit.corpora import Corpus
from synthkit.errors import CorpusError, visible
from synthkit.pipeline.alignments import Alignments
from synthkit.pipeline.cache import KEY, Cache
from synthkit.pipeline.config import Config
from synthkit.pipeline.context import BuildContext
from synthkit.pipeline.contract import Bridge
from synthkit.pipeline.lazily import Made
from synthkit.pipeline.parts import Parts
from synthkit.pipeline.roll import Roll
from synthkit.types import Alignment, Utterance


@dataclass
class Build:
    """A build on its way.

    Utterances go by number, as `roll` has them: what is kept of each is a few bytes.

    Attributes
    ----------
    config : Config
    corpus : Corpus
        Whose, under what licence, what it leaves out; its utterances are in `roll`.
    cache : Cache
    ctx : BuildContext
    sample_rate : int
        Hz.
    roll : Roll
        All utterances that the build began with.
    there : array of int
        Numbers of those still in the build; stages take out what they cannot use.
    left_out : list of (str, str)
        Ids taken out, each with the reason.
    warnings : list of (str, str)
        What `check` says of utterances that stay, by id.
    keys : dict
        Cache key of each stage's result, for the manifest.
    audio, labels : Digests
        SHA-256 of recordings and label files.
    segment_keys, frame_keys : Digests
        Cache keys of segmentations and features.
    learned, kept_out : array of int
        Numbers of those that the models learn from, and of those held out.
    """

    config: Config
    corpus: Corpus
    cache: Cache
    ctx: BuildContext
    sample_rate: int
    roll: Roll
    audio: Digests
    labels: Digests
    there: array[int]
    left_out: list[tuple[str, str]] = field(default_factory=list)
    warnings: list[tuple[str, str]] = field(default_factory=list)
    keys: dict[str, str] = field(default_factory=dict)
    alignments: Mapping[str, Alignment] = field(default_factory=dict)
    alignments_hash: str = ""
    bridges: list[Bridge] = field(default_factory=list)
    learned: array[int] = field(default_factory=lambda: array("l"))
    kept_out: array[int] = field(default_factory=lambda: array("l"))

    def __post_init__(self) -> None:
        self.segment_keys, self.frame_keys = (Digests(len(self.roll), KEY // 2) for _ in range(2))

    @property
    def utterances(self) -> Sequence[Utterance]:
        """Those still in the build, each read when it is asked for."""
        return Made(self.there, self.roll.__getitem__)

    @property
    def training(self) -> Sequence[Utterance]:
        """Those that the models learn from."""
        return Made(self.learned, self.roll.__getitem__)

    @property
    def held_out(self) -> Sequence[Utterance]:
        """Those that stay out, to judge by."""
        return Made(self.kept_out, self.roll.__getitem__)

    def each(self) -> Iterator[tuple[int, Utterance]]:
        """Those still in the build, with their numbers."""
        return ((n, self.roll[n]) for n in self.there)

    @property
    def parts(self) -> Parts:
        """The five stages, at the recordings' sample rate."""
        return self.config.parts

    def segmentation_path(self, number: int) -> Path:
        """Where the segmentation of an utterance is, or will be.

        Parameters
        ----------
        number : int
            Of the utterance.

        Returns
        -------
        Path
        """
        return self.cache.path("segmentation", self.segment_keys[number], ".json")

    def frames_path(self, number: int) -> Path:
        """Where the features of an utterance are, or will be.

        Parameters
        ----------
        number : int
            Of the utterance.

        Returns
        -------
        Path
        """
        return self.cache.path("features", self.frame_keys[number], ".npz")

    def audio_hash(self, number: int, u: Utterance) -> str:
        """What stands for the sound of an utterance in a key.

        Parameters
        ----------
        number : int
            Of the utterance.
        u : Utterance

        Returns
        -------
        str
        """
        return f"{self.audio.get(number) or 'missing'}:{u.start}:{u.end}"

    def close(self) -> None:
        """Close the files of the utterances and of the alignments."""
        self.roll.close()
        if isinstance(self.alignments, Alignments):
            self.alignments.close()

    def seconds(self, id_: str) -> float:
        """Length of an aligned utterance.

        Parameters
        ----------
        id_ : str

        Returns
        -------
        float
            Seconds.
        """
        found = self.alignments
        return found.seconds(id_) if isinstance(found, Alignments) else found[id_].duration

    def flagged(self) -> list[str]:
        """Utterances of the build with implausible boundaries, by id, in order."""
        found = self.alignments
        flagged = (
            found.flagged() if isinstance(found, Alignments) else [i for i, a in found.items() if a.flags]
        )
        wanted = set(flagged)
        return [u.id for u in self.utterances if u.id in wanted] if wanted else []

    def drop(self, stage: str, reasons: dict[int, str]) -> None:
        """Take utterances out of the build and say so; nothing left is an error.

        Parameters
        ----------
        stage : str
            What took them out.
        reasons : dict
            Why, by number.
        """
        if not reasons:
            return
        named = [(self.roll[n].id, reason) for n, reason in reasons.items()]
        self.left_out += [(id_, f"{stage}: {reason}") for id_, reason in named]
        self.there = array("l", (n for n in self.there if n not in reasons))
        self.ctx.log(f"{stage}: {len(named)} utterances left out:")
        for id_, reason in named[:10]:
            self.ctx.log(visible(f"  {id_}: {reason}"))
        if len(named) > 10:
            self.ctx.log(f"  … and {len(named) - 10} more, all listed in the voice's manifest.json")
        if not self.there:
            raise CorpusError(
                f"no utterance is left after {stage}: {named[0][1]}",
                where=str(self.corpus.root),
                hint="`synthkit corpora check` lists what is wrong with each",
            )
