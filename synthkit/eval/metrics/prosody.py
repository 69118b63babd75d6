# SPDX-License-Identifier: Apache-2.0
"""F0 agreement, pauses and speaking rate."""

from __future__ import annotations

from abc import abstractmethod

import numpy as np

from synthkit.eval.dtw import Path
from synthkit.eval.metric import Definition, Measurement, Metric, Undefined
from synthkit.eval.metrics.common import common_rate, stft_path
from synthkit.eval.pitch import yin
from synthkit.eval.prosody import activity, f0_figures
from synthkit.eval.sample import Clip, EvalSample


def f0_definitions(id: str, how: str, source: str, *, main: bool = False) -> tuple[Definition, ...]:
    """The five F0 figures of one tracker and one alignment, which `how` states in full.

    Parameters
    ----------
    id : str
        Of the definitions.
    how : str
        Tracker and alignment, in full.
    source : str
        The paper or tool that is followed.
    main : bool
        Whether they are shown first.

    Returns
    -------
    tuple of Definition
    """

    def one(metric: str, unit: str, title: str, text: str, better: str = "lower") -> Definition:
        return Definition(
            metric, id, unit, better, title, f"{text} {how}", source, group="prosody", main=main,  # type: ignore[arg-type]
            range=(-1.0, 1.0) if metric == "f0-correlation" else None,
        )  # fmt: skip

    undefined = "Undefined where no pair is voiced in both."
    return (
        one("f0-rmse", "Hz", "F0 RMSE",
            f"Root mean square of the F0 difference over co-voiced pairs. {undefined}"),
        one(
            "f0-rmse-cents", "cents", "F0 RMSE, cents",
            f"Root mean square of 1200·log2(test/reference) over co-voiced pairs. {undefined}",
        ),
        one(
            "f0-cents", "cents", "F0 median |cents|",
            f"Median of |1200·log2(test/reference)| over co-voiced pairs. {undefined}",
        ),
        one(
            "f0-correlation", "", "F0 correlation",
            "Pearson's correlation of F0 in Hz over co-voiced pairs. Undefined below three of them.",
            "higher",
        ),
        one("vuv-error", "%", "V/UV error", "Share of pairs voiced in one signal and not in the other."),
    )  # fmt: skip


class F0Metric(Metric):
    """Base of F0 metrics: a subclass names the tracker and the alignment."""

    needs = ("reference", "synthesis")

    @abstractmethod
    def contours(self, sample: EvalSample) -> tuple[np.ndarray, np.ndarray, Path]:
        """F0 of the reference and of the test, Hz, and the path that pairs their frames.

        Parameters
        ----------
        sample : EvalSample

        Returns
        -------
        reference, test : ndarray, shape (N,) and (M,)
            Hz, 0 where unvoiced.
        path : Path
        """

    def measure(self, sample: EvalSample) -> list[Measurement]:
        """See the definitions."""
        reference, test, (i, j) = self.contours(sample)
        figures = f0_figures(reference[i], test[j])
        out = [self.value("vuv-error", 100.0 * figures.vuv_error, n=figures.frames)]
        for name, value in (
            ("f0-rmse", figures.rmse_hz),
            ("f0-rmse-cents", figures.rmse_cents),
            ("f0-cents", figures.median_cents),
            ("f0-correlation", figures.correlation),
        ):
            if value is not None:
                out.append(self.value(name, value, n=figures.voiced))
            elif figures.voiced:
                out.append(self.undefined(name, f"undefined over {figures.voiced} co-voiced frames"))
            else:
                out.append(self.undefined(name, "no frame is voiced in both signals"))
        return out


class YinF0(F0Metric):
    """F0 agreement with the built-in tracker."""

    gives = f0_definitions(
        "yin",
        "F0 by YIN at the lower sample rate of the two (60-400 Hz, 5 ms, threshold 0.15, unvoiced above 0.3 "
        "or 45 dB below the loudest frame); pairs along the exact DTW path over 13 mel-frequency cepstra "
        "every 5 ms.",
        "de Cheveigné and Kawahara 2002",
    )

    def contours(self, sample: EvalSample) -> tuple[np.ndarray, np.ndarray, Path]:
        """See the definitions."""
        assert sample.reference is not None
        rate = common_rate(sample)

        def track(clip: Clip) -> np.ndarray:
            return clip.memo(("yin", rate), lambda: yin(clip.samples(rate), rate))

        return track(sample.reference), track(sample.test), stft_path(sample)


class Pauses(Metric):
    """Pauses and speaking rate of what was spoken; needs no recording."""

    gives = (
        Definition(
            "speaking-rate", "synthkit", "phones/s", "none", "Speaking rate",
            "Phones of the text (the recording's labels, else the segmenter's; no pauses) over the seconds "
            "from "
            "first to last speech less the pauses within.", group="prosody",
        ),
        Definition(
            "pauses", "synthkit", "per 10 s", "none", "Pauses",
            "Silences of at least 100 ms between first and last speech, per 10 s of that span. Silence: 10 "
            "ms "
            "frames more than 40 dB below the loudest.", group="prosody",
        ),
        Definition(
            "pause-share", "synthkit", "%", "none", "Share of pauses",
            "Seconds of those silences over the seconds from first to last speech.", group="prosody",
        ),
        Definition(
            "rate-ratio", "synthkit", "", "none", "Rate against the recording",
            "Seconds of speech without pauses in the recording over those in the test: above one is faster "
            "than "
            "the recording.", group="prosody",
        ),
    )  # fmt: skip

    def measure(self, sample: EvalSample) -> list[Measurement]:
        """See the definitions."""
        found = activity(sample.test.samples(), sample.test.rate)
        if found is None:
            raise Undefined("the signal is silent")
        phones = sample.target_phones()
        out = [
            self.value("pauses", 10.0 * len(found.pauses) / found.span, n=1),
            self.value("pause-share", 100.0 * sum(found.pauses) / found.span, n=1),
        ]
        if phones:
            out.append(self.value("speaking-rate", len(phones) / found.speaking, n=len(phones)))
        else:
            out.append(self.undefined("speaking-rate", "the phones of this text are not known"))
        clip = sample.reference
        reference = activity(clip.samples(), clip.rate) if clip is not None and not sample.natural else None
        if reference is not None:
            out.append(self.value("rate-ratio", reference.speaking / found.speaking, n=1))
        else:
            out.append(self.undefined("rate-ratio", "there is no recording to compare with"))
        return out
