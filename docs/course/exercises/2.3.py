# SPDX-License-Identifier: Apache-2.0
"""Formants from coefficients.

Write `formants(a, rate)`: the frequencies in Hz, in rising order, of the resonances of the filter $1 / (1 - \\sum_k a_k z^{-k})$, whose
coefficients `a` (a_1 … a_p, as the chapter's `lpc` gives them) were found at `rate` samples a second. Real zeros are no resonances; each
pair of complex ones is one.
"""

from __future__ import annotations

import numpy as np

from synthkit_course.exercise import Answer, Refused, near

SKELETON = """
import numpy as np


def formants(a, rate):
    ...
"""

HINTS = (
    "np.roots takes the coefficients of a polynomial, the highest power first: here 1, -a_1, -a_2 …",
    "The angle of a zero (np.angle, in radians, 2π is the sample rate) is its frequency. Zeros come in pairs: keep those above the real axis.",
    "z = np.roots(np.append(1, -a)); z = z[z.imag > 0]; np.sort(np.angle(z)) * rate / (2 * np.pi)",
)


def check(answer: Answer, rng: np.random.Generator) -> None:
    for rate in (10000, 16000):
        wanted = (
            np.sort(rng.uniform(0.05, 0.43, 3)) * rate
            + np.array([0, 0.02, 0.04]) * rate
        )
        poly = np.array([1.0, -0.6])  # with a real zero, the slope of the source
        for f in rng.permutation(wanted):
            radius = rng.uniform(0.9, 0.98)
            poly = np.convolve(
                poly, [1, -2 * radius * np.cos(2 * np.pi * f / rate), radius**2]
            )
        got = answer.array("formants", -poly[1:], rate)
        order = len(poly) - 1
        if got.shape == (3,) and near(got, wanted, absolute=1e-3):
            continue
        if got.shape == (3,) and near(np.sort(got), wanted, absolute=1e-3):
            raise Refused(
                "the right frequencies in another order: sort them, the lowest first"
            )
        if got.shape == (order,):
            raise Refused(
                f"{order} frequencies of {order} zeros: pairs are one resonance, and a real zero is none; keep those with imag > 0"
            )
        if got.shape == (4,) and np.any(np.isclose(got, 0)):
            raise Refused(
                "the real zero is among them, as frequency 0: keep those with imag > 0, not >= 0"
            )
        if got.shape == (3,) and near(
            got * rate / (2 * np.pi), wanted, absolute=1e-2
        ):
            raise Refused(
                "these are angles in radians: 2π stands for the sample rate"
            )
        if got.shape == (3,) and near(got, 2 * wanted, absolute=1e-2):
            raise Refused(
                "twice too high: a whole turn, 2π, is the sample rate, and half a turn the Nyquist frequency"
            )
        flipped = np.roots(np.append(1.0, poly[1:] * -1))
        flipped = np.sort(np.angle(flipped[flipped.imag > 0])) * rate / (2 * np.pi)
        if got.shape == flipped.shape and near(got, flipped, absolute=1e-2):
            raise Refused(
                "a sign is lost: the filter's denominator is 1 - Σ a_k z^-k, so its coefficients are 1 and the negative a_k"
            )
        raise Refused(
            f"resonances at {', '.join(f'{w:.0f}' for w in wanted)} Hz; you find {', '.join(f'{g:.0f}' for g in got.ravel()[:8])}"
        )


WRONG = (
    (
        "import numpy as np\ndef formants(a, rate):\n    z = np.roots(np.append(1, -a))\n    return np.sort(np.angle(z)) * rate / (2 * np.pi)",
        "pairs are one resonance",
    ),
    (
        "import numpy as np\ndef formants(a, rate):\n    z = np.roots(np.append(1, a))\n    z = z[z.imag > 0]\n    return np.sort(np.angle(z)) * rate / (2 * np.pi)",
        "a sign is lost",
    ),
    (
        "import numpy as np\ndef formants(a, rate):\n    z = np.roots(np.append(1, -a))\n    z = z[z.imag > 0]\n    return np.sort(np.angle(z))",
        "angles in radians",
    ),
    (
        "import numpy as np\ndef formants(a, rate):\n    z = np.roots(np.append(1, -a))\n    z = z[z.imag > 0]\n    return np.sort(np.angle(z)) * rate / np.pi",
        "twice too high",
    ),
    (
        "import numpy as np\ndef formants(a, rate):\n    z = np.roots(np.append(1, -a))\n    z = z[z.imag >= 0]\n    return np.sort(np.angle(z)) * rate / (2 * np.pi)",
        "the real zero is among them",
    ),
)
