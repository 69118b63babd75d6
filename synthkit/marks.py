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
        ``title``, ``comment``, and ``copyright`` where the voice's recordings have a licence or somebody to
        name.
    """
    name, corpus = manifest["name"], manifest.get("corpus", {})
    marks = {
        "title": f"Synthetic speech by the voice {name}",
        "comment": f"Synthetic speech: no person said this. Voice {name!r}, synthkit {__version__}.",
    }
    whose = [corpus.get("attribution", ""), corpus.get("licence", "")]
    if any(whose):
        marks["copyright"] = "Recordings of the voice: " + ", ".join(filter(None, whose))
    return marks
