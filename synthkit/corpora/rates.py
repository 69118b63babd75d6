# SPDX-License-Identifier: Apache-2.0
"""Which sample rate a corpus has, and which of its recordings have another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

RATE_OF_NOTHING = 16000
"""Hz, where no recording can be read: what is wrong with each is then said."""


def commonest(rates: Iterable[int]) -> int:
    """The sample rate of most of the recordings, Hz; of two as common, the higher.

    Parameters
    ----------
    rates : iterable of int
        Hz, one a recording.

    Returns
    -------
    int
        `RATE_OF_NOTHING` where there are none.
    """
    counts = Counter(rates)
    return max(counts, key=lambda rate: (counts[rate], rate)) if counts else RATE_OF_NOTHING


def odd_rates(rates: Mapping[str, int], rate: int) -> dict[str, str]:
    """Utterances at another rate than the corpus's, each with the reason why a build leaves it out.

    Parameters
    ----------
    rates : mapping of str to int
        Hz, by utterance id.
    rate : int
        The corpus's, Hz.

    Returns
    -------
    dict of str to str
        By utterance id.
    """
    return {
        id_: f"is at {r} Hz, the corpus at {rate} Hz; set voice.sample_rate to resample"
        for id_, r in rates.items()
        if r != rate
    }
