# SPDX-License-Identifier: Apache-2.0
"""The embedded aligner: a GMM-HMM of the corpus itself, from nothing but recordings and phones.

All states begin alike. Baum-Welch over whole utterances tells them apart, first with one Gaussian per
state, then with more (Young et al., *The HTK Book*, "embedded training"). `refine` then weighs every
boundary again by finer frames. Three choices make the boundaries good:

- densities are softened by `acoustic_scale`, as neighbouring frames are far from independent: training
  then weighs several boundaries instead of running into the first it likes;
- a boundary is the mean of its posterior, so it is not tied to the frames' grid;
- a frame stands for the instant at the centre of its window, and a boundary between two frames lies
  halfway between their centres. No constant is added.
"""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Literal

import numpy as np

from synthkit import audio
from synthkit.errors import AlignmentError, AudioError
from synthkit.labels import flags
from synthkit.pipeline.lazily import Made
from synthkit.settings import Field, Settings
from synthkit.stages import Aligner, Context
from synthkit.types import PAUSE, Alignment, Segmentation
from synthkit.types.session import Said
from synthkit_align import corrections, refine
from synthkit_align.batches import Accumulate, Decode, Prepare, Prepared
from synthkit_align.features import Cepstra
from synthkit_align.graph import phone_key
from synthkit_align.model import Model, Sums
from synthkit_align.outcome import Items, Outcome, Texts
from synthkit_align.routes import groups

FINE = "fine"
"""Folder of the refinement's model, within that of the first."""
SLOPE_MS = 20.0
"""How far differences look to each side, whatever the hop."""


class HmmSettings(Settings):
    """Settings of the embedded aligner; the defaults suit from a minute to hours of speech."""

    hop_ms: float = Field(default=10.0, ge=2.0, le=20.0, description="from frame to frame")
    window_ms: float = Field(default=25.0, ge=5.0, le=60.0, description="analysis window")
    mixtures: int = Field(
        default=24, ge=1, le=64, description="Gaussians per state, where there is speech enough"
    )
    flat_passes: int = Field(default=14, ge=2, le=50, description="passes with one Gaussian per state")
    flat_minutes: float = Field(default=30.0, gt=0, description="speech that the first passes use at most")
    passes: int = Field(default=2, ge=1, le=20, description="passes after each doubling of the Gaussians")
    acoustic_scale: float = Field(default=0.2, gt=0, le=1, description="exponent of the densities")
    refine: bool = Field(default=True, description="weigh every boundary again by finer frames")
    fine_hop_ms: float = Field(default=5.0, ge=1.0, le=10.0, description="from frame to frame, when refining")
    fine_window_ms: float = Field(default=16.0, ge=4.0, le=40.0, description="analysis window, when refining")
    fine_mixtures: int = Field(default=16, ge=1, le=64, description="Gaussians per state, when refining")
    boundary: Literal["centre", "window-start"] = Field(
        default="centre",
        description="instant a frame stands for: its window's centre, or (as HTK, Kaldi and Sphinx write "
        "their labels) the hop at its window's beginning, which is earlier by (window - hop) / 2",
    )
    corrections: Path | None = Field(
        default=None,
        description="folder of TextGrids that a person has corrected, ID.TextGrid: they are kept as they "
        "are, and learned from",
    )
    places = frozenset({"corrections"})

    def check(self) -> None:
        """See `Settings.check`."""
        if self.refine and self.fine_hop_ms > self.hop_ms:
            raise ValueError("fine_hop_ms must not be more than hop_ms, or phones have too few frames")


