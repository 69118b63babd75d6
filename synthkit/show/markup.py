# SPDX-License-Identifier: Apache-2.0
"""What Jupyter shows: a player, a picture as SVG, a table."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable, Sequence
from functools import singledispatch
from html import escape
from typing import Any

from synthkit import audio
from synthkit.corpora.corpus import Corpus
from synthkit.pipeline.spoken import Spoken
from synthkit.pipeline.voice import Voice
from synthkit.show.table import HINT, Table, cell
from synthkit.types import Alignment, Frames, Segmentation, UnitPath, Waveform

STYLE: Any = {"font.size": 9.0, "svg.fonttype": "none", "svg.hashsalt": "synthkit", "axes.linewidth": 0.6}
"""Text stays text; the same picture is the same bytes."""
FIRST = 5
"""Utterances of a corpus that are shown."""


@singledispatch
def html_of(shown: Any) -> str:
    """`shown` as HTML.

    Parameters
    ----------
    shown : object

    Returns
    -------
    str
    """
    return f"<pre>{escape(repr(shown))}</pre>"


@html_of.register
def _(shown: Waveform) -> str:
    label = f"{shown.duration:.2f} s at {shown.sample_rate} Hz"
    return f"<div>{player(shown, label)}{picture(shown)}</div>"


@html_of.register
def _(shown: Spoken) -> str:
    text = shown.segmentation.text
    return f"<div><p>{escape(text)}</p>{player(shown.waveform, text)}{picture(shown)}</div>"


@html_of.register(Frames)
@html_of.register(UnitPath)
@html_of.register(Alignment)
def _(shown: Frames | UnitPath | Alignment) -> str:
    if isinstance(shown, Frames):
        about = f"{len(shown)} frames of kind {shown.spec.kind}, every {1000 * shown.spec.frame_period:g} ms"
    elif isinstance(shown, UnitPath):
        about = f"{len(shown.units)} units, {shown.joins} joins, cost {shown.cost:.2f}"
    else:
        about = f"{len(shown.words)} words, {len(shown.phones)} phones, {shown.duration:.2f} s"
    return f"<div><p>{escape(about)}</p>{picture(shown)}</div>"


@html_of.register
def _(shown: Segmentation) -> str:
    rows = [(w.text + w.punctuation, " ".join(_phone(p) for p in w.phones)) for w in shown.words]
    return table(("word", "phones"), rows) + "".join(f"<p>note: {escape(n)}</p>" for n in shown.notes)


@html_of.register
def _(shown: Table) -> str:
    return table(shown.head, [tuple(map(cell, row)) for row in shown.rows])


@html_of.register
def _(shown: Voice) -> str:
    m = shown.manifest
    corpus = m.get("corpus", {})
    minutes = corpus.get("minutes")
    rows = [
        ("languages", ", ".join(m["languages"])),
        ("speakers", ", ".join(m["speakers"])),
        ("sample rate", f"{shown.sample_rate} Hz"),
        *((stage.replace("_", " "), part.plugin) for stage, part in shown.stages.items()),
        ("recordings", f"{corpus.get('name', '')}, {minutes} min" if minutes else corpus.get("name", "")),
        ("licence", corpus.get("licence", "")),
        ("attribution", corpus.get("attribution", "")),
    ]
    return table((f"voice {shown.name}", ""), [row for row in rows if row[1]])


@html_of.register
def _(shown: Corpus) -> str:
    facts = [
        ("languages", ", ".join(shown.languages)),
        ("speakers", ", ".join(shown.speakers[:FIRST]) + (" …" if len(shown.speakers) > FIRST else "")),
        ("utterances", str(len(shown))),
        ("left out", str(len(shown.left_out)) if shown.left_out else ""),
        ("licence", shown.licence),
        ("attribution", shown.attribution),
    ]
    first = [(u.id, u.text) for u in shown.utterances[:FIRST]]
    if len(shown) > FIRST:
        first.append(("…", f"{len(shown) - FIRST} more"))
    head = table((f"corpus {shown.name}", ""), [row for row in facts if row[1]])
    return head + table(("utterance", "text"), first)


def player(wave: Waveform, label: str) -> str:
    """An audio element that holds the sound, lossless.

    Parameters
    ----------
    wave : Waveform
    label : str
        What is heard.

    Returns
    -------
    str
    """
    if not len(wave.samples):
        return "<p>no samples</p>"
    body = base64.b64encode(audio.encode(wave, ".flac")).decode()
    return (
        f'<audio controls preload="metadata" aria-label="{escape(label, quote=True)}" '
        f'src="data:audio/flac;base64,{body}"></audio>'
    )


def picture(shown: Any) -> str:
    """SVG of `shown`, or a line that says what would draw it.

    Parameters
    ----------
    shown : object

    Returns
    -------
    str
    """
    try:
        import matplotlib
        from matplotlib.figure import Figure
    except ModuleNotFoundError:
        return f"<p>(matplotlib would draw it: {escape(HINT)})</p>"
    import numpy as np

    from synthkit.show.drawing import draw, rows_of

    parts: list[tuple[Any, dict[str, Any]]] = [(shown, {})]
    if isinstance(shown, Waveform):
        parts = [(shown, {}), (shown, {"spectrogram": True})]
    rows = [rows_of(what, **options) for what, options in parts]
    inches = [inch for row in rows for inch in row]
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(10, sum(inches) + 0.3), layout="constrained")
        axes = figure.subplots(len(inches), 1, sharex=True, squeeze=False, height_ratios=inches)[:, 0]
        at = 0
        for (what, options), row in zip(parts, rows, strict=True):
            own: Any = axes[at] if len(row) == 1 else np.array(axes[at : at + len(row)])
            draw(what, own, **options)
            at += len(row)
        for one in axes[:-1]:
            one.set_xlabel("")
        buffer = io.StringIO()
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    svg = buffer.getvalue()
    return svg[svg.index("<svg") :]


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; everything in it is text.

    Parameters
    ----------
    head : sequence of str
    rows : iterable of sequence of str

    Returns
    -------
    str
    """
    top = "".join(f'<th scope="col" style="text-align:left">{escape(name)}</th>' for name in head)
    body = "".join(
        "<tr>" + "".join(f'<td style="text-align:left">{escape(value)}</td>' for value in row) + "</tr>"
        for row in rows
    )
    return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"


def _phone(phone: Any) -> str:
    return ("", "ˈ", "ˌ")[phone.stress] + str(phone.symbol)
