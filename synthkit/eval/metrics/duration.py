# SPDX-License-Identifier: Apache-2.0
"""Phone durations against the recording's labels."""

from __future__ import annotations

import numpy as np

from synthkit.eval.duration import matching, warp_times
from synthkit.eval.metric import Definition, Measurement, Metric, Undefined
from synthkit.eval.metrics.common import HOP, stft_path
from synthkit.eval.prosody import pearson
from synthkit.eval.sample import EvalSample
from synthkit.types import PAUSE


class _Durations(Metric):
    def figures(self, reference: np.ndarray, test: np.ndarray) -> list[Measurement]:
        if not len(reference):
            raise Undefined("no phone of the two sequences corresponds")
        difference = 1000.0 * (test - reference)
        correlation = pearson(reference, test)
        out = [self.value("duration-rmse", float(np.sqrt(np.mean(difference**2))), n=len(difference))]
        if correlation is None:
            return [*out, self.undefined("duration-correlation", f"undefined over {len(reference)} phones")]
        return [*out, self.value("duration-correlation", correlation, n=len(reference))]


class PlannedDurations(_Durations):
    """What the voice says its phones last."""

    gives = (
        Definition(
            "duration-rmse", "planned", "ms", "lower", "Duration RMSE (planned)",
            "Durations the voice planned or cut, against the recording's labels: phones that correspond in a "
            "cheapest edit alignment of the two phone sequences and bear the same symbol, pauses left out; "
            "root "
            "mean square of the difference.", group="duration", main=True,
        ),
        Definition(
            "duration-correlation", "planned", "", "higher", "Duration correlation (planned)",
            "Pearson's correlation over the same phones.", group="duration", main=True, range=(-1.0, 1.0),
        ),
    )  # fmt: skip
    needs = ("alignment", "record", "synthesis")

    def measure(self, sample: EvalSample) -> list[Measurement]:
        """See the definitions."""
        assert sample.alignment is not None and sample.record is not None
        spoken = sample.record.alignment(sample.id, sample.test.duration)
        if spoken is None:
            raise Undefined("the voice does not say how long its phones are")
        reference = sample.alignment.phones
        pairs = [
            (i, j)
            for i, j in matching([p.label for p in reference], [p.label for p in spoken.phones])
            if reference[i].label != PAUSE
        ]
        return self.figures(
            np.array([reference[i].duration for i, _ in pairs]),
            np.array([spoken.phones[j].duration for _, j in pairs]),
        )


class WarpedDurations(_Durations):
    """Durations heard in the signal, for voices that plan none."""

    gives = (
        Definition(
            "duration-rmse", "dtw", "ms", "lower", "Duration RMSE (by alignment)",
            "The recording's phone boundaries carried over to the test along the exact DTW path over 13 "
            "mel-frequency cepstra every 5 ms; root mean square of the difference of durations, pauses left "
            "out. "
            "Works for any voice; blurred by the alignment (copy synthesis shows by how much).",
            group="duration",
        ),
        Definition(
            "duration-correlation", "dtw", "", "higher", "Duration correlation (by alignment)",
            "Pearson's correlation of the same durations.", group="duration", range=(-1.0, 1.0),
        ),
    )  # fmt: skip
    needs = ("alignment", "reference", "synthesis")

    def measure(self, sample: EvalSample) -> list[Measurement]:
        """See the definitions."""
        assert sample.alignment is not None
        spoken = sample.alignment.speech()
        path = stft_path(sample)
        starts = warp_times(np.array([p.start for p in spoken]), path, HOP)
        ends = warp_times(np.array([p.end for p in spoken]), path, HOP)
        return self.figures(np.array([p.duration for p in spoken]), ends - starts)
