# SPDX-License-Identifier: Apache-2.0
"""Speed and pitch changed by pitch-synchronous overlap-add; a bad join smoothed the same way.

E. Moulines, F. Charpentier, "Pitch-synchronous waveform processing techniques for text-to-speech synthesis
using diphones", Speech Communication 9, 1990 (TD-PSOLA).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthkit.types.given import Given
from synthkit_unit_selection.marks import pitch_marks


@dataclass(frozen=True)
class Phones:
    """Phones whose durations or F0 were given, of a waveform that is to be modified.

    Attributes
    ----------
    given : Given
    edges : ndarray, shape (P + 1,)
        Samples at which the phones begin and the last ends.
    """

    given: Given
    edges: np.ndarray

    def wanted(self, rate: int) -> np.ndarray:
        """The same edges with the durations that are given."""
        return np.concatenate([[0.0], np.cumsum(self.given.seconds(np.diff(self.edges) / rate) * rate)])


def modify(
    samples: np.ndarray, rate: int, *, speed: float = 1.0, pitch: float = 1.0, phones: Phones | None = None
) -> np.ndarray:
    """`samples` (N,) at another speed or pitch: ``(round(N / speed),)`` float32.

    Grains of two periods are moved closer or farther and repeated or left out. Unvoiced stretches are cut
    into grains of 10 ms every 5 ms; a repeated one is turned around, since the ear takes repetition for a
    tone.

    Parameters
    ----------
    speed : float
        2 is twice as fast, at the same pitch.
    pitch : float
        Factor on F0; formants stay where they are.
    phones : Phones, optional
        Durations and F0 that are given; the length is then what they sum up to, by `speed`.
    """
    natural = wanted = np.array([0.0, len(samples)])
    if phones is not None:
        natural, wanted = phones.edges.astype(np.float64), phones.wanted(rate)
    count = round(float(wanted[-1]) / speed)
    marks, voiced = _grid(samples, rate)
    if not count or len(marks) < 3:
        return samples[:count].astype(np.float32)
    reach = int(np.diff(marks).max())
    padded = np.pad(samples.astype(np.float64), reach)
    out, weight = np.zeros((2, count + 2 * reach))
    before, after = np.diff(marks, prepend=marks[0]), np.diff(marks, append=marks[-1])
    before[0], after[-1] = after[0], before[-1]
    factor = np.full(len(marks), pitch)
    if phones is not None and len(phones.given.f0) and voiced.any():
        factor *= _moves(phones, marks, voiced, rate)
    at, last, turned = 0.0, -1, False
    while at < count + reach:
        i = _nearest(marks, float(np.interp(at * speed, wanted, natural)))
        left, right = int(before[i]), int(after[i])
        grain = padded[reach + marks[i] - left : reach + marks[i] + right]
        turned = i == last and not voiced[i] and not turned
        window = _window(left, right)
        start = reach + round(at) - left
        if start + left + right > len(out):
            break
        out[start : start + left + right] += window * (grain[::-1] if turned else grain)
        weight[start : start + left + right] += window
        at += right / factor[i] if voiced[i] else right
        last = i
    out /= np.maximum(weight, 1)
    return out[reach : reach + count].astype(np.float32)


def _moves(phones: Phones, marks: np.ndarray, voiced: np.ndarray, rate: int) -> np.ndarray:
    """Factor on F0 at each mark, so that the contour goes through the points that are given."""
    place = np.interp(marks, phones.edges, np.arange(len(phones.edges)))
    own = np.log(rate / np.maximum(np.diff(marks, append=2 * marks[-1] - marks[-2]), 1))
    # A mark whose period is not voiced on both sides tells no F0.
    whole = voiced & np.append(voiced[1:], False)
    whole = whole if whole.any() else voiced
    moved = phones.given.contour(place[whole], own[whole]) - own[whole]
    return np.exp(np.interp(place, place[whole], moved))


def _grid(samples: np.ndarray, rate: int) -> tuple[np.ndarray, np.ndarray]:
    """Marks from the first sample to the last, and which of them are voiced."""
    step = rate // 200
    marks: list[int] = []
    voiced: list[bool] = []
    at = 0
    for stretch in [*pitch_marks(samples, rate), np.array([len(samples)])]:
        between = max(round((stretch[0] - at) / step), 1)
        filled = np.rint(np.linspace(at, stretch[0], between, endpoint=False)).astype(int)
        filled = filled[1:] if marks else filled  # the stretch before ends with a mark of its own
        marks += filled.tolist()
        voiced += [False] * len(filled)
        if stretch[0] < len(samples):
            marks += stretch.tolist()
            voiced += [True] * len(stretch)
            at = int(stretch[-1])
    rising = np.flatnonzero(np.diff(marks, prepend=-1) > 0)
    return np.append(np.array(marks)[rising], len(samples)), np.append(np.array(voiced)[rising], False)


def _nearest(marks: np.ndarray, at: float) -> int:
    i = int(np.clip(np.searchsorted(marks, at), 1, len(marks) - 1))
    return i - 1 if at - marks[i - 1] <= marks[i] - at else i


def _window(left: int, right: int) -> np.ndarray:
    """A Hann window of two unequal halves, 1 where they meet: neighbours one period apart sum to 1."""
    rise = 0.5 - 0.5 * np.cos(np.pi * np.arange(left) / max(left, 1))
    fall = 0.5 + 0.5 * np.cos(np.pi * np.arange(right) / max(right, 1))
    return np.concatenate([rise, fall])


def morph(
    left: np.ndarray, right: np.ndarray, rate: int, centre: int, least: int, before: int, after: int
) -> tuple[int, np.ndarray] | None:
    """From one recording's voice to another's, period by period.

    Both arrays ``(N,)`` are natural speech on one clock, joined at sample `centre`. Between a mark of `left`
    and a mark of `right`, grains of both are mixed, ever more of the second, at a spacing that passes
    from the period of the first to that of the second: F0, power and spectrum all change gradually.

    Parameters
    ----------
    least : int
        Samples to each side that have to be replaced.
    before, after : int
        Samples to each side that may be.

    Returns
    -------
    (start, samples) or None
        What replaces the speech from `start` on; before it `left`, after it `right` go on unaltered. None
        where not both are voiced.
    """
    first, second = _stretch(left, rate, centre), _stretch(right, rate, centre)
    if first is None or second is None:
        return None
    starts = first[(first >= centre - before) & (first <= centre - least)]
    ends = second[(second <= centre + after) & (second >= centre + least)]
    if not len(starts) or not len(ends):
        return None
    start, end = int(starts[0]), int(ends[-1])
    clock = np.arange(start, end + 1)
    share = 0.5 - 0.5 * np.cos(np.pi * (clock - start) / (end - start))
    period = np.exp((1 - share) * np.log(_periods(first, clock)) + share * np.log(_periods(second, clock)))
    phase = np.concatenate([[0.0], np.cumsum(1 / period[:-1])])
    count = max(round(phase[-1]), 1)
    marks = np.rint(np.interp(np.arange(count + 1) * phase[-1] / count, phase, clock)).astype(int)
    out = np.zeros(end - start)
    for k, mark in enumerate(marks.tolist()):
        low = marks[k - 1] - mark if k else 0
        high = marks[k + 1] - mark if k < count else 0
        window = _window(-low, high)
        mixed = (1 - share[mark - start]) * _grain(left, first, mark, low, high)
        mixed += share[mark - start] * _grain(right, second, mark, low, high)
        out[mark + low - start : mark + high - start] += window * mixed
    return start, out.astype(np.float32)


def _stretch(samples: np.ndarray, rate: int, centre: int) -> np.ndarray | None:
    """Marks of the voiced stretch that holds `centre`."""
    return next((m for m in pitch_marks(samples, rate) if m[0] <= centre <= m[-1]), None)


def _periods(marks: np.ndarray, clock: np.ndarray) -> np.ndarray:
    return np.interp(clock, (marks[1:] + marks[:-1]) / 2, np.diff(marks))


def _grain(samples: np.ndarray, marks: np.ndarray, at: int, low: int, high: int) -> np.ndarray:
    mark = int(marks[_nearest(marks, at)])
    where = np.clip(np.arange(mark + low, mark + high), 0, len(samples) - 1)
    return samples[where].astype(np.float64)
