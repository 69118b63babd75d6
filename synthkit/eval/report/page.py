# SPDX-License-Identifier: Apache-2.0
"""The page as a whole."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Any

from synthkit import audio
from synthkit.atomic import make_folder, write_text
from synthkit.encoding import sound
from synthkit.eval.items import Item
from synthkit.eval.report import tables
from synthkit.eval.report.forest import COLOURS, forest
from synthkit.eval.report.listening import Listening, section
from synthkit.eval.report.tracks import Track, TrackJob, track_sentence
from synthkit.eval.results import ALPHA, Analysis, Row, worst
from synthkit.types import Alignment

LARGEST = 25_000_000
"""Bytes of a page with its sounds; where it would be larger, they lie in a folder beside it."""

FOLDER = "sounds"
SCRIPTS = ("base.js", "spectrum.js", "spectrogram.js", "player.js", "explore.js")
"""`spectrum.js` is a module of other pages too; in this one, which is one file, there are no modules."""


@dataclass(frozen=True)
class Content:
    """Everything the page shows.

    Attributes
    ----------
    title : str
    items : sequence of Item
    systems : sequence of (name, kind, about)
    rows : sequence of Row
    analysis : Analysis
    sounds : dict of (system, utterance) to Path
    alignments : mapping of (system, utterance) to Alignment
        Phones of what was spoken, where the pipeline knows them.
    facts : dict of str to str
        Corpus, licence, split, versions …, shown as they are.
    warnings : sequence of str
    left_out : sequence of (metric, reason)
    environment : dict of str to str
    command : str
    audio_format : str
    tracks : dict of utterance to dict of system to Track
        What lies over the spectrograms; made without F0 and alignment where it is not given.
    verdict : str
        The answer in a sentence.
    listening : Listening, optional
        What goes with the figures of a listening test.
    """

    title: str
    items: Sequence[Item]
    systems: Sequence[tuple[str, str, dict[str, Any]]]
    rows: Sequence[Row]
    analysis: Analysis
    sounds: dict[tuple[str, str], Path]
    alignments: Mapping[tuple[str, str], Alignment] = field(default_factory=dict)
    facts: dict[str, str] = field(default_factory=dict)
    warnings: Sequence[str] = ()
    left_out: Sequence[tuple[str, str]] = ()
    environment: dict[str, str] = field(default_factory=dict)
    command: str = ""
    audio_format: str = "flac"
    tracks: dict[str, dict[str, Track]] = field(default_factory=dict)
    verdict: str = ""
    listening: Listening | None = None


def write_report(path: Path, content: Content) -> int:
    """Write the report, with its sounds inside or, where they are too large for that, in a folder beside it.

    Parameters
    ----------
    path : Path
        Of the page.
    content : Content

    Returns
    -------
    int
        Bytes of the page.
    """
    folder = path.parent / FOLDER
    shutil.rmtree(folder, ignore_errors=True)
    text = page(content)
    room = LARGEST - len(text.encode("utf-8"))
    inside: list[str] = []  # sentences that wait for it to be known whether all of them fit into the page
    for k, item in enumerate(content.items):
        inside.append(_sentence(content, item))
        room -= len(inside[-1])
        if room < 0:
            make_folder(folder)
            for n, chunk in enumerate(inside, k + 1 - len(inside)):
                write_text(folder / f"{n:04d}.js", f"report.arrived({n}, {chunk});\n")
            inside.clear()
    write_text(path, text := page(content, inside) if room >= 0 else text)
    return len(text.encode("utf-8"))


def page(c: Content, chunks: Sequence[str] = ()) -> str:
    """The whole HTML text of a report.

    Parameters
    ----------
    c : Content
    chunks : sequence of str
        Sentences with their sounds, as they stand in the page; empty where they lie beside it.

    Returns
    -------
    str
    """
    a = c.analysis
    kinds = {name: kind for name, kind, _ in c.systems}
    voices = [name for name, kind in kinds.items() if kind == "voice"]
    colours = {name: COLOURS[k % len(COLOURS)] for k, (name, _, _) in enumerate(c.systems)}
    with_values = [
        d
        for d in a.definitions
        if any((d.key, s) in a.summaries and a.summaries[d.key, s].interval for s in a.systems)
    ]
    rest = [d.key for d in with_values if d.key not in a.tested]
    web = files(__package__).joinpath("web")
    css = web.joinpath("page.css").read_text(encoding="utf-8")
    texts = [web.joinpath(name).read_text(encoding="utf-8") for name in SCRIPTS]
    scripts = "".join(f"<script>{t.replace('export function', 'function')}</script>\n" for t in texts)
    said = {d.key for d in a.definitions if d.group == "listeners"} if c.listening else set()
    plots = "".join(forest(a, d, colours) for d in a.definitions if d.key in a.tested and d.key not in said)
    others = "".join(forest(a, d, colours) for d in with_values if d.key in rest)
    warnings = "".join(f'<p class="warn"><b>Note</b> {escape(w)}</p>' for w in c.warnings)
    sounds = "".join(
        f'<script type="application/json" id="sound-{k}">{chunk}</script>\n' for k, chunk in enumerate(chunks)
    )
    measured = [p for p in a.pairs if p.key not in said]
    family = [p for p in measured if p.tested]
    significant = sum(p.different for p in family)
    primary = len(a.tested) - len(said & set(a.tested))
    listeners = '<a href="#listeners">Listeners</a>' if c.listening else ""
    further = tables.figures(a, rest, kinds, len(c.items), voices) if rest else ""
    facts = {**c.facts, **c.environment}
    facts_rows = "".join(f"<tr><th>{escape(k)}</th><td>{escape(v)}</td></tr>" for k, v in facts.items())
    command = f"<pre>{escape(c.command)}</pre>" if c.command else ""
    footer = (
        f"Made by synthkit {escape(c.environment.get('synthkit', ''))}. Predicted-quality figures are "
        "predictions of a model, not mean opinion scores."
    )
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>{escape(c.title)}</title>
<style>{css}</style>
</head>
<body>
<header>
<h1>{escape(c.title)}</h1>
<p class="verdict">{escape(c.verdict)}</p>
<ul class="facts">
<li><b>{len(voices)}</b> {"voice" if len(voices) == 1 else "voices"}</li>
<li><b>{len(c.items)}</b> sentences</li>
<li><b>{primary}</b> primary figures</li>
<li><b>{len(family)}</b> {"test" if len(family) == 1 else "tests"}, {significant} differ</li></ul>
{warnings}
<nav aria-label="Parts of the report"><a href="#summary">Figures</a><a
href="#listen">Listen</a>{listeners}<a href="#forest">Intervals</a>
<a href="#utterances">Sentence by sentence</a><a href="#tested">Tests</a><a
href="#definitions">Definitions</a><a href="#provenance">Provenance</a></nav>
</header>
<main>
<section aria-labelledby="summary">
<h2 id="summary">Figures</h2>
{tables.figures(a, a.tested, kinds, len(c.items), voices)}
<p class="soft">Means over sentences (errors over words where a figure is a rate) with 95 % intervals
({a.resamples} resamples, seed {a.seed}). <b class="star" aria-hidden="true">★</b> the best voice. Voices that
share a letter <b class="letter">a</b>, <b class="letter">b</b> do not differ at a family-wise level of
{ALPHA:.0%}; a row without letters was not tested or could not have shown a difference. <i>Italic</i> columns
are references.</p>
{_folded(f"{len(rest)} further figures, described and not tested", further) if rest else ""}
</section>
{_player(c)}
{section(a, c.listening, colours)}
<section aria-labelledby="forest">
<h2 id="forest">Intervals</h2>
<div class="plots">{plots}</div>
{_folded("Further figures", f'<div class="plots">{others}</div>') if others else ""}
</section>
<section aria-labelledby="utterances" class="explore">
<h2 id="utterances">Sentence by sentence</h2>
<div class="choose"><label>figure <select id="metric"></select></label><label>across <select
id="first"></select></label>
<label>up <select id="second"></select></label></div>
<div class="split"><svg id="scatter" viewBox="0 0 460 450" role="group"
aria-label="Sentences of two systems, one against the other"></svg>
<div class="card" id="card" aria-live="polite"></div></div>
<h3 id="worst-title">The worst</h3>
<div class="wide" tabindex="0" role="region" aria-label="The worst sentences"><table class="plain">
<thead><tr><th>value</th><th>system</th><th>sentence</th><th>sound</th></tr></thead>
<tbody id="worst"></tbody></table></div>
</section>
<section aria-labelledby="tested">
<h2 id="tested">Tests</h2>
<p>The family is voices × primary figures: {a.families}. The mean difference by Student's t on the
sentences that both voices have, two-sided, corrected for the family (Šidák); the 95 % interval holds for the
whole family at once, so that it excludes 0 where the corrected p is at most {ALPHA:.2g}. r is the
matched-pairs rank-biserial correlation. What listeners rated is a family of its own, corrected alike.</p>
{_folded(f"{len(family)} tests, {significant} significant", tables.tests(a, measured, "tests"))}
{_list(a.untested_pairs, "Pairs with too few sentences in common")}
</section>
<section aria-labelledby="definitions">
<h2 id="definitions">Exact definitions</h2>
{_folded(f"{len(a.definitions)} definitions", tables.definitions(a.definitions))}
</section>
<section aria-labelledby="missing">
<h2 id="missing">What was not measured</h2>
{_folded("Figures without a value, by reason", tables.missing(a))}
{_list([f"{name}: {reason}" for name, reason in c.left_out], "Metrics that were left out")}
</section>
<section aria-labelledby="provenance">
<h2 id="provenance">Provenance</h2>
{tables.provenance(c.systems)}
<div class="wide"><table class="plain">{facts_rows}</table></div>
{command}
</section>
</main>
<footer>{footer}</footer>
<script type="application/json" id="data">{_json(_data(c, with_values, voices, colours))}</script>
{sounds}{scripts}</body>
</html>
"""


