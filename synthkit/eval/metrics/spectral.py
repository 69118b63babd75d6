# SPDX-License-Identifier: Apache-2.0
"""Log-spectral distance and multi-resolution STFT distance."""

from __future__ import annotations

from synthkit.eval.metric import Definition, Measurement, Metric, Undefined
from synthkit.eval.metrics.common import common_rate, spectra, stft_path
from synthkit.eval.sample import EvalSample
from synthkit.eval.spectral import log_spectral_distance, multi_resolution_stft, speech_frames


class SpectralDistances(Metric):
    """Log-spectral distance along an alignment, and multi-resolution STFT distance in step."""

    gives = (
        Definition(
            "lsd", "synthkit", "dB", "lower", "Log-spectral distance",
            "At the lower sample rate of the two; Hann frames of 32 ms (next power of two), 5 ms hop, "
            "zero-padded and centred; both signals brought to one mean power over their speech frames; exact "
            "DTW over 13 mel-frequency cepstra (40 HTK mel bands from 60 Hz, no c0); per pair the root of "
            "the mean over bins of the squared difference in dB, floored 80 dB below the loudest bin; mean "
            "over pairs whose recording's frame is within 40 dB of its loudest.",
            "Gray and Markel 1976 for the distance",
        ),
        Definition(
            "mr-stft-convergence", "pwg", "", "lower", "Multi-resolution spectral convergence",
            "Signals in step (no alignment), cut to the shorter, undefined where lengths differ by more than "
            "10 % of their sum; Hann STFT magnitudes at (FFT, hop, window) = (1024, 120, 600), (2048, 240, "
            "1200), (512, 50, 240), powers floored at 1e-7; mean of ‖|R|-|T|‖/‖|R|‖. Says something only of "
            "signals that run in step: copy synthesis.",
            "Yamamoto, Song and Kim 2020", tested=False,
        ),
        Definition(
            "mr-stft-log", "pwg", "", "lower", "Multi-resolution log-magnitude distance",
            "As mr-stft-convergence, with the mean absolute difference of natural log magnitudes.",
            "Yamamoto, Song and Kim 2020", tested=False,
        ),
    )  # fmt: skip
    needs = ("reference", "synthesis")

    def measure(self, sample: EvalSample) -> list[Measurement]:
        """See the definitions."""
        assert sample.reference is not None
        rate = common_rate(sample)
        reference, test = spectra(sample.reference, rate), spectra(sample.test, rate)
        speech, test_speech = speech_frames(reference), speech_frames(test)
        level, test_level = reference[speech].mean(), test[test_speech].mean()
        if level <= 0 or test_level <= 0:
            raise Undefined("one of the signals is silent")
        i, j = stft_path(sample)
        chosen = speech[i]
        distance = log_spectral_distance(reference[i[chosen]] / level, test[j[chosen]] / test_level)
        out = [self.value("lsd", float(distance.mean()), n=len(distance))]

        r, t = sample.reference.samples(rate), sample.test.samples(rate)
        shorter = min(len(r), len(t))
        if len(r) + len(t) - 2 * shorter > 0.1 * (len(r) + len(t)):
            why = f"not in step: {len(r) / rate:.2f} s against {len(t) / rate:.2f} s"
            return [*out, self.undefined("mr-stft-convergence", why), self.undefined("mr-stft-log", why)]
        convergence, log_magnitude = multi_resolution_stft(r[:shorter], t[:shorter])
        return [
            *out,
            self.value("mr-stft-convergence", convergence, n=shorter),
            self.value("mr-stft-log", log_magnitude, n=shorter),
        ]
