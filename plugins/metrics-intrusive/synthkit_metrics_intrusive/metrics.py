"""PESQ by the package ``pesq`` and STOI by ``pystoi``."""

from __future__ import annotations

import math
from importlib.util import find_spec

import numpy as np

from synthkit.errors import MissingDependency
from synthkit.eval import Clip, Definition, EvalSample, Measurement, Metric, Undefined

_IN_STEP = (
    "No alignment: it says something of signals that run in step (copy synthesis), and hardly anything of a voice "
    "with its own timing."
)


def _need(package: str) -> None:
    if find_spec(package) is None:
        raise MissingDependency(f"this metric needs the package {package!r}", hint=f"pip install {package}")


class Pesq(Metric):
    """Wide-band PESQ (narrow band below 16 kHz)."""

    gives = (
        Definition(
            "pesq", "wb", "", "higher", "PESQ",
            "ITU-T P.862.2 (wide band) by pesq 0.0.4 at 16 kHz; higher rates are resampled to 16 kHz (soxr HQ). At "
            "8 kHz narrow band (P.862), rates between are resampled to 8 kHz. The recording is first resampled to "
            f"the test's rate where they differ. {_IN_STEP}",
            "ITU-T P.862.2", tested=False,
        ),
    )  # fmt: skip
    needs = ("reference", "synthesis")

    def prepare(self) -> None:
        """Check for the package."""
        _need("pesq")

    def measure(self, sample: EvalSample) -> list[Measurement]:
        """See the definition."""
        from pesq import NoUtterancesError, PesqError, pesq

        assert sample.reference is not None
        rate = 16000 if sample.test.rate >= 16000 else 8000
        reference, test = _both(sample, rate)
        try:
            value = pesq(rate, reference, test, "wb" if rate == 16000 else "nb")
        except NoUtterancesError:
            raise Undefined("PESQ finds no speech") from None
        except PesqError as error:
            raise Undefined(f"PESQ cannot compare them: {error}") from None
        return [self.value("pesq", float(value), n=len(test))]


class Stoi(Metric):
    """STOI and extended STOI."""

    gives = (
        Definition(
            "stoi", "pystoi", "", "higher", "STOI",
            "Short-time objective intelligibility by pystoi 0.4.1 (which resamples to 10 kHz), signals cut to the "
            f"shorter. {_IN_STEP}", "Taal et al. 2011", tested=False,
        ),
        Definition(
            "estoi", "pystoi", "", "higher", "Extended STOI",
            f"Extended short-time objective intelligibility by pystoi 0.4.1, signals cut to the shorter. {_IN_STEP}",
            "Jensen and Taal 2016", tested=False,
        ),
    )  # fmt: skip
    needs = ("reference", "synthesis")

    def prepare(self) -> None:
        """Check for the package."""
        _need("pystoi")

    def measure(self, sample: EvalSample) -> list[Measurement]:
        """See the definitions."""
        import warnings

        from pystoi import stoi

        rate = sample.test.rate
        reference, test = _both(sample, rate)
        shorter = min(len(reference), len(test))
        out = []
        with warnings.catch_warnings():
            # pystoi warns and gives 1e-5 where too few frames are left: that is no measurement.
            warnings.simplefilter("error", RuntimeWarning)
            for name, extended in (("stoi", False), ("estoi", True)):
                try:
                    value = float(stoi(reference[:shorter], test[:shorter], rate, extended=extended))
                except RuntimeWarning:
                    raise Undefined("too few frames of speech for STOI (30 are needed)") from None
                out.append(self.value(name, value, n=shorter))
        return out


def _both(sample: EvalSample, rate: int) -> tuple[np.ndarray, np.ndarray]:
    assert sample.reference is not None
    if not sample.reference.samples().any() or not sample.test.samples().any():
        raise Undefined("one of the signals is digital silence")
    # First to the test's rate, then to the metric's, as VERSA has it.
    reference = _at(sample.reference.samples(), sample.reference.rate, sample.test.rate)
    return _at(reference, sample.test.rate, rate), _samples(sample.test, rate)


def _samples(clip: Clip, rate: int) -> np.ndarray:
    return clip.memo(("soxr", rate), lambda: _at(clip.samples(), clip.rate, rate))


def _at(samples: np.ndarray, source: int, target: int) -> np.ndarray:
    if source == target:
        return samples
    import soxr

    out = soxr.resample(samples, source, target, quality="HQ")
    length = math.ceil(len(samples) * target / source)
    return np.pad(out, (0, max(0, length - len(out))))[:length]
