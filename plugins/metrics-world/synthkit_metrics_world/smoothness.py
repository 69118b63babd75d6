# SPDX-License-Identifier: Apache-2.0
"""How much of natural speech's movement is left: spread and modulation of spectra and of pitch.

What a model predicts as a mean moves less than what a speaker does, and sounds muffled and flat; no distance
to a recording says so.
"""

from __future__ import annotations

import numpy as np

from synthkit.eval import Clip, Definition, EvalSample, Measurement, Undefined
from synthkit_metrics_world.analysis import WorldMetric
from synthkit_metrics_world.ours import analyse, common_rate

WINDOW = 64
"""Frames of 5 ms in a modulation spectrum, half of them new each time."""
RATES = (8.0, 40.0)
"""Hz, of modulation: what changes faster than syllables and slower than noise."""
LOUD = 40.0
"""dB under the loudest frame that still count as speech."""
_OF = "Cepstra, energy and F0 by the analysis of mcd/synthkit; frames within 40 dB of the loudest. "


def modulation(cepstra: np.ndarray) -> np.ndarray:
    """Mean power of the trajectories (T, order) between 8 and 40 Hz, for each coefficient: (order,).

    Hann windows of 0.32 s, their mean taken away (Takamichi et al. 2016, doi 10.1109/TASLP.2016.2522655).
    """
    if len(cepstra) < WINDOW:
        raise Undefined(f"shorter than the {5 * WINDOW / 1000:g} s of a modulation spectrum")
    framed = np.lib.stride_tricks.sliding_window_view(cepstra, WINDOW, axis=0)[:: WINDOW // 2]
    centred = framed - framed.mean(-1, keepdims=True)
    power = np.abs(np.fft.rfft(centred * np.hanning(WINDOW), axis=-1)) ** 2
    rates = np.fft.rfftfreq(WINDOW, 0.005)
    chosen = (rates >= RATES[0]) & (rates <= RATES[1])
    mean: np.ndarray = power[..., chosen].mean(axis=(0, 2))
    return mean


class Smoothness(WorldMetric):
    """Spread and modulation of what was spoken over those of the recording; 1 and 0 dB are natural."""

    gives = (
        Definition(
            "global-variance", "synthkit", "", "none", "Spread of cepstra ÷ natural",
            f"{_OF}Mean over mel-cepstra 1 and up of the standard deviation of each, over that of the "
            "recording; 1 is natural, below it is over-smoothed.", "Toda and Tokuda 2007 for the variance",
            range=(0.0, None),
        ),
        Definition(
            "global-variance-fine", "synthkit", "", "none", "Spread of fine cepstra ÷ natural",
            f"{_OF}As global-variance, over the upper half of the coefficients.",
            "Toda and Tokuda 2007 for the variance", range=(0.0, None),
        ),
        Definition(
            "modulation", "synthkit", "dB", "none", "Modulation of cepstra against natural",
            f"{_OF}Mean over mel-cepstra 1 and up of 10·log10 of the power of each trajectory between 8 and "
            "40 Hz (Hann windows of 0.32 s) over that of the recording's, all frames; below 0 is "
            "over-smoothed.", "Takamichi et al. 2016 for the spectrum",
        ),
        Definition(
            "f0-spread", "synthkit", "", "none", "Spread of F0 ÷ natural",
            f"{_OF}Standard deviation of log F0 over voiced frames, over that of the recording; 1 is "
            "natural, below it is monotonous.", group="prosody", range=(0.0, None),
        ),
    )  # fmt: skip

    def measure(self, sample: EvalSample) -> list[Measurement]:
        """See the definitions."""
        assert sample.reference is not None
        rate = common_rate(sample.reference.rate, sample.test.rate)
        (f_ref, c_ref, all_ref), (f_test, c_test, all_test) = (
            _speech(clip, rate) for clip in (sample.reference, sample.test)
        )
        ratio = c_test.std(0) / np.maximum(c_ref.std(0), 1e-9)
        n = len(c_test)
        out = [
            self.value("global-variance", float(ratio.mean()), n=n),
            self.value("global-variance-fine", float(ratio[len(ratio) // 2 :].mean()), n=n),
        ]
        try:
            decibels = 10 * np.log10(modulation(all_test) / np.maximum(modulation(all_ref), 1e-12))
            out.append(self.value("modulation", float(decibels.mean()), n=len(all_test)))
        except Undefined as error:
            out.append(self.undefined("modulation", str(error)))
        if min(len(f_ref), len(f_test)) < 10 or not f_ref.std() > 0:
            return [*out, self.undefined("f0-spread", "hardly a frame is voiced")]
        return [*out, self.value("f0-spread", float(f_test.std() / f_ref.std()), n=len(f_test))]


def _speech(clip: Clip, rate: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Log F0 of voiced frames, cepstra of frames of speech, cepstra of all frames."""
    f0, energy, cepstra, _ = analyse(clip, rate)
    return np.log(f0[f0 > 0]), cepstra[energy > energy.max() - LOUD], cepstra
