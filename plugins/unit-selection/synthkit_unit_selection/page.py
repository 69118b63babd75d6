# SPDX-License-Identifier: Apache-2.0
"""``synthkit explain --html``: path, candidates, costs and recordings in one file that opens from disk."""

from __future__ import annotations

import base64
from html import escape
from pathlib import Path
from typing import Any

from synthkit import audio
from synthkit.atomic import writing
from synthkit.pipeline.spoken import Spoken
from synthkit.show.candidates import lattice_told
from synthkit.show.one_file import one_file
from synthkit.show.told import AROUND, told
from synthkit.types import AudioSource, Lattice, Waveform

SECONDS = 60.0
"""Of recordings that a page holds beside those of the path: of the candidates that came nearest."""
BODY = """<main class="broad">
<header class="row spread"><h1>{title}</h1>
<select id="language" aria-label="Language">
<option value="en">English</option><option value="ru">Русский</option>
</select></header>
<p class="soft">{about}</p>
<div class="row"><button id="play" type="button" class="primary"></button>
<button id="hear-a" type="button" data-say="before"></button>
<button id="hear-b" type="button" data-say="now"></button>
<output id="position" class="soft"></output></div>
<div id="lanes" class="lanes" tabindex="0" data-label="lanes"></div>
<h2 data-say="why"></h2>
<p id="costs" class="soft"></p>
<p id="looked" class="soft"></p>
<div id="lattice" class="lattice"></div>
<div id="unit" class="unit" aria-live="polite"></div>
<h2 data-say="beside"></h2>
<div id="beside" class="wide"></div>
</main>"""


def write_page(
    file: Path,
    voice: str,
    spoken: Spoken,
    lattices: list[Lattice],
    before: Spoken | None = None,
    changed: str = "",
) -> None:
    """Write the page.

    Parameters
    ----------
    file : Path
    voice : str
        Name of the voice.
    spoken : Spoken
    lattices : list of Lattice
        Of each of its pieces.
    before : Spoken, optional
        The same text without what was asked for.
    changed : str
        What was asked for, in words.
    """
    text = spoken.segmentation.text
    data = {
        "now": told(spoken),
        "before": told(before) if before else None,
        "lattice": [lattice_told(lattice) for lattice in lattices],
        "recordings": _recordings(lattices),
        "around": AROUND,
    }
    about = f"synthkit explain -v {voice}" + (f" {changed}" if changed else "")
    body = BODY.format(title=escape(text[:200]), about=escape(about))
    page = one_file(f"{text[:60]} – {voice}", body, "explained.js", ("base.css", "path.css"), data)
    with writing(file) as part:
        part.write_text(page, encoding="utf-8")


def _recordings(lattices: list[Lattice]) -> dict[str, list[dict[str, Any]]]:
    """Stretches of recordings by utterance: those of the units in the paths, and of the candidates that came
    nearest."""
    source: AudioSource = lattices[0].path.audio
    around = int(AROUND * source.sample_rate)
    wanted: list[tuple[str, int, int]] = [
        (unit.source, unit.start, unit.end) for lattice in lattices for unit in lattice.path.units
    ]
    near = sorted(
        (float(excess), lattice.sources[c], *map(int, lattice.spans[c]))
        for lattice in lattices
        for c, excess in enumerate(lattice.excess)
    )
    left = SECONDS * source.sample_rate
    for _, name, start, end in near:
        left -= end - start + 2 * around
        if left < 0:
            break
        wanted.append((name, start, end))
    out: dict[str, list[dict[str, Any]]] = {}
    for name, start, end in _merged([(n, max(a - around, 0), b + around) for n, a, b in wanted]):
        piece = Waveform(source.read(name, start, end), source.sample_rate)
        out.setdefault(name, []).append(
            {
                "from": start / source.sample_rate,
                "to": end / source.sample_rate,
                "flac": base64.b64encode(audio.encode(piece, ".flac")).decode(),
            }
        )
    return out


def _merged(spans: list[tuple[str, int, int]]) -> list[tuple[str, int, int]]:
    """Spans that overlap, joined."""
    out: list[tuple[str, int, int]] = []
    for name, start, end in sorted(spans):
        if out and out[-1][0] == name and start <= out[-1][2]:
            out[-1] = (name, out[-1][1], max(end, out[-1][2]))
        else:
            out.append((name, start, end))
    return out
