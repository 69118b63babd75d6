# SPDX-License-Identifier: Apache-2.0
"""Features `praat`: prosody and voice quality, frame by frame, and the voice report of a whole recording."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np

from synthkit.dsp.checks import usable
from synthkit.settings import Field, Settings
from synthkit.stages import FeatureExtractor
from synthkit.types import Alignment, FeatureSpec, Frames, Stream, Waveform

PERIODS = (0.0001, 0.02, 1.3)
"""Praat's standard: shortest and longest period (s), largest ratio of neighbouring periods."""
LARGEST_AMPLITUDE_RATIO = 1.6
UNVOICED_HNR = -20.0
"""Harmonicity, dB, given where Praat finds no period (it says -200 there) and the least that is given."""
STREAMS = ("f0", "intensity", "formants", "hnr", "jitter", "shimmer")


class PraatSettings(Settings):
    """Settings of the `praat` features."""

    sample_rate: int = Field(default=16000, ge=8000, description="Hz; recordings must have this rate")
    frame_period_ms: float = Field(default=10.0, ge=1, le=50, description="hop, rounded to whole samples")
    f0_floor: float = Field(default=60.0, ge=30, description="lowest F0 looked for, Hz")
    f0_ceil: float = Field(default=400.0, le=1200, description="highest F0 looked for, Hz")
    formants: int = Field(default=4, ge=1, le=5, description="formants given, from the lowest")
    formant_ceil: float = Field(
        default=5000.0, gt=1000, description="Hz; Praat's manual: 5000 for men, 5500 for women"
    )
    quality_window_ms: float = Field(
        default=100.0,
        ge=30,
        le=1000,
        description="jitter and shimmer are measured over so much around a frame",
    )

    def check(self) -> None:
        """See `Settings.check`."""
        if self.f0_floor >= self.f0_ceil:
            raise ValueError(f"f0_floor ({self.f0_floor}) must be below f0_ceil ({self.f0_ceil})")
        if self.formant_ceil > self.sample_rate / 2:
            raise ValueError(f"formant_ceil ({self.formant_ceil}) is above half the sample rate")


class PraatFeatures(FeatureExtractor):
    """Streams, each frame t at sample ``t * hop_length``.

    ``f0`` (T,) Hz by autocorrelation, 0 unvoiced; ``intensity`` (T,) dB SPL; ``formants`` (T, n) Hz by Burg's
    method, 0 where there is none; ``hnr`` (T,) harmonics-to-noise ratio, dB, by cross-correlation, -20 at
    least; ``jitter`` and ``shimmer`` (T,), local, as ratios, 0 where too few periods are near.
    """

    Config = PraatSettings
    version = "1"

    @cached_property
    def spec(self) -> FeatureSpec:
        """The contract of the frames."""
        c = self.config
        return FeatureSpec(
            kind="prosody",
            sample_rate=c.sample_rate,
            hop_length=round(c.sample_rate * c.frame_period_ms / 1000),
            streams=tuple(Stream(name, width=c.formants if name == "formants" else None) for name in STREAMS),
            params={"fmin": c.f0_floor, "fmax": c.f0_ceil, "f0_method": "praat-ac"},
        )

    def extract(self, waveform: Waveform, alignment: Alignment | None = None) -> Frames:
        """Frames of `waveform`.

        Raises
        ------
        AudioError
            The recording is at another rate, shorter than Praat's longest window (about 6.4 periods of the
            lowest F0), silent throughout or not finite.
        """
        import parselmouth
        from parselmouth.praat import call

        c, spec = self.config, self.spec
        rate, period = c.sample_rate, spec.frame_period
        x = usable(
            waveform, sample_rate=rate, minimum=int(6.5 * rate / c.f0_floor) + 1, what="features 'praat'"
        )
        times = np.arange(len(x) // round(rate * period) + 1) * period
        sound = parselmouth.Sound(x, rate)
        pitch = sound.to_pitch_ac(period, c.f0_floor, pitch_ceiling=c.f0_ceil)
        f0 = nearest(times, pitch.xs(), pitch.selected_array["frequency"])
        loud = sound.to_intensity(c.f0_floor, period)
        formant = sound.to_formant_burg(period, 5, c.formant_ceil)
        harmonic = sound.to_harmonicity_cc(period, c.f0_floor)
        pulses = call([sound, pitch], "To PointProcess (cc)")
        half = c.quality_window_ms / 2000
        spans = [(max(t - half, 0.0), t + half) for t in times]
        data = {
            "f0": f0,
            "intensity": np.interp(times, loud.xs(), loud.values[0]),
            "formants": np.array(
                [[formant.get_value_at_time(i + 1, t) for i in range(c.formants)] for t in times]
            ),
            "hnr": np.maximum(nearest(times, harmonic.xs(), harmonic.values[0]), UNVOICED_HNR),
            "jitter": np.array([_jitter(call, pulses, *span) for span in spans]),
            "shimmer": np.array([_shimmer(call, sound, pulses, *span) for span in spans]),
        }
        # Praat says NaN where a value is not defined.
        return Frames({n: np.nan_to_num(data[n]).astype(np.float32) for n in STREAMS}, spec).check()


def voice_report(waveform: Waveform, *, f0_floor: float = 60.0, f0_ceil: float = 400.0) -> dict[str, float]:
    """Mean F0 (Hz), jitter and shimmer (local, ratios), mean HNR (dB) of a recording, as Praat's voice
    report.

    Values that are not defined (no voice) are NaN.
    """
    import parselmouth
    from parselmouth.praat import call

    sound = parselmouth.Sound(waveform.samples.astype(np.float64), waveform.sample_rate)
    pitch = sound.to_pitch_ac(None, f0_floor, pitch_ceiling=f0_ceil)
    pulses = call([sound, pitch], "To PointProcess (cc)")
    harmonic = sound.to_harmonicity_cc(0.01, f0_floor)
    return {
        "f0": call(pitch, "Get mean", 0, 0, "Hertz"),
        "jitter": _jitter(call, pulses, 0, 0),
        "shimmer": _shimmer(call, sound, pulses, 0, 0),
        "hnr": call(harmonic, "Get mean", 0, 0),
    }


def _jitter(call: Any, pulses: Any, start: float, end: float) -> float:
    return float(call(pulses, "Get jitter (local)", start, end, *PERIODS))


def _shimmer(call: Any, sound: Any, pulses: Any, start: float, end: float) -> float:
    return float(call([sound, pulses], "Get shimmer (local)", start, end, *PERIODS, LARGEST_AMPLITUDE_RATIO))


def nearest(times: np.ndarray, at: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Of `values` (N,) at the rising times `at` (N,), the one nearest to each of `times` (T,)."""
    right = np.clip(np.searchsorted(at, times), 1, max(len(at) - 1, 1))
    if len(at) == 1:
        return np.full(len(times), values[0])
    return np.where(times - at[right - 1] <= at[right] - times, values[right - 1], values[right])
