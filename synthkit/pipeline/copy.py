# SPDX-License-Identifier: Apache-2.0
"""Copy synthesis: a recording through features and vocoder, with no model between, to hear what is lost.

For vocoders of unit paths the features are the recording itself, cut into units.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from synthkit import audio, tables
from synthkit.errors import AudioError, ConfigError, SpecMismatch
from synthkit.pipeline.contract import extractor_for, mismatch_tables
from synthkit.pipeline.parts import Parts
from synthkit.pipeline.rendered import sounding
from synthkit.plugins import registry
from synthkit.stages import FeatureExtractor, Vocoder
from synthkit.types import PAUSE, Alignment, FeatureSpec, Item, Unit, UnitPath, Waveform


class RecordingSource:
    """One recording in memory as the source of a unit path (an `AudioSource`)."""

    def __init__(self, waveform: Waveform) -> None:
        self.waveform = waveform
        self.sample_rate = waveform.sample_rate

    def read(self, source: str, start: int, end: int) -> np.ndarray:
        """Samples ``[start, end)``, zeros outside the recording, float32.

        Parameters
        ----------
        source : str
            The recording's id.
        start, end : int
            Samples.

        Returns
        -------
        ndarray, shape (end - start,)
        """
        samples = self.waveform.samples
        out = np.zeros(end - start, dtype=np.float32)
        first, last = max(start, 0), min(end, len(samples))
        if first < last:
            out[first - start : last - start] = samples[first:last]
        return out

    def pitch_marks(self, source: str, start: int, end: int) -> np.ndarray:
        """None are known.

        Parameters
        ----------
        source : str
        start, end : int
            Samples.

        Returns
        -------
        ndarray, shape (0,)
        """
        return np.zeros(0, dtype=np.int64)


def recording_path(
    waveform: Waveform,
    alignment: Alignment | None = None,
    *,
    cut: float = 0.1,
    halves: bool = True,
    joined: bool = False,
) -> UnitPath:
    """A path through the units of one recording, in order: the recording itself, cut up.

    Parameters
    ----------
    waveform : Waveform
    alignment : Alignment, optional
        Gives the phones; without one the recording is cut every `cut` seconds.
    cut : float
        Seconds per unit where there is no alignment.
    halves : bool
        Cut every phone of the alignment in the middle too.
    joined : bool
        Mark every unit as joined, so that the vocoder joins units that were neighbours anyway.

    Returns
    -------
    UnitPath
        Of all samples. Without `joined` it is one run. ``targets["duration"]`` are the phones' own.

    Raises
    ------
    AudioError
        The recording is empty, or ends before the alignment's last phone begins.
    """
    n, rate = len(waveform.samples), waveform.sample_rate
    if not n:
        raise AudioError("the recording is empty: there is nothing to cut into units")
    if alignment is None:
        edges = [*range(0, n, max(1, round(cut * rate))), n]
        labels = [PAUSE] * (len(edges) - 1)
    else:
        # Labels and audio may differ by some samples at the end; the last unit takes what there is.
        edges = [0, *(round(p.end * rate) for p in alignment.phones[:-1]), n]
        labels = alignment.symbols()
        if any(b <= a for a, b in zip(edges, edges[1:], strict=False)):
            raise AudioError(
                f"the alignment does not fit the recording of {waveform.duration:.3f} s "
                f"(its phones begin at {', '.join(f'{p.start:.3f}' for p in alignment.phones[-3:])} s "
                "at the end)"
            )
    units: list[Unit] = []
    for phone, (start, end, label) in enumerate(zip(edges, edges[1:], labels, strict=False)):
        middle = (start + end) // 2
        pieces = [(start, end, label)]
        if halves and alignment is not None and start < middle < end:
            pieces = [(start, middle, f"{label}.1"), (middle, end, f"{label}.2")]
        for a, b, name in pieces:
            units.append(Unit(len(units), "recording", a, b, name, phone, joined=joined and bool(units)))
    durations = np.diff(edges) / rate
    spec = FeatureSpec(kind="units", sample_rate=rate)
    return UnitPath(
        tuple(units),
        RecordingSource(waveform),
        spec,
        tuple(labels),
        {"duration": durations.astype(np.float32)},
    )


def copy_synthesis(
    waveform: Waveform,
    features: FeatureExtractor | None,
    vocoder: Vocoder,
    alignment: Alignment | None = None,
    *,
    joined: bool = False,
) -> Waveform:
    """`waveform` through `features` and `vocoder`.

    Parameters
    ----------
    waveform : Waveform
        At the features' sample rate.
    features : FeatureExtractor or None
        None for a vocoder of unit paths.
    vocoder : Vocoder
    alignment : Alignment, optional
        For features that need one, and for cutting into units.
    joined : bool
        For unit vocoders: join at every unit, as if none had been neighbours (`recording_path`).

    Returns
    -------
    Waveform

    Raises
    ------
    SpecMismatch
        The vocoder does not accept what is produced.
    AudioError
        The recording cannot be analysed.
    """
    item: Item
    if features is None:
        item = recording_path(waveform, alignment, joined=joined)
    else:
        item = features.extract(waveform, alignment)
    _check_fits(item.spec, vocoder)
    return sounding(vocoder.render(item), f"vocoder {type(vocoder).__name__!r}")


def _check_fits(given: FeatureSpec, vocoder: Vocoder) -> None:
    if not any(wanted.accepts(given) for wanted in vocoder.accepts()):
        rows = mismatch_tables(given, vocoder.accepts(), "given", "accepted")
        raise SpecMismatch(f"the vocoder does not accept these {given.kind} frames:\n{rows}")


def copy_recording(
    recording: str | Path,
    *,
    vocoder: str = "world",
    features: str | None = None,
    alignment: Alignment | None = None,
    overrides: Iterable[str] = (),
) -> tuple[Waveform, str]:
    """Copy synthesis of a file by plugin names; what ``synthkit copy`` does.

    Parameters
    ----------
    recording : path
        Audio file. It is resampled when the vocoder's features are defined at another rate.
    vocoder : str
        Plugin name.
    features : str, optional
        Plugin name; left out, the first installed extractor that gives what the vocoder accepts.
    alignment : Alignment, optional
        See `copy_synthesis`.
    overrides : iterable of str
        ``"vocoder.speed=1.2"`` and ``"features.f0=harvest"``.

    Returns
    -------
    waveform : Waveform
    how : str
        One line that says what was done, a change of sample rate included.
    """
    data = tables.override({"vocoder": {"plugin": vocoder}, "features": {}}, overrides)
    for section in data.keys() - {"vocoder", "features"}:
        raise ConfigError(f"--set {section}.…: copy synthesis has only features and a vocoder")
    if features is not None:
        data["features"].setdefault("plugin", features)
    rate, _, _ = audio.info(recording)
    named = ("features",) if "plugin" in data["features"] else ()
    parts = Parts.of(data, (*named, "vocoder"), base=Path.cwd(), source="copy")
    renderer: Vocoder = parts["vocoder"].new()
    speaker = parts["vocoder"].plugin
    if renderer.trainable:
        raise ConfigError(
            f"vocoder {speaker!r} has to be trained first, and copy synthesis trains nothing",
            where="--vocoder",
            hint="build a voice with it, and speak with that; `synthkit plugins` lists the others",
        )
    extractor: FeatureExtractor | None
    if any(a.kind == "units" for a in renderer.accepts()):
        extractor, name = None, "units"
    elif named:
        part = parts["features"]
        # A preset is a convention whole, its rate included: the recording goes to it.
        own_rate = "preset" in type(part.settings).model_fields
        extractor, name = (part if own_rate else part.at(rate)).new(), part.plugin
    else:
        extractor, name = _fitting(renderer, rate, speaker)
    if extractor is not None:
        _check_fits(extractor.spec, renderer)
    original = audio.read(recording)
    waveform, resampled = original, ""
    if extractor is not None and extractor.spec.sample_rate != original.sample_rate:
        waveform = audio.resample(original, extractor.spec.sample_rate)
        resampled = f", resampled {original.sample_rate} to {waveform.sample_rate} Hz"
    cut = ""
    if extractor is None:
        cut = " cut at its labels" if alignment is not None else " cut every 0.1 s"
    try:
        result = copy_synthesis(waveform, extractor, renderer, alignment)
    except AudioError as error:
        error.where = error.where or str(recording)
        raise
    return result, f"{recording}{resampled} → {name}{cut} → vocoder {speaker}"


def _fitting(renderer: Vocoder, sample_rate: int, vocoder: str) -> tuple[FeatureExtractor, str]:
    for accepted in renderer.accepts():
        found = extractor_for(accepted, sample_rate, registry())
        if found is not None:
            return found[1], found[0]
    raise SpecMismatch(
        f"no installed feature extractor gives what vocoder {vocoder!r} accepts at {sample_rate} Hz",
        hint="see `synthkit plugins`, or name one with --features",
    )
