# SPDX-License-Identifier: Apache-2.0
"""In search of phases.

Write `search(magnitude, phases, rounds, to_samples, to_spectra)`: the samples that Griffin and Lim's way finds. `magnitude` has the shape (frames, bins);
`phases` are complex numbers of length 1, of the same shape, to begin with. `to_samples` and `to_spectra` are the chapter's functions, from spectra
to a sound and back. After the last round return the samples of what you have.
"""

from __future__ import annotations

import numpy as np

from synthkit_course.exercise import Answer, Refused, near

SKELETON = """
import numpy as np


def search(magnitude, phases, rounds, to_samples, to_spectra):
    ...
"""

HINTS = (
    "Begin with spectra that have the wanted magnitudes and the phases that you are given: their product.",
    "In each round: P = to_spectra(to_samples(X)); of P only the phases are kept, P / abs(P), and the wanted magnitudes go in their place.",
    "X = magnitude * phases; rounds times: P = to_spectra(to_samples(X)); X = magnitude * P / np.maximum(np.abs(P), 1e-12). At the end return to_samples(X).",
)
SIZE, HOP = 64, 16
WINDOW = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(SIZE) / SIZE)


def _to_spectra(x: np.ndarray) -> np.ndarray:
    starts = range(0, len(x) - SIZE + 1, HOP)
    return np.array([np.fft.rfft(WINDOW * x[s : s + SIZE]) for s in starts])


def _to_samples(spectra: np.ndarray) -> np.ndarray:
    out = np.zeros((len(spectra) - 1) * HOP + SIZE)
    power = np.zeros_like(out)
    for t, frame in enumerate(np.fft.irfft(spectra, SIZE)):
        out[t * HOP : t * HOP + SIZE] += WINDOW * frame
        power[t * HOP : t * HOP + SIZE] += WINDOW**2
    found: np.ndarray = np.where(power > 1e-3, out / np.maximum(power, 1e-3), 0)
    return found


def _search(magnitude: np.ndarray, phases: np.ndarray, rounds: int) -> np.ndarray:
    spectra = magnitude * phases
    for _ in range(rounds):
        possible = _to_spectra(_to_samples(spectra))
        spectra = magnitude * possible / np.maximum(np.abs(possible), 1e-12)
    return _to_samples(spectra)


def check(answer: Answer, rng: np.random.Generator) -> None:
    for rounds in (7, 0, 3):
        magnitude = np.abs(_to_spectra(rng.standard_normal(400)))
        phases = np.exp(2j * np.pi * rng.random(magnitude.shape))
        wanted = _search(magnitude, phases, rounds)
        given = magnitude.copy(), phases.copy(), rounds, _to_samples, _to_spectra
        raw = np.asarray(answer.call("search", *given))
        if raw.ndim == 2 or np.iscomplexobj(raw):
            raise Refused("these are spectra: return a sound, to_samples of them")
        got = answer.array("search", *given, shape=wanted.shape)
        if near(got, wanted, absolute=1e-6):
            continue
        if rounds and near(got, _to_samples(magnitude * phases), absolute=1e-6):
            raise Refused(
                "this is still the sound of the first phases: either nothing is searched, or the wanted magnitudes are never put back, for there and "
                "back alone changes nothing more after the first time"
            )
        if rounds and near(
            got, _search(magnitude, phases, rounds - 1), absolute=1e-6
        ):
            raise Refused("one round too few: count them")
        if near(got, _search(magnitude, phases, rounds + 1), absolute=1e-6):
            raise Refused(
                "one round too many: with `rounds` = 0 it is the sound of the first phases"
            )
        if near(
            got, _search(magnitude, np.ones_like(phases), rounds), absolute=1e-6
        ):
            raise Refused("you begin without the phases that you are given")
        raise Refused(
            f"after {rounds} rounds your sound is another than Griffin and Lim's: keep the phases of P, and nothing else of it"
        )


WRONG = (
    (
        "def search(magnitude, phases, rounds, to_samples, to_spectra):\n    X = magnitude * phases\n    for _ in range(rounds):\n        X = to_spectra(to_samples(X))\n    return to_samples(X)",
        "never put back",
    ),
    (
        "import numpy as np\ndef search(magnitude, phases, rounds, to_samples, to_spectra):\n    X = magnitude * phases\n    for _ in range(rounds):\n        P = to_spectra(to_samples(X))\n        X = magnitude * P / np.maximum(np.abs(P), 1e-12)\n    return X",
        "these are spectra",
    ),
    (
        "import numpy as np\ndef search(magnitude, phases, rounds, to_samples, to_spectra):\n    X = magnitude * phases\n    for _ in range(rounds - 1):\n        P = to_spectra(to_samples(X))\n        X = magnitude * P / np.maximum(np.abs(P), 1e-12)\n    return to_samples(X)",
        "one round too few",
    ),
    (
        "import numpy as np\ndef search(magnitude, phases, rounds, to_samples, to_spectra):\n    X = magnitude\n    for _ in range(rounds):\n        P = to_spectra(to_samples(X))\n        X = magnitude * P / np.maximum(np.abs(P), 1e-12)\n    return to_samples(X)",
        "phases that you are given",
    ),
    (
        "def search(magnitude, phases, rounds, to_samples, to_spectra):\n    return to_samples(magnitude * phases)",
        "nothing is searched",
    ),
    (
        "import numpy as np\ndef search(magnitude, phases, rounds, to_samples, to_spectra):\n    X = magnitude * phases\n    for _ in range(rounds):\n        P = to_spectra(to_samples(X))\n        X = magnitude * P\n    return to_samples(X)",
        "keep the phases of P",
    ),
)
