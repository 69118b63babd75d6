# SPDX-License-Identifier: Apache-2.0
"""A comparison's results as files: JSON, and the tidy table as parquet."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from synthkit.atomic import writing
from synthkit.errors import ConfigError, MissingDependency
from synthkit.eval.results import ALPHA, Analysis, Row
from synthkit.eval.statistics import Interval
from synthkit.paths import read_text

MOST_BYTES = 1 << 30
"""Of a comparison's ``results.json``, which has a row for each measurement."""


def pairs_json(analysis: Analysis) -> list[dict[str, Any]]:
    """Every pair of voices in every primary figure as plain values, tested or described (``note`` says why).

    Parameters
    ----------
    analysis : Analysis

    Returns
    -------
    list of dict
        ``definition``, ``first``, ``second``, ``difference`` (``estimate``, ``low``, ``high``, ``clusters``;
        second less first, in the figure's unit), ``p``, ``adjusted``, ``effect``, ``pairs``, ``ties``,
        ``note``.
    """
    return [
        {
            "definition": p.key,
            "first": p.first,
            "second": p.second,
            "difference": asdict(p.difference),
            "p": p.p,
            "adjusted": p.adjusted,
            "effect": p.effect,
            "pairs": p.pairs,
            "ties": p.ties,
            "note": p.note,
        }
        for p in analysis.pairs
    ]


def to_json(analysis: Analysis, rows: Sequence[Row], about: dict[str, Any]) -> dict[str, Any]:
    """Everything of a comparison as plain values.

    Parameters
    ----------
    analysis : Analysis
    rows : sequence of Row
    about : dict
        What was compared, and with what.

    Returns
    -------
    dict
    """

    def interval(i: Interval | None) -> dict[str, Any] | None:
        return asdict(i) if i is not None else None

    return {
        "about": about,
        "seed": analysis.seed,
        "resamples": analysis.resamples,
        "level": 0.95,
        "family_level": ALPHA,
        "systems": analysis.systems,
        "definitions": [d.to_dict() for d in analysis.definitions],
        "tested": analysis.tested,
        "untested_pairs": analysis.untested_pairs,
        "summaries": [
            {
                "system": s.system,
                "definition": s.key,
                "interval": interval(s.interval),
                "measured": s.measured,
                "undefined": s.undefined,
                "reasons": s.reasons,
                "letters": s.letters,
            }
            for s in analysis.summaries.values()
        ],
        "pairs": pairs_json(analysis),
        "power": [asdict(s) for s in analysis.strengths.values()],
        "rows": [asdict(r) for r in rows],
    }


def write_results_json(path: Path, data: dict[str, Any]) -> None:
    """Write `to_json`'s data atomically; NaN is refused.

    Parameters
    ----------
    path : Path
    data : dict
        What `to_json` gave.

    Raises
    ------
    ValueError
        It holds a number that is not finite.
    """
    with writing(path) as temporary:
        temporary.write_text(json.dumps(data, ensure_ascii=False, allow_nan=False), encoding="utf-8")


def read_results_json(path: Path) -> dict[str, Any]:
    """What `write_results_json` wrote: `path` itself, or the ``results.json`` in that folder.

    Parameters
    ----------
    path : Path

    Returns
    -------
    dict

    Raises
    ------
    ConfigError
        It cannot be read, or is none.
    """
    file = path / "results.json" if path.is_dir() else path
    try:
        data = json.loads(read_text(file, ConfigError, limit=MOST_BYTES))
        for summary in data["summaries"]:
            interval = summary["interval"]
            _ = summary["system"], summary["letters"], summary["measured"] + 0
            _ = interval and (interval["estimate"] + 0, interval["low"], interval["high"])
        _ = {d["metric"] + d["id"] + d["unit"] for d in data["definitions"]}, [*data["tested"]]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise ConfigError(
            "is not the results.json of a comparison",
            where=str(file),
            hint="`synthkit compare VOICE … --out report` makes one: name its folder",
        ) from None
    return dict(data)


def write_parquet(path: Path, rows: Sequence[Row]) -> None:
    """Write the tidy table: utterance, voice, vocoder, metric, definition, value, n, unit, reason.

    Parameters
    ----------
    path : Path
    rows : sequence of Row

    Raises
    ------
    MissingDependency
        pyarrow is not installed.
    """
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ModuleNotFoundError as error:
        raise MissingDependency(
            "results.parquet needs the package 'pyarrow'; results.json holds the same rows",
            hint="pip install pyarrow",
        ) from error
    voices = [r.system.partition(":") for r in rows]
    table = pa.table(
        {
            "utterance": pa.array([r.utterance for r in rows], pa.string()),
            "voice": pa.array([v for v, _, _ in voices], pa.string()),
            "vocoder": pa.array([v or None for _, _, v in voices], pa.string()),
            "system": pa.array([r.system for r in rows], pa.string()),
            "metric": pa.array([r.metric for r in rows], pa.string()),
            "definition": pa.array([r.definition for r in rows], pa.string()),
            "value": pa.array([r.value for r in rows], pa.float64()),
            "n": pa.array([r.n for r in rows], pa.float64()),
            "unit": pa.array([r.unit for r in rows], pa.string()),
            "reason": pa.array([r.reason for r in rows], pa.string()),
        }
    )
    with writing(path) as temporary:
        pq.write_table(table, temporary, compression="zstd")
