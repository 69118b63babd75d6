# SPDX-License-Identifier: Apache-2.0
"""PESQ by the package ``pesq`` and STOI by ``pystoi``."""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np

from synthkit.errors import MissingDependency
from synthkit.eval import Clip, Definition, EvalSample, Measurement, Metric, Undefined
from synthkit.eval.resampling import librosa_resample

_IN_STEP = (
    "No alignment: it says something of signals that run in step (copy synthesis), and hardly anything of a "
    "voice with its own timing."
)


def _need(package: str, remark: str = "") -> None:
    if find_spec(package) is None:
        raise MissingDependency(
            f"this metric needs the package {package!r}", hint=f"pip install {package}{remark}"
        )


class Pesq(Metric):
    """Wide-band PESQ (narrow band below 16 kHz)."""

    gives = (
        Definition(
            "pesq", "wb", "", "higher", "PESQ",
            "ITU-T P.862.2 (wide band) by pesq 0.0.4 at 16 kHz; higher rates are resampled to 16 kHz (soxr "
            "HQ). At 8 kHz narrow band (P.862), lower and rates between are resampled to 8 kHz. Of two "
            f"rates, the higher is first resampled to the lower. First channels. {_IN_STEP}",
            "ITU-T P.862.2", tested=False,
        ),
    )  # fmt: skip
    needs = ("reference", "synthesis")
    packages = ("pesq", "soxr")
    version = "2"

    def prepare(self) -> None:
        """Check for the package."""
        _need("pesq", " (it is built with a C compiler)")

    def measure(self, sample: EvalSample) -> list[Measurement]:
        """See the definition."""
        from pesq import NoUtterancesError, PesqError, pesq

        assert sample.reference is not None
        reference, test, common = _both(sample)
        rate = 16000 if common >= 16000 else 8000
        reference, test = librosa_resample(reference, common, rate), librosa_resample(test, common, rate)
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
            "Short-time objective intelligibility by pystoi 0.4.1 (which resamples to 10 kHz). Of two rates, "
            "the higher is first resampled to the lower (soxr HQ). First channels, cut to the shorter. "
            f"{_IN_STEP}",
            "Taal et al. 2011", tested=False,
        ),
        Definition(
            "estoi", "pystoi", "", "higher", "Extended STOI",
            "Extended short-time objective intelligibility by pystoi 0.4.1, otherwise as stoi/pystoi. "
            f"{_IN_STEP}",
            "Jensen and Taal 2016", tested=False,
        ),
    )  # fmt: skip
    needs = ("reference", "synthesis")
    packages = ("pystoi", "soxr")
    version = "2"

    def prepare(self) -> None:
        """Check for the package."""
        _need("pystoi")

    def measure(self, sample: EvalSample) -> list[Measurement]:
        """See the definitions."""
        import warnings

        from pystoi import stoi

        reference, test, rate = _both(sample)
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


def _both(sample: EvalSample) -> tuple[np.ndarray, np.ndarray, int]:
    """The signals as VERSA hands them on: first channels, of two rates the higher resampled to the lower."""
    assert sample.reference is not None
    if not sample.reference.samples().any() or not sample.test.samples().any():
        raise Undefined("one of the signals is digital silence")
    rate = min(sample.reference.rate, sample.test.rate)
    return _at(sample.reference, rate), _at(sample.test, rate), rate


def _at(clip: Clip, rate: int) -> np.ndarray:
    return clip.memo(("first channel", rate), lambda: librosa_resample(clip.first_channel(), clip.rate, rate))
