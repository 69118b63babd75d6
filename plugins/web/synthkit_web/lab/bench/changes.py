# SPDX-License-Identifier: Apache-2.0
"""Frames changed between features and vocoder: cepstra, formants, F0, aperiodicity."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Literal

import numpy as np
from scipy.fft import dct, idct

from synthkit.dsp.mel import filterbank
from synthkit.dsp.melcepstrum import mc2sp, sp2mc
from synthkit.dsp.specs import MelSpec, WorldSpec
from synthkit.errors import ConfigError
from synthkit.settings import Field, Settings
from synthkit.types import Frames

Track = Callable[[], tuple[np.ndarray, np.ndarray]]


class Changes(Settings):
    """What is changed; the defaults change nothing."""

    cepstra: int | None = Field(None, ge=1, le=256)
    """Cepstral coefficients that are kept, the first one counted; all if not given."""
    formants: float = Field(1.0, ge=0.5, le=2)
    """Factor on the frequencies of the envelope."""
    f0: str = "own"
    """``"own"`` of the frames, ``"flat"`` (its median everywhere), or a tracker's name."""
    semitones: float = Field(0.0, ge=-24, le=24)
    noise: float = Field(0.0, ge=-1, le=1)
    """1 makes all of it noise, -1 none of it."""
    phase: Literal["vocoder", "original", "min", "zero", "random"] = "vocoder"

    def asked(self) -> list[str]:
        """Names of what is changed in the frames."""
        return [n for n in ("cepstra", "formants", "f0", "semitones", "noise")
                if getattr(self, n) != type(self).model_fields[n].default]  # fmt: skip


CAN = {"cepstra": "mcep", "formants": "mcep", "f0": "lf0", "semitones": "lf0", "noise": "bap"}
"""The stream of WORLD's frames that each changes."""
MEL = ("cepstra", "formants")
"""What can be changed in mel spectra."""
PHASES = ("min", "zero", "random")
"""Of pulses through the envelope, for frames that state envelope, F0 and aperiodicity."""


def possible(kind: str, streams: Collection[str]) -> tuple[str, ...]:
    """What can be changed in frames of `kind` with these streams."""
    if kind == "mel":
        return MEL
    return tuple(name for name, stream in CAN.items() if kind == "world" and stream in streams)


def refuse(changes: Changes, kind: str, streams: Collection[str], vocoder: str) -> None:
    """Refuse by name what frames of `kind` with these streams do not hold.

    Raises
    ------
    ConfigError
    """
    what = {"units": "pieces of the recording", "mel": "mel spectra"}.get(kind, f"{kind} frames")
    for name in changes.asked():
        if name not in possible(kind, streams):
            raise ConfigError(
                f"{name} cannot be changed: vocoder {vocoder!r} renders {what}, which do not hold it apart",
                where=name,
                hint="vocoder 'world' takes frames that do",
            )
    if changes.phase in PHASES and kind != "world":
        raise ConfigError(
            f"phase {changes.phase!r} is of pulses through an envelope, and {what} state no F0",
            where="phase",
            hint="take a vocoder of WORLD's frames",
        )


def changed(frames: Frames, changes: Changes, track: Track) -> Frames:
    """`frames` with what is asked; `track` gives the F0 of a tracker that is to take the frames' place."""
    if frames.spec.kind == "mel":
        return Frames({"mel": _mel(frames, changes).astype(np.float32)}, frames.spec)
    if frames.spec.kind != "world":
        return frames
    spec, data = WorldSpec.of(frames.spec), dict(frames.data)
    mcep = data["mcep"].astype(np.float64)
    if changes.formants != 1:
        power = mc2sp(mcep, spec.alpha, spec.n_fft)
        levels = warped(np.log(power), np.arange(power.shape[1]), changes.formants)
        mcep = sp2mc(np.exp(levels), spec.order, spec.alpha)
    if changes.cepstra is not None:
        mcep[:, changes.cepstra :] = 0
    data["mcep"] = mcep.astype(np.float32)
    lf0, vuv = data["lf0"].astype(np.float64), data["vuv"]
    if changes.f0 not in ("own", "flat"):
        times, hertz = track()
        lf0, vuv = _laid(times, hertz, np.arange(len(lf0)) * spec.hop_length / spec.sample_rate, lf0)
    if changes.f0 == "flat" and (vuv > 0.5).any():
        lf0 = np.full(len(lf0), np.median(lf0[vuv > 0.5]))
    data["lf0"] = (lf0 + changes.semitones * np.log(2) / 12).astype(np.float32)
    data["vuv"] = vuv.astype(np.float32)
    if "bap" in data and changes.noise:
        # Coded in dB: 0 is all noise, WORLD's floor is -60.
        bap, amount = data["bap"], abs(changes.noise)
        to = 0.0 if changes.noise > 0 else -60.0
        data["bap"] = ((1 - amount) * bap + amount * to).astype(np.float32)
    return Frames(data, frames.spec).check()


def warped(levels: np.ndarray, centres: np.ndarray, factor: float) -> np.ndarray:
    """Spectra (T, K) at `centres` (K,) with what was at a frequency at `factor` times that."""
    return np.stack([np.interp(centres / factor, centres, row) for row in levels])


def _mel(frames: Frames, changes: Changes) -> np.ndarray:
    mel = frames["mel"].astype(np.float64)
    spec = MelSpec.of(frames.spec)
    if changes.formants != 1:
        hertz = filterbank(spec).argmax(1) * spec.sample_rate / spec.n_fft
        mel = warped(mel, hertz + np.arange(len(hertz)) * 1e-6, changes.formants)
    if changes.cepstra is not None:
        cepstra = dct(mel, norm="ortho", axis=1)
        cepstra[:, changes.cepstra :] = 0
        mel = idct(cepstra, norm="ortho", axis=1)
    return mel


def _laid(
    times: np.ndarray, hertz: np.ndarray, at: np.ndarray, otherwise: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Continuous ln F0 and voicing of a track at other times."""
    voiced = hertz > 0
    nearest = np.clip(np.searchsorted(times, at), 0, len(times) - 1)
    if not voiced.any():
        return otherwise, np.zeros(len(at))
    return np.interp(at, times[voiced], np.log(hertz[voiced])), voiced[nearest].astype(np.float64)
