# SPDX-License-Identifier: Apache-2.0
"""Vocoder `world`: WORLD synthesis of coded frames."""

from __future__ import annotations

from typing import Literal

import numpy as np

from synthkit.dsp.melcepstrum import mc2sp
from synthkit.dsp.specs import WorldSpec
from synthkit.dsp.world import load_pyworld
from synthkit.errors import AudioError
from synthkit.settings import Field, Settings
from synthkit.stages import Vocoder
from synthkit.types import Demand, Item, Waveform, frames_of
from synthkit_world.band_limit import band_edge, low_pass

STREAMS = ("mcep", "lf0", "vuv", "bap")


class WorldVocoderSettings(Settings):
    """Settings of the `world` vocoder."""

    speed: float = Field(default=1.0, ge=0.2, le=5, description="2 is twice as fast, at the same pitch")
    pitch: float = Field(default=1.0, ge=0.25, le=4, description="factor on F0; 2 is an octave up")
    smoothing_ms: float = Field(
        default=0.0, ge=0, le=200, description="width of the Hann window the parameters are smoothed by"
    )
    postfilter: float = Field(
        default=0.0,
        ge=0,
        le=1,
        description="sharpens formants that a model has smoothed; 0.2 to 0.4 is usual",
    )
    band_limit: Literal["auto", "off"] = Field(
        default="auto",
        description="auto: nothing above the edge of the recordings' band, if the frames show that they "
        "have one",
    )


class WorldVocoder(Vocoder):
    """WORLD synthesis from mel-cepstrum, continuous log F0, voicing and coded aperiodicity, at any rate."""

    Config = WorldVocoderSettings
    version = "2"
    adjusts = frozenset({"speed", "pitch"})

    def accepts(self) -> tuple[Demand, ...]:
        """Kind ``world`` with all four streams; everything else as it comes."""
        return (WorldSpec.demand(*STREAMS),)

    def render(self, item: Item) -> Waveform:
        """The waveform of `item`; ``len(item) * hop_length`` samples when the speed is 1.

        Raises
        ------
        AudioError
            There is no frame, or the frames give samples that are not finite.
        """
        frames = frames_of(item, "vocoder 'world'")
        if not len(frames):
            raise AudioError(
                "vocoder 'world' was given no frame", hint="the acoustic model predicted nothing"
            )
        spec = WorldSpec.of(frames.spec)
        streams = {name: np.asarray(frames[name], dtype=np.float64) for name in STREAMS}
        streams = faster(streams, self.config.speed)
        width = self.config.smoothing_ms / 1000 / frames.spec.frame_period
        for name in ("mcep", "lf0", "bap"):
            streams[name] = smooth(streams[name], width)
        if self.config.postfilter:
            streams["mcep"] = sharpen(streams["mcep"], self.config.postfilter, spec.alpha, spec.n_fft)
        f0 = np.where(streams["vuv"] > 0.5, np.exp(streams["lf0"]) * self.config.pitch, 0.0)
        pw = load_pyworld()
        with np.errstate(over="ignore"):  # what overflows is refused below
            power = mc2sp(streams["mcep"], spec.alpha, spec.n_fft)
        noise = pw.decode_aperiodicity(
            np.ascontiguousarray(np.minimum(streams["bap"], 0.0)), spec.sample_rate, spec.n_fft
        )
        samples = pw.synthesize(f0, power, noise, spec.sample_rate, 1000 * frames.spec.frame_period)
        if not np.isfinite(samples).all():
            raise AudioError(
                "the frames give samples that are not finite", hint="the model's output is broken"
            )
        edge = band_edge(power, spec.sample_rate) if self.config.band_limit == "auto" else None
        if edge is not None:
            samples = low_pass(samples, edge, spec.sample_rate)
        return Waveform(np.clip(samples, -1, 1).astype(np.float32), spec.sample_rate)


def faster(streams: dict[str, np.ndarray], speed: float) -> dict[str, np.ndarray]:
    """Streams (T, ...) read `speed` times as fast: straight lines between frames, voicing from the
    nearest."""
    n = len(streams["lf0"])
    if speed == 1:
        return streams
    count = max(1, round(n / speed))
    at = np.linspace(0, n - 1, count)
    below = np.minimum(at.astype(int), max(n - 2, 0))
    above = np.minimum(below + 1, n - 1)
    out = {}
    for name, a in streams.items():
        if name == "vuv":
            out[name] = a[np.rint(at).astype(int)]
        else:
            part = (at - below).reshape(-1, *[1] * (a.ndim - 1))
            out[name] = (1 - part) * a[below] + part * a[above]
    return out


def smooth(a: np.ndarray, width: float) -> np.ndarray:
    """`a` (T, ...) averaged under a Hann window of `width` frames; the ends weigh what there is."""
    reach = int(width / 2)
    if reach < 1:
        return a
    window = np.hanning(2 * reach + 3)[1:-1]
    pad = [(reach, reach)] + [(0, 0)] * (a.ndim - 1)
    padded = np.pad(a, pad, mode="edge")
    return sum(w * padded[i : i + len(a)] for i, w in enumerate(window)) / window.sum()


def sharpen(mcep: np.ndarray, beta: float, alpha: float, n_fft: int) -> np.ndarray:
    """Mel-cepstra (T, D) with formants sharpened by `beta`, each frame's energy kept.

    Coefficients from the second are multiplied by ``1 + beta`` (K. Koishida et al., "CELP coding based on
    mel-cepstral analysis", ICASSP 1995); c0 is then moved so that the mean power stays what it was.
    """
    out = mcep.copy()
    out[:, 2:] *= 1 + beta
    before = mc2sp(mcep, alpha, n_fft).mean(1)
    after = mc2sp(out, alpha, n_fft).mean(1)
    out[:, 0] += 0.5 * np.log(before / after)
    return out