class HmmAligner(Aligner):
    """Aligns a corpus with a model trained on it, or new recordings with a model opened from a voice."""

    Config = HmmSettings
    version = "3"

    def __init__(self, config: Settings | None = None) -> None:
        super().__init__(config)
        self.model: Model | None = None
        self.fine: Model | None = None

    def fingerprint(self) -> str:
        """See `Component.fingerprint`: of the corrections."""
        folder = self.config.corrections
        return corrections.fingerprint(folder) if folder is not None else ""

    def open(self, folder: Path) -> None:
        """Use the model that `save` wrote: `align` then trains nothing."""
        self.model = Model.load(folder)
        self.fine = Model.load(folder / FINE) if self.config.refine else None

    def save(self, folder: Path) -> None:
        """Write the model: npy arrays and ``model.json``."""
        if self.model is not None:
            self.model.save(folder)
        if self.fine is not None:
            self.fine.save(folder / FINE)

    def align(self, items: Items, ctx: Context) -> dict[str, Alignment | Exception]:
        """See `Aligner.align`. Utterances too short for their phones, unreadable or far too long are
        errors. What a person has corrected comes back as it was corrected."""
        return dict(self.align_each(items, ctx))

    def align_each(self, items: Items, ctx: Context) -> Iterator[tuple[str, Alignment | Exception]]:
        """The same, one after another: what is known of each lies in `ctx.work`, not in memory."""
        folder = ctx.work / "hmm"
        folder.mkdir(parents=True, exist_ok=True)
        found: dict[str, Alignment | Exception] = {}
        corrected = self._corrected(items, found, ctx)
        ready, ids = self._known(items, corrected, found)
        made: Iterator[tuple[str, Alignment]] = iter(())
        if ready:
            texts = Texts(items, ready)
            cepstra = self.model.cepstra if self.model else self._cepstra(texts, found)
            phones = self.model.phones if self.model else _phones(texts, corrected)
            _compile(cepstra)
            prepare = Prepare(folder, cepstra, {key: i for i, key in enumerate(phones)}, corrected)
            batches = Made(range(texts.batches), lambda n: (n, texts.batch(n)))
            prepared = list(ctx.map(prepare, batches, label="cepstra"))
            for batch in prepared:
                found.update(batch.failed)
            if any(batch.ids for batch in prepared):
                trained = self.model is None
                if self.model is None:
                    self.model = self._train(prepared, phones, cepstra, folder, ctx)
                made = self._decode(prepared, texts, corrected, folder, ctx, found, trained)
        for id_ in ids:
            # Those that are in neither `found` come from `made`, in the same order.
            yield (id_, found[id_]) if id_ in found else next(made)
        shutil.rmtree(folder)

    def find(self, recording: Path, sentences: Sequence[Segmentation], ctx: Context) -> list[Said]:
        """See `Aligner.find`; a model of its own is learned of what fits best."""
        from synthkit_align.session import Session

        return Session(recording, sentences, ctx).find()

    def part(
        self,
        recording: Path,
        text: Segmentation,
        ctx: Context,
        *,
        shortest: float,
        longest: float,
        whole: Collection[int] = (),
    ) -> tuple[list[tuple[int, int]], list[Said]]:
        """See `Aligner.part`; a model of its own is learned of what it finds first."""
        from synthkit_align.running import Way

        return Way(recording, text, ctx, whole).part(shortest, longest)

    def _corrected(
        self, items: Items, found: dict[str, Alignment | Exception], ctx: Context
    ) -> dict[str, Alignment]:
        """What a person has corrected of `items`; a correction that cannot be used is an error."""
        if self.config.corrections is None:
            return {}
        good, bad = corrections.read(self.config.corrections, items)
        found.update(bad)
        ctx.log(f"{len(good)} utterances are kept as a person has corrected them")
        return good

    def _known(
        self, items: Items, corrected: dict[str, Alignment], found: dict[str, Alignment | Exception]
    ) -> tuple[list[int], list[str]]:
        """Places of the items whose phones an opened model knows; the others get their error, or stay as
        corrected. And the ids of all."""
        known = set(self.model.phones) if self.model else None
        ready, ids = [], []
        for place, (utterance, segmentation) in enumerate(items):
            ids.append(utterance.id)
            if utterance.id in found:
                continue
            if known is not None and utterance.id in corrected:
                found[utterance.id] = corrected[utterance.id]
                continue
            strange = sorted(_keys(segmentation) - known) if known is not None else []
            if strange:
                found[utterance.id] = AlignmentError(
                    f"the model has never heard {', '.join(strange)}",
                    where=utterance.id,
                    hint="train a model with recordings that hold these phones",
                )
            else:
                ready.append(place)
        return ready, ids

    def _cepstra(self, items: Texts, found: dict[str, Alignment | Exception]) -> Cepstra:
        rate = 16000
        for utterance, _ in items:
            try:
                rate = min(rate, audio.info(utterance.audio)[0])
            except AudioError:
                continue  # reported when it is read
        c = self.config
        return Cepstra(sample_rate=rate, hop=c.hop_ms / 1e3, window=c.window_ms / 1e3)

    def _train(
        self, prepared: list[Prepared], phones: list[str], cepstra: Cepstra, folder: Path, ctx: Context
    ) -> Model:
        c = self.config
        frames = sum(sum(b.lengths) for b in prepared)
        scale = np.sqrt(np.sum([b.squares for b in prepared], axis=0) / frames)
        model = Model.flat(phones, cepstra, np.maximum(scale, 1e-6), c.mixtures)
        every = max(1, int(frames * cepstra.hop / 60 / c.flat_minutes))
        schedule = [1] * c.flat_passes
        count = 1
        while count < c.mixtures:
            count = min(2 * count, c.mixtures)
            schedule += [count] * c.passes
        sums = Sums.zeros(model)
        for number, count in enumerate(schedule):
            part = prepared[::every] if number < c.flat_passes - 1 else prepared
            if number and count > schedule[number - 1]:
                model.split(count, sums)
            sums = Sums.zeros(model)
            label = f"aligner, pass {number + 1} of {len(schedule)}"
            for some in ctx.map(Accumulate(folder, model, c.acoustic_scale), groups(part), label=label):
                sums.add(some)
            if sums.frames:
                model.update(sums)
        return model

    def _decode(
        self,
        prepared: list[Prepared],
        texts: Texts,
        corrected: dict[str, Alignment],
        folder: Path,
        ctx: Context,
        found: dict[str, Alignment | Exception],
        trained: bool,
    ) -> Iterator[tuple[str, Alignment]]:
        """The alignments of those that have one, in order; the others get their error in `found` before the
        first."""
        assert self.model is not None
        decode = Decode(folder, self.model, self.config.acoustic_scale)
        for batch, routed in zip(prepared, ctx.map(decode, prepared, label="aligning"), strict=True):
            for id_, there in zip(batch.ids, routed, strict=True):
                if not there:
                    found[id_] = AlignmentError("no path through its phones fits the recording", where=id_)
        outcome = Outcome(prepared, texts, corrected, folder, self.model, self.config.boundary)
        errors = outcome.keep(self._boundaries(outcome.chains(), folder, ctx))
        found.update(errors)
        if trained:
            self.model.habits = corrections.habits(list(outcome.seen()))
            self.model.usual = flags.usual(a.phones for a in outcome.alignments())
        for a in outcome.alignments():
            # Who has corrected a boundary has looked at it.
            implausible = () if a.id in corrected else flags.flags(a.phones, self.model.usual)
            yield a.id, Alignment(a.id, a.phones, a.words, a.duration, implausible)

    def _boundaries(
        self, batches: Sequence[refine.Batch], folder: Path, ctx: Context
    ) -> Iterator[list[np.ndarray | None]]:
        """Batch by batch the seconds at which the phones of each utterance begin, the first excepted."""
        assert self.model is not None
        c = self.config
        if not c.refine or not batches:
            return ([chain.inner for chain in chains] for _, chains in batches)
        # Twice as many frames to the second are half as independent of one another.
        scale = c.acoustic_scale * c.fine_hop_ms / c.hop_ms
        if self.fine is not None:
            refine.store(batches, self.fine.cepstra, folder, ctx)
        else:
            cepstra = Cepstra(
                sample_rate=self.model.cepstra.sample_rate,
                hop=c.fine_hop_ms / 1e3,
                window=c.fine_window_ms / 1e3,
                delta=max(1, round(SLOPE_MS / c.fine_hop_ms)),
            )
            self.fine = refine.train(batches, self.model.phones, cepstra, c.fine_mixtures, scale, folder, ctx)
        return refine.weigh(batches, self.fine, scale, folder, ctx)


def _keys(segmentation: Segmentation) -> set[str]:
    ways = ((w.phones, *w.variants) for w in segmentation.words)
    return {phone_key(segmentation, p.symbol) for group in ways for way in group for p in way}


def _phones(items: Texts, corrected: dict[str, Alignment]) -> list[str]:
    keys: set[str] = set()
    for utterance, segmentation in items:
        keys |= _keys(segmentation)
        if utterance.id in corrected:
            keys |= {phone_key(segmentation, p.label) for p in corrected[utterance.id].phones}
    return [PAUSE, *sorted(keys - {PAUSE})]


def _compile(cepstra: Cepstra) -> None:
    """Compile the kernels here, once: workers then find them in numba's cache."""
    from synthkit_align.batches import rehearse

    rehearse(cepstra)
    refine.rehearse(cepstra)
