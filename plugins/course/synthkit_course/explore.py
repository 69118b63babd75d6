# SPDX-License-Identifier: Apache-2.0
"""A figure with sliders whose states were all drawn before.

Without a script (a page that is printed, a notebook that is not trusted) all states stand beside each other,
each with the values it was drawn for.
"""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any
from urllib.parse import urlencode

from synthkit.types import Waveform
from synthkit_course.shown import LOOK, STATIC, Html, captioned, picture, player

LAB = "http://127.0.0.1:8379/lab/"
"""Where ``synthkit lab`` is by default."""
Lab = tuple[str, str] | tuple[str, str, Mapping[str, Any]]
"""A panel, what to do there, and what it opens with: names as ``docs/lab.md`` has them."""
MOST = 16
"""States: what fits on two printed pages."""
SCRIPT = (STATIC / "explore.js").read_text(encoding="utf-8").partition("\n")[2].strip()
"""A function of the figure's id and of the words of its sliders; without its remark."""


def explored(
    draw: Callable[..., Any],
    caption: str,
    *,
    start: Mapping[str, Any] | None,
    lab: Lab | None,
    choices: Mapping[str, Sequence[Any]],
) -> Html:
    """See `synthkit_course.cells.explore`."""
    names = list(choices)
    values = [list(choices[name]) for name in names]
    states = list(itertools.product(*(range(len(column)) for column in values)))
    if not 1 <= len(names) <= 2 or not 2 <= len(states) <= MOST:
        raise ValueError(
            f"{len(names)} sliders with {len(states)} states: one or two with 2 to {MOST} states"
        )
    words = [[_said(name, value) for value in column] for name, column in zip(names, values, strict=True)]
    begin = [values[n].index((start or {}).get(name, values[n][0])) for n, name in enumerate(names)]
    frames = []
    for state in states:
        told = ", ".join(f"{_title(names[n])} {words[n][k]}" for n, k in enumerate(state))
        given = {name: values[n][k] for n, (name, k) in enumerate(zip(names, state, strict=True))}
        seen = _drawn(draw(**given), f"{caption} ({told})", told)
        frames.append(
            f'<div class="sk-frame" data-at="{"-".join(map(str, state))}">'
            f'<div class="sk-state">{escape(told)}</div>{seen}</div>'
        )
    controls = "".join(
        f'<label><span>{escape(_title(name))}</span><input type="range" min="0" max="{len(values[n]) - 1}" '
        f'step="1" value="{begin[n]}" aria-label="{escape(_title(name), quote=True)}">'
        f"<output>{escape(words[n][begin[n]])}</output></label>"
        for n, name in enumerate(names)
    )
    body = "".join(frames)
    id = "sk-" + hashlib.sha256((controls + body + caption).encode()).hexdigest()[:10]
    given = json.dumps([id, words]).replace("<", "\\u003c")
    script = f"({SCRIPT.rstrip(';')})(...{given});"
    html = (
        f'{LOOK}<figure class="sk-explore" id="{id}"><div class="sk-controls">{controls}</div>'
        f'<div class="sk-frames">{body}</div>{captioned(caption)}{_lab(lab)}'
        f"<script>{script}</script></figure>"
    )
    return Html(html, f"{caption} ({len(states)} states)")


def _drawn(made: Any, alt: str, label: str) -> str:
    parts = made if isinstance(made, tuple) else (made,)
    return "".join(
        player(part, label) if isinstance(part, Waveform) else picture(part, alt) for part in parts
    )


def _title(name: str) -> str:
    return name.partition("__")[0].replace("_", " ")


def _said(name: str, value: Any) -> str:
    unit = name.partition("__")[2].replace("_", " ")
    shown = f"{value:g}" if isinstance(value, int | float) and not isinstance(value, bool) else str(value)
    return f"{shown} {unit}".strip()


def _lab(lab: Lab | None) -> str:
    if lab is None:
        return ""
    panel, told, *rest = lab
    asked = dict(rest[0]) if rest else {}
    # Recordings are there without a voice; what is spoken needs those of the demo.
    corpus = asked.get("corpus")
    command = f"synthkit lab --corpus {corpus}" if corpus else "synthkit lab"
    before = "" if corpus else " (<code>make demo</code> builds its voices, once)"
    address = LAB + panel + (f"?{urlencode(asked)}" if asked else "")
    return (
        f'<p class="sk-lab">In the lab: run <code>{escape(command)}</code>{before}, then '
        f'<a href="{escape(address, quote=True)}" target="_blank" rel="noopener">{escape(told)}</a>.</p>'
    )
