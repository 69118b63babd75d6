# SPDX-License-Identifier: Apache-2.0
"""Where the sentences of a text are said in a long recording, and which of them were read otherwise.

Pauses part the recording into islands of speech. Sentences are matched with islands by their lengths; an
acoustic model is learned of the pairs that fit best; then they are matched again by how well the sound fits
the phones, against the best of any phones. What fits no island is missing, an island that fits no sentence is
extra (or a sentence said again), and a sentence that fits far worse than the others was read otherwise.

Nothing is held that grows with the recording but its levels, one number each 10 ms; frames are on the disk.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from synthkit.corpora.pauses import islands, levels, minutes
from synthkit.errors import AlignmentError
from synthkit.stages import Context
from synthkit.types import PAUSE, Segmentation
from synthkit.types.session import Said
from synthkit_align import doubts
from synthkit_align.doubts import Fit
from synthkit_align.features import Cepstra
from synthkit_align.graph import STATES, Graph, build, chain_of, phone_key
from synthkit_align.matching import Pair, duration_gain, match
from synthkit_align.model import Model, Sums

CEPSTRA = Cepstra()
MIXTURES = 8
LEARN_SECONDS = 600.0
"""Speech that the model is learned of."""
AROUND = 1.0
"""Seconds around a minute that are analysed with it, so that its edges are as any other frame."""
EDGE = 5
"""Frames around islands that are looked at."""
SQUEEZED = 1.2
"""Times the frames that a sentence takes at least, from which it teaches something."""
REACHES = (30.0, 20.0, 20.0)
"""Seconds around where a sentence is expected in which it is looked for, turn by turn."""
SOFT = 0.2
"""Exponent of the densities where boundaries are weighed: neighbouring frames are far from independent."""
OUTWARD = 0.01
"""Seconds by which a cut is made wider at its first sound, and half of them at its last: better some of the
pause than not all of the onset."""
OWN = 0.42
"""Share of another sentence's misfit from which a sentence does not fit either: with its own text a recording
has 0.15 of it, with another's 0.6."""
TAIL = 0.25
"""Seconds of the pauses around a sentence in which its first and last sounds are looked for."""


