# SPDX-License-Identifier: Apache-2.0
"""A build on its way: what its stages hand to each other, and what becomes of each utterance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from synthkit.corpora import Corpus
from synthkit.errors import CorpusError
from synthkit.pipeline.alignments import Alignments
from synthkit.pipeline.cache import Cache
from synthkit.pipeline.config import Config
from synthkit.pipeline.context import BuildContext
from synthkit.pipeline.contract import Bridge
from synthkit.pipeline.parts import Parts
from synthkit.types import Alignment, Utterance


@dataclass
class Build:
    """A build on its way.

    Attributes
    ----------
    config : Config
    corpus : Corpus
    cache : Cache
    ctx : BuildContext
    utterances : list of Utterance
        Those still in the build; stages take out what they cannot use.
    left_out : list of (str, str)
        Ids taken out, each with the reason.
    warnings : list of (str, str)
        What `check` says of utterances that stay, by id.
    keys : dict
        Cache key of each stage's result, for the manifest.
    """

    config: Config
    corpus: Corpus
    cache: Cache
    ctx: BuildContext
    sample_rate: int
    utterances: list[Utterance]
    left_out: list[tuple[str, str]] = field(default_factory=list)
    warnings: list[tuple[str, str]] = field(default_factory=list)
    keys: dict[str, str] = field(default_factory=dict)
    segment_keys: dict[str, str] = field(default_factory=dict)
    alignments: Mapping[str, Alignment] = field(default_factory=dict)
    alignments_hash: str = ""
    frame_keys: dict[str, str] = field(default_factory=dict)
    audio_hashes: dict[str, str] = field(default_factory=dict)
    label_hashes: dict[str, str | None] = field(default_factory=dict)
    bridges: list[Bridge] = field(default_factory=list)
    training: list[Utterance] = field(default_factory=list)
    held_out: list[Utterance] = field(default_factory=list)

    @property
    def parts(self) -> Parts:
        """The five stages, at the recordings' sample rate."""
        return self.config.parts

    def segmentation_path(self, u: Utterance) -> Path:
        """Where the segmentation of an utterance is, or will be."""
        return self.cache.path("segmentation", self.segment_keys[u.id], ".json")

    def frames_path(self, u: Utterance) -> Path:
        """Where the features of an utterance are, or will be."""
        return self.cache.path("features", self.frame_keys[u.id], ".npz")

    def close(self) -> None:
        """Close the file of the alignments."""
        if isinstance(self.alignments, Alignments):
            self.alignments.close()

    def seconds(self, id_: str) -> float:
        """Length of an aligned utterance."""
        found = self.alignments
        return found.seconds(id_) if isinstance(found, Alignments) else found[id_].duration

    def flagged(self) -> list[str]:
        """Utterances of the build with implausible boundaries, by id, in order."""
        found = self.alignments
        flagged = (
            found.flagged() if isinstance(found, Alignments) else [i for i, a in found.items() if a.flags]
        )
        there = {u.id for u in self.utterances}
        return [id_ for id_ in flagged if id_ in there]

    def drop(self, stage: str, reasons: dict[str, str]) -> None:
        """Take utterances out of the build and say so; nothing left is an error."""
        if not reasons:
            return
        self.left_out += [(id_, f"{stage}: {reason}") for id_, reason in reasons.items()]
        self.utterances = [u for u in self.utterances if u.id not in reasons]
        self.ctx.log(f"{stage}: {len(reasons)} utterances left out:")
        for id_, reason in list(reasons.items())[:10]:
            self.ctx.log(f"  {id_}: {reason}")
        if len(reasons) > 10:
            self.ctx.log(f"  … and {len(reasons) - 10} more, all listed in the voice's manifest.json")
        if not self.utterances:
            first = next(iter(reasons.values()))
            raise CorpusError(
                f"no utterance is left after {stage}: {first}",
                where=str(self.corpus.root),
                hint="`synthkit corpora check` lists what is wrong with each",
            )
