# SPDX-License-Identifier: Apache-2.0
"""Features `world`: what WORLD finds in a recording, coded for models.

M. Morise, F. Yokomori, K. Ozawa, "WORLD: a vocoder-based high-quality speech synthesis system for real-time
applications", IEICE Trans. Inf. Syst. E99-D(7), 2016.
"""

from __future__ import annotations

import math
from functools import cached_property
from typing import Literal

import numpy as np

from synthkit.dsp.checks import usable
from synthkit.dsp.melcepstrum import default_alpha, sp2mc
from synthkit.dsp.specs import WorldSpec
from synthkit.dsp.world import load_pyworld
from synthkit.settings import Field, Settings
from synthkit.stages import FeatureExtractor
from synthkit.types import OPEN, Alignment, Demand, FeatureSpec, Frames, Waveform

FLOOR = 1e-11
"""Least spectral power, far under the noise of 16-bit rounding (about 1e-10): only digital silence meets
it."""

METHODS = {"dio": "dio+stonemask", "harvest": "harvest"}


class WorldSettings(Settings):
    """Settings of the `world` features."""

    sample_rate: int = Field(
        default=16000, ge=8000, le=768_000, description="Hz; recordings must have this rate"
    )
    frame_period_ms: float = Field(default=5.0, ge=0.1, le=50, description="hop, rounded to whole samples")
    f0: Literal["dio", "harvest"] = Field(
        default="dio",
        description="DIO refined by StoneMask, or Harvest (fewer voicing errors, 20 times slower)",
    )
    f0_floor: float = Field(default=60.0, ge=30, description="lowest F0 looked for, Hz")
    f0_ceil: float = Field(default=400.0, le=1200, description="highest F0 looked for, Hz")
    order: int | None = Field(
        default=None, ge=1, le=255, description="mel-cepstrum order; by rate if not given"
    )
    alpha: float | None = Field(
        default=None, ge=0, lt=1, description="all-pass constant; by rate if not given"
    )
    aperiodicity: bool = Field(
        default=True, description="false leaves out D4C (half of the time) for models that need no bap"
    )

    def check(self) -> None:
        """See `Settings.check`."""
        if self.f0_floor >= self.f0_ceil:
            raise ValueError(f"f0_floor ({self.f0_floor}) must be below f0_ceil ({self.f0_ceil})")
        if self.aperiodicity and band_count(self.sample_rate) == 0:
            raise ValueError("WORLD codes no aperiodicity band below 12000 Hz; set aperiodicity = false")