def _player(c: Content) -> str:
    if not c.sounds:
        return ""
    return """<section aria-labelledby="listen" class="listen">
<h2 id="listen">Listen</h2>
<p class="soft keys">Keys: <kbd>1</kbd>–<kbd>9</kbd> switch the voice, going on at the same place;
<kbd>space</kbd> plays and pauses; <kbd>←</kbd> <kbd>→</kbd> move by half a second; <kbd>n</kbd> <kbd>p</kbd>
next and previous sentence. All sounds are as loud as each other (ITU-R BS.1770).</p>
<div class="player" role="region" aria-label="Player">
<div class="row"><button type="button" id="before" aria-label="Previous sentence">‹</button>
<select id="sentence" aria-label="Sentence"></select><button type="button" id="after"
aria-label="Next sentence">›</button></div>
<p id="text" class="said"></p>
<div id="systems" role="radiogroup" aria-label="Voice"></div>
<div id="stage"><canvas id="picture" role="img" aria-label="Spectrogram"></canvas><i id="playhead"
aria-hidden="true"></i></div>
<div class="row"><button type="button" id="play" aria-label="Play">▶</button>
<input type="range" id="position" min="0" max="1000" value="0" aria-label="Position"><output
id="clock">0.0 s</output></div>
<p id="values" class="values"></p>
<p id="status" class="soft" role="status"></p>
</div>
</section>"""


