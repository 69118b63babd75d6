# SPDX-License-Identifier: Apache-2.0
"""Where one running text may be parted: at pauses of its recording that fall between two words.

No sentence says where it ends, so that lengths alone tell nothing. Words are followed through the recording
instead, pauses taken out, twice: first by what any voice does with a sound of its kind (how loud, how dark …
for vowels, sibilants, nasals, each in ranks over the recording, `KINDS`), then by a model of this speaker
that is learned of what the first found. A pause that falls between two words may be cut at; which are is
chosen so that the pieces are neither short nor long.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np

from synthkit.corpora.pauses import choose, good_place
from synthkit.errors import AlignmentError
from synthkit.phones import features
from synthkit.stages import Context
from synthkit.types import Segmentation
from synthkit.types.session import Said
from synthkit_align.matching import Pair
from synthkit_align.session import CEPSTRA, Session

EVERY = 2
"""Frames of the session that one step of the way through the text stands for."""
REACH = 400
"""Phones to either side of the likeliest that are followed: half a minute."""
NEAR = 0.12
"""Seconds of speech between a pause and the end of a word, within which the pause is between words."""
PLAUSIBLE = 0.4
"""How far the logarithm of a piece's pace may be from the usual one, for the model to be learned of it."""
SPREAD = 0.22
"""Standard deviation of the ranks of a kind of sound."""
WORST = -6.0
"""Log-density, less the best, of a frame under a phone; nothing is less likely."""
STAY = 0.7
"""Probability that a phone goes on for another step."""

# Rows as `synthkit.phones.NAMES`, and what any sound has: the ranks, 0 to 1, of the first six cepstra. By
# least squares over the labelled recordings of `bundled-ru`; `benchmarks/align_kinds.py` prints it.
KINDS = np.array(
    [
        (0.11, -0.12, -0.03, 0.16, 0.08, -0.11),
        (0.09, 0.10, -0.16, -0.12, -0.12, -0.20),
        (0.20, -0.07, -0.11, -0.02, -0.14, 0.04),
        (-0.02, 0.04, 0.03, 0.08, 0.19, 0.17),
        (-0.08, 0.04, 0.09, 0.09, -0.01, -0.04),
        (-0.05, 0.07, -0.09, 0.03, 0.18, -0.01),
        (0.00, 0.03, -0.05, -0.01, -0.05, -0.14),
        (0.12, -0.15, 0.20, -0.07, 0.06, 0.09),
        (0.09, 0.24, 0.18, 0.17, 0.17, 0.04),
        (0.00, 0.00, 0.00, 0.00, 0.00, 0.00),
        (-0.14, 0.15, 0.17, -0.00, 0.01, -0.03),
        (-0.06, 0.02, 0.22, 0.04, -0.04, 0.10),
        (0.14, 0.03, -0.48, 0.27, 0.06, -0.09),
        (0.06, -0.12, 0.03, 0.22, 0.10, -0.06),
        (-0.04, 0.06, 0.12, -0.02, -0.07, 0.04),
        (0.00, 0.00, 0.00, 0.00, 0.00, 0.00),
        (-0.11, -0.06, 0.19, 0.20, 0.13, -0.01),
        (-0.05, 0.16, 0.02, -0.21, -0.15, 0.12),
        (-0.10, 0.11, 0.18, 0.02, -0.11, -0.22),
        (-0.11, -0.06, 0.19, 0.20, 0.13, -0.01),
        (-0.05, 0.16, 0.02, -0.21, -0.15, 0.12),
        (-0.01, 0.05, -0.01, 0.05, 0.07, -0.19),
        (0.30, 0.35, 0.31, 0.29, 0.46, 0.54),
    ]
)


def ranks(x: np.ndarray) -> np.ndarray:
    """Each column of `x` ``(T, D)`` as the share of its values that are smaller, float32."""
    return np.asarray(np.argsort(np.argsort(x, axis=0), axis=0) / max(len(x), 1), np.float32)


def kinds(text: Segmentation, symbols: Sequence[str]) -> np.ndarray:
    """Ranks that each phone of a text's set is expected to have, ``(P, 6)``.

    Raises
    ------
    AlignmentError
        Most of them are sounds that nobody knows.
    """
    rows = [features(text.phone_set, s) for s in symbols]
    if sum(r is None for r in rows) * 2 > len(rows):
        raise AlignmentError(
            f"nothing is known of the sounds of phone set {text.phone_set!r}",
            hint="part the text into sentences, one a line",
        )
    middle = (0.5,) * KINDS.shape[1]
    return np.array([middle if r is None else np.array((*r, 1.0)) @ KINDS for r in rows])


