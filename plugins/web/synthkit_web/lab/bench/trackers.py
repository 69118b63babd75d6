# SPDX-License-Identifier: Apache-2.0
"""F0 trackers by name: the core's own, and those of installed features."""

from __future__ import annotations

from functools import cache

import numpy as np

from synthkit.eval.pitch import yin
from synthkit.plugins import registry
from synthkit.show.drawing import f0_of
from synthkit.tables import unknown
from synthkit.types import Demand, Waveform

HOP = 0.005
"""Seconds between two values of `yin`."""


def _demands() -> dict[str, Demand]:
    """Frames that hold a track, by the tracker's name."""
    world = {"lf0", "vuv"}
    return {
        "dio": Demand("world", streams=tuple(sorted(world)), params={"f0_method": "dio+stonemask"}),
        "harvest": Demand("world", streams=tuple(sorted(world)), params={"f0_method": "harvest"}),
        "praat": Demand("prosody", streams=("f0",), params={"f0_method": "praat-ac"}),
    }


@cache
def trackers() -> tuple[str, ...]:
    """Names of those that can be used here."""
    there = {"world": ("dio", "harvest"), "praat": ("praat",)}
    names = registry().names("features")
    return ("yin", *(t for plugin, own in there.items() if plugin in names for t in own))


def track(waveform: Waveform, tracker: str) -> tuple[np.ndarray, np.ndarray]:
    """Times (T,) in s and F0 (T,) in Hz, 0 where it is unvoiced.

    Raises
    ------
    ConfigError
        There is no such tracker.
    """
    if tracker not in trackers():
        raise unknown(tracker, trackers(), "trackers", "tracker")
    if tracker == "yin":
        found = yin(waveform.samples, waveform.sample_rate, hop=HOP)
        return np.arange(len(found)) * round(HOP * waveform.sample_rate) / waveform.sample_rate, found
    from synthkit.pipeline.contract import extractor_for

    demand = _demands()[tracker]
    extractor = extractor_for(demand, waveform.sample_rate, registry())
    assert extractor is not None, f"{tracker} is listed and there are no such features"
    frames = extractor[1].extract(waveform)
    f0 = f0_of(frames)
    assert f0 is not None
    return np.arange(len(f0)) * frames.spec.frame_period, f0
