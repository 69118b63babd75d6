# SPDX-License-Identifier: Apache-2.0
"""Segmenters and aligners."""

from __future__ import annotations

import pickle
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from synthkit.errors import SynthkitError, TextError
from synthkit.stages import Aligner, Segmenter
from synthkit.testing.checks.common import refused
from synthkit.testing.samples import context
from synthkit.types import PAUSE, Alignment, Segmentation, Utterance


def check_segmenter(segmenter: Segmenter, texts: Mapping[str, Sequence[str]]) -> None:
    """`texts` are sentences by language; every one has to be spoken whole, and nothing else.

    Parameters
    ----------
    segmenter : Segmenter
    texts : mapping of str to sequence of str
        Sentences by language, BCP-47.

    Raises
    ------
    AssertionError
        It does not keep to its stage's contract; the message says in what.
    """
    assert segmenter.languages(), "languages() is empty"
    assert texts, f"no text to check it with: pass texts= of one of {', '.join(segmenter.languages())}"
    pickle.loads(pickle.dumps(segmenter.config))  # workers get the settings
    for language, sentences in texts.items():
        for text in sentences:
            got = segmenter.segment(text, language)
            assert isinstance(got, Segmentation), "segment() gives a Segmentation"
            assert got.text == text, "Segmentation.text is the text as given"
            assert got.words, f"{text!r}: no words"
            assert all(w.phones for w in got.words), f"{text!r}: a word without phones"
            assert all(p.symbol != PAUSE for p in got.phones()), "pauses are breaks, never phones of a word"
            assert {w.break_after for w in got.words} <= {0, 1, 2, 3}, "break_after is 0, 1, 2 or 3"
            assert got == segmenter.segment(text, language), "the same text gives the same segmentation"
            assert Segmentation.from_dict(got.to_dict()) == got, "to_dict() loses something"
            unknown = {p.symbol for p in got.phones()} - set(segmenter.phones(language))
            assert not unknown, f"phones not in phones({language!r}): {sorted(unknown)}"
        for nothing in ("", "   ", "…!?"):
            refused(partial(segmenter.segment, nothing, language), f"segment({nothing!r})", TextError)


def check_aligner(
    aligner: Aligner, items: Sequence[tuple[Utterance, Segmentation]], work: Path
) -> dict[str, Alignment]:
    """Every utterance gets a contiguous alignment of its own phones, or a reason.

    Parameters
    ----------
    aligner : Aligner
    items : sequence of (Utterance, Segmentation)
    work : Path
        Scratch.

    Returns
    -------
    dict of str to Alignment
        By utterance id.

    Raises
    ------
    AssertionError
        It does not keep to its stage's contract; the message says in what.
    """
    pairs = list(aligner.align_each(items, context(work)))
    found = dict(pairs)
    asked = sorted(u.id for u, _ in items)
    assert sorted(id_ for id_, _ in pairs) == asked, "align() answers once for every utterance and no other"
    good = {}
    for id_, alignment in found.items():
        if isinstance(alignment, Exception):
            assert isinstance(alignment, SynthkitError), f"{id_}: {alignment!r} is no SynthkitError"
            continue
        check_alignment(alignment)
        good[id_] = alignment
    assert good, f"nothing was aligned: {found}"
    return good


def check_alignment(alignment: Alignment) -> None:
    """Contiguous phones from 0 to the end; word edges on phone edges.

    Parameters
    ----------
    alignment : Alignment

    Raises
    ------
    AssertionError
        It is otherwise.
    """
    phones = alignment.phones
    assert phones and phones[0].start == 0.0, f"{alignment.id}: does not begin at 0"
    assert abs(phones[-1].end - alignment.duration) < 1e-6, f"{alignment.id}: does not reach the end"
    for a, b in zip(phones, phones[1:], strict=False):
        assert a.end == b.start, f"{alignment.id}: a gap or overlap at {a.end} s"
    assert all(p.end > p.start for p in phones), f"{alignment.id}: a phone of no length"
    edges = {p.start for p in phones} | {p.end for p in phones}
    for word in alignment.words:
        assert word.start in edges and word.end in edges, f"{alignment.id}: {word.label!r} cuts a phone"
    assert Alignment.from_dict(alignment.to_dict()) == alignment, "to_dict() loses something"
