# SPDX-License-Identifier: Apache-2.0
"""What a phone is told about where it stands: `Segmentation` to numbers, with and without recordings.

A voice speaks `SpokenPhone`s: those of the words, with pauses between. At speaking time the pauses come
from the pause predictor; in training from the alignment. `features` then describes each phone by numbers
between about -1 and 1 that hold for any language and phone set (the symbol itself is embedded apart).
Only numpy is needed here.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from synthkit.types import PAUSE, Alignment, Segmentation, Word

PUNCTUATION = ("comma", "colon", "dash", "period", "question", "exclamation")
_MARKS = {"?": "question", "!": "exclamation", ".": "period", "…": "period", ":": "colon", ";": "colon"}
_MARKS |= {",": "comma", "、": "comma", "，": "comma", "—": "dash", "–": "dash", "-": "dash"}
_ORDER = ("question", "exclamation", "period", "dash", "colon", "comma")


@dataclass(frozen=True, slots=True)
class SpokenPhone:
    """One phone as it is spoken: `word` is its word's index, -1 for a pause; `place` its index therein."""

    symbol: str
    stress: int = 0
    word: int = -1
    place: int = 0


def mark(word: Word) -> str:
    """The class of the punctuation after `word`, one of `PUNCTUATION` or ``""``; the strongest counts.

    Parameters
    ----------
    word : Word

    Returns
    -------
    str
    """
    found = {_MARKS[c] for c in word.punctuation if c in _MARKS}
    for name in _ORDER:
        if name in found:
            return name
    return "period" if word.break_after == 3 else ""


def spoken(segmentation: Segmentation, pauses: Collection[int]) -> list[SpokenPhone]:
    """The phones of `segmentation` with a pause at both ends and after each word whose index is in
    `pauses`.

    Parameters
    ----------
    segmentation : Segmentation
    pauses : collection of int

    Returns
    -------
    list of SpokenPhone
    """
    out = [SpokenPhone(PAUSE)]
    for w, word in enumerate(segmentation.words):
        out += [SpokenPhone(p.symbol, p.stress, w, k) for k, p in enumerate(word.phones)]
        if w in pauses or w == len(segmentation.words) - 1:
            out.append(SpokenPhone(PAUSE))
    return out


def from_alignment(
    segmentation: Segmentation, alignment: Alignment
) -> tuple[list[SpokenPhone], np.ndarray, int]:
    """What was said in a recording: its phones, placed in the words of its text.

    The two phone sequences are matched by edit distance; a phone that was said otherwise than the text
    has it keeps the recording's symbol, one that was added belongs to the word of the phone before.

    Parameters
    ----------
    segmentation : Segmentation
    alignment : Alignment
        Of a recording of that text.

    Returns
    -------
    phones : list of SpokenPhone
        One for each interval of ``alignment.phones``; pauses that follow one another are made one, and
        there is always one at each end.
    edges : ndarray, shape (len(phones) + 1,)
        Seconds; each phone lasts from its edge to the next.
    edits : int
        Edit distance between the two, pauses apart.
    """
    planned = [s for s in spoken(segmentation, ()) if s.word >= 0]
    said = [i.label for i in alignment.phones if i.label != PAUSE]
    partner, edits = _match([s.symbol for s in planned], said)
    phones: list[SpokenPhone] = []
    edges: list[float] = []
    last, k = 0, 0
    for interval in alignment.phones:
        if interval.label == PAUSE:
            if phones and phones[-1].word < 0:
                continue
            phones.append(SpokenPhone(PAUSE))
        else:
            last = partner[k] if partner[k] >= 0 else last
            plan = planned[last]
            stress = plan.stress if partner[k] >= 0 else 0
            phones.append(SpokenPhone(interval.label, stress, plan.word, plan.place))
            k += 1
        edges.append(interval.start)
    edges.append(alignment.phones[-1].end)
    if phones[0].word >= 0:
        phones.insert(0, SpokenPhone(PAUSE))
        edges.insert(0, edges[0])
    if phones[-1].word >= 0:
        phones.append(SpokenPhone(PAUSE))
        edges.append(edges[-1])
    return phones, np.asarray(edges, dtype=np.float64), edits


def _match(planned: Sequence[str], said: Sequence[str]) -> tuple[list[int], int]:
    """For each of `said` the index of its partner in `planned` (-1: added), and the edit distance."""
    n, m = len(planned), len(said)
    if list(planned) == list(said):
        return list(range(n)), 0
    cost = [list(range(m + 1))]
    for i in range(1, n + 1):
        above, row = cost[-1], [i]
        for j in range(1, m + 1):
            change = above[j - 1] + (planned[i - 1] != said[j - 1])
            row.append(min(change, above[j] + 1, row[-1] + 1))
        cost.append(row)
    partner = [-1] * m
    i, j = n, m
    while i > 0 and j > 0:
        if cost[i][j] == cost[i - 1][j - 1] + (planned[i - 1] != said[j - 1]):
            i, j = i - 1, j - 1
            partner[j] = i
        elif cost[i][j] == cost[i][j - 1] + 1:
            j -= 1
        else:
            i -= 1
    return partner, cost[n][m]


