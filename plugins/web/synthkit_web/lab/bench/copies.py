# SPDX-License-Identifier: Apache-2.0
"""A copy of a recording: features, what is changed in them, a vocoder, a phase."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from scipy.signal import istft, stft

from synthkit import audio
from synthkit.dsp.melcepstrum import mc2sp
from synthkit.dsp.pulses import render
from synthkit.dsp.specs import WorldSpec
from synthkit.dsp.world import load_pyworld
from synthkit.errors import ConfigError, MissingDependency, PluginError, SynthkitError
from synthkit.pipeline.contract import extractor_for, mismatch_tables
from synthkit.pipeline.copy import recording_path
from synthkit.plugins import registry
from synthkit.stages import FeatureExtractor, Vocoder
from synthkit.types import Frames, Item, Waveform
from synthkit_web.lab.bench.changes import PHASES, Changes, changed, possible, refuse
from synthkit_web.lab.bench.trackers import track

RATE = 16000
"""Hz, at which features are looked for when vocoders are listed."""
MOST = 6
"""Analyses that are kept."""
WINDOW = 0.032
"""Seconds of the windows that phases are laid on by."""


@dataclass(frozen=True)
class Copied:
    """The copy at the recording's rate, and how it was made."""

    waveform: Waveform
    how: str


@cache
def vocoders() -> tuple[dict[str, Any], ...]:
    """Vocoders that need no training: what they render, and what can be changed before them."""
    out = []
    for name in registry().names("vocoder"):
        try:
            kind = registry().load("vocoder", name)
            if kind.trainable:
                continue
            accepts = kind().accepts()
        except (MissingDependency, PluginError):
            continue  # `synthkit plugins` reports it
        kinds = {"units"} if any(a.kind == "units" for a in accepts) else set()
        can: set[str] = set()
        for accepted in accepts:
            found = None if kinds == {"units"} else extractor_for(accepted, RATE, registry())
            if found is not None:
                spec = found[1].spec
                kinds.add(spec.kind)
                can |= set(possible(spec.kind, spec.names))
        if not kinds:
            continue  # no installed features are what it takes
        phases = ["vocoder", "original", *(PHASES if "world" in kinds else ())]
        out.append({"name": name, "kinds": sorted(kinds), "can": sorted(can), "phases": phases})
    return tuple(out)


def copy_of(original: Waveform, vocoder: str, features: str | None, changes: Changes) -> Copied:
    """A copy of `original`.

    Raises
    ------
    ConfigError
        Something is to be changed that the frames do not hold, or the vocoder has to be trained.
    SpecMismatch
        The features are not what the vocoder takes.
    """
    renderer: Vocoder = registry().load("vocoder", vocoder)()
    if renderer.trainable:
        raise ConfigError(
            f"vocoder {vocoder!r} has to be trained first", where="vocoder", hint="the bench trains nothing"
        )
    if any(a.kind == "units" for a in renderer.accepts()):
        refuse(changes, "units", (), vocoder)
        item: Item = recording_path(original)
        made, how = renderer.render(item), f"cut every 0.1 s → {vocoder}"
    else:
        name, extractor = _extractor(renderer, features, original.sample_rate, vocoder)
        refuse(changes, extractor.spec.kind, extractor.spec.names, vocoder)
        heard = audio.resample(original, extractor.spec.sample_rate)
        frames = changed(_analysed(heard, extractor), changes, lambda: track(heard, changes.f0))
        how = f"{name} at {extractor.spec.sample_rate} Hz, {len(frames)} frames → "
        if changes.phase in PHASES:
            made, how = _pulses(frames, changes), f"{how}pulses of {changes.phase} phase"
        else:
            made, how = renderer.render(frames), how + vocoder
    made = audio.resample(made, original.sample_rate)
    if changes.phase == "original":
        made, how = _with_phases_of(original, made), f"{how} → the recording's phases"
    return Copied(made, how)


_KEPT: dict[tuple[bytes, str], Frames] = {}
"""Frames of the recordings that were analysed last: a slider changes what comes after."""
_HELD = threading.Lock()


def _analysed(waveform: Waveform, extractor: FeatureExtractor) -> Frames:
    key = (hashlib.blake2b(waveform.samples.tobytes()).digest(), extractor.spec.hash)
    with _HELD:
        found = _KEPT.pop(key, None)
    found = found or extractor.extract(waveform)
    with _HELD:  # two tabs ask in two threads
        _KEPT[key] = found
        while len(_KEPT) > MOST:
            del _KEPT[next(iter(_KEPT))]
    return found


def _extractor(
    renderer: Vocoder, features: str | None, rate: int, vocoder: str
) -> tuple[str, FeatureExtractor]:
    accepts = renderer.accepts()
    for accepted in accepts:
        if features is None:
            found = extractor_for(accepted, rate, registry())
            if found is not None:
                return found
            continue
        extractor = registry().load("features", features).matching(accepted, rate)
        if extractor is not None:
            return features, extractor
    if features is None:
        raise SynthkitError(f"no installed features are what vocoder {vocoder!r} takes at {rate} Hz")
    from synthkit.errors import SpecMismatch

    given = registry().load("features", features)().spec
    raise SpecMismatch(
        f"features {features!r} are not what vocoder {vocoder!r} takes\n"
        + mismatch_tables(given, accepts, "given", "taken"),
        hint="choose other features, or leave them to the vocoder",
    )


def _pulses(frames: Frames, changes: Changes) -> Waveform:
    spec = WorldSpec.of(frames.spec)
    power = mc2sp(frames["mcep"].astype(np.float64), spec.alpha, spec.n_fft)
    f0 = np.where(frames["vuv"] > 0.5, np.exp(frames["lf0"].astype(np.float64)), 0.0)
    noise = np.zeros_like(power)
    if "bap" in frames.data:
        coded = np.ascontiguousarray(np.minimum(frames["bap"].astype(np.float64), 0.0))
        noise = load_pyworld().decode_aperiodicity(coded, spec.sample_rate, spec.n_fft)
    assert changes.phase in ("min", "zero", "random")
    return Waveform(
        render(power, noise, f0, spec.hop_length, spec.sample_rate, changes.phase), spec.sample_rate
    )


def _with_phases_of(original: Waveform, copy: Waveform) -> Waveform:
    """The magnitudes of `copy` with the phases of `original`, over windows of `WINDOW`."""
    size = round(WINDOW * original.sample_rate)
    count = min(len(original.samples), len(copy.samples))
    how = {"nperseg": size, "noverlap": size * 3 // 4}
    _, _, wanted = stft(copy.samples[:count], **how)
    _, _, phases = stft(original.samples[:count], **how)
    turned = phases / np.maximum(np.abs(phases), 1e-12)
    _, samples = istft(np.abs(wanted) * turned, **how)
    return Waveform(np.clip(samples[:count], -1, 1).astype(np.float32), original.sample_rate)
