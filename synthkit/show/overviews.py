# SPDX-License-Identifier: Apache-2.0
"""Pictures of what has no time axis: a voice, a corpus, a table of figures, a text's words and phones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from synthkit import audio
from synthkit.corpora.corpus import Corpus
from synthkit.errors import AudioError, ConfigError, reason
from synthkit.pipeline.alignments import holds_alignments, read_alignments
from synthkit.pipeline.voice import Voice
from synthkit.show.drawing import BANDS, F0, LABEL, LINE, TIER, draw, rows_of
from synthkit.show.table import Table
from synthkit.types import PAUSE, Segmentation, Utterance

OVERVIEWS = (Voice, Corpus, Table)
"""What is drawn in rows that have an axis each."""
STAGES, PANEL, LINE_HEIGHT = 0.7, 1.8, 0.22
"""Inches of height."""
MOST = 2000
"""Utterances that are looked at, evenly taken from all there are."""
PANELS = 12
"""Rows of a table's picture, at most."""
NAMED = 8
"""Speakers that have a colour of their own."""
FLAGGED = "#d64545"


@rows_of.register(Segmentation)
def _(shown: Segmentation) -> list[float]:
    return [2 * TIER]


@draw.register(Segmentation)
def _(shown: Segmentation, axes: Any) -> None:
    """Words above phones, the pauses between them; stressed phones are darker."""
    symbols = shown.symbols()
    place = 0
    for number, word in enumerate(shown.words):
        while symbols[place] == PAUSE:
            place += 1
        axes.axvspan(place, place + len(word.phones), 0.5, 1, facecolor=BANDS[number % 2], edgecolor="white")
        axes.text(place + len(word.phones) / 2, 1.5, word.text + word.punctuation, **LABEL)
        for k, phone in enumerate(word.phones):
            colour = ("#eef2f7", "#f3b98a", "#f8d9bf")[phone.stress]
            axes.axvspan(place + k, place + k + 1, 0, 0.5, facecolor=colour, edgecolor="white", linewidth=0.5)
        place += len(word.phones)
    for k, symbol in enumerate(symbols):
        axes.text(k + 0.5, 0.5, symbol, **LABEL)
    axes.set_xlim(0, len(symbols))
    axes.set_ylim(0, 2)
    axes.set_yticks([0.5, 1.5], ["phones", "words"])
    axes.set_xlabel(f"place among the phones ({shown.phone_set})")


@rows_of.register(Voice)
def _(shown: Voice) -> list[float]:
    return [STAGES, PANEL, PANEL] if _alignments_of(shown) else [STAGES]


@draw.register(Voice)
def _(shown: Voice, axes: Any) -> None:
    """The stages; how often each phone was recorded, and how long it lasts.

    A voice that keeps no alignments (one that others trained) is drawn as its stages alone.
    """
    rows = np.ravel(axes)
    _draw_stages(shown, rows[0])
    folder = _alignments_of(shown)
    if folder is None:
        return
    there, _ = read_alignments(folder)
    times: dict[str, list[float]] = {}
    doubtful: Counter[str] = Counter()
    ids = _evenly(list(there))
    for id in ids:
        alignment = there[id]
        flagged = {index for index, _ in alignment.flags}
        for k, phone in enumerate(alignment.phones):
            if phone.label != PAUSE:
                times.setdefault(phone.label, []).append(phone.duration)
                doubtful[phone.label] += k in flagged
    _draw_counts(rows[1], {p: len(t) for p, t in times.items()}, doubtful)
    rows[1].set_title(
        f"{_told(len(ids), len(there))}, {len(times)} phones; red: boundary in doubt", fontsize=9
    )
    _draw_durations(rows[2], times)


@rows_of.register(Corpus)
def _(shown: Corpus) -> list[float]:
    return [PANEL, PANEL]