def _one_of(name: str, names: Sequence[str]) -> list[float]:
    return [float(name == n) for n in names]


def _from(k: float) -> list[float]:
    """A distance as two numbers: one that tells far from farther, one that tells near from nearer."""
    return [min(k, 20.0) / 10.0, 1.0 / (1.0 + k)]


def features(phones: Sequence[SpokenPhone], segmentation: Segmentation) -> np.ndarray:
    """Describe each phone by its stress and its place in word, phrase and utterance.

    A phrase is what stands between two pauses.

    Parameters
    ----------
    phones : sequence of SpokenPhone, length P
    segmentation : Segmentation
        Whose words they are of.

    Returns
    -------
    ndarray, shape (P, `N_FEATURES`), float32
        In the order of the comments below.
    """
    words = segmentation.words
    pauses = [i for i, p in enumerate(phones) if p.word < 0]
    n_phrases = max(len(pauses) - 1, 1)
    of_word: dict[int, tuple[list[float], int | None]] = {}
    rows = []
    q, start, end, around = -1, 0, 0, list[float]()
    for i, p in enumerate(phones):
        if p.word < 0 and q < n_phrases - 1:  # a phrase begins
            q += 1
            start, end = pauses[q], pauses[min(q + 1, len(pauses) - 1)]
            ending = mark(words[phones[end - 1].word]) if end > start + 1 else ""
            before = mark(words[phones[start - 1].word]) if start > 0 else ""
            around = [np.log1p(end - start) / 4.0, n_phrases / 10.0]
            around += _from(q) + _from(n_phrases - 1 - q)  # phrases in the utterance
            around += _one_of(ending, PUNCTUATION) + _one_of(before, PUNCTUATION)  # its end, what was before
        row = [float(p.word < 0), float(i == 0), float(i == len(phones) - 1)]
        if p.word < 0:  # a pause has no word: only phrase and utterance
            row += [0.0] * (_WORD_FEATURES)
            first, last = phones[min(start + 1, end)].word, phones[max(end - 1, 0)].word
            here = float(first)
        else:
            if p.word not in of_word:
                of_word[p.word] = _described(words[p.word])
            whole, stressed = of_word[p.word]
            ahead = stressed - p.place if stressed is not None else 0
            row += [float(p.stress == 1), float(p.stress == 2)]  # stress
            row += _from(p.place) + _from(len(words[p.word].phones) - 1 - p.place)  # place in the word
            row += whole[:3]
            row += [min(max(ahead, -8), 8) / 4.0, float(ahead > 0)]  # to its stress
            row += whole[3:]
            first, last = phones[start + 1].word, phones[end - 1].word
            here = float(p.word)
        row += _from(here - first) + _from(last - here)  # words in the phrase
        row += _from((i - start) / 4.0) + _from((end - i) / 4.0)  # phones in the phrase
        rows.append(row + around)
    return np.asarray(rows, dtype=np.float32)


def _described(word: Word) -> tuple[list[float], int | None]:
    """What is the same for all phones of a word: its length, whether it is a function word and whether it has
    a stress; the break after it and its mark. And the place of its stress."""
    stressed = next((k for k, x in enumerate(word.phones) if x.stress == 1), None)
    row = [min(len(word.phones), 20) / 10.0, float(word.function), float(stressed is not None)]
    return row + _one_of(str(word.break_after), "123") + _one_of(mark(word), PUNCTUATION), stressed


_WORD_FEATURES = 2 + 4 + 2 + 3 + 3 + len(PUNCTUATION)
N_FEATURES = 3 + _WORD_FEATURES + 8 + 2 + 4 + 2 * len(PUNCTUATION)


def boundaries(segmentation: Segmentation) -> np.ndarray:
    """Describe the place after each word but the last, for the pause predictor.

    Parameters
    ----------
    segmentation : Segmentation
        Of W words.

    Returns
    -------
    ndarray, shape (W - 1, `N_BOUNDARY`), float32
        Punctuation and break class; whether the neighbours are function words; how far the nearest
        punctuation is on either side, in words and phones; how long the neighbours are.
    """
    words = segmentation.words
    sizes = [len(w.phones) for w in words]
    marked = [w for w in range(len(words)) if mark(words[w]) or w == len(words) - 1]
    rows = []
    for w in range(len(words) - 1):
        left = max((m for m in marked if m < w), default=-1)
        right = min(m for m in marked if m > w)
        row = _one_of(mark(words[w]), PUNCTUATION) + _one_of(str(words[w].break_after), "123")
        row += [float(words[w].function), float(words[w + 1].function)]
        row += _from(w - left - 1) + _from(right - w - 1)
        row += _from(sum(sizes[left + 1 : w + 1]) / 4.0) + _from(sum(sizes[w + 1 : right + 1]) / 4.0)
        row += [min(sizes[w], 20) / 10.0, min(sizes[w + 1], 20) / 10.0, float(len(words[w].punctuation) > 1)]
        rows.append(row)
    return np.asarray(rows, dtype=np.float32).reshape(-1, N_BOUNDARY)


N_BOUNDARY = len(PUNCTUATION) + 3 + 2 + 4 + 4 + 3
