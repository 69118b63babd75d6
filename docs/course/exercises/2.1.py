# SPDX-License-Identifier: Apache-2.0
"""How irregular.

Write `jitter(periods)`: the local jitter, in percent, of an array of periods in seconds, as the chapter's formula has it.
"""

from __future__ import annotations

import numpy as np

from synthkit_course.exercise import Answer, Refused, near

SKELETON = """
import numpy as np


def jitter(periods):
    ...
"""

HINTS = (
    "np.diff gives the steps from each period to the next. Up and down must not cancel.",
    "The mean of the absolute steps, divided by the mean period; then in percent.",
    "100 * np.mean(np.abs(np.diff(periods))) / np.mean(periods)",
)


def check(answer: Answer, rng: np.random.Generator) -> None:
    for f0, spread in ((113, 0.01), (220, 0.03), (150, 0.002)):
        # A melody that rises, so that a spread around the mean is not the same as steps.
        periods = (
            np.linspace(1.2, 0.8, 50) / f0 * (1 + spread * rng.normal(size=50))
        )
        steps = np.abs(np.diff(periods))
        wanted = 100 * steps.sum() / 49 / (periods.sum() / 50)
        got = answer.number("jitter", periods)
        if near(got, wanted):
            continue
        if near(got, wanted / 100):
            raise Refused("right as a ratio, and asked for in percent: times 100")
        if near(got, 100 * steps.mean()) or near(got, steps.mean()):
            raise Refused(
                "that is in seconds: divide by the mean period, so that high and low voices can be compared"
            )
        if near(got, 100 * np.diff(periods).mean() / periods.mean(), absolute=1e-3):
            raise Refused(
                "steps up and down cancel each other: take absolute values before the mean"
            )
        if near(got, 100 * periods.std() / periods.mean(), relative=0.03):
            raise Refused(
                "that is the spread around the mean, which a melody has too: jitter is about steps from one period to the next"
            )
        if near(got, wanted * 49 / 50, relative=1e-5):
            raise Refused(
                "fifty periods have forty-nine steps between them: divide their sum by one less than there are periods"
            )
        raise Refused(
            f"for 50 periods around {1000 / f0:.1f} ms you say {got:.4g} %, and it is {wanted:.4g} %"
        )


WRONG = (
    (
        "import numpy as np\ndef jitter(p):\n    return np.mean(np.abs(np.diff(p))) / np.mean(p)",
        "in percent",
    ),
    (
        "import numpy as np\ndef jitter(p):\n    return 100 * np.std(p) / np.mean(p)",
        "spread around the mean",
    ),
    (
        "import numpy as np\ndef jitter(p):\n    return 100 * np.mean(np.diff(p)) / np.mean(p)",
        "cancel each other",
    ),
    (
        "import numpy as np\ndef jitter(p):\n    return 100 * np.mean(np.abs(np.diff(p)))",
        "divide by the mean period",
    ),
)