@draw.register(Corpus)
def _(shown: Corpus, axes: Any) -> None:
    """How long its utterances are, by speaker; how often each phone is said, or each letter where the corpus
    states no phones."""
    rows = np.ravel(axes)
    some = _evenly(shown.utterances)
    lengths: dict[str, list[float]] = {}
    unread = 0
    for utterance in some:
        try:
            seconds = _seconds(utterance)
        except AudioError as error:
            reason(error)  # the machine's faults pass; what cannot be read is counted in the picture
            unread += 1
        else:
            lengths.setdefault(utterance.speaker, []).append(seconds)
    named = sorted(lengths, key=lambda name: -len(lengths[name]))
    groups = [(name, lengths[name]) for name in named[:NAMED]]
    if rest := [value for name in named[NAMED:] for value in lengths[name]]:
        groups.append((f"{len(named) - NAMED} more", rest))
    edges = np.histogram_bin_edges([v for _, values in groups for v in values] or [0.0, 1.0], 30)
    colours = [LINE, "#d55e00", "#009e73", "#cc79a7", "#b58900", "#56b4e9", "#7f6bd1", "#8c564b", "#999999"]
    if groups:
        rows[0].hist([values for _, values in groups], edges, stacked=True, color=colours[: len(groups)],
                     label=[f"{name}: {sum(values) / 60:.1f} min" for name, values in groups])  # fmt: skip
        rows[0].legend(loc="upper right", fontsize=8)
    rows[0].set_xlabel("length of an utterance, s")
    rows[0].set_ylabel("utterances")
    bad = f", {unread} cannot be read" if unread else ""
    rows[0].set_title(f"{shown.name}: {_told(len(some), len(shown))}{bad}", fontsize=9)
    units: Counter[str] = Counter()
    for utterance in some:
        units.update(p for p in utterance.phones or () if p != PAUSE)
    stated = bool(units)
    if not stated:
        for utterance in some:
            units.update(c for c in utterance.text.casefold() if c.isalpha())
    _draw_counts(rows[1], units, Counter())
    rows[1].set_ylabel("times said" if stated else "times written")
    rows[1].set_xlabel("phone" if stated else "letter (the corpus states no phones)")


@rows_of.register(Table)
def _(shown: Table, figures: Sequence[str] = ()) -> list[float]:
    return [0.5 + LINE_HEIGHT * max(len(rows), 2) for rows in _panels(shown, figures).values()]


@draw.register(Table)
def _(shown: Table, axes: Any, figures: Sequence[str] = ()) -> None:
    """Values, with their intervals where the table has them: a row for each figure of several systems, else
    one for each unit. `figures` names those that are wanted."""
    columns = {name: k for k, name in enumerate(shown.head)}
    several = "system" in columns
    for one, (title, rows) in zip(np.ravel(axes), _panels(shown, figures).items(), strict=True):
        names = [str(row[columns["system"]] if several else row[0]) for row in rows]
        for place, row in enumerate(rows):
            value = row[columns["value"]]
            if value is None:
                one.text(
                    0.02, place, "no value", transform=one.get_yaxis_transform(), va="center", fontsize=8
                )
                continue
            ends = [row[columns[end]] if end in columns else None for end in ("low", "high")]
            if None not in ends:
                one.plot(ends, [place, place], color=LINE, linewidth=2, alpha=0.5)
            one.plot([value], [place], "o", color=LINE)
        one.set_yticks(range(len(rows)), names)
        one.set_ylim(len(rows) - 0.5, -0.5)
        one.margins(x=0.1)
        one.grid(axis="x", alpha=0.3)
        one.set_title(title, fontsize=9)


def _panels(table: Table, figures: Sequence[str]) -> dict[str, list[tuple[Any, ...]]]:
    """Rows of a table's picture, by title."""
    figures = (figures,) if isinstance(figures, str) else figures
    columns = {name: k for k, name in enumerate(table.head)}
    if "value" not in columns:
        raise ConfigError(
            f"there is no picture of a table of {', '.join(table.head)}",
            hint="a table with a column 'value' (sk.measure, sk.comparison) is drawn; "
            "to_pandas() gives this one to draw as you like",
        )
    known = dict.fromkeys(str(row[0]) for row in table.rows)
    for name in figures:
        if not any(_is(name, key) for key in known):
            from difflib import get_close_matches

            close = get_close_matches(name, [*known, *(key.partition("/")[0] for key in known)], 1)
            raise ConfigError(
                f"the table has no figure {name!r}",
                hint=(f"did you mean {close[0]!r}? " if close else "") + f"it has {', '.join(known)}",
            )
    found: dict[str, list[tuple[Any, ...]]] = {}
    for row in table.rows:
        if figures and not any(_is(name, str(row[0])) for name in figures):
            continue
        unit = str(row[columns["unit"]] or "") if "unit" in columns else ""
        title = unit or "no unit"
        if "system" in columns:
            title = f"{row[0]}, {unit}" if unit else str(row[0])
        found.setdefault(title, []).append(row)
    if not found:
        raise ConfigError("the table has no rows to draw")
    if len(found) > PANELS:
        raise ConfigError(
            f"{len(found)} rows of pictures are too many to look at ({PANELS} at most)",
            hint=f"name some: plot(figures=[{next(iter(known))!r}, …])",
        )
    return found


