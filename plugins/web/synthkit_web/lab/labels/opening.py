# SPDX-License-Identifier: Apache-2.0
"""The sources that a command names."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from synthkit.corpora import open_corpus
from synthkit.errors import ConfigError
from synthkit.pipeline.alignments import holds_alignments
from synthkit_web.lab.labels.corrections import Corrections
from synthkit_web.lab.labels.sources import CorpusSource, Source, VoiceSource


def label_sources(
    voices: Sequence[Path],
    corpora: Sequence[str],
    corrections: Path,
    *,
    language: str | None = None,
    labels: Path | None = None,
    overwrite: bool = False,
) -> list[Source]:
    """Sources of these corpora, then of those voices that keep an alignment.

    Parameters
    ----------
    voices : sequence of Path
        Folders of voices.
    corpora : sequence of str
        Names or folders.
    corrections : Path
        Has a folder for each of them.
    language, labels
        Of the corpus, where there is one alone.
    overwrite : bool
        Whether files that were not saved from the lab may be replaced.

    Raises
    ------
    SynthkitError
        A corpus cannot be opened, two things have one name, or `labels` are given for several corpora.
    """
    if labels is not None and len(corpora) != 1:
        raise ConfigError("--labels are of one --corpus", where="--labels", hint="name one corpus")
    opened = [open_corpus(name, language) for name in corpora]

    names = [corpus.name for corpus in opened]
    for name in names:
        if names.count(name) > 1:
            raise ConfigError(f"two corpora are called {name!r}", where="--corpus", hint="open one of them")

    def folder(name: str) -> Corrections:
        return Corrections(corrections / name, overwrite=overwrite)

    out: list[Source] = [CorpusSource(corpus, folder(corpus.name), labels) for corpus in opened]
    for voice in voices:
        if holds_alignments(voice / "alignment"):
            out.append(VoiceSource(voice, folder, opened))
    return out
