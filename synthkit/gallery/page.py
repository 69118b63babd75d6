# SPDX-License-Identifier: Apache-2.0
"""The gallery's page, and its copy for the documentation."""

from __future__ import annotations

import html
from collections.abc import Sequence

from synthkit.columns import columns
from synthkit.gallery.picture import picture
from synthkit.gallery.table import HEADS, Room, best_of, row

NAMES = {"ru": "Russian", "en": "English"}
STYLE = """
 :root { color-scheme: light dark; --ink: #1b2025; --soft: #57626d; --line: #dfe3e7; --paper: #fff; }
 @media (prefers-color-scheme: dark) {
  :root { --ink: #e5e8eb; --soft: #9ba6b1; --line: #333a42; --paper: #14181c; } a { color: #73b9ef; }
 }
 body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 70rem;
        margin: 2.2rem auto; padding: 0 1.1rem; }
 table { border-collapse: collapse; font-size: .92rem; } .wide { overflow-x: auto; }
 th, td { text-align: left; padding: .25rem .8rem .25rem 0; border-bottom: 1px solid var(--line); }
 td.n { text-align: right; font-variant-numeric: tabular-nums; }
 tr.natural td, tr.copy td { color: var(--soft); }
 .verdict { font-size: 1.15rem; } .soft { color: var(--soft); } svg { max-width: 100%; height: auto; }
"""


def title_of(room: Room) -> str:
    """The heading of a language's part: its name, or its code where that is not known.

    Parameters
    ----------
    room : Room

    Returns
    -------
    str
    """
    return NAMES.get(room.language, room.language)


def terminal(room: Room) -> str:
    """Verdict, table and what is missing, for the terminal.

    Parameters
    ----------
    room : Room

    Returns
    -------
    str
    """
    metrics, best = room.shown(), best_of(room)
    body = []
    for line in room.lines:
        name, _, vocoder, *cells = row(line, metrics, best)
        body.append((name, vocoder, *(c.replace("**", "*", 1).replace("**", "") for c in cells)))
    text = columns(body, ("", "vocoder", *(HEADS[m] for m in metrics)))
    missing = [f"not shown: {_missing(m)}" for m in room.missing]
    return "\n".join([f"{title_of(room)}: {room.verdict}", "", text, *missing])


def page(rooms: Sequence[Room], facts: Sequence[str]) -> str:
    """The gallery's ``index.html``.

    Parameters
    ----------
    rooms : sequence of Room
    facts : sequence of str
        About the machine and the run.

    Returns
    -------
    str
    """
    parts = []
    for room in rooms:
        metrics, best = room.shown(), best_of(room)
        rows = []
        for line in room.lines:
            name, what, vocoder, *cells = row(line, metrics, best)
            texts = "".join(f"<td>{html.escape(t)}</td>" for t in (name, what, vocoder))
            numbers = "".join(f'<td class="n">{_bold(c)}</td>' for c in cells)
            rows.append(f'<tr class="{line.kind}">{texts}{numbers}</tr>')
        head = "".join(
            f"<th>{html.escape(h)}</th>" for h in ("", "what", "vocoder", *(HEADS[m] for m in metrics))
        )
        notes = "".join(f"<li>{html.escape(w)}</li>" for w in room.warnings)
        missing = "".join(f"<li>{html.escape(_missing(m))}</li>" for m in room.missing)
        defined = "".join(
            f"<li><b>{html.escape(HEADS[m])}</b>: {html.escape(room.definitions[m])}</li>" for m in metrics
        )
        parts.append(
            f"<h2>{html.escape(title_of(room))}</h2>"
            f'<p class="verdict">{html.escape(room.verdict)}</p>'
            f"<p>{room.sentences} sentences of {html.escape(room.corpus)}, which no voice built here has "
            f'heard. <a href="{html.escape(room.report)}">The report</a> plays every system at the same '
            f"place of each sentence.</p>{picture(room)}"
            f'<div class="wide"><table><thead><tr>{head}</tr></thead>'
            f"<tbody>{''.join(rows)}</tbody></table></div>"
            + (f"<h3>To know before any figure</h3><ul>{notes}</ul>" if notes else "")
            + (f"<h3>Not shown</h3><ul>{missing}</ul>" if missing else "")
            + f"<details><summary>What the figures are</summary><ul>{defined}</ul></details>"
        )
    about = "".join(f"<li>{html.escape(f)}</li>" for f in facts)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" '
        'content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">'
        f"<title>synthkit gallery</title><style>{STYLE}</style></head><body><h1>synthkit gallery</h1>"
        f"{''.join(parts)}<h2>How it was made</h2><ul>{about}</ul></body></html>\n"
    )


