# SPDX-License-Identifier: Apache-2.0
"""The gallery's figures: a row for each system, and what they come to in a sentence."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from synthkit.eval.compare import Done
from synthkit.eval.families import LEVEL, adjust
from synthkit.eval.metric import Definition
from synthkit.eval.report.numbers import number
from synthkit.eval.results import Analysis
from synthkit.gallery.making import Made
from synthkit.plugins import Registry

FIGURES = ("wer", "predicted-mos", "speaker-similarity", "rtf", "latency", "peak-memory")
"""Columns, by metric; those that nothing measured are left out."""
JUDGED = ("wer", "predicted-mos", "speaker-similarity")
HEADS = {
    "wer": "WER, %", "predicted-mos": "predicted MOS", "speaker-similarity": "similarity", "rtf": "RTF",
    "latency": "first sound, ms", "peak-memory": "memory, MB",
}  # fmt: skip
HEARD_MARK = "†"
"""Behind the name of a voice that learned from some of the sentences."""
WORDS = 2.0
"""Times the recordings' own error rate up to which a system is said to speak words."""


@dataclass(frozen=True)
class Cell:
    """A mean with its 95 % interval."""

    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Line:
    """One system.

    Attributes
    ----------
    name, kind : str
        ``kind`` is ``"natural"``, ``"copy"`` or ``"voice"``.
    what, vocoder : str
        What makes its frames (or the whole), and what its sound; half a sentence each.
    figures : dict of str to Cell
        By metric.
    failed : int
        Sentences that it could not speak.
    heard : bool
        It learned from some of the sentences, so that it is none of the best.
    """

    name: str
    kind: str
    what: str
    vocoder: str
    figures: dict[str, Cell]
    failed: int = 0
    heard: bool = False

    @property
    def judged(self) -> bool:
        """Whether it may be the best: a voice, on sentences that are new to it."""
        return self.kind == "voice" and not self.heard


@dataclass(frozen=True)
class Room:
    """What one language came to.

    Attributes
    ----------
    language, corpus, report : str
        ``report`` is the comparison's page, relative to the gallery's.
    sentences : int
    lines : list of Line
        Recordings, copies, voices.
    verdict : str
    missing : list of dict
        ``name``, ``why``, ``mend`` of what is not shown.
    warnings : list of str
    definitions : dict of str to str
        What each figure is, by metric.
    """

    language: str
    corpus: str
    report: str
    sentences: int
    lines: list[Line]
    verdict: str
    missing: list[dict[str, str]]
    warnings: list[str]
    definitions: dict[str, str]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return asdict(self)

    def shown(self) -> list[str]:
        """Metrics that some system has a figure of, in order."""
        return [m for m in FIGURES if any(m in line.figures for line in self.lines)]


def lines_of(
    done: Done, kinds: dict[str, str], made: Sequence[Made], plugins: Registry, heard: Collection[str] = ()
) -> list[Line]:
    """A row for each system of a comparison.

    Parameters
    ----------
    done : Done
    kinds : dict of str to str
        Of each system, by its name in the comparison.
    made : sequence of Made
        The voices, by whose names systems begin.
    plugins : Registry
    heard : collection of str
        Names of voices that learned from some of the sentences.

    Returns
    -------
    list of Line
    """
    analysis = done.analysis
    keys = chosen(analysis.definitions)
    voices = {m.folder.resolve().name: m for m in made}
    out = []
    for name in analysis.systems:
        figures = {}
        for metric, definition in keys.items():
            s = analysis.summary(definition.key, name)
            if s is not None and s.interval is not None:
                i = s.interval
                figures[metric] = Cell(i.estimate, i.low, i.high)
        failed = sum(f.system == name for f in done.outcome.failures)
        what, vocoder = _described(name, kinds[name], voices, plugins)
        known = name.partition(":")[0] in heard
        out.append(Line(name, kinds[name], what, vocoder, figures, failed, known))
    return out


def chosen(definitions: Sequence[Definition]) -> dict[str, Definition]:
    """The first definition of each of `FIGURES` that is measured.

    Parameters
    ----------
    definitions : sequence of Definition

    Returns
    -------
    dict of str to Definition
        By metric.
    """
    return {m: d for m in FIGURES if (d := next((d for d in definitions if d.metric == m), None))}


