"""Adapter `mel-to-mel`: a mel spectrum restated under another spec."""

from __future__ import annotations

from typing import Any

import numpy as np

from synthkit.dsp.mel import compress, edge, expand, filterbank, linear_magnitudes, window
from synthkit.stages import Adapter
from synthkit.types import FeatureSpec, Frames
from synthkit_adapters.extractors import extractor_for

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
    """Logarithm, floor and normalisation are restated exactly; filterbank, window, rate and hop approximately.

    Where the analysis differs, the linear magnitudes that the mel values most likely stand for are found first
    (`linear_magnitudes`) and measured with the other filterbank; where the timing differs, frames are
    interpolated in the logarithm. A coarser spectrum cannot become finer: harmonics that the first analysis
    did not resolve are not there afterwards.
    """

    version = "1"

    def bridge(self, produced: FeatureSpec, accepted: FeatureSpec) -> FeatureSpec | None:
        """A mel spec that satisfies `accepted` and takes its open fields from `produced`."""
        if produced.kind != "mel" or accepted.kind != "mel" or produced.streams != ("mel",):
            return None
        ours, theirs = produced.to_dict(), accepted.to_dict()
        wanted = FeatureSpec.from_dict({k: ours[k] if theirs[k] == "any" else theirs[k] for k in ours})
        # Only a spec that a recording could have is one that frames can be restated in.
        found = extractor_for(wanted, int(wanted.sample_rate))
        return wanted if found else None

    def describe(self, produced: FeatureSpec, spec: FeatureSpec) -> str:
        """Which fields are restated, and whether exactly."""
        changed = [name for name, _, _ in produced.differences(spec)]
        guessed = [name for name in changed if name in ANALYSIS + TIMING]
        text = f"restates mel frames: {', '.join(changed) or 'nothing changes'}"
        return text + (
            f" (approximately: {', '.join(guessed)})" if guessed else " (exactly, down to the floor)"
        )

    def adapt(self, item: Frames, spec: FeatureSpec) -> Frames:
        """`item` under `spec`."""
        ours = item.spec
        mel = expand(item["mel"], ours)
        if any(getattr(ours, name) != getattr(spec, name) for name in ANALYSIS):
            mel = remeasure(mel, ours, spec)
        if any(getattr(ours, name) != getattr(spec, name) for name in TIMING):
            mel = retime(mel, ours, spec)
        return Frames({"mel": compress(mel, spec)}, spec).check()


def remeasure(mel: np.ndarray, ours: FeatureSpec, spec: FeatureSpec) -> np.ndarray:
    """Linear mel values (T, n_mels) of one analysis as those of another, at the same times."""
    a: Any = ours
    b: Any = spec
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


def retime(mel: np.ndarray, ours: FeatureSpec, spec: FeatureSpec) -> np.ndarray:
    """Linear mel values (T, n_mels) at the frame times of another spec, interpolated in the logarithm."""
    count = len(mel)
    start, period = _centre(ours), ours.frame_period
    # Both specs see the same recording, from its beginning to where the last frame ends.
    length = max(1, round(count * period / spec.frame_period))
    times = _centre(spec) + np.arange(length) * spec.frame_period
    at = np.clip((times - start) / period, 0, count - 1)
    below = np.minimum(at.astype(int), max(count - 2, 0))
    above = np.minimum(below + 1, count - 1)
    part = (at - below)[:, None]
    log = np.log(np.maximum(mel, 1e-12))
    return np.exp((1 - part) * log[below] + part * log[above])


def _centre(spec: FeatureSpec) -> float:
    """Time of the middle of frame 0, seconds from the beginning of the recording."""
    s: Any = spec
    return (s.n_fft / 2 - edge(spec)) / s.sample_rate