DOCS = """# Gallery

Everything that is installed speaks the same sentences: recordings, copy synthesis by every vocoder,
programs of the machine, voices built of the same recordings, and voices that others have trained. This page
was written by

    make gallery

(`synthkit gallery --fetch`), which builds what has to be built, takes up a run that was stopped where it
was, and leaves `gallery/index.html` and a report for each language in which every system is heard at the
same place of a sentence. A plugin that registers an acoustic model, a vocoder or a pretrained voice is in
it by itself; `demos` of a component says with which settings. `--sentences 4` is a quick one, `--only
"copy:*"` a part of it, `--voice FOLDER` adds a voice that you have built.

The sentences are held out: no voice that is built here has heard them. A voice is said to *speak words*
where Whisper errs at most twice as often as on the recordings. Bold is the best voice of a column; the
sentence above each table says what is not told apart from it by paired tests of each voice with the best.
(The report compares every two systems, some hundred pairs, and so tells fewer apart.) A voice with † has
heard some of the sentences, and is none of the best.
"""


def docs(rooms: Sequence[Room], facts: Sequence[str], images: dict[str, str]) -> str:
    """The page for the documentation, in Markdown.

    Parameters
    ----------
    rooms : sequence of Room
    facts : sequence of str
    images : dict of str to str
        Paths of the pictures from the page, by language.

    Returns
    -------
    str
    """
    parts = [DOCS]
    for room in rooms:
        metrics, best = room.shown(), best_of(room)
        heads = ["", "what", "vocoder", *(HEADS[m] for m in metrics)]
        parts.append(f"## {title_of(room)}\n\n{_cell(room.verdict)}\n")
        parts.append(f"{room.sentences} sentences of `{room.corpus}`.\n")
        if room.language in images:
            parts.append(f"![Figures of each system, {title_of(room)}]({images[room.language]})\n")
        table = [f"| {' | '.join(heads)} |", f"|{'---|' * 3}{'---:|' * len(metrics)}"]
        table += [f"| {' | '.join(_cell(c) for c in row(line, metrics, best))} |" for line in room.lines]
        parts.append("\n".join(table) + "\n")
        if room.warnings:
            parts.append(
                "To know before any figure:\n\n" + "\n".join(f"- {_cell(w)}" for w in room.warnings) + "\n"
            )
        if room.missing:
            parts.append(_list("Not shown", [_missing(m) for m in room.missing]))
    parts.append("## How it was made\n\n" + "\n".join(f"- {_cell(f)}" for f in facts) + "\n")
    return "\n".join(parts)


def _missing(entry: dict[str, str]) -> str:
    return f"{entry['name']}: {entry['why']}" + (f" → {entry['mend']}" if entry["mend"] else "")


def _list(head: str, texts: Sequence[str]) -> str:
    return f"{head}:\n\n" + "\n".join(f"- {_cell(t)}" for t in texts) + "\n"


def _cell(text: str) -> str:
    """Text that a table of Markdown keeps as it is; bold stays bold."""
    return text.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")


def _bold(text: str) -> str:
    inner = html.escape(text.strip("*"))
    return f"<b>{inner}</b>" if text.startswith("**") else inner
