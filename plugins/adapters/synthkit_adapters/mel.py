# SPDX-License-Identifier: Apache-2.0
"""Adapter `mel-to-mel`: a mel spectrum restated under another spec."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np

from synthkit.dsp.mel import compress, edge, expand, filterbank, linear_magnitudes, window
from synthkit.dsp.specs import MelSpec
from synthkit.errors import SpecMismatch
from synthkit.pipeline.contract import extractor_for
from synthkit.plugins import registry
from synthkit.stages import Adapter
from synthkit.types import Demand, FeatureSpec, Frames, Item, frames_of

ANALYSIS = (
    "sample_rate",
    "n_fft",
    "win_length",
    "window",
    "n_mels",
    "fmin",
    "fmax",
    "mel_scale",
    "mel_norm",
    "power",
)
"""Fields that say what a mel value measures."""
TIMING = ("hop_length", "padding", "sample_rate")
"""Fields that say when."""


class MelToMel(Adapter):
    """Logarithm, floor and normalisation are restated exactly; filterbank, window, rate and hop
    approximately.

    Where the analysis differs, the linear magnitudes that the mel values most likely stand for are found
    first (`linear_magnitudes`) and measured with the other filterbank; where the timing differs, frames are
    interpolated in the logarithm. A coarser spectrum cannot become finer: harmonics that the first analysis
    did not resolve are not there afterwards.
    """

    version = "1"

    def bridge(self, produced: FeatureSpec, accepted: Demand) -> FeatureSpec | None:
        """A mel spec that meets `accepted` and takes its open fields from `produced`."""
        try:
            ours = MelSpec.of(produced)
        except SpecMismatch:
            return None
        names = {f.name for f in fields(MelSpec)}
        asked = {name: value for name, value in MelSpec.stated(accepted).items() if name in names}
        wanted = replace(ours, **asked).spec
        # Only a spec that a recording could have is one that frames can be restated in.
        found = extractor_for(Demand.exactly(wanted), wanted.sample_rate, registry())
        return wanted if found and accepted.accepts(wanted) else None

    def describe(self, produced: FeatureSpec, spec: FeatureSpec) -> str:
        """Which fields are restated, and whether exactly."""
        ours, theirs = MelSpec.of(produced), MelSpec.of(spec)
        changed = [f.name for f in fields(MelSpec) if getattr(ours, f.name) != getattr(theirs, f.name)]
        guessed = [name for name in changed if name in ANALYSIS + TIMING]
        text = f"restates mel frames: {', '.join(changed) or 'nothing changes'}"
        return text + (
            f" (approximately: {', '.join(guessed)})" if guessed else " (exactly, down to the floor)"
        )

    def adapt(self, item: Item, spec: FeatureSpec) -> Frames:
        """`item` under `spec`."""
        frames = frames_of(item, "adapter 'mel-to-mel'")
        ours, theirs = MelSpec.of(frames.spec), MelSpec.of(spec)
        mel = expand(frames["mel"], ours)
        if any(getattr(ours, name) != getattr(theirs, name) for name in ANALYSIS):
            mel = remeasure(mel, ours, theirs)
        if any(getattr(ours, name) != getattr(theirs, name) for name in TIMING):
            mel = retime(mel, ours, theirs)
        return Frames({"mel": compress(mel, theirs)}, spec).check()


def remeasure(mel: np.ndarray, ours: MelSpec, spec: MelSpec) -> np.ndarray:
    """Linear mel values (T, n_mels) of one analysis as those of another, at the same times."""
    a, b = ours, spec
    magnitude = linear_magnitudes(mel, ours, rounds=30)
    old = np.arange(a.n_fft // 2 + 1) * a.sample_rate / a.n_fft
    new = np.arange(b.n_fft // 2 + 1) * b.sample_rate / b.n_fft
    # A sinusoid's magnitude is proportional to the sum of the window.
    gain = window(spec).sum() / window(ours).sum()
    at = np.clip(np.searchsorted(old, new) - 1, 0, len(old) - 2)
    part = np.clip((new - old[at]) / (old[at + 1] - old[at]), 0, 1)
    moved = gain * ((1 - part) * magnitude[:, at] + part * magnitude[:, at + 1])
    moved[:, new > old[-1]] = 0.0
    return (moved**b.power) @ filterbank(spec).T


def retime(mel: np.ndarray, ours: MelSpec, spec: MelSpec) -> np.ndarray:
    """Linear mel values (T, n_mels) at the frame times of another spec, interpolated in the logarithm."""
    count = len(mel)
    start, period, theirs = _centre(ours), _period(ours), _period(spec)
    # Both specs see the same recording, from its beginning to where the last frame ends.
    length = max(1, round(count * period / theirs))
    times = _centre(spec) + np.arange(length) * theirs
    at = np.clip((times - start) / period, 0, count - 1)
    below = np.minimum(at.astype(int), max(count - 2, 0))
    above = np.minimum(below + 1, count - 1)
    part = (at - below)[:, None]
    log = np.log(np.maximum(mel, 1e-12))
    return np.exp((1 - part) * log[below] + part * log[above])


def _period(spec: MelSpec) -> float:
    return spec.hop_length / spec.sample_rate


def _centre(spec: MelSpec) -> float:
    """Time of the middle of frame 0, seconds from the beginning of the recording."""
    return (spec.n_fft / 2 - edge(spec)) / spec.sample_rate
