# SPDX-License-Identifier: Apache-2.0
"""`Item`: what passes from an acoustic model over adapters to a vocoder, and taking it for what it is."""

from __future__ import annotations

from synthkit.errors import SpecMismatch
from synthkit.types.audio import Waveform
from synthkit.types.features import Frames
from synthkit.types.units import UnitPath

Item = Frames | UnitPath | Waveform
"""Each has a `spec`."""


def frames_of(item: Item, who: str) -> Frames:
    """`item`, which has to be frames; `who` asks, such as ``"vocoder 'world'"``.

    Parameters
    ----------
    item : Frames, UnitPath or Waveform
    who : str
        Who asks; named in the message.

    Returns
    -------
    Frames

    Raises
    ------
    SpecMismatch
        It is something else.
    """
    if not isinstance(item, Frames):
        raise SpecMismatch(f"{who} takes frames, and was given {_what(item)}")
    return item


def path_of(item: Item, who: str) -> UnitPath:
    """`item`, which has to be a path of units; see `frames_of`.

    Parameters
    ----------
    item : Frames, UnitPath or Waveform
    who : str
        Who asks; named in the message.

    Returns
    -------
    UnitPath
    """
    if not isinstance(item, UnitPath):
        raise SpecMismatch(f"{who} takes a path of recorded units, and was given {_what(item)}")
    return item


def _what(item: Item) -> str:
    if isinstance(item, Frames):
        return f"frames of kind {item.spec.kind!r}"
    return "a path of units" if isinstance(item, UnitPath) else "a waveform"
