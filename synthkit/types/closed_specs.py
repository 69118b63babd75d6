# SPDX-License-Identifier: Apache-2.0
"""Reading the specs of voices from before specs were open: 21 fixed fields, streams known by name alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

WIDTHS: dict[str, dict[str, tuple[str, int]]] = {
    "world": {"mcep": ("order", 1), "bap": ("n_bap", 0)},
    "mel": {"mel": ("n_mels", 0)},
    "prosody": {"formants": ("order", 0)},
}
"""By kind, streams of several values a frame: the field that stated how many, and what is to be added to
it."""
PLAIN = ("lf0", "vuv", "f0", "intensity", "hnr", "jitter", "shimmer")
"""Streams of one value a frame."""
ABOUT = ("kind", "sample_rate", "hop_length", "streams")


def opened(data: Mapping[str, Any]) -> dict[str, Any]:
    """`data` of a spec with fixed fields, as `FeatureSpec.to_dict` writes it today.

    Widths of streams, which stood in fields of their own (``n_mels``, ``order`` …), stand in the streams.

    Parameters
    ----------
    data : mapping
        As such a spec was written, ``kind`` and ``streams`` among its keys.

    Returns
    -------
    dict
        With ``kind``, ``sample_rate``, ``hop_length``, ``streams`` and ``params``.

    Raises
    ------
    ValueError
        A stream of which it does not state the width.
    """
    widths = WIDTHS.get(str(data.get("kind")), {})
    streams = []
    for name in data.get("streams") or ():
        if name in widths:
            field, more = widths[name]
            if not isinstance(data.get(field), int):
                raise ValueError(f"is no spec of frames: stream {name!r} without {field!r}")
            streams.append({"name": name, "dtype": "float32", "width": data[field] + more})
        elif name in PLAIN:
            streams.append({"name": name, "dtype": "float32", "width": None})
        else:
            raise ValueError(f"is no spec of frames: nobody knows the width of stream {name!r}")
    moved = {field for field, _ in widths.values()}
    params = {k: v for k, v in data.items() if k not in ABOUT and k not in moved and v is not None}
    about = {name: data.get(name) for name in ("kind", "sample_rate", "hop_length")}
    return {**about, "streams": streams, "params": params}
