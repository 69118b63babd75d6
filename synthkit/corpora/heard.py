# SPDX-License-Identifier: Apache-2.0
"""Texts that a recogniser wrote down and nobody has read: how they are marked, and what is said of them."""

from __future__ import annotations

from collections.abc import Mapping

WRITTEN_BY = "text_by"
"""Key of `Utterance.extra`: the recogniser that wrote the text down, where no person did."""


def unread(written: Mapping[str, int], count: int) -> str:
    """What is to be said of a corpus with such texts.

    Parameters
    ----------
    written : mapping of str to int
        Texts by what wrote them.
    count : int
        Utterances of the corpus.

    Returns
    -------
    str
    """
    return (
        f"the texts of {sum(written.values())} of {count} utterances are what a recogniser "
        f"({', '.join(sorted(written))}) heard, and nobody has read them; of those that you have, empty the "
        f"column extra.{WRITTEN_BY}"
    )
