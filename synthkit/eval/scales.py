# SPDX-License-Identifier: Apache-2.0
"""What is asked of listeners: kinds of questions, and the least and greatest score of each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

Kind = Literal["score", "comparison", "preference", "discrimination"]
Role = Literal["voice", "reference", "anchor"]


@dataclass(frozen=True)
class Scale:
    """One kind of question.

    Attributes
    ----------
    name, title : str
    kind : str
        ``"score"``: each voice by itself. ``"comparison"``: how much better than another voice.
        ``"preference"``: 1 where the voice is preferred to the other, 0 where not, 0.5 where neither.
        ``"discrimination"``: 1 where it was told apart from the other, 0 where not.
    low, high : float
        Least and greatest score.
    source : str
        Whose scale it is.
    """

    name: str
    title: str
    kind: Kind
    low: float
    high: float
    source: str


SCALES = {
    s.name: s
    for s in (
        Scale("mos", "Mean opinion score", "score", 1, 5, "ITU-T P.800, annex B"),
        Scale("smos", "Similarity MOS", "score", 1, 5, "ITU-T P.800, annex B, asked for the speaker"),
        Scale("mushra", "MUSHRA", "score", 0, 100, "ITU-R BS.1534-3"),
        Scale("cmos", "Comparison mean opinion score", "comparison", -3, 3, "ITU-T P.800, annex E"),
        Scale("ab", "Preference", "preference", 0, 1, "paired comparison"),
        Scale("abx", "Told apart (ABX)", "discrimination", 0, 1, "Clark 1982"),
    )
}

ANCHORS = {"anchor35": 3500.0, "anchor70": 7000.0}
"""Names of the low-pass anchors of ITU-R BS.1534, and their cut-off frequencies in Hz."""

REFERENCE = "reference"


def kind_of(metric: str, compared: bool) -> Kind:
    """The kind of question `metric` is; one of an unknown name by whether its ratings name another voice.

    Parameters
    ----------
    metric : str
    compared : bool

    Returns
    -------
    str
    """
    if metric in SCALES:
        return SCALES[metric].kind
    return "comparison" if compared else "score"


def meant(metric: str) -> str | None:
    """The known kind of question of which `metric` is a slip of the pen; None for a known one, and for a name
    of one's own.

    Parameters
    ----------
    metric : str

    Returns
    -------
    str or None

    Examples
    --------
    >>> meant("mushraa"), meant("mos"), meant("pleasantness"), meant("dmos")
    ('mushra', None, None, None)
    """
    name = metric.casefold()
    if name in SCALES or name.endswith("mos"):  # there are many mean opinion scores
        return None
    return next(iter(get_close_matches(name, SCALES, 1, cutoff=0.75)), None)


def role_of(voice: str) -> Role:
    """What a voice of this name is where nothing else says so.

    Parameters
    ----------
    voice : str

    Returns
    -------
    str

    Examples
    --------
    >>> [role_of(v) for v in ("hidden_ref", "low_anchor", "LP3500", "low-pass 7 kHz", "lpcnet")]
    ['reference', 'anchor', 'anchor', 'anchor', 'voice']
    """
    name = re.sub(r"[\W_]", "", voice.lower())
    if name in ("reference", "hiddenreference", "hiddenref", "natural"):
        return "reference"
    return "anchor" if re.match(r"anch|.*anchor|(lp|lowpass)((35|70)(00)?(k?hz)?|7khz)$", name) else "voice"
