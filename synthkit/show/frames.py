# SPDX-License-Identifier: Apache-2.0
"""Data as columns of equal length, for pandas."""

from __future__ import annotations

from functools import singledispatch
from typing import Any

import numpy as np

from synthkit.corpora.corpus import Corpus
from synthkit.pipeline.spoken import Spoken
from synthkit.pipeline.voice import Voice
from synthkit.show.table import Table
from synthkit.types import Alignment, Frames, Segmentation, UnitPath, Waveform


@singledispatch
def columns_of(shown: Any) -> dict[str, Any]:
    """Columns of `shown` by name.

    Parameters
    ----------
    shown : object

    Returns
    -------
    dict of str to sequence
    """
    raise TypeError(f"a {type(shown).__name__} is no table")


@columns_of.register
def _(shown: Table) -> dict[str, Any]:
    return {name: [row[k] for row in shown.rows] for k, name in enumerate(shown.head)}


@columns_of.register
def _(shown: Voice) -> dict[str, Any]:
    """A row a stage."""
    stages = shown.stages.items()
    return {"stage": [name for name, _ in stages], "plugin": [part.plugin for _, part in stages]}


@columns_of.register
def _(shown: Waveform) -> dict[str, Any]:
    return {"time": np.arange(len(shown.samples)) / shown.sample_rate, "amplitude": shown.samples}


@columns_of.register
def _(shown: Frames) -> dict[str, Any]:
    """A row a frame; a stream that is several numbers wide has a column for each, ``mcep[0]`` …"""
    out: dict[str, Any] = {"time": np.arange(len(shown)) * shown.spec.frame_period}
    for name, values in shown.data.items():
        if values.ndim == 1:
            out[name] = values
        else:
            out |= {f"{name}[{k}]": values[:, k] for k in range(values.shape[1])}
    return out


@columns_of.register
def _(shown: Alignment) -> dict[str, Any]:
    tiers = [("phone", i) for i in shown.phones] + [("word", i) for i in shown.words]
    return {
        "tier": [tier for tier, _ in tiers],
        "start": [i.start for _, i in tiers],
        "end": [i.end for _, i in tiers],
        "label": [i.label for _, i in tiers],
        "score": [i.score for _, i in tiers],
    }


@columns_of.register
def _(shown: UnitPath) -> dict[str, Any]:
    """A row a unit; costs by term are columns ``target.context``, ``join.f0`` …, 0 where there is none."""
    rate, units = shown.audio.sample_rate, shown.units
    out: dict[str, Any] = {
        name: [getattr(u, name) for u in units] for name in ("index", "source", "label", "phone", "joined")
    }
    out |= {"start": [u.start / rate for u in units], "end": [u.end / rate for u in units]}
    for kind in ("target", "join"):
        terms = dict.fromkeys(term for u in units for term in getattr(u, kind))
        out |= {f"{kind}.{term}": [getattr(u, kind).get(term, 0.0) for u in units] for term in terms}
    return out


@columns_of.register
def _(shown: Segmentation) -> dict[str, Any]:
    """A row a phone."""
    rows = [(w, k, p) for k, w in enumerate(shown.words) for p in w.phones]
    return {
        "word": [k for _, k, _ in rows],
        "text": [w.text for w, _, _ in rows],
        "phone": [p.symbol for _, _, p in rows],
        "stress": [p.stress for _, _, p in rows],
    }


@columns_of.register
def _(shown: Spoken) -> dict[str, Any]:
    alignment = shown.alignment
    return columns_of(alignment if alignment is not None else shown.segmentation)


@columns_of.register
def _(shown: Corpus) -> dict[str, Any]:
    names = ("id", "text", "language", "speaker", "audio", "start", "end")
    return {name: [getattr(u, name) for u in shown.utterances] for name in names}