def _sentence(c: Content, item: Item) -> str:
    """A sentence's sounds and tracks by system, as JSON."""
    made = c.tracks.get(item.id) or track_sentence(track_job(c.systems, c.sounds, c.alignments, item, False))
    out = {
        name: {**made[name].to_dict(), "sound": sound(audio.read(c.sounds[name, item.id]), c.audio_format)}
        for name, _, _ in c.systems
        if (name, item.id) in c.sounds
    }
    return _json(out)


def track_job(
    systems: Sequence[tuple[str, str, Any]],
    sounds: dict[tuple[str, str], Path],
    alignments: Mapping[tuple[str, str], Alignment],
    item: Item,
    closely: bool,
) -> TrackJob:
    """What `track_sentence` needs of one sentence.

    Parameters
    ----------
    systems : sequence of (str, str, object)
        Names, kinds, and what is told of each.
    sounds : dict of (str, str) to Path
        By system and sentence.
    alignments : mapping of (str, str) to Alignment
        The same, where phones are known in time.
    item : Item
    closely : bool
        Whether F0 is tracked and sounds are aligned with the recording.

    Returns
    -------
    TrackJob
    """
    natural = next((name for name, kind, _ in systems if kind == "natural"), "")
    mine = tuple((name, sounds[name, item.id]) for name, _, _ in systems if (name, item.id) in sounds)
    known = {name: alignments.get((name, item.id)) for name, _ in mine}
    own = {name: found for name, found in known.items() if found is not None}
    # A copy says the recording's phones when the recording does.
    own |= {
        name: item.alignment
        for name, kind, _ in systems
        if kind == "copy" and item.alignment is not None and name not in own
    }
    return TrackJob(mine, own, sounds.get((natural, item.id)), item.alignment, closely)


