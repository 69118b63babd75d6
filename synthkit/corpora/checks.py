# SPDX-License-Identifier: Apache-2.0
"""What is wrong with a corpus: each finding names the utterance, the file and the reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from synthkit import audio
from synthkit.corpora.corpus import Corpus
from synthkit.errors import AlignmentError, AudioError, SynthkitError, TextError
from synthkit.errors import reason as reason_of
from synthkit.settings import Settings
from synthkit.types import Utterance, Waveform

if TYPE_CHECKING:
    from synthkit.stages import Segmenter


VERSION = "1"
"""Part of the key under which a build remembers what `check` found: raise it when it finds something else."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing that is wrong.

    Attributes
    ----------
    id : str
        The utterance; "" where it is about the corpus as a whole.
    file : str
        The file it is about; "" if none.
    reason : str
        What is wrong, with the figure.
    severity : str
        ``"error"``: a build leaves the utterance out. ``"warning"``: it uses it.
    """

    id: str
    file: str
    reason: str
    severity: str


class CheckSettings(Settings):
    """Limits of `check`.

    Attributes
    ----------
    min_seconds, max_seconds : float
        Recordings outside are left out.
    silent_db : float
        A recording whose loudest 20 ms have an RMS below this (dB re full scale) is silent.
    clipped_share : float
        Share of clipped samples from which a recording is left out; any clipping is a warning.
    min_rate, max_rate : float
        Letters and digits per second outside which the text is unlikely to be what is said (warning).
    lowest_sample_rate : int
        Hz; recordings below are left out.
    """

    min_seconds: float = 0.2
    max_seconds: float = 120.0
    silent_db: float = -60.0
    clipped_share: float = 0.01
    min_rate: float = 1.0
    max_rate: float = 40.0
    lowest_sample_rate: int = 8000


def check(
    corpus: Corpus,
    segmenter: Segmenter | None = None,
    *,
    settings: CheckSettings | None = None,
    progress: Callable[[list[Utterance]], object] | None = None,
) -> list[Flaw]:
    """Examine every utterance of a corpus.

    Parameters
    ----------
    corpus : Corpus
    segmenter : Segmenter, optional
        Given, the texts are segmented too, and what it cannot segment is an error.
    settings : CheckSettings, optional
    progress : callable, optional
        Wraps the list of utterances in an iterator that shows progress.

    Returns
    -------
    list of Flaw
        In the corpus's order, findings about the whole corpus first.
    """
    limits = settings or CheckSettings()
    whole: list[Flaw] = []
    rows: list[Flaw] = []
    ids = Counter(u.id for u in corpus.utterances)
    rates: dict[str, int] = {}
    texts: dict[str, int] = {}
    items = progress(corpus.utterances) if progress is not None else corpus.utterances
    for utterance in items:  # type: ignore[attr-defined]

        def add(
            reason: str, severity: str = "error", file: Path | None = None, u: Utterance = utterance
        ) -> None:
            rows.append(Flaw(u.id, str(file or u.audio), reason, severity))

        if ids[utterance.id] > 1:
            add(f"duplicate id: {ids[utterance.id]} utterances are called so")
        try:
            waveform = audio.read(
                utterance.audio, start=utterance.start, end=utterance.end, longest=limits.max_seconds
            )
        except AudioError as error:
            add(reason_of(error))
        else:
            rates[utterance.id] = waveform.sample_rate
            for reason, severity in check_waveform(waveform, limits):
                add(reason, severity)
            _check_pace(utterance, waveform.duration, limits, add)
        texts[utterance.text] = texts.get(utterance.text, 0) + 1
        for reason in check_text(utterance, segmenter):
            add(reason)
        if utterance.labels is not None:
            _check_labels(utterance, add)
    if len(corpus.utterances) == 1:
        whole.append(
            Flaw("", str(corpus.root), "the corpus has one utterance: nothing can be held out", "warning")
        )
    if not corpus.utterances:
        whole.append(Flaw("", str(corpus.root), "the corpus has no utterances", "error"))
    if len(set(rates.values())) > 1:
        common = Counter(rates.values()).most_common(1)[0][0]
        by_id = {u.id: u for u in corpus.utterances}
        rows += [
            Flaw(
                id,
                str(by_id[id].audio),
                f"sampled at {rate} Hz, most of the corpus at {common} Hz",
                "warning",
            )
            for id, rate in rates.items()
            if rate != common
        ]
    order = {u.id: n for n, u in enumerate(corpus.utterances)}
    rows.sort(key=lambda f: order[f.id])
    return whole + rows


def check_waveform(waveform: Waveform, limits: CheckSettings) -> list[tuple[str, str]]:
    """``(reason, severity)`` of everything wrong with a recording as sound."""
    out = []
    if waveform.sample_rate < limits.lowest_sample_rate:
        out.append((f"sampled at {waveform.sample_rate} Hz, below {limits.lowest_sample_rate} Hz", "error"))
    if waveform.duration < limits.min_seconds:
        out.append((f"too short: {waveform.duration:.3f} s (less than {limits.min_seconds} s)", "error"))
    if waveform.duration > limits.max_seconds:
        out.append((f"too long: {waveform.duration:.1f} s (more than {limits.max_seconds:g} s)", "error"))
    level = loudest_db(waveform)
    if level < limits.silent_db:
        out.append((f"silent: its loudest 20 ms are at {level:.0f} dB", "error"))
    clipped = clipped_samples(waveform.samples)
    if clipped:
        share = clipped / len(waveform.samples)
        severity = "error" if share > limits.clipped_share else "warning"
        out.append((f"clipped: {clipped} samples ({share:.2%}) stand at full scale", severity))
    return out


def loudest_db(waveform: Waveform) -> float:
    """RMS of the loudest 20 ms, dB re full scale; -inf for digital silence."""
    samples = waveform.samples
    size = min(max(int(0.02 * waveform.sample_rate), 1), len(samples))
    best = 0.0
    for start in range(
        0, len(samples) - size + 1, _BLOCK
    ):  # in parts: the sums take twice the samples' memory
        part = samples[start : start + _BLOCK + size - 1].astype(np.float64)
        energy = np.cumsum(np.concatenate([[0.0], part**2]))
        best = max(best, float((energy[size:] - energy[:-size]).max()) / size)
    return 10 * float(np.log10(best)) if best > 0 else float("-inf")


_BLOCK = 1 << 20


def clipped_samples(samples: np.ndarray, *, run: int = 3) -> int:
    """Samples in runs of at least `run` equal neighbours at the recording's own peak, if that is ≥ 0.98.

    A wave that merely touches full scale has no such runs; one that was cut off there has.
    """
    peak = float(np.abs(samples).max())
    if peak < 0.98:
        return 0
    high = np.abs(samples) >= peak * 0.9995
    edges = np.flatnonzero(np.diff(np.concatenate([[0], high.astype(np.int8), [0]])))
    lengths = edges[1::2] - edges[::2]
    return int(lengths[lengths >= run].sum())


def check_text(utterance: Utterance, segmenter: Segmenter | None) -> list[str]:
    """Reasons why a transcript cannot be used."""
    if not utterance.text.strip():
        return ["the transcript is missing or empty"]
    if "\x00" in utterance.text:
        return ["the transcript holds a NUL byte"]
    if not any(c.isalnum() for c in utterance.text):
        return [f"the transcript has no words: {utterance.text[:40]!r}"]
    if segmenter is not None:
        try:
            segmenter.segment(utterance.text, utterance.language)
        except TextError as error:
            return [f"the transcript cannot be segmented: {reason_of(error)}"]
    return []


def _check_pace(
    utterance: Utterance, seconds: float, limits: CheckSettings, add: Callable[..., None]
) -> None:
    letters = sum(c.isalpha() for c in utterance.text)
    spoken = letters + 4 * sum(c.isdigit() for c in utterance.text)  # a digit is read as a word
    if not spoken or seconds < 1.0:
        return
    if letters / seconds > limits.max_rate:
        add(f"too much text: {letters} letters in {seconds:.1f} s", "warning")
    elif spoken / seconds < limits.min_rate:
        add(f"too little text: {letters} letters in {seconds:.1f} s", "warning")


def _check_labels(utterance: Utterance, add: Callable[..., None]) -> None:
    from synthkit.labels import read_alignment

    assert utterance.labels is not None
    try:
        alignment = read_alignment(utterance.labels, id=utterance.id)
        rate, frames, _ = audio.info(utterance.audio)
    except AlignmentError as error:
        add(f"labels: {reason_of(error)}", "warning", utterance.labels)
        return
    except SynthkitError as error:
        reason_of(error)
        return  # the recording has been reported
    if alignment.duration > frames / rate + 0.1:
        add(
            f"labels end at {alignment.duration:.2f} s, the recording at {frames / rate:.2f} s",
            "warning",
            utterance.labels,
        )
