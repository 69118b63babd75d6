# SPDX-License-Identifier: Apache-2.0
"""The work of ``synthkit corpora check``, by the workers of an executor."""

from __future__ import annotations

from pathlib import Path

from synthkit.corpora import Corpus
from synthkit.corpora import check as examine
from synthkit.corpora.checks import Flaw
from synthkit.pipeline.executors import make_executor
from synthkit.pipeline.jobs import Segments
from synthkit.pipeline.parts import Parts
from synthkit.progress import Progress

FEW = 100
"""Utterances below which it takes longer to start processes than to examine them all."""


def examined(
    corpus: Corpus,
    plugin: str | None,
    executor: str,
    workers: int,
    progress: Progress,
    *,
    rates: bool = True,
) -> list[Flaw]:
    """What is wrong with a corpus.

    Parameters
    ----------
    corpus : Corpus
    plugin : str or None
        Of segmentation, where the texts are segmented, too.
    executor, workers
        As on the command line; where `workers` is 0 and the corpus small, one after another.
    progress : Progress
    rates : bool
        Whether recordings at another rate than most are left out, rather than resampled.

    Returns
    -------
    list of Flaw

    Raises
    ------
    SynthkitError
        There is no such plugin or executor, or a worker has other versions.
    """
    segmenter, wanted = None, {}
    if plugin:
        names = ("segmentation",)
        parts = Parts.of({"segmentation": {"plugin": plugin}}, names, base=Path.cwd(), source="--plugin")
        segmenter, wanted = Segments(parts["segmentation"].ref), parts.wanted()
    few = executor == "process" and not workers and len(corpus) < FEW
    pool = make_executor(executor, 1 if few else workers)
    try:
        pool.agree(wanted)
        return examine(
            corpus,
            segmenter,
            rates=rates,
            map=lambda examine, items: progress.track(
                pool.map(examine, items), label=f"checking {corpus.name}", total=len(items)
            ),
        )
    finally:
        pool.close()
