# SPDX-License-Identifier: Apache-2.0
"""The page as a whole."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Any

from synthkit import audio
from synthkit.atomic import write_text
from synthkit.eval.items import Item
from synthkit.eval.report import examples as ex
from synthkit.eval.report import numbers, tables
from synthkit.eval.report.encoding import sound
from synthkit.eval.report.forest import COLOURS, forest
from synthkit.eval.results import ALPHA, Analysis, Row, worst
from synthkit.types import Alignment

SOUND_BUDGET = 24_000_000
"""Bytes of sound a report carries; above it only the examples and the worst utterances have players."""

SHOWN = 8
"""Figures beside each player."""


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
    alignments : dict of (system, utterance) to Alignment
        Phones of what was spoken, where the pipeline knows them.
    facts : dict of str to str
        Corpus, licence, split, versions …, shown as they are.
    warnings : sequence of str
    left_out : sequence of (metric, reason)
    environment : dict of str to str
    command : str
    examples : int
        Sentences shown with spectrograms.
    audio_format : str
    """

    title: str
    items: Sequence[Item]
    systems: Sequence[tuple[str, str, dict[str, Any]]]
    rows: Sequence[Row]
    analysis: Analysis
    sounds: dict[tuple[str, str], Path]
    alignments: dict[tuple[str, str], Alignment] = field(default_factory=dict)
    facts: dict[str, str] = field(default_factory=dict)
    warnings: Sequence[str] = ()
    left_out: Sequence[tuple[str, str]] = ()
    environment: dict[str, str] = field(default_factory=dict)
    command: str = ""
    examples: int = 8
    audio_format: str = "mp3"


def write_report(path: Path, content: Content) -> int:
    """Write the report as one file and return its size in bytes."""
    text = page(content)
    write_text(path, text)
    return len(text.encode("utf-8"))


