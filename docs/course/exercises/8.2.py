# SPDX-License-Identifier: Apache-2.0
"""A duration for each phone.

PSOLA asks at each moment of the result from which moment of the recording its grain is. With one speed that is a product; with a duration for each phone it is a line with
corners. Write `source(t, natural, wanted)`: `natural` are the seconds that the phones last in the recording, one after the other, `wanted` those that they should last
in the result. Which moment of the recording, in seconds, belongs to moment `t` of the result? Within a phone all is stretched evenly.
"""

from __future__ import annotations

import numpy as np

from synthkit_course.exercise import Answer, Refused, near

SKELETON = """
import numpy as np


def source(t, natural, wanted):
    ...
"""

HINTS = (
    "When does each phone begin in the recording, and when in the result? In which phone is t, and how much of it has passed?",
    "The phones begin at 0 and then at the sums so far: np.concatenate([[0], np.cumsum(wanted)]), and the same of natural.",
    "np.interp(t, edges of the result, edges of the recording)",
)


def check(answer: Answer, rng: np.random.Generator) -> None:
    for count in (1, 3, 7):
        natural = rng.uniform(0.05, 0.1, count)
        wanted = natural * rng.uniform(1.5, 3, count)
        for phone in range(count):
            within = rng.uniform(0.3, 0.7)
            t = wanted[:phone].sum() + within * wanted[phone]
            right = natural[:phone].sum() + within * natural[phone]
            got = answer.number("source", float(t), natural.copy(), wanted.copy())
            if near(got, right):
                continue
            even = t * natural.sum() / wanted.sum()
            edges = (np.append(0, np.cumsum(e)) for e in (natural, wanted))
            turned = np.interp(t, *edges)
            inner = np.interp(t, np.cumsum(wanted), np.cumsum(natural))
            if near(got, even) and count > 1:
                raise Refused(
                    "the same factor everywhere: each phone has its own, and those before t count with theirs"
                )
            if near(got, turned):
                raise Refused(
                    "from the recording to the result: t is a moment of the result, asked is that of the recording"
                )
            if near(got, t * natural[phone] / wanted[phone]):
                raise Refused(
                    "the factor of the phone that t is in, for all the time before it too: the phones before it have factors of their own"
                )
            if near(got, natural[:phone].sum()):
                raise Refused(
                    "where the phone begins: within it time goes on, evenly"
                )
            if near(got, inner):
                raise Refused(
                    "the first phone begins at 0: the sums so far are ends only, and a 0 has to stand before them"
                )
            raise Refused(
                f"phone {phone + 1} of {count}: to {t:.4f} s of the result belong {right:.4f} s of the recording; you say {got:.4f}"
            )


WRONG = (
    (
        "def source(t, natural, wanted):\n    return t * sum(natural) / sum(wanted) if len(natural) > 1 else t * natural[0] / wanted[0]",
        "each phone has its own",
    ),
    (
        "import numpy as np\ndef source(t, natural, wanted):\n    return np.interp(t, np.append(0, np.cumsum(natural)), np.append(0, np.cumsum(wanted)))",
        "asked is that of the recording",
    ),
    (
        "import numpy as np\ndef source(t, natural, wanted):\n    return np.interp(t, np.cumsum(wanted), np.cumsum(natural))",
        "a 0 has to stand before them",
    ),
    (
        "import numpy as np\ndef source(t, natural, wanted):\n    k = int(np.searchsorted(np.cumsum(wanted), t))\n    return t * natural[k] / wanted[k]",
        "factors of their own",
    ),
)