def _data(
    c: Content, definitions: Sequence[Any], voices: Sequence[str], colours: dict[str, str]
) -> dict[str, Any]:
    ids = [item.id for item in c.items]
    place = {id: k for k, id in enumerate(ids)}
    references = frozenset(name for name, _, _ in c.systems if name not in voices)
    values: dict[str, dict[str, list[float | None]]] = {d.key: {} for d in definitions}
    for row in c.rows:
        if row.key in values and row.value is not None:
            column = values[row.key].setdefault(row.system, [None] * len(ids))
            column[place[row.utterance]] = float(f"{row.value:.6g}")
    heard: dict[str, dict[str, dict[str, str]]] = {}
    for row in c.rows:
        if row.key in values and "heard" in row.detail:
            heard.setdefault(row.key, {}).setdefault(row.system, {})[row.utterance] = str(row.detail["heard"])
    order = {key: k for k, key in enumerate(c.analysis.tested)}
    return {
        "systems": c.analysis.systems,
        "voices": voices,
        "colours": colours,
        "utterances": ids,
        "texts": [item.text for item in c.items],
        "languages": [item.language for item in c.items],
        "folder": FOLDER,
        "definitions": [
            {
                "key": d.key,
                "title": d.title,
                "label": d.label,
                "unit": d.unit,
                "better": d.better,
                "primary": d.key in order,
            }
            for d in sorted(definitions, key=lambda d: order.get(d.key, len(order)))
        ],
        "values": values,
        "heard": heard,
        "worst": {
            d.key: [
                {"system": r.system, "utterance": r.utterance, "value": r.value}
                for r in worst(c.rows, d, skip=references)
            ]
            for d in definitions
        },
        "spoken": {s: [id for id in ids if (s, id) in c.sounds] for s in c.analysis.systems},
    }


def _folded(title: str, body: str) -> str:
    return f"<details><summary>{escape(title)}</summary>{body}</details>"


def _list(lines: Sequence[str], title: str) -> str:
    if not lines:
        return ""
    body = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return f"<details><summary>{escape(title)} ({len(lines)})</summary><ul>{body}</ul></details>"


def _json(data: Any) -> str:
    """JSON that is safe inside a script element."""
    return (
        json.dumps(data, ensure_ascii=False, allow_nan=False).replace("</", "<\\/").replace("<!--", "<\\!--")
    )