def _is(name: str, key: str) -> bool:
    """Whether `name` is the figure ``metric/definition`` or its metric."""
    return name in (key, key.partition("/")[0])


def _draw_stages(voice: Voice, axes: Any) -> None:
    """The stages that speak, from left to right, each with its plugin."""
    boxes = [(stage.replace("_", " "), part.plugin) for stage, part in voice.stages.items()]
    for k, (stage, plugin) in enumerate(boxes):
        box = {"boxstyle": "round,pad=0.5", "facecolor": BANDS[k % len(BANDS)], "edgecolor": LINE}
        axes.text(k, 0, f"{plugin}\n({stage})", ha="center", va="center", fontsize=9, bbox=box)
        if k:
            axes.annotate("", (k - 0.3, 0), (k - 0.7, 0), arrowprops={"arrowstyle": "->", "color": LINE})
    axes.set_xlim(-0.6, len(boxes) - 0.4)
    axes.set_ylim(-1, 1)
    axes.set_axis_off()
    about = voice.manifest.get("corpus", {})
    minutes = about.get("minutes")
    said = [", ".join(voice.manifest["languages"]), f"{voice.sample_rate} Hz"]
    said += [f"{minutes} min of {about.get('name', '')}"] if minutes else []
    axes.set_title(f"{voice.name}: {', '.join(said)}", fontsize=9)


def _draw_counts(axes: Any, counts: Mapping[str, int], doubtful: Counter[str]) -> None:
    names = sorted(counts, key=lambda name: (-counts[name], name))
    axes.bar(range(len(names)), [counts[n] for n in names], color=LINE)
    axes.bar(range(len(names)), [doubtful[n] for n in names], color=FLAGGED)
    if names and max(counts.values()) > 50 * min(counts.values()):
        axes.set_yscale("log")
    axes.set_xticks(range(len(names)), names, fontsize=7)
    axes.set_xlim(-0.6, len(names) - 0.4)
    axes.set_ylabel("times recorded")


def _draw_durations(axes: Any, times: Mapping[str, Sequence[float]]) -> None:
    """Median and the middle nine tenths of each phone, in the order of `_draw_counts`."""
    names = sorted(times, key=lambda name: (-len(times[name]), name))
    for k, name in enumerate(names):
        low, middle, high = np.percentile(1000 * np.asarray(times[name]), [5, 50, 95])
        axes.plot([k, k], [low, high], color=LINE, alpha=0.6)
        axes.plot([k], [middle], "o", color=F0, markersize=3)
    axes.set_xticks(range(len(names)), names, fontsize=7)
    axes.set_xlim(-0.6, len(names) - 0.4)
    axes.set_ylim(bottom=0)
    axes.set_ylabel("duration, ms")
    axes.set_xlabel("phone (line: middle nine tenths, point: median)")


def _alignments_of(voice: Voice) -> Path | None:
    folder = voice.folder / "alignment"
    return folder if holds_alignments(folder) else None


def _evenly(all_of_them: Sequence[Any]) -> list[Any]:
    if len(all_of_them) <= MOST:
        return list(all_of_them)
    return [all_of_them[k] for k in np.linspace(0, len(all_of_them) - 1, MOST).astype(int)]


def _told(some: int, all_of_them: int) -> str:
    return f"{some} utterances" if some == all_of_them else f"{some} of {all_of_them} utterances"


def _seconds(utterance: Utterance) -> float:
    if utterance.start is not None and utterance.end is not None:
        return utterance.end - utterance.start
    rate, frames, _ = audio.info(utterance.audio)
    whole = frames / rate
    return (utterance.end if utterance.end is not None else whole) - (utterance.start or 0.0)
