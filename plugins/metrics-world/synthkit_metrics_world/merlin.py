# SPDX-License-Identifier: Apache-2.0
"""Merlin's distortions, frame by frame."""

from __future__ import annotations

import numpy as np

from synthkit.dsp.world import load_pyworld
from synthkit.eval import Clip, Definition, EvalSample, Measurement, Undefined
from synthkit.eval.mcep import distortion, mcep_of_amplitude
from synthkit.eval.prosody import f0_figures
from synthkit_metrics_world.analysis import WorldMetric, analysable, dio

ALPHA = {16000: 0.58, 22050: 0.65, 44100: 0.76, 48000: 0.77}
"""Sample rate, Hz, to the α of Merlin's feature extraction."""

_HOW = (
    "WORLD at 5 ms (DIO 71-800 Hz, StoneMask, CheapTrick, D4C, defaults); no alignment: undefined where the "
    "numbers of frames differ by more than two, else cut to the shorter."
)
_SOURCE = "Merlin extract_features_for_merlin, compute_distortion.py"


class Merlin(WorldMetric):
    """Merlin pools over the frames of a test set: weight utterances by n to get its figure of a set."""

    gives = (
        Definition(
            "mcd", "merlin", "dB", "lower", "MCD (Merlin)",
            f"{_HOW} Mel-cepstrum of order 59 of √envelope × 32768 (eps 1e-8), α 0.58 at 16 k, 0.65 at 22.05 "
            "k, 0.76 at 44.1 k, 0.77 at 48 k, other rates undefined; c0 left out; K·‖Δc‖, pooled over all "
            "frames.",
            _SOURCE, pool="ratio",
        ),
        Definition(
            "bap", "merlin", "dB", "lower", "BAP distortion (Merlin)",
            f"{_HOW} Mean over all frames of ‖Δ‖/10 of the coded band aperiodicities (dB), pooled over "
            "frames.",
            _SOURCE, pool="ratio",
        ),
        Definition(
            "f0-rmse", "merlin", "Hz", "lower", "F0 RMSE (Merlin)",
            f"{_HOW} Root mean square difference over co-voiced frames of the utterance.", _SOURCE,
            group="prosody",
        ),
        Definition(
            "vuv-error", "merlin", "%", "lower", "V/UV error (Merlin)",
            f"{_HOW} Share of frames voiced in one and not in the other, pooled over frames.", _SOURCE,
            group="prosody", pool="ratio",
        ),
    )  # fmt: skip
    compatible = True
    version = "2"

    def measure(self, sample: EvalSample) -> list[Measurement]:
        """See the definitions."""
        assert sample.reference is not None
        rate = sample.test.rate
        if rate not in ALPHA or sample.reference.rate != rate:
            raise Undefined(f"Merlin compares equal rates among {', '.join(map(str, ALPHA))} Hz")
        if sample.test.channels is not None or sample.reference.channels is not None:
            raise Undefined("WORLD's analysis, as Merlin calls it, refuses files of several channels")
        ref, test = analyse(sample.reference), analyse(sample.test)
        n, m = len(ref[0]), len(test[0])
        if abs(n - m) > 2:
            raise Undefined(f"Merlin refuses unequal lengths ({n} and {m} frames)")
        (f_ref, c_ref, b_ref), (f_test, c_test, b_test) = (
            [x[: min(n, m)] for x in feats] for feats in (ref, test)
        )
        figures = f0_figures(f_ref, f_test)
        frames = len(f_ref)
        return [
            self.value("mcd", float(distortion(c_ref[:, 1:], c_test[:, 1:]).mean()), n=frames),
            self.value("bap", float(np.sqrt(((b_ref - b_test) ** 2).sum(1)).mean()) / 10.0, n=frames),
            self.value("vuv-error", 100.0 * figures.vuv_error, n=frames),
            self.value("f0-rmse", figures.rmse_hz, n=figures.voiced)
            if figures.rmse_hz is not None
            else self.undefined("f0-rmse", "no frame is voiced in both signals"),
        ]


def analyse(clip: Clip) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """F0 ``(T,)``, mel-cepstra ``(T, 60)`` and coded band aperiodicities ``(T, bands)`` as Merlin has
    them."""

    def compute() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        pw, rate = load_pyworld(), clip.rate
        x = analysable(clip.samples())
        f0, times = dio(x, rate)
        envelope = pw.cheaptrick(x, f0, times, rate)
        cepstra = mcep_of_amplitude(np.sqrt(envelope) * 32768.0, 59, ALPHA[rate], 1e-8)
        return f0, cepstra, pw.code_aperiodicity(pw.d4c(x, f0, times, rate), rate)

    return clip.memo("merlin", compute)
