# SPDX-License-Identifier: Apache-2.0
"""Adapter `units-to-frames`: a path through recorded units becomes frames of the same stretches of speech."""

from __future__ import annotations

import math
import warnings

import numpy as np

from synthkit import audio
from synthkit.errors import AudioError, SpeechWarning
from synthkit.pipeline.contract import extractor_for
from synthkit.plugins import registry
from synthkit.settings import Field, Settings
from synthkit.stages import Adapter, FeatureExtractor
from synthkit.types import Demand, FeatureSpec, Frames, Item, Unit, UnitPath, Waveform, path_of
from synthkit.types.given import Given

LEAST = 2.0**-18
"""An eighth of a 16-bit step: noise of this level takes the place of digital silence."""


class UnitsToFramesSettings(Settings):
    """Settings of the `units-to-frames` adapter."""

    exact: bool = Field(
        default=True,
        description="durations and F0 that a request gives are made exact; false: units are only looked for "
        "by them",
    )
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
        if self.config.exact and path.given:
            data = as_given(data, path, path.given, spec)
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


def as_given(
    data: dict[str, np.ndarray], path: UnitPath, given: Given, spec: FeatureSpec
) -> dict[str, np.ndarray]:
    """Streams (T, ...) with the durations and F0 that were given for the phones of `path`.

    Frames of a phone are drawn out or together evenly, straight lines between neighbours; of voicing and
    codes the nearest is taken. Frames that hold no F0 get none, and a warning says so.
    """
    period, edges = spec.frame_period, np.zeros(len(path.phones) + 1)
    for unit in path.units:
        edges[unit.phone + 1] += (unit.end - unit.start) / path.audio.sample_rate
    natural = np.cumsum(edges)
    wanted = np.concatenate([[0.0], np.cumsum(given.seconds(np.diff(natural)))])
    count = max(1, round(wanted[-1] / period))
    time = np.arange(count) * period
    last = len(next(iter(data.values()))) - 1
    at = np.clip(np.interp(time, wanted, natural) / period, 0, last)
    below = np.floor(at).astype(np.int64)
    above = np.minimum(below + 1, last)
    out = {}
    for name, a in data.items():
        if name == "vuv" or a.dtype.kind != "f":
            out[name] = a[np.rint(at).astype(np.int64)]
        else:
            part = (at - below).reshape(-1, *[1] * (a.ndim - 1))
            out[name] = ((1 - part) * a[below] + part * a[above]).astype(a.dtype)
    if len(given.f0):
        if "lf0" in out:
            place = np.interp(time, wanted, np.arange(len(wanted)))
            out["lf0"] = given.contour(place, out["lf0"]).astype(out["lf0"].dtype)
        else:
            warnings.warn(
                f"{spec.kind} frames hold no F0: units were looked for by the F0 that was given, and it was "
                "not made exact",
                SpeechWarning,
                stacklevel=2,
            )
    return out


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