class WorldFeatures(FeatureExtractor):
    """Streams ``mcep`` (T, order + 1) c0 first, ``lf0`` (T,), ``vuv`` (T,), ``bap`` (T, n_bap).

    ``lf0`` is the natural logarithm of F0 in Hz, drawn straight through unvoiced stretches and held at the
    ends; ``vuv`` is 1 where F0 was found. Without any voiced frame ``lf0`` is the middle of the search range.
    ``bap`` is coded aperiodicity in dB, 0 where all is noise. Frame t is centred on sample ``t *
    hop_length``.
    """

    Config = WorldSettings
    version = "1"

    @cached_property
    def view(self) -> WorldSpec:
        """What the frames are."""
        c = self.config
        return WorldSpec(
            sample_rate=c.sample_rate,
            hop_length=round(c.sample_rate * c.frame_period_ms / 1000),
            n_fft=fft_size(c.sample_rate, c.f0_floor),
            order=c.order if c.order is not None else default_order(c.sample_rate),
            alpha=c.alpha if c.alpha is not None else default_alpha(c.sample_rate),
            fmin=c.f0_floor,
            fmax=c.f0_ceil,
            floor=FLOOR,
            f0_method=METHODS[c.f0],
            n_bap=band_count(c.sample_rate) if c.aperiodicity else None,
        )

    @cached_property
    def spec(self) -> FeatureSpec:
        """The contract of the frames."""
        return self.view.spec

    @classmethod
    def matching(cls, accepted: Demand, sample_rate: int) -> WorldFeatures | None:
        """See `FeatureExtractor.matching`."""
        if accepted.kind not in ("world", OPEN):
            return None
        rate, stated = accepted.rate(sample_rate), WorldSpec.stated(accepted)
        asked = {"f0_floor": "fmin", "f0_ceil": "fmax", "order": "order", "alpha": "alpha"}
        settings = {ours: stated[theirs] for ours, theirs in asked.items() if theirs in stated}
        if "f0_method" in stated:
            settings["f0"] = {v: k for k, v in METHODS.items()}.get(stated["f0_method"], "dio")
        if "hop_length" in stated:
            settings["frame_period_ms"] = stated["hop_length"] * 1000 / rate
        if accepted.streams:
            settings["aperiodicity"] = "bap" in {
                s if isinstance(s, str) else s.name for s in accepted.streams
            }
        try:
            found = cls(WorldSettings(sample_rate=rate, **settings))
        except ValueError:  # no settings of ours give what is asked
            return None
        return found if accepted.accepts(found.spec) else None

    def extract(self, waveform: Waveform, alignment: Alignment | None = None) -> Frames:
        """Frames of `waveform`.

        Raises
        ------
        AudioError
            The recording is at another rate, shorter than one frame, silent throughout or not finite.
        """
        spec, rate = self.view, self.config.sample_rate
        x = usable(waveform, sample_rate=rate, minimum=spec.hop_length, what="features 'world'")
        pw = load_pyworld()
        f0, times = self.pitch(x)
        power = pw.cheaptrick(x, f0, times, rate, fft_size=spec.n_fft)
        mcep = sp2mc(np.maximum(power, FLOOR), spec.order, spec.alpha)
        lf0, vuv = continuous(f0, default=math.sqrt(self.config.f0_floor * self.config.f0_ceil))
        data = {"mcep": mcep, "lf0": lf0, "vuv": vuv}
        if self.config.aperiodicity:
            data["bap"] = pw.code_aperiodicity(pw.d4c(x, f0, times, rate, fft_size=spec.n_fft), rate)
        return Frames({name: a.astype(np.float32) for name, a in data.items()}, self.spec).check()

    def pitch(self, samples: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """F0 (T,) in Hz, 0 where unvoiced, and the frames' times (T,) in seconds, of float64 `samples`."""
        pw, c = load_pyworld(), self.config
        search = {
            "f0_floor": c.f0_floor,
            "f0_ceil": c.f0_ceil,
            "frame_period": 1000 * self.spec.frame_period,
        }
        if c.f0 == "harvest":
            from synthkit.dsp.harvest import harvest  # scipy.signal takes longer than refusing a voice does

            return harvest(samples, c.sample_rate, **search)
        f0, times = pw.dio(samples, c.sample_rate, **search)
        return pw.stonemask(samples, f0, times, c.sample_rate), times


def continuous(f0: np.ndarray, *, default: float) -> tuple[np.ndarray, np.ndarray]:
    """Continuous log F0 and voicing of an F0 contour with zeros.

    Parameters
    ----------
    f0 : ndarray, shape (T,)
        Hz, 0 where unvoiced.
    default : float
        Hz, for a contour without any voiced frame.

    Returns
    -------
    lf0, vuv : ndarray, shape (T,)
        Natural logarithm of F0, straight lines through unvoiced stretches; 1 voiced, 0 unvoiced.
    """
    voiced = np.flatnonzero(f0 > 0)
    vuv = (f0 > 0).astype(np.float64)
    if not len(voiced):
        return np.full(len(f0), math.log(default)), vuv
    return np.interp(np.arange(len(f0)), voiced, np.log(f0[voiced])), vuv


def fft_size(sample_rate: int, f0_floor: float) -> int:
    """CheapTrick's FFT length: three periods of the lowest F0 fit in it."""
    return int(2 ** (1 + math.floor(math.log2(3 * sample_rate / f0_floor + 1))))


def band_count(sample_rate: int) -> int:
    """Number of aperiodicity bands WORLD codes: every 3 kHz up to 15 kHz or 3 kHz under Nyquist."""
    return int(min(15000.0, sample_rate / 2 - 3000.0) / 3000.0)


def default_order(sample_rate: int) -> int:
    """Mel-cepstrum order by sample rate: 24 to 16 kHz, 34 to 24 kHz, 59 above."""
    return 24 if sample_rate <= 16000 else 34 if sample_rate <= 24000 else 59
