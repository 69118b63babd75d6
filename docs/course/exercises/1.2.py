# SPDX-License-Identifier: Apache-2.0
"""Find the tone.

Write `tone(samples, rate)`: the frequency in Hz of the strongest sine in `samples` (a tone and some noise), right to within half
the distance of two frequencies of the DFT. What is constant (frequency 0) is no tone.
"""

from __future__ import annotations

import numpy as np

from synthkit_course.exercise import Answer, Refused

SKELETON = """
import numpy as np


def tone(samples, rate):
    ...
"""

HINTS = (
    "The magnitude of the DFT is largest at the tone's number k; np.argmax finds k.",
    "k is not yet a frequency: frequencies lie rate / N apart, with N the number of SAMPLES, not of numbers that rfft gives.",
    "m = np.abs(np.fft.rfft(samples)); leave out m[0]; return k * rate / len(samples).",
)


def check(answer: Answer, rng: np.random.Generator) -> None:
    for size, rate in ((1600, 16000), (2205, 22050), (1000, 8000)):
        k = int(rng.integers(size // 8, size // 3))
        wanted = k * rate / size
        t = np.arange(size) / rate
        samples = (
            np.sin(2 * np.pi * wanted * t + rng.uniform(0, 6))
            + 0.1 * rng.normal(size=size)
            + 2.0
        )
        got = answer.number("tone", samples, rate)
        if abs(got - wanted) <= rate / size / 2:
            continue
        if abs(got - (rate - wanted)) <= 1.01 * rate / size:
            raise Refused(
                f"{got:.0f} Hz is above the Nyquist frequency, {rate / 2:.0f} Hz: you found the mirrored half of np.fft.fft"
            )
        if got == 0:
            raise Refused(
                "you found what is constant, at frequency 0: leave the first number of the spectrum out"
            )
        if got == k or got == k - 1:
            raise Refused(
                f"{got:g} is the number k of the DFT, not a frequency in Hz: multiply by rate / N"
            )
        if abs(got - k * rate / (size // 2 + 1)) < 2 * rate / size:
            raise Refused(
                "about twice too high: N is the number of samples, and rfft gives only about half as many numbers"
            )
        if abs(got - wanted) <= 1.01 * rate / size:
            raise Refused(
                "one step beside it: when the first number is cut off, all others move down by one place"
            )
        raise Refused(
            f"{size} samples at {rate} Hz have their tone at {wanted:.1f} Hz; you say {got:.1f} Hz"
        )


WRONG = (
    (
        "import numpy as np\ndef tone(x, rate):\n    return np.argmax(np.abs(np.fft.rfft(x))) * rate / len(x)",
        "leave the first number",
    ),
    (
        "import numpy as np\ndef tone(x, rate):\n    return np.argmax(np.abs(np.fft.rfft(x - x.mean())))",
        "not a frequency in Hz",
    ),
    (
        "import numpy as np\ndef tone(x, rate):\n    m = np.abs(np.fft.rfft(x - x.mean()))\n    return np.argmax(m) * rate / len(m)",
        "about twice too high",
    ),
    (
        "import numpy as np\ndef tone(x, rate):\n    return np.argmax(np.abs(np.fft.rfft(x))[1:]) * rate / len(x)",
        "one step beside it",
    ),
    (
        "import numpy as np\ndef tone(x, rate):\n    m = np.abs(np.fft.fft(x - x.mean()))\n    return (len(x) // 2 + np.argmax(m[len(x) // 2 :])) * rate / len(x)",
        "mirrored half",
    ),
)