class Session:
    """One recording and its sentences on their way; see the module."""

    def __init__(self, recording: Path, sentences: Sequence[Segmentation], ctx: Context) -> None:
        self.recording, self.ctx = recording, ctx
        self.texts(sentences)

    def texts(self, sentences: Sequence[Segmentation]) -> None:
        """Take others; what was heard stays."""
        self.sentences = list(sentences)
        keys = sorted({phone_key(s, p.symbol) for s in self.sentences for p in s.phones()})
        self.phones = [PAUSE, *keys]
        index = {key: i for i, key in enumerate(self.phones)}
        plain = [_without_variants(s) for s in self.sentences]
        self.graphs = [build(s, index) for s in plain]
        self.size = np.array([len(s.phones()) for s in self.sentences], float)

    def hear(self) -> None:
        """Find pauses and analyse the sound.

        Raises
        ------
        AlignmentError
            There are no pauses.
        """
        self._pauses()
        self._analyse()

    def learn(self, pairs: Sequence[Pair]) -> None:
        """A model of the speaker, of where some sentences are said, and how likely it finds each frame."""
        self.model = self._learn(pairs)
        self._weigh()

    def states(self, text: Segmentation, symbol: str) -> slice:
        """Columns of `density` of a phone."""
        first = STATES * self.phones.index(phone_key(text, symbol))
        return slice(first, first + STATES)

    def _pauses(self) -> None:
        self.spoken = islands(levels(self.recording))
        if len(self.spoken) < 2:
            raise AlignmentError(
                "no pauses are heard", where=str(self.recording), hint="is there speech in it?"
            )

    def find(self) -> list[Said]:
        """What became of each sentence, and what else was said, in order of time."""
        self._pauses()
        speech = sum(i.duration for i in self.spoken)
        expected = self.size * speech / self.size.sum()
        self.ctx.log(f"{len(self.spoken)} stretches of speech, {speech / 60:.1f} min")
        pairs = match(len(self.sentences), self.spoken, expected, duration_gain(expected, self.spoken))
        self._analyse()
        return self.settle(pairs)

    def settle(self, pairs: Sequence[Pair]) -> list[Said]:
        """The same, from sentences and where they are likely to be said.

        Raises
        ------
        AlignmentError
            They are not said there, or anywhere.
        """
        if len(pairs) < 2:
            raise AlignmentError(
                "the text does not fit the recording", where=str(self.recording), hint="is it the text of it?"
            )
        for reach in REACHES:
            self.learn(pairs)
            before, pairs = pairs, self._match(pairs, self._expected(pairs), self._centres(pairs), reach)
            same = {(p.sentence, p.first, p.last) for p in before}
            if sum((p.sentence, p.first, p.last) in same for p in pairs) > 0.9 * len(pairs):
                break  # what the model was learned of is what is said
        return self._verdict(pairs)

    def _analyse(self) -> None:
        self.ctx.work.mkdir(parents=True, exist_ok=True)
        frames = int(self.spoken[-1].end / CEPSTRA.hop) + 2 * EDGE + 2
        self.frames = np.lib.format.open_memmap(  # type: ignore[no-untyped-call]
            self.ctx.work / "frames.npy", "w+", np.float32, (frames, CEPSTRA.dimension)
        )
        squares, count = np.zeros(CEPSTRA.dimension), 0
        for start, first, wave in minutes(self.recording, CEPSTRA.sample_rate, around=AROUND):
            found = CEPSTRA.frames(wave)
            at, skip = round(start / CEPSTRA.hop), round((start - first) / CEPSTRA.hop)
            part = found[skip : skip + min(round(60 / CEPSTRA.hop), max(frames - at, 0))]
            self.frames[at : at + len(part)] = part
            squares += np.square(part, dtype=np.float64).sum(axis=0)
            count += len(part)
        self.scale = np.maximum(np.sqrt(squares / max(count, 1)), 1e-6)

    def _bounds(self, pair: Pair, fit: Fit | None) -> tuple[float, float]:
        """Seconds of a sentence's first and last sound: where its phones are expected to begin and to end,
        softened by where the level rises and falls."""
        from synthkit_align import kernels

        a, b = self.spoken[pair.first].start, self.spoken[pair.last].end
        if fit is None:
            return a, b
        graph = self.graphs[pair.sentence]
        chain = chain_of(graph, fit.unit[np.r_[True, fit.unit[1:] != fit.unit[:-1]]])
        used, column = np.unique(chain.emission, return_inverse=True)
        density = SOFT * np.ascontiguousarray(
            self.density[fit.start : fit.start + len(fit.unit)][:, used], np.float32
        )
        log_probability, posterior = kernels.posteriors(
            density, column.astype(np.int32), chain.before, chain.first, chain.last,
            self.stay[chain.emission], self.leave[chain.emission],
        )  # fmt: skip
        if log_probability <= kernels.NO_PATH:
            return a, b
        held = np.cumsum(posterior.reshape(len(posterior), -1, STATES).sum(axis=(0, 2)))
        sounds = np.flatnonzero(chain.phone != 0)
        first = fit.start + (held[sounds[0] - 1] if sounds[0] else 0.0) - 0.5
        last = fit.start + held[sounds[-1]] - 0.5
        return float(first * CEPSTRA.hop) - OUTWARD, float(last * CEPSTRA.hop) + OUTWARD / 2

    def _wide(self, pair: Pair) -> tuple[int, int]:
        """Frames of a pair, with up to `TAIL` of the pauses around it."""
        first, last = self.spoken[pair.first], self.spoken[pair.last]
        before = self.spoken[pair.first - 1].end if pair.first else 0.0
        after = self.spoken[pair.last + 1].start if pair.last + 1 < len(self.spoken) else last.end + TAIL
        a = max(first.start - TAIL, (first.start + before) / 2)
        b = min(last.end + TAIL, (last.end + after) / 2)
        return max(0, round(a / CEPSTRA.hop)), min(len(self.frames), round(b / CEPSTRA.hop))

    def span(self, first: int, last: int, edge: int = EDGE) -> tuple[int, int]:
        """Frames of some islands, and `edge` more to either side."""
        a = max(0, round(self.spoken[first].start / CEPSTRA.hop) - edge)
        b = min(len(self.frames), round(self.spoken[last].end / CEPSTRA.hop) + edge)
        return a, b

    def _learn(self, pairs: Sequence[Pair]) -> Model:
        """A model of the pairs that fit best."""
        from synthkit_align import kernels
        from synthkit_align.batches import _densities, _transitions

        model = Model.flat(self.phones, CEPSTRA, self.scale, MIXTURES)
        chosen: list[tuple[np.ndarray, Graph]] = []
        seconds = 0.0
        inverse = (1 / model.scale).astype(np.float32)
        for pair in sorted(pairs, key=lambda p: -p.gain / max(self.size[p.sentence], 1) ** 0.5):
            a, b = self.span(pair.first, pair.last)
            graph = self.graphs[pair.sentence]
            if b - a > SQUEEZED * graph.shortest and (b - a) < 1500:
                chosen.append((np.ascontiguousarray(self.frames[a:b] * inverse), graph))
                seconds += (b - a) * CEPSTRA.hop
            if seconds > LEARN_SECONDS:
                break
        schedule = [1] * 10 + [2, 2, 4, 4, MIXTURES, MIXTURES]
        sums = Sums.zeros(model)
        for number, count in enumerate(self.ctx.track(schedule, label="learning the speaker")):
            if number and count > schedule[number - 1]:
                model.split(count, sums)
            sums = Sums.zeros(model)
            part = chosen[:: 3 if number < 6 else 1]
            for x, graph in part:
                density, column = _densities(model, x, graph, 0.2)
                log_probability, posterior = kernels.posteriors(
                    density, column, graph.before, graph.first, graph.last, *_transitions(model, graph)
                )
                if log_probability > kernels.NO_PATH:
                    kernels.add_sums(
                        x, posterior, np.zeros(len(x), np.int32), graph.emission,
                        model.mean, model.precision, model.constant, model.count,
                        sums.occupancy, sums.sums, sums.squares,
                    )  # fmt: skip
                    sums.frames += len(x)
            if sums.frames:
                model.update(sums)
        return model

    def _weigh(self) -> None:
        """Every state's log-density at every frame, on the disk, and the best of them."""
        from synthkit_align import kernels

        states = np.arange(len(self.model.count))
        shape = (len(self.frames), len(states))
        self.density = np.lib.format.open_memmap(  # type: ignore[no-untyped-call]
            self.ctx.work / "density.npy", "w+", np.float16, shape
        )
        self.best = np.zeros(len(self.frames), np.float32)
        size = 6000
        for a in self.ctx.track(range(0, len(self.frames), size), label="weighing sounds"):
            x = np.ascontiguousarray(self.frames[a : a + size] / self.model.scale, np.float32)
            found = kernels.log_densities(
                x, states, self.model.mean, self.model.precision, self.model.constant, self.model.count,
                np.float32(1.0),
            )  # fmt: skip
            self.best[a : a + size] = found.max(axis=1)
            self.density[a : a + size] = np.maximum(found - found.max(axis=1, keepdims=True), -300.0)
        self.stay, self.leave = self.model.stay, 1 - self.model.stay
        self._known: dict[tuple[int, int, int], float] = {}

    def _force(self, sentence: int, a: int, b: int) -> Fit | None:
        from synthkit_align import kernels

        graph = self.graphs[sentence]
        if b - a <= graph.shortest:
            return None
        used, column = np.unique(graph.emission, return_inverse=True)
        density = np.ascontiguousarray(self.density[a:b][:, used], np.float32)
        column = column.astype(np.int32)
        states = kernels.viterbi(
            density, column, graph.before, graph.first, graph.last,
            self.stay[graph.emission], self.leave[graph.emission],
        )  # fmt: skip
        if not len(states):
            return None
        ratio = density[np.arange(b - a), column[states]]
        return Fit(a, ratio, graph.emission[states], graph.unit[states])

    def _score(self, sentence: int, first: int, last: int) -> float:
        """Mean log-ratio per frame of a sentence on islands; -20 where no path fits."""
        known = self._known.get((sentence, first, last))
        if known is None:
            fit = self._force(sentence, *self.span(first, last))
            known = float(np.maximum(fit.ratio, -20.0).mean()) if fit is not None else -20.0
            self._known[sentence, first, last] = known
        return known

    def _match(
        self, pairs: Sequence[Pair], expected: np.ndarray, centres: np.ndarray, reach: float
    ) -> list[Pair]:
        right = np.array([self._score(p.sentence, p.first, p.last) for p in pairs])
        wrong = [
            self._score((p.sentence + 7) % len(self.sentences), p.first, p.last)
            for p in pairs[:: max(1, len(pairs) // 60)]
        ]
        usual, other = float(np.median(right)), float(np.median([w for w in wrong if w > -19.0] or [-8.0]))
        if usual < other * OWN:
            raise AlignmentError(
                f"the text does not fit the recording: its sentences fit it by {usual:.1f} per frame, others "
                f"by {other:.1f}",
                where=str(self.recording),
                hint="is it the text of this recording, in the order in which it was read?",
            )
        level = usual + 0.6 * (other - usual)
        self.level, self.usual = level, usual
        spread = max(usual - level, 0.1)

        def gain(sentence: int, first: int, last: int) -> float:
            seconds = sum(self.spoken[k].duration for k in range(first, last + 1))
            off = abs(np.log(max(seconds, 0.05) / expected[sentence]))
            if off > 0.4:
                return -1.0
            fit = (self._score(sentence, first, last) - level) / spread
            return float(seconds * max(min(fit, 1.5), -3.0) - 0.3 * off)

        return match(
            len(self.sentences), self.spoken, expected, gain,
            centres=centres, reach=reach, extra=0.0, missing=0.0,
        )  # fmt: skip

    def _centres(self, pairs: Sequence[Pair]) -> np.ndarray:
        """Seconds at which each sentence begins, between those that are found a straight line by phones."""
        before = np.r_[0.0, np.cumsum(self.size)][:-1]
        at = [before[p.sentence] for p in pairs]
        when = [self.spoken[p.first].start for p in pairs]
        smooth = [float(np.median(when[max(0, i - 2) : i + 3])) for i in range(len(when))]
        return np.asarray(np.interp(before, at, np.maximum.accumulate(smooth)))

    def _expected(self, pairs: Sequence[Pair]) -> np.ndarray:
        rates = [
            sum(self.spoken[k].duration for k in range(p.first, p.last + 1)) / self.size[p.sentence]
            for p in pairs
        ]
        return np.asarray(self.size * float(np.median(rates)))

    def _verdict(self, pairs: Sequence[Pair]) -> list[Said]:
        fits = {p.sentence: self._force(p.sentence, *self._wide(p)) for p in pairs}
        signs = doubts.signs({k: f for k, f in fits.items() if f is not None}, self.graphs)
        out: list[Said] = []
        for pair in pairs:
            a, b = self._bounds(pair, fits[pair.sentence])
            score, frame = signs.get(pair.sentence, (-9.0, round(a / CEPSTRA.hop)))
            doubt = f"read otherwise at {frame * CEPSTRA.hop:.1f} s?" if score < -1.0 else ""
            out.append(Said(pair.sentence, a, b, score, doubt))
        found = {p.sentence for p in pairs}
        out += [Said(i, None, None, 0.0, "not said") for i in range(len(self.sentences)) if i not in found]
        out += self._extra(pairs)
        return sorted(out, key=lambda s: (s.start if s.start is not None else 1e12, s.sentence or 0))

    def _extra(self, pairs: Sequence[Pair]) -> list[Said]:
        """Islands of no sentence; one that fits a sentence near by was said again."""
        used = {k for p in pairs for k in range(p.first, p.last + 1)}
        near = {k: p.sentence for p in pairs for k in range(p.first, p.last + 1)}
        out: list[Said] = []
        k = 0
        while k < len(self.spoken):
            if k in used:
                k += 1
                continue
            last = k
            while last + 1 < len(self.spoken) and last + 1 not in used:
                last += 1
            around = [near[j] for j in (k - 1, last + 1) if j in near]
            again = next(
                (
                    i
                    for s in around
                    for i in (s, s + 1, s - 1)
                    if 0 <= i < len(self.sentences)
                    and any(
                        self._score(i, f, t) > self.level
                        for f in range(k, last + 1)
                        for t in range(f, last + 1)
                    )
                ),
                None,
            )
            if sum(self.spoken[j].duration for j in range(k, last + 1)) > 0.4:
                why = "said again" if again is not None else "not in the text"
                out.append(Said(None, self.spoken[k].start, self.spoken[last].end, 0.0, why, again))
            k = last + 1
        return out


def _without_variants(text: Segmentation) -> Segmentation:
    return replace(text, words=tuple(replace(w, variants=()) for w in text.words))
