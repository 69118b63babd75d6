# SPDX-License-Identifier: Apache-2.0
"""The cepstrum.

Write `cepstrum(frame)`: the cepstrum of an array of N samples (N even) as the chapter's formula has it, N real numbers. The frame
comes with its window; do not pad it.
"""

from __future__ import annotations

import numpy as np

from synthkit_course.exercise import Answer, Refused, near

SKELETON = """
import numpy as np


def cepstrum(frame):
    ...
"""

HINTS = (
    "Three steps: a transform, a logarithm, a transform back. Which parts of complex numbers does the logarithm take?",
    "The magnitude: np.abs. The logarithm is the natural one, np.log. np.fft.irfft divides by N, as the formula does.",
    "np.fft.irfft(np.log(np.abs(np.fft.rfft(frame))))",
)


def check(answer: Answer, rng: np.random.Generator) -> None:
    for size in (256, 400):
        frame = rng.normal(size=size) * np.hanning(size)
        spectrum = np.abs(np.fft.fft(frame))
        n = np.arange(size)
        # The sum of the formula, for each n.
        wanted = np.array(
            [
                np.mean(np.log(spectrum) * np.cos(2 * np.pi * n * m / size))
                for m in n
            ]
        )
        got = answer.array("cepstrum", frame)
        if got.shape == (size // 2 + 1,):
            raise Refused(
                "half of it: np.fft.irfft, not rfft, is the way back, and it gives N numbers"
            )
        if got.shape != (size,):
            raise Refused(
                f"N = {size} samples have a cepstrum of {size} numbers; yours has the shape {got.shape}"
            )
        if near(got, wanted, absolute=1e-8):
            continue
        if near(got, 2 * wanted, absolute=1e-8):
            raise Refused(
                "twice too large: the logarithm of the magnitude |X|, not of the power |X|²"
            )
        if near(got, wanted / np.log(10), absolute=1e-8):
            raise Refused(
                "a logarithm to base 10: cepstra take the natural one, np.log"
            )
        if near(got, 20 * wanted / np.log(10), absolute=1e-8):
            raise Refused(
                "a cepstrum of decibels: the formula has the natural logarithm"
            )
        if near(got, np.fft.ifft(spectrum).real, absolute=1e-8):
            raise Refused(
                "the logarithm is missing: without it source and filter are not a sum"
            )
        if near(got, size * wanted, absolute=1e-6):
            raise Refused("N times too large: the way back divides by N")
        raise Refused(
            f"off by {np.abs(got - wanted).max():.3g} at most, for {size} random samples"
        )


WRONG = (
    (
        "import numpy as np\ndef cepstrum(x):\n    return np.fft.irfft(np.log(np.abs(np.fft.rfft(x)) ** 2))",
        "not of the power",
    ),
    (
        "import numpy as np\ndef cepstrum(x):\n    return np.fft.irfft(np.log10(np.abs(np.fft.rfft(x))))",
        "base 10",
    ),
    (
        "import numpy as np\ndef cepstrum(x):\n    return np.fft.irfft(np.abs(np.fft.rfft(x)))",
        "logarithm is missing",
    ),
    (
        "import numpy as np\ndef cepstrum(x):\n    return np.abs(np.fft.rfft(np.log(np.abs(np.fft.fft(x)))))",
        "half of it",
    ),
    (
        "import numpy as np\ndef cepstrum(x):\n    return np.fft.fft(np.log(np.abs(np.fft.fft(x)))).real",
        "divides by N",
    ),
)
