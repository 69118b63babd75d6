# SPDX-License-Identifier: Apache-2.0
"""Pieces of HTML that chapters show: pictures and players that hold what they show."""

from __future__ import annotations

import base64
import io
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

from synthkit import audio
from synthkit.types import Waveform

STATIC = Path(__file__).parent / "static"
HEAVY = 400_000
"""Bytes of an SVG above which a picture is kept as pixels."""
RESOLUTION = 144
PLAYED = 8000
"""Hz; sounds of lower rates are resampled, as some browsers play none."""
LOOK = f"<style>{(STATIC / 'look.css').read_text(encoding='utf-8')}</style>"
"""Style of what is shown, with each of them: an output of a notebook stands alone."""


class Html:
    """A piece of HTML, as Jupyter shows it; ``text`` says what it is where no HTML is shown."""

    def __init__(self, html: str, text: str) -> None:
        self.html, self.text = html, text

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return self.html


def picture(drawn: Any, alt: str) -> str:
    """An ``img`` that holds the picture."""
    import matplotlib.pyplot as plt

    one = np.ravel(np.asarray(drawn, dtype=object))[0]
    whole = getattr(one, "figure", None) or one
    buffer = io.BytesIO()
    whole.savefig(buffer, format="svg", metadata={"Date": None}, bbox_inches="tight")
    kind = "svg+xml"
    if buffer.tell() > HEAVY:
        buffer, kind = io.BytesIO(), "png"
        whole.savefig(buffer, format="png", dpi=RESOLUTION, bbox_inches="tight")
    plt.close(whole)
    body = base64.b64encode(buffer.getvalue()).decode()
    return f'<img alt="{escape(alt, quote=True)}" src="data:image/{kind};base64,{body}">'


def player(sound: Waveform, label: str) -> str:
    heard = sound if sound.sample_rate >= PLAYED else audio.resample(sound, 2 * PLAYED)
    body = base64.b64encode(audio.encode(heard, ".flac")).decode()
    told = escape(f"{label} ({sound.duration:.2f} s)".strip(), quote=True)
    return (
        f'<audio controls preload="metadata" aria-label="{told}" src="data:audio/flac;base64,{body}"></audio>'
    )


def captioned(text: str) -> str:
    return f"<figcaption>{escape(text)}</figcaption>" if text else ""