def page(c: Content) -> str:
    """The whole HTML text."""
    a = c.analysis
    kinds = {name: kind for name, kind, _ in c.systems}
    colours = {name: COLOURS[k % len(COLOURS)] for k, (name, _, _) in enumerate(c.systems)}
    with_values = [
        d
        for d in a.definitions
        if any((d.key, s) in a.summaries and a.summaries[d.key, s].interval for s in a.systems)
    ]
    main = list(a.tested) + [d.key for d in with_values if d.group in ("cost", "concatenation")]
    rest = [d.key for d in with_values if d.key not in main]
    references = frozenset(name for name, kind in kinds.items() if kind != "voice")
    worst_rows = {d.key: worst(c.rows, d, skip=references) for d in with_values}
    chosen = _spread(len(c.items), c.examples)
    embedded = _sounds(c, chosen, worst_rows)
    plots = "".join(forest(a, d, colours) for d in a.definitions if d.key in a.tested)
    other_plots = "".join(
        forest(a, d, colours) for d in with_values if d.key in main and d.key not in a.tested
    )
    css = files(__package__).joinpath("page.css").read_text(encoding="utf-8")
    js = files(__package__).joinpath("page.js").read_text(encoding="utf-8")
    warnings = "".join(f'<p class="warn">{escape(w)}</p>' for w in c.warnings)
    further = ""
    if rest:
        what = (
            f"{len(rest)} further definitions of these figures, for comparison with other tools (not tested)"
        )
        further = (
            f"<details><summary>{what}</summary>{tables.figures(a, rest, kinds, len(c.items))}</details>"
        )
    voices = sum(kind == "voice" for kind in kinds.values())
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>{escape(c.title)}</title>
<style>{css}</style>
</head>
<body>
<header>
<h1>{escape(c.title)}</h1>
<p class="soft">The same sentences by every voice, measured, tested, and here to be heard.</p>
<ul class="facts">
<li><b>{voices}</b> {"voice" if voices == 1 else "voices"}</li><li><b>{len(c.items)}</b> sentences</li>
<li><b>{len(with_values)}</b> figures</li><li><b>{len(a.family)}</b> tests</li></ul>
{warnings}
<nav><a href="#summary">Summary</a><a href="#forest">Intervals</a><a href="#utterances">Sentence by sentence</a>
<a href="#tested">Tests</a><a href="#listen">Listen</a><a href="#definitions">Definitions</a><a href="#provenance">Provenance</a></nav>
</header>
<main>
<h2 id="summary">Summary</h2>
<p>Mean over sentences (errors over words where the figure is a rate) with its 95 % studentised bootstrap interval ({a.resamples} resamples, seed {a.seed}). Systems that share a
letter <b style="color:var(--accent)">a</b>, <b style="color:var(--accent)">b</b> … do not differ significantly at a family-wise level of
{ALPHA:.0%}; rows without letters are not tested. <i>Italic</i> columns are references: the recordings, and recordings put through a vocoder.</p>
{tables.figures(a, main, kinds, len(c.items))}
{further}
<h2 id="forest">Intervals</h2>
<div class="plots">{plots}</div>
<details><summary>Concatenation and cost</summary><div class="plots">{other_plots}</div></details>
<h2 id="utterances">Sentence by sentence</h2>
<div class="choose"><label>figure <select id="metric"></select></label><label>across <select id="first"></select></label>
<label>up <select id="second"></select></label></div>
<div class="split"><svg id="scatter" viewBox="0 0 460 450" role="img" aria-label="utterances of two systems"></svg><div class="card" id="card"></div></div>
<h3 id="worst-title">The worst</h3>
<div class="wide"><table class="plain"><thead><tr><th>value</th><th>system</th><th>sentence</th><th></th></tr></thead><tbody id="worst"></tbody></table></div>
<h2 id="tested">Tests</h2>
<p>The family is voices × primary figures: {len(a.family)} tests. The mean difference by Student's t on the sentences that both voices have,
two-sided, corrected for the family (Šidák); the 95 % interval holds for the whole family at once, so that it excludes 0 where the corrected
p is at most {ALPHA:.2g}. r is the matched-pairs rank-biserial correlation. Green rows differ; grey ones are described, not tested.</p>
<div class="choose"><label><input type="checkbox" id="one"> only the figure chosen above</label></div>
<details><summary>{len(a.family)} tests, {sum(p.different for p in a.pairs)} significant</summary>{tables.tests(a)}</details>
{_list(a.untested_pairs, "Pairs that were not tested, with fewer than six sentences in common")}
<h2 id="listen">Listen</h2>
<p>Spectrograms run to 8 kHz over 60 dB. <span style="color:#0a84d6">Blue</span>: F0, 0 to 400 Hz. <span style="color:#c33">Red</span>: phone
boundaries: of the recording's labels, of the voice's own durations, or, where it plans none, carried over from the recording.</p>
{_examples(c, chosen, colours, {name: k for k, (name, _) in enumerate(embedded)})}
<h2 id="definitions">Exact definitions</h2>
<details><summary>{len(a.definitions)} definitions</summary>{tables.definitions(a.definitions)}</details>
<h2 id="missing">What was not measured</h2>
<details><summary>Figures without a value, by reason</summary>{tables.missing(a)}</details>
{_list([f"{name}: {reason}" for name, reason in c.left_out], "Metrics that were left out")}
<h2 id="provenance">Provenance</h2>
{tables.provenance(c.systems)}
<div class="wide"><table class="plain">{"".join(f"<tr><th>{escape(k)}</th><td>{escape(v)}</td></tr>" for k, v in {**c.facts, **c.environment}.items())}</table></div>
{f"<pre>{escape(c.command)}</pre>" if c.command else ""}
</main>
<footer>Made by synthkit {escape(c.environment.get("synthkit", ""))}. Predicted-quality figures are predictions of a model, not mean opinion scores.</footer>
<script type="application/json" id="data">{_json(_data(c, with_values, worst_rows, colours, embedded))}</script>
<script type="application/json" id="sounds">{_json({str(k): s for k, (_, s) in enumerate(embedded)})}</script>
<script>{js}</script>
</body>
</html>
"""


def _spread(count: int, wanted: int) -> list[int]:
    """`wanted` positions spread evenly over `count`."""
    wanted = min(count, wanted)
    return sorted({round(k * (count - 1) / max(wanted - 1, 1)) for k in range(wanted)})


def _sounds(
    c: Content, chosen: list[int], worst_rows: dict[str, list[Row]]
) -> list[tuple[tuple[str, str], str]]:
    """Which sounds go into the page, as data URIs: all of them, within the budget, else those shown by name."""
    ids = [item.id for item in c.items]
    wanted = [(s, ids[k]) for k in chosen for s in c.analysis.systems]
    wanted += [(r.system, r.utterance) for some in worst_rows.values() for r in some]
    wanted += [(s, id) for id in ids for s in c.analysis.systems]
    out: dict[tuple[str, str], str] = {}
    spent = 0
    for name in dict.fromkeys(wanted):
        if name not in c.sounds or spent > SOUND_BUDGET:
            continue
        out[name] = sound(audio.read(c.sounds[name]), c.audio_format)
        spent += len(out[name])
    return list(out.items())


def _data(
    c: Content,
    definitions: Sequence[Any],
    worst_rows: dict[str, list[Row]],
    colours: dict[str, str],
    embedded: Sequence[tuple[tuple[str, str], str]],
) -> dict[str, Any]:
    ids = [item.id for item in c.items]
    place = {id: k for k, id in enumerate(ids)}
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
        "voices": [name for name, kind, _ in c.systems if kind == "voice"],
        "colours": colours,
        "utterances": ids,
        "texts": [item.text for item in c.items],
        "definitions": [
            {"key": d.key, "title": d.title, "label": d.label, "better": d.better}
            for d in sorted(definitions, key=lambda d: order.get(d.key, len(order)))
        ],
        "values": values,
        "heard": heard,
        "worst": {
            key: [{"system": r.system, "utterance": r.utterance, "value": r.value} for r in some]
            for key, some in worst_rows.items()
        },
        "soundIndex": {
            f"{system}\0{utterance}": str(k) for k, ((system, utterance), _) in enumerate(embedded)
        },
    }


def _examples(
    c: Content, chosen: list[int], colours: dict[str, str], index: dict[tuple[str, str], int]
) -> str:
    by_key = {d.key: d for d in c.analysis.definitions}
    table = {(r.key, r.system, r.utterance): r.value for r in c.rows}
    out = []
    for n, k in enumerate(chosen):
        item = c.items[k]
        natural = next((s for s, kind, _ in c.systems if kind == "natural"), None)
        reference_path = c.sounds.get((natural, item.id)) if natural else None
        reference = audio.read(reference_path) if reference_path else None
        cells = []
        for name, kind, _ in c.systems:
            path = c.sounds.get((name, item.id))
            drawing, key = "", ""
            if path is not None:
                key = str(index.get((name, item.id), ""))
                own = item.alignment if kind != "voice" else c.alignments.get((name, item.id))
                shown = ex.picture(audio.read(path), own, reference, item.alignment)
                drawing = ex.figure(shown, f"{name}: {item.text}")
            values = {
                by_key[d].title: numbers.number(v)
                for d in c.analysis.tested[:SHOWN]
                if (v := table.get((d, name, item.id))) is not None
            }
            cells.append((name, colours[name], key, drawing, values))
        out.append(ex.example(n + 1, item.text, item.id, cells, opened=n == 0))
    return "".join(out)


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
