# SPDX-License-Identifier: Apache-2.0
"""What is wrong with a corpus: each finding names the utterance, the file and the reason."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import nan
from pathlib import Path
from typing import Protocol

from synthkit import audio
from synthkit.corpora.compared import middle_level, odd_level, same_ids
from synthkit.corpora.corpus import Corpus
from synthkit.corpora.heard import WRITTEN_BY, unread
from synthkit.corpora.rates import commonest, odd_rate
from synthkit.corpora.sounds import (
    Levels,
    beyond_full_scale,
    clipped_samples,
    levels,
    loudest_db,
    opposite_phase,
)
from synthkit.errors import AlignmentError, AudioError, SynthkitError, TextError
from synthkit.errors import reason as reason_of
from synthkit.settings import Settings
from synthkit.types import Segmentation, Utterance, Waveform


class Segments(Protocol):
    """What segments texts: a `synthkit.stages.Segmenter`, or what stands for one in another process."""

    def segment(self, text: str, language: str) -> Segmentation:
        """What is said.

        Parameters
        ----------
        text, language : str

        Returns
        -------
        Segmentation

        Raises
        ------
        TextError
            It cannot be read.
        """
        ...


VERSION = "4"
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
    least_snr_db : float
        Between the loudest and the quietest twentieth of 20-ms frames; a recording with less is noisy
        (warning).
    edge_seconds : float
        Silence at either end beyond this is a warning.
    offset : float
        Mean of the samples, full scale being 1, beyond which it is a warning.
    level_db : float
        Distance from the corpus's median speech level that is a warning.
    """

    min_seconds: float = 0.2
    max_seconds: float = 120.0
    silent_db: float = -60.0
    clipped_share: float = 0.01
    min_rate: float = 1.0
    max_rate: float = 40.0
    lowest_sample_rate: int = 8000
    least_snr_db: float = 18.0
    edge_seconds: float = 1.5
    offset: float = 0.01
    level_db: float = 12.0


@dataclass(frozen=True, slots=True)
class Examined:
    """What an utterance alone tells: its flaws, and what is compared with the others'.

    `counts` is whether its rate is one of those among which the corpus's is found: a build finds it before
    any text is segmented.
    """

    flaws: tuple[Flaw, ...]
    rate: int | None = None
    levels: Levels | None = None
    counts: bool = True


@dataclass(frozen=True)
class Examine:
    """Picklable: examines one utterance."""

    limits: CheckSettings
    segmenter: Segments | None = None

    def __call__(self, utterance: Utterance) -> Examined:
        limits = self.limits
        rows: list[Flaw] = []
        rate, loud = None, None

        def add(reason: str, severity: str = "error", file: Path | None = None) -> None:
            rows.append(Flaw(utterance.id, str(file or utterance.audio), reason, severity))

        try:
            waveform = audio.read(
                utterance.audio, start=utterance.start, end=utterance.end, longest=limits.max_seconds
            )
        except AudioError as error:
            add(reason_of(error))
        else:
            rate, loud = waveform.sample_rate, levels(waveform)
            for reason, severity in _check_channels(utterance, limits):
                add(reason, severity)
            for reason, severity in check_waveform(waveform, limits):
                add(reason, severity)
            _check_pace(utterance, waveform.duration, limits, add)
        counts = not check_text(utterance, None) and not any(f.severity == "error" for f in rows)
        for reason in check_text(utterance, self.segmenter):
            add(reason)
        if utterance.labels is not None:
            _check_labels(utterance, add)
        return Examined(tuple(rows), rate, loud, counts)


Map = Callable[[Callable[[Utterance], Examined], Sequence[Utterance]], Iterable[Examined]]


def check(
    corpus: Corpus,
    segmenter: Segments | None = None,
    *,
    settings: CheckSettings | None = None,
    rates: bool = True,
    map: Map = map,
) -> list[Flaw]:
    """Examine every utterance of a corpus.

    Parameters
    ----------
    corpus : Corpus
    segmenter : Segments, optional
        A segmenter; given, the texts are segmented too, and what it cannot segment is an error.
    settings : CheckSettings, optional
    rates : bool
        Whether a recording at another sample rate than most is an error, as it is to a build that is not told
        a rate.
    map : callable, optional
        Applies a (picklable) function to every utterance, in order, as `map` does: over processes, or with
        progress shown.

    Returns
    -------
    list of Flaw
        In the corpus's order, findings about the whole corpus first.
    """
    found = check_each(corpus.utterances, corpus.root, segmenter, settings=settings, rates=rates, map=map)
    return list(found)