def _described(name: str, kind: str, voices: dict[str, Made], plugins: Registry) -> tuple[str, str]:
    if kind == "natural":
        return "the recordings", ""
    if kind == "copy":
        return "the recordings' own frames", name.removeprefix("copy:")
    folder, _, other = name.partition(":")
    voice = voices[folder]
    if voice.wanted.pretrained:
        return str(plugins.load("pretrained_voice", voice.wanted.pretrained).paradigm), other or voice.vocoder
    summary = plugins.find("acoustic_model", voice.model).summary
    settings = {k: v for k, v in voice.wanted.tables.get("acoustic_model", {}).items() if k != "plugin"}
    said = ", ".join(f"{k} = {v}" for k, v in settings.items())
    weights = voice.wanted.tables["vocoder"].get("pretrained") if voice.wanted.trained_vocoder else None
    own = f"{voice.vocoder} ({weights})" if weights else voice.vocoder
    return f"{summary.partition(':')[0].partition(';')[0]}{f' ({said})' if said else ''}", other or own


def alone(analysis: Analysis) -> dict[tuple[str, frozenset[str]], float]:
    """What every two systems' test says by itself, before anything is corrected for.

    Parameters
    ----------
    analysis : Analysis

    Returns
    -------
    dict of (str, frozenset of str) to float
        Two-sided p by metric and the two systems, also of those that are too few among all pairs of the
        report for its own tests; 1 where the two are the same.
    """
    keys = {d.key: m for m, d in chosen(analysis.definitions).items()}
    return {
        (keys[pair.key], frozenset((pair.first, pair.second))): pair.p
        for pair in analysis.pairs
        if pair.key in keys
    }


def verdict(lines: Sequence[Line], tests: Mapping[tuple[str, frozenset[str]], float]) -> str:
    """Which voices speak words, and the best in each figure with those that are not told apart from it.

    A voice is told apart from the best where its test holds among those of all voices with the best
    (multiple comparisons with the best: Hsu 1984, Annals of Statistics 12), not among those of every two
    systems that the report has letters for: a gallery has hundreds of these, and nothing would be left.

    Parameters
    ----------
    lines : sequence of Line
    tests : mapping of (str, frozenset of str) to float
        See `alone`.

    Returns
    -------
    str
    """
    voices = [line for line in lines if line.judged]
    natural = next((line for line in lines if line.kind == "natural"), None)
    parts = []
    anchor = natural.figures.get("wer") if natural is not None else None
    heard = [v for v in voices if "wer" in v.figures]
    if anchor is not None and anchor.value > 0 and heard:
        speak = [v.name for v in heard if v.figures["wer"].value <= WORDS * anchor.value]
        parts.append(
            f"{len(speak)} of {len(heard)} speak words (WER at most {WORDS:g} times the recordings' "
            f"{number(anchor.value)} %)"
        )
    known = {m: [v for v in voices if m in v.figures] for m in JUDGED}
    family = sum(max(len(each) - 1, 0) for each in known.values())
    for metric in (m for m in JUDGED if known[m]):
        sign = 1 if metric == "wer" else -1
        best = min(known[metric], key=lambda v: sign * v.figures[metric].value)
        beside = {
            v.name: tests.get((metric, frozenset((best.name, v.name))))
            for v in known[metric]
            if v is not best
        }
        same = [name for name, p in beside.items() if p is None or adjust(p, family) > 1 - LEVEL]
        unit = " %" if metric == "wer" else ""
        text = (
            f"{HEADS[metric].partition(',')[0]}: best {best.name}, {number(best.figures[metric].value)}{unit}"
        )
        if beside:
            text += f", not told apart from {', '.join(same)}" if same else ", apart from all others"
        parts.append(text)
    return "; ".join(parts) + "." if parts else "Nothing was measured of voices."


def row(line: Line, metrics: Sequence[str], best: dict[str, str]) -> list[str]:
    """Cells of a row as text: name, what, vocoder, figures.

    Parameters
    ----------
    line : Line
    metrics : sequence of str
        Columns of figures.
    best : dict of str to str
        As `best_of` gives them: that figure stands between ``**``.

    Returns
    -------
    list of str
    """
    cells = []
    for metric in metrics:
        cell = line.figures.get(metric)
        if cell is None:
            cells.append("–")
            continue
        star = "**" if best.get(metric) == line.name else ""
        cells.append(f"{star}{number(cell.value)}{star}")
    return [f"{line.name} {HEARD_MARK}" if line.heard else line.name, line.what, line.vocoder, *cells]


def best_of(room: Room) -> dict[str, str]:
    """Name of the voice with the best figure, by metric.

    Parameters
    ----------
    room : Room

    Returns
    -------
    dict of str to str
        Of a mean opinion or similarity the highest is best, of everything else the lowest.
    """
    out = {}
    for metric in room.shown():
        known = [v for v in room.lines if v.judged and metric in v.figures]
        sign = -1 if metric in ("predicted-mos", "speaker-similarity") else 1
        if known:
            out[metric] = min(known, key=lambda v: sign * v.figures[metric].value).name
    return out
