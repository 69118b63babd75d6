# SPDX-License-Identifier: Apache-2.0
"""What a chapter shows: sounds, figures, figures with sliders, numbers in prose, tasks.

Everything here is shown by Jupyter and by the site alike, without a network, and printed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any

import numpy as np

from synthkit.types import Waveform
from synthkit_course.explore import Lab, explored
from synthkit_course.shown import LOOK, Html, captioned, picture, player

STYLE: dict[str, Any] = {
    "font.size": 10.0,
    "svg.fonttype": "none",
    "svg.hashsalt": "synthkit",
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "lines.linewidth": 1.2,
    "axes.prop_cycle": "cycler('color', ['#3567a8', '#d1495b', '#3d8b5f', '#c98a1b', '#7b5ea7', '#555555'])",
    "image.cmap": "gray_r",
    "savefig.facecolor": "white",
    "figure.facecolor": "white",
}
"""Text stays text; the same picture is the same bytes. Colours that colour-blind readers tell apart."""


class Prose:
    """Markdown that code has written, so that each number in it was computed."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text

    def _repr_markdown_(self) -> str:
        return self.text


def note(text: str) -> Prose:
    """A paragraph of the chapter whose numbers are computed: ``note(f"It lasts {seconds:.1f} s.")``.

    Parameters
    ----------
    text : str
        Markdown.
    """
    return Prose(text)


def start() -> None:
    """Draw as the course draws; called in the first cell of a chapter."""
    import matplotlib

    matplotlib.rcParams.update(STYLE)


def listen(sounds: Waveform | Mapping[str, Waveform], caption: str = "") -> Html:
    """Players, one under the other.

    Parameters
    ----------
    sounds : Waveform, or mapping of str to Waveform
        By the words that stand beside each.
    caption : str
        What to listen for.
    """
    named = {"": sounds} if isinstance(sounds, Waveform) else dict(sounds)
    rows = "".join(
        f'<div class="sk-sound"><span>{escape(name)}</span>{player(sound, name or caption)}</div>'
        for name, sound in named.items()
    )
    told = ", ".join(f"{name or 'sound'}: {sound.duration:.2f} s" for name, sound in named.items())
    return Html(f'{LOOK}<figure class="sk-listen">{rows}{captioned(caption)}</figure>', told)


def figure(drawn: Any, caption: str, *, alt: str = "") -> Html:
    """A figure of matplotlib with its caption.

    Parameters
    ----------
    drawn : Figure, Axes or array of Axes
    caption : str
        What is seen; it also stands on the slide.
    alt : str
        What a reader who cannot see it is told; the caption if left out.
    """
    html = f'{LOOK}<figure class="sk-figure">{picture(drawn, alt or caption)}{captioned(caption)}</figure>'
    return Html(html, caption)


def explore(
    draw: Callable[..., Any],
    caption: str,
    *,
    start: Mapping[str, Any] | None = None,
    lab: Lab | None = None,
    **choices: Sequence[Any],
) -> Html:
    """A figure with a slider for each of `choices`; in print, and without scripts, every state is seen.

    Parameters
    ----------
    draw : callable
        Called with a value of each choice; gives a figure (or axes), a `Waveform`, or both as a tuple. Its
        frames are drawn now, so that the page needs no Python.
    caption : str
    start : mapping, optional
        The values first shown; the first of each choice if left out.
    lab : (str, str) or (str, str, mapping), optional
        A panel of ``synthkit lab`` (``"bench/"``) where more of it is tried, what to do there, and what the
        panel opens with: ``{"corpus": "bundled-ru", "id": "ru_0063"}``.
    **choices : sequences
        At most two; an underscore in a name is a space, and a name's last part after two underscores is its
        unit: ``window__ms=[5, 20, 80]``.

    Raises
    ------
    ValueError
        There is no choice, or so many states that they cannot be printed.
    """
    return explored(draw, caption, start=start, lab=lab, choices=choices)


def tasks(number: int) -> Prose:
    """The exercises of chapter `number`."""
    from synthkit_course.exercise import exercises

    parts = []
    for one in exercises(number):
        parts.append(
            f"**Exercise {one.id}: {one.title}.** {one.task}\n\n"
            f"`synthkit exercise start {one.id}` · `synthkit exercise check {one.id}` · "
            f"`synthkit exercise hint {one.id}`\n"
        )
    return Prose("\n".join(parts))


def wave(samples: np.ndarray, rate: int, *, peak: float | None = None) -> Waveform:
    """Samples as a sound that can be heard and measured.

    Parameters
    ----------
    samples : ndarray of shape (N,)
    rate : int
        Hz.
    peak : float, optional
        Scale so that the largest sample has this amplitude.
    """
    out = np.asarray(samples, np.float64)
    if peak is not None:
        out = out * (peak / max(float(np.abs(out).max(initial=0.0)), 1e-12))
    return Waveform(np.clip(out, -1, 1).astype(np.float32), int(rate))