def check_each(
    utterances: Sequence[Utterance],
    root: Path,
    segmenter: Segments | None = None,
    *,
    settings: CheckSettings | None = None,
    rates: bool = True,
    map: Map = map,
) -> Iterator[Flaw]:
    """`check` of a corpus whose utterances are never there at once.

    What is kept of each is its rate, its level and a hash of its id.

    Parameters
    ----------
    utterances : sequence of Utterance
    root : Path
        The corpus's folder.
    segmenter, settings, rates, map
        As for `check`.

    Yields
    ------
    Flaw
        In the utterances' order, findings about the whole corpus first.
    """
    limits = settings or CheckSettings()
    if len(utterances) == 1:
        yield Flaw("", str(root), "the corpus has one utterance: nothing can be held out", "warning")
    if not utterances:
        yield Flaw("", str(root), "the corpus has no utterances", "error")
    again = same_ids(utterances)
    heard, loud = array("l"), array("d")
    written = Counter[str]()
    rows: dict[int, list[Flaw]] = {}
    taken = Counter[int]()
    examined = map(Examine(limits, segmenter), utterances)
    for n, (utterance, seen) in enumerate(zip(utterances, examined, strict=True)):
        flaws = list(seen.flaws)
        if n in again:
            told = f"duplicate id: {again[n]} utterances are called so"
            flaws.insert(0, Flaw(utterance.id, str(utterance.audio), told, "error"))
        if flaws:
            rows[n] = flaws
        if by := utterance.extra.get(WRITTEN_BY):
            written[by] += 1
        heard.append(seen.rate or 0)
        if seen.rate and seen.counts and n not in again:
            taken[seen.rate] += 1
        loud.append(seen.levels.speech if seen.levels is not None else nan)
    if written:
        yield Flaw("", str(root), unread(written, len(utterances)), "warning")
    rate = commonest(taken.elements())
    middle = middle_level(loud)
    for n, (r, level) in enumerate(zip(heard, loud, strict=True)):
        yield from rows.get(n, ())
        told_of = [(odd_rate(r, rate), "error")] if rates and r and r != rate else []
        odd = odd_level(level, middle, limits.level_db) if level > limits.silent_db else None
        told_of += [(odd, "warning")] if odd else []
        for reason, severity in told_of:
            utterance = utterances[n]
            yield Flaw(utterance.id, str(utterance.audio), reason, severity)


def _check_channels(utterance: Utterance, limits: CheckSettings) -> list[tuple[str, str]]:
    try:
        if audio.info(utterance.audio)[2] != 2:
            return []
        both = audio.read_channels(utterance.audio, longest=limits.max_seconds)
    except AudioError as error:  # a cut of a longer recording
        reason_of(error)
        return []
    if opposite_phase(both):
        return [("its two channels are in opposite phase: averaged, they cancel each other", "error")]
    return []


def _check_scale(waveform: Waveform, limits: CheckSettings) -> list[tuple[str, str]]:
    out = []
    beyond = beyond_full_scale(waveform.samples)
    if beyond is not None:
        out.append((beyond, "error" if beyond.startswith("far") else "warning"))
        return out
    mean = float(waveform.samples.mean())
    if abs(mean) > limits.offset:
        out.append((f"an offset of {mean:+.3f}: the samples' mean is not zero", "warning"))
    at = levels(waveform)
    if at.speech < limits.silent_db:
        return out
    if at.speech - at.quiet < limits.least_snr_db and waveform.duration > 1.0:
        between = f"{at.speech - at.quiet:.0f} dB between speech and the quietest frames"
        out.append((f"noisy: {between}", "warning"))
    for seconds, where in ((at.before, "beginning"), (at.after, "end")):
        if seconds > limits.edge_seconds:
            out.append((f"{seconds:.1f} s of silence at the {where}", "warning"))
    return out


def check_waveform(waveform: Waveform, limits: CheckSettings) -> list[tuple[str, str]]:
    """``(reason, severity)`` of everything wrong with a recording as sound.

    Parameters
    ----------
    waveform : Waveform
        The whole recording.
    limits : CheckSettings

    Returns
    -------
    list of (reason, severity)
        In the words of `Flaw`; empty where nothing is wrong.
    """
    out = []
    if waveform.sample_rate < limits.lowest_sample_rate:
        out.append((f"sampled at {waveform.sample_rate} Hz, below {limits.lowest_sample_rate} Hz", "error"))
    if waveform.duration < limits.min_seconds:
        out.append((f"too short: {waveform.duration:.3f} s (less than {limits.min_seconds} s)", "error"))
    if waveform.duration > limits.max_seconds:
        out.append((f"too long: {waveform.duration:.1f} s (more than {limits.max_seconds:g} s)", "error"))
    out += [(reason, severity) for reason, severity in _check_scale(waveform, limits) if reason]
    level = loudest_db(waveform)
    if level < limits.silent_db:
        out.append((f"silent: its loudest 20 ms are at {level:.0f} dB", "error"))
    clipped = clipped_samples(waveform.samples) if beyond_full_scale(waveform.samples) is None else 0
    if clipped:
        share = clipped / len(waveform.samples)
        severity = "error" if share > limits.clipped_share else "warning"
        out.append((f"clipped: {clipped} samples ({share:.2%}) stand at full scale", severity))
    return out


def check_text(utterance: Utterance, segmenter: Segments | None) -> list[str]:
    """Reasons why a transcript cannot be used.

    Parameters
    ----------
    utterance : Utterance
    segmenter : Segments or None
        Asked whether it can read the text; nobody is, where it is None.

    Returns
    -------
    list of str
        At most one reason; empty where it can be used.
    """
    if not utterance.text.strip():
        return ["the transcript is missing or empty"]
    if "\x00" in utterance.text:
        return ["the transcript holds a NUL byte"]
    if "\ufffd" in utterance.text:
        return ["the transcript holds a character that could not be read (U+FFFD, from a wrong encoding)"]
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
    from synthkit.labels import detect_format, misfit, read_alignment

    assert utterance.labels is not None
    try:
        alignment = read_alignment(utterance.labels, id=utterance.id)
        exact = detect_format(utterance.labels) == "textgrid"
        rate, frames, _ = audio.info(utterance.audio)
    except AlignmentError as error:
        add(f"labels: {reason_of(error)}", "warning", utterance.labels)
        return
    except SynthkitError as error:
        reason_of(error)
        return  # the recording has been reported
    wrong = misfit(alignment, utterance.text, frames / rate, exact=exact)
    if wrong is not None:
        add(wrong, "warning", utterance.labels)
