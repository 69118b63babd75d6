# SPDX-License-Identifier: Apache-2.0
"""Which sample rate a corpus has, and which of its recordings have another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable

HIGHEST = 48000
"""Hz; recordings above are resampled to it."""
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


def resampled_to(rates: Collection[int]) -> int | None:
    """The sample rate that a folder of recordings without a configuration of its own is built at, where that
    is not the one rate of all of them.

    Parameters
    ----------
    rates : collection of int
        Hz, one a recording that can be opened.

    Returns
    -------
    int or None
        None: nothing is resampled.
    """
    usual = commonest(rates)
    return min(usual, HIGHEST) if len(set(rates)) > 1 or usual > HIGHEST else None


def odd_rate(rate: int, most: int) -> str:
    """Why a build leaves out a recording at another rate than the corpus's.

    Parameters
    ----------
    rate, most : int
        The recording's and the corpus's, Hz.

    Returns
    -------
    str
        The reason.
    """
    return (
        f"is at {rate} Hz, the corpus at {most} Hz; set voice.sample_rate to resample, "
        "as `synthkit build FOLDER` does where there is no voice.toml"
    )
