# SPDX-License-Identifier: Apache-2.0
"""A tone that is not there.

Write `heard(frequency, rate)`: the frequency in Hz that is heard when a sine of `frequency` Hz is sampled `rate` times a second
without a low-pass before it (nothing takes high frequencies out). Below the Nyquist frequency it is the sine's own; above, it is another one: that is aliasing.
"""

from __future__ import annotations

import numpy as np

from synthkit_course.exercise import Answer, Refused

SKELETON = """
def heard(frequency, rate):
    ...
"""

HINTS = (
    "Sampled `rate` times a second, sines of f, f + rate, f + 2 · rate … give the same samples.",
    "And the samples of rate − f are those of f with their sign changed: no ear can tell. So everything folds at the Nyquist frequency.",
    "f = frequency % rate, and then the smaller one of f and rate - f.",
)


def check(answer: Answer, rng: np.random.Generator) -> None:
    for rate, times in (
        (8000, 0.3),
        (8000, 0.7),
        (16000, 0.9),
        (8000, 1.2),
        (10000, 1.8),
        (8000, 2.6),
    ):
        size = rate // 10
        frequency = 10.0 * round(times * size + rng.integers(-5, 5))
        # What is heard is measured: the strongest frequency of the samples themselves.
        samples = np.sin(2 * np.pi * frequency * np.arange(size) / rate + 0.4)
        wanted = float(np.argmax(np.abs(np.fft.rfft(samples)))) * rate / size
        got = answer.number("heard", frequency, rate)
        if abs(got - wanted) < 1e-6 * rate:
            continue
        said = f"a sine of {frequency:.0f} Hz at {rate} samples a second is heard at {wanted:.0f} Hz, not at {got:.0f}"
        if got > rate / 2:
            raise Refused(
                f"{said}: nothing above the Nyquist frequency ({rate / 2:.0f} Hz) can be heard"
            )
        if got < 0:
            raise Refused(
                f"{said}: a frequency is positive (the sine of a negative one has only its sign changed)"
            )
        if got == min(frequency, rate / 2):
            raise Refused(
                f"{said}: without a low-pass the sine does not stop at the Nyquist frequency, it is folded back"
            )
        if abs(got - frequency % (rate / 2)) < 1e-6:
            raise Refused(
                f"{said}: it does not begin again at 0 when the Nyquist frequency is reached, it turns back like a ball at a wall"
            )
        raise Refused(said)


WRONG = (
    (
        "def heard(frequency, rate):\n    return frequency",
        "nothing above the Nyquist",
    ),
    (
        "def heard(frequency, rate):\n    return min(frequency, rate / 2)",
        "folded back",
    ),
    (
        "def heard(frequency, rate):\n    return frequency % (rate / 2)",
        "turns back",
    ),
    (
        "def heard(frequency, rate):\n    return frequency if frequency < rate / 2 else rate - frequency",
        "a frequency is positive",
    ),
)
