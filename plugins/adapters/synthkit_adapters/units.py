# SPDX-License-Identifier: Apache-2.0
"""Adapter `units-to-frames`: a path through recorded units becomes frames of the same stretches of speech."""

from __future__ import annotations

import math

import numpy as np

from synthkit import audio
from synthkit.errors import AudioError
from synthkit.pipeline.contract import extractor_for
from synthkit.plugins import registry
from synthkit.settings import Field, Settings
from synthkit.stages import Adapter, FeatureExtractor
from synthkit.types import Demand, FeatureSpec, Frames, Item, Unit, UnitPath, Waveform, path_of

LEAST = 2.0**-18
"""An eighth of a 16-bit step: noise of this level takes the place of digital silence."""


class UnitsToFramesSettings(Settings):
    """Settings of the `units-to-frames` adapter."""

    smoothing_ms: float = Field(
        default=30.0,
        ge=0,
        le=200,
        description="the step at a join is spread over so much to each side; 0 keeps it",
    )
    context_ms: float = Field(
        default=80.0, ge=0, le=500, description="how much of the recording around each run the analysis sees"
    )


class UnitsToFrames(Adapter):
    """Each run of neighbouring units is analysed within its own recording; the steps at joins are spread.

    The analysis never sees a splice: it reads every run with its natural surroundings, and only the frames
    of the run are kept. Recordings at another rate than the target's are resampled.
    """

    Config = UnitsToFramesSettings
    version = "1"

    def bridge(self, produced: FeatureSpec, accepted: Demand) -> FeatureSpec | None:
        """The spec of the extractor that fits; open fields become that extractor's defaults."""
        if produced.kind != "units":
            return None
        found = extractor_for(accepted, produced.sample_rate, registry())
        return found[1].spec if found else None

    def describe(self, produced: FeatureSpec, spec: FeatureSpec) -> str:
        """What is done, the change of rate included."""
        text = (
            f"analyses the units' recordings as {spec.kind} frames, joins smoothed over "
            f"{self.config.smoothing_ms:g} ms"
        )
        if produced.sample_rate != spec.sample_rate:
            text += f"; resamples {produced.sample_rate} to {spec.sample_rate} Hz"
        return text

    def adapt(self, item: Item, spec: FeatureSpec) -> Frames:
        """Frames of `item` under `spec`.

        Raises
        ------
        AudioError
            The path has no units, or its recordings cannot be analysed.
        """
        path = path_of(item, "adapter 'units-to-frames'")
        found = extractor_for(Demand.exactly(spec), spec.sample_rate, registry())
        if found is None or not path.units:
            raise AudioError("units-to-frames was given a path without units, or a spec no extractor gives")
        extractor, period, rate = found[1], spec.frame_period, path.audio.sample_rate
        parts: list[dict[str, np.ndarray]] = []
        joins: list[int] = []
        onset = 0
        for run in path.runs():
            length = run[-1].end - run[0].start
            first = math.ceil(onset / rate / period - 1e-9)
            last = math.ceil((onset + length) / rate / period - 1e-9)
            onset += length
            if first == last:  # shorter than a frame, between two frames
                continue
            parts.append(self._frames(path, run, first, last, onset - length, extractor))
            joins.append(last)
        if not parts:
            raise AudioError("the path is shorter than one frame")
        data = {name: np.concatenate([part[name] for part in parts]) for name in spec.names}
        width = round(self.config.smoothing_ms / 1000 / period)
        voiced = data["vuv"] > 0.5 if "vuv" in data else None
        for name, a in data.items():
            if name != "vuv" and a.dtype.kind == "f":  # there is nothing between two codes
                data[name] = spread_steps(a, joins[:-1], width, voiced if name == "lf0" else None)
        return Frames(data, spec).check()

    def _frames(
        self,
        path: UnitPath,
        run: tuple[Unit, ...],
        first: int,
        last: int,
        onset: int,
        extractor: FeatureExtractor,
    ) -> dict[str, np.ndarray]:
        # The stretch that is read begins a whole number of frames before output frame `first`, so that the
        # frames of all runs lie on one grid.
        spec, rate = extractor.spec, path.audio.sample_rate
        period, n_fft = spec.frame_period, spec.params.get("n_fft", 0)
        window = n_fft / spec.sample_rate if isinstance(n_fft, int) else 0.0
        around = math.ceil(max(self.config.context_ms / 1000, window) / period)
        begin = run[0].start + round((first - around) * period * rate) - onset
        end = run[0].start + round((last + around) * period * rate) - onset
        samples = path.audio.read(run[0].source, begin, end)
        silent = not samples.any()
        if silent:
            samples = (np.random.default_rng(0).standard_normal(len(samples)) * LEAST).astype(np.float32)
        waveform = audio.resample(Waveform(samples, rate), spec.sample_rate)
        frames = extractor.extract(waveform)
        data = {name: frames[name][around : around + last - first] for name in spec.names}
        if silent and "vuv" in data:  # DIO may take noise for a voice, however faint
            data["vuv"] = np.zeros_like(data["vuv"])
        return data


def spread_steps(a: np.ndarray, joins: list[int], width: int, voiced: np.ndarray | None) -> np.ndarray:
    """`a` (T, ...) with the step into each frame of `joins` spread over up to `width` frames to each side.

    Half of the step is added before the join and half taken after it, fading out under half a cosine, so
    that what lies inside the runs keeps its detail. Runs shorter than `width` are bent over their length.
    Where `voiced` (T,) is given, a join between a voiced and an unvoiced frame is left as it is.
    """
    if width < 1:
        return a
    out = a.astype(np.float64)
    edges = [0, *joins, len(a)]
    for k, j in enumerate(joins, start=1):
        if voiced is not None and not (voiced[j - 1] and voiced[j]):
            continue
        step = a[j].astype(np.float64) - a[j - 1]
        before, after = min(width, j - edges[k - 1]), min(width, edges[k + 1] - j)
        out[j - before : j] += np.multiply.outer(_fade(before)[::-1], step / 2)
        out[j : j + after] -= np.multiply.outer(_fade(after), step / 2)
    return out.astype(a.dtype)


def _fade(n: int) -> np.ndarray:
    return 0.5 + 0.5 * np.cos(np.pi * (np.arange(n) + 0.5) / n)
