# SPDX-License-Identifier: Apache-2.0
"""Measure audio files against audio files, without voices or a corpus."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from synthkit import audio
from synthkit.errors import AudioError, ConfigError, MissingDependency, PluginError
from synthkit.eval.entries import Unusable, find_metrics
from synthkit.eval.figures import choose
from synthkit.eval.guard import close_guard, guard
from synthkit.eval.results import Row
from synthkit.eval.sample import Clip, EvalSample
from synthkit.plugins import registry

SUFFIXES = (".wav", ".flac", ".ogg", ".mp3")


def measure_files(
    reference: Path,
    test: Path,
    metrics: tuple[str, ...] = (),
    settings: dict[str, dict[str, Any]] | None = None,
    *,
    text: str = "",
    language: str = "en",
) -> tuple[list[Row], list[tuple[str, str]]]:
    """Figures of one pair of files, or of two folders' files that bear the same name.

    Parameters
    ----------
    reference, test : Path
        Two files, or two folders of them.
    metrics : tuple of str
        Figures or metrics; the full set if left out.
    settings : dict of str to dict, optional
        Of metrics by name.
    text, language : str
        What is said, for metrics that ask.

    Returns
    -------
    rows : list of Row
        ``system`` is the test's path.
    left_out : list of (metric, reason)
        Metrics that cannot run here.

    Raises
    ------
    AudioError
        A file cannot be read, or the folders have no name in common.
    """
    chosen = choose(registry(), None if metrics else "full", metrics)
    guarded = guard()
    rows = []
    try:
        usable, left_out = find_metrics(
            registry(),
            chosen.metrics,
            settings,
            required=chosen.required,
            prepare=lambda entry, _: guarded.prepare(entry),
        )
        for name, r, t in _pairs(reference, test):
            guarded.load([EvalSample(name, text, language, read_clip(t), read_clip(r))])
            for entry, metric in usable:
                try:
                    found = guarded.measure(entry, 0)
                except Unusable as error:
                    found = [metric.undefined(d.key, error.message) for d in metric.gives]
                rows += [Row.of(name, str(test), m) for m in found]
    finally:
        close_guard()
    return rows, left_out


def giving(keys: tuple[str, ...]) -> tuple[str, ...]:
    """Names of the metrics that give the figures ``metric/id``.

    Parameters
    ----------
    keys : tuple of str

    Returns
    -------
    tuple of str
        Each once.

    Raises
    ------
    ConfigError
        No installed metric gives one of them.
    """
    import difflib

    by_key: dict[str, str] = {}
    for r in registry().of_stage("metric"):
        try:
            by_key.update({d.key: r.name for d in r.load().gives})
        except (MissingDependency, PluginError):
            continue  # not whole; `synthkit plugins` reports it
    for key in keys:
        if key not in by_key:
            close = difflib.get_close_matches(key, by_key, 1)
            meant = f"did you mean {close[0]!r}? " if close else ""
            raise ConfigError(
                f"no metric gives {key!r}", hint=f"{meant}there are {', '.join(sorted(by_key))}"
            )
    return tuple(dict.fromkeys(by_key[key] for key in keys))


def read_clip(path: Path) -> Clip:
    """A clip of `path` that keeps the channels of a file with several.

    Parameters
    ----------
    path : Path

    Returns
    -------
    Clip
    """
    waveform = audio.read(path)
    channels: np.ndarray | None = None
    if audio.info(path)[2] > 1:
        channels = audio.read_channels(path)
    return Clip(waveform, channels)


def _pairs(reference: Path, test: Path) -> list[tuple[str, Path, Path]]:
    if reference.is_dir() != test.is_dir():
        raise AudioError("one is a file and the other a folder", where=f"{reference}, {test}")
    if not reference.is_dir():
        return [(test.stem, reference, test)]

    def audio_files(folder: Path) -> dict[str, Path]:
        return {p.stem: p for p in sorted(folder.iterdir()) if p.suffix.lower() in SUFFIXES}

    a, b = audio_files(reference), audio_files(test)
    common = [name for name in b if name in a]
    if not common:
        raise AudioError("the folders have no file name in common", where=f"{reference}, {test}")
    return [(name, a[name], b[name]) for name in common]