class Way:
    """The words of a running text on their way through a recording."""

    def __init__(
        self, recording: Path, text: Segmentation, ctx: Context, whole: Collection[int] = ()
    ) -> None:
        self.whole = frozenset(whole)
        self.session = Session(recording, [text], ctx)
        self.text = text
        phones = [p.symbol for p in text.phones()]
        self.symbols = list(dict.fromkeys(phones))
        index = {s: k for k, s in enumerate(self.symbols)}
        self.sequence = np.array([index[s] for s in phones], np.int32)
        self.ends = np.cumsum([len(w.phones) for w in text.words])
        """Of each word, the phone that comes after it."""

    def part(self, shortest: float, longest: float) -> tuple[list[tuple[int, int]], list[Said]]:
        """Half-open ranges of words, all of them, each between two pauses; and what became of each."""
        session = self.session
        session.hear()
        self.spoken = session.spoken
        at = [np.arange(*session.span(k, k, edge=0)) for k in range(len(self.spoken))]
        self.frames = np.concatenate([a[::EVERY] for a in at])
        """Frame of each step: those of speech."""
        self.first = np.cumsum([0, *(len(a[::EVERY]) for a in at)])
        """Step at which each island begins, and the number of steps."""
        rank = ranks(np.asarray(session.frames[self.frames, : KINDS.shape[1]]))
        centre = kinds(self.text, self.symbols).astype(np.float32)
        density = np.stack([-0.5 * np.square((rank - c) / SPREAD).sum(axis=1) for c in centre], axis=1)
        pieces = self._pieces(self._boundaries(density), shortest, longest)
        # Once more with a model of the speaker, of pieces that are known to begin and to end at a pause.
        session.learn([p for p in self._take(pieces) if p.gain > -PLAUSIBLE])
        pieces = self._pieces(self._boundaries(self._learned()), shortest, longest)
        return [(a, b) for a, b, _, _ in pieces], session.settle(self._take(pieces))

    def _take(self, pieces: Sequence[tuple[int, int, int, int]]) -> list[Pair]:
        """Make the pieces the sentences of the session; where each is said."""
        self.session.texts([self._of(a, b) for a, b, _, _ in pieces])
        seconds = np.array([sum(i.duration for i in self.spoken[f : t + 1]) for _, _, f, t in pieces])
        pace = seconds / self.session.size
        off = np.abs(np.log(pace / np.median(pace)))  # of what is not said, or not in the text
        return [Pair(n, f, t, -float(off[n])) for n, (_, _, f, t) in enumerate(pieces)]

    def _learned(self) -> np.ndarray:
        """Log-density of each step under each phone: its likeliest state."""
        session = self.session
        out = np.empty((len(self.frames), len(self.symbols)), np.float32)
        for k, symbol in enumerate(self.symbols):
            states = session.states(self.text, symbol)
            out[:, k] = session.density[:, states].max(axis=1)[self.frames]
        return out

    def _boundaries(self, density: np.ndarray) -> np.ndarray:
        """For each pause, the word that it comes after, -1 where it is in a word."""
        from synthkit_align import following

        density = np.maximum(density - density.max(axis=1, keepdims=True), WORST)
        ways = np.lib.format.open_memmap(  # type: ignore[no-untyped-call]
            self.session.ctx.work / "ways.npy", "w+", np.bool_,
            (len(density), min(2 * REACH + 1, len(self.sequence))),
        )  # fmt: skip
        phone = following.follow(
            np.ascontiguousarray(density, np.float32), self.sequence, ways, np.log(STAY), np.log(1 - STAY)
        )
        # Step at which each word ends.
        ends = np.searchsorted(phone, self.ends)
        step = EVERY * CEPSTRA.hop
        out = np.full(len(self.spoken) - 1, -1, np.int64)
        for k, edge in enumerate(self.first[1:-1]):
            word = int(np.searchsorted(ends, edge))
            near = [w for w in (word - 1, word) if 0 <= w < len(ends) - 1]
            best = min(near, key=lambda w: abs(ends[w] - edge), default=-1)
            if best >= 0 and abs(ends[best] - edge) * step <= NEAR and best not in self.whole:
                out[k] = best
        return out

    def _pieces(self, after: np.ndarray, shortest: float, longest: float) -> list[tuple[int, int, int, int]]:
        """Words from and to (half-open) and islands from and to (inclusive) of each piece."""
        spoken = self.spoken
        pauses = [k for k, word in enumerate(after) if word >= 0]
        places = choose(spoken, pauses, [self._good(k, int(after[k])) for k in pauses], shortest, longest)
        words = [0, *(int(after[k]) + 1 for k in places), len(self.text.words)]
        islands = [0, *(k + 1 for k in places), len(spoken)]
        return [
            (a, b, f, t - 1)
            for a, b, f, t in zip(words, words[1:], islands, islands[1:], strict=False)
            if a < b
        ]

    def _good(self, pause: int, word: int) -> float:
        """How good a place to cut a pause is, 0 to 1.5."""
        return good_place(self.spoken, pause) + 0.5 * bool(self.text.words[word].break_after >= 2)

    def _of(self, first: int, last: int) -> Segmentation:
        words = self.text.words[first:last]
        return Segmentation(
            " ".join(w.text for w in words), self.text.language, self.text.phone_set, tuple(words)
        )
