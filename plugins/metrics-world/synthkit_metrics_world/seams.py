# SPDX-License-Identifier: Apache-2.0
"""What is heard where units meet: steps of F0, spectrum and power across joins, and across neighbours that
were never parted."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from synthkit.eval import Definition, EvalSample, Measurement
from synthkit.eval.mcep import distortion
from synthkit.eval.sample import Place
from synthkit_metrics_world.analysis import WorldMetric
from synthkit_metrics_world.ours import analyse

FRAME = 0.005
"""Seconds between frames."""
NEAR, FAR = 1, 3
"""Frames to each side that are looked at: from 5 to 15 ms."""
JUMP = 2.0
"""Semitones; a larger step is heard as one."""
KINDS = {"boundary": "where phones meet", "mid-phone": "inside a phone"}
WHOSE = {
    "synthkit": "joins, the places where units do not come from one stretch of recording",
    "neighbours": "places where two units of one stretch of recording meet: what natural speech does there",
}
_HOW = (
    "The frames 5 to 15 ms before and after, of the analysis of mcd/synthkit; places where the units' "
    "lengths put them. "
)
QUANTITIES = {
    "seam-jumps": (
        "%", "F0 jumps", f"Share of those voiced on both sides whose median F0 differs by more than {JUMP:g} "
        "semitones.",
    ),
    "seam-f0": ("semitones", "F0 step", "Difference of the median F0, of those voiced on both sides."),
    "seam-spectrum": ("dB", "Spectral step", "K·‖Δc‖ of the mean mel-cepstra, c0 left out, K = 10·√2/ln 10."),
    "seam-power": ("dB", "Power step", "Difference of the mean envelope energies."),
}  # fmt: skip


def steps(
    f0: np.ndarray, energy: np.ndarray, cepstra: np.ndarray, at: Sequence[float]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Steps across places: F0 in semitones (NaN where a side is unvoiced), spectrum in dB, power in dB.

    Parameters
    ----------
    f0, energy : ndarray, shape (T,)
        Hz, 0 unvoiced; dB.
    cepstra : ndarray, shape (T, order)
    at : sequence of float, length N
        Seconds; those without frames on both sides are left out.
    """
    pitch, spectrum, power = [], [], []
    for seconds in at:
        middle = round(seconds / FRAME)
        before, after = slice(middle - FAR, middle - NEAR + 1), slice(middle + NEAR, middle + FAR + 1)
        if before.start < 0 or after.stop > len(f0):
            continue
        sides = [f0[part][f0[part] > 0] for part in (before, after)]
        voiced = all(len(side) for side in sides)
        medians = [float(np.median(side)) if voiced else 1.0 for side in sides]
        pitch.append(abs(12 * np.log2(medians[1] / medians[0])) if voiced else np.nan)
        spectrum.append(distortion(*(cepstra[part].mean(0, keepdims=True) for part in (before, after)))[0])
        power.append(abs(float(energy[after].mean() - energy[before].mean())))
    return np.array(pitch), np.array(spectrum), np.array(power)


class Seams(WorldMetric):
    """Steps at joins by kind of place, each beside what undivided neighbours do at the same kind."""

    needs = ("path",)
    gives = tuple(
        Definition(
            f"{quantity}-{kind}", whose, unit, "lower" if whose == "synthkit" else "none",
            f"{title}, {kind.replace('-', ' ')}", f"Of {text} {KINDS[kind]}. {_HOW}{how}",
            pool="ratio", group="concatenation", main=whose == "synthkit",
        )
        for quantity, (unit, title, how) in QUANTITIES.items()
        for kind in KINDS
        for whose, text in WHOSE.items()
    )  # fmt: skip

    def measure(self, sample: EvalSample) -> list[Measurement]:
        """See the definitions."""
        assert sample.record is not None and sample.record.path is not None
        f0, energy, cepstra, _ = analyse(sample.test, sample.test.rate)
        out: list[Measurement] = []
        for kind in KINDS:
            for whose in WHOSE:
                at = [p.at for p in sample.record.path.places if _is(p, kind, whose)]
                pitch, spectrum, power = steps(f0, energy, cepstra, at)
                voiced = pitch[~np.isnan(pitch)]
                found = {
                    "seam-jumps": 100.0 * (voiced > JUMP),
                    "seam-f0": voiced,
                    "seam-spectrum": spectrum,
                    "seam-power": power,
                }
                out += [
                    self.value(f"{name}-{kind}/{whose}", float(values.mean()), n=len(values))
                    if len(values)
                    else self.undefined(f"{name}-{kind}/{whose}", "no such place in this path")
                    for name, values in found.items()
                ]
        return out


def _is(place: Place, kind: str, whose: str) -> bool:
    return place.boundary == (kind == "boundary") and place.joined == (whose == "synthkit")
