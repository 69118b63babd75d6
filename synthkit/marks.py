# SPDX-License-Identifier: Apache-2.0
"""What a sound file can say of itself: that nobody said it, which voice it is, and whose recordings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from synthkit import __version__


def marks_of(manifest: Mapping[str, Any]) -> dict[str, str]:
    """Texts for a file spoken by a voice, as `synthkit.audio.write` takes them.

    Parameters
    ----------
    manifest : mapping
        Of the voice.

    Returns
    -------
    dict of str to str
        ``title``, ``comment``, and ``copyright`` where the voice's recordings, or the clips that it was
        converted by, have a licence or somebody to name.
    """
    name, corpus = manifest["name"], manifest.get("corpus", {})
    marks = {
        "title": f"Synthetic speech by the voice {name}",
        "comment": f"Synthetic speech: no person said this. Voice {name!r}, synthkit {__version__}.",
    }
    whose = []
    for what, of in (("Recordings of the voice", corpus), ("Converted to", manifest.get("conversion", {}))):
        said = [text for key in ("attribution", "licence") if (text := of.get(key, ""))]
        if said:
            whose.append(f"{what}: {', '.join(said)}")
    if whose:
        marks["copyright"] = "; ".join(whose)
    return marks
