# SPDX-License-Identifier: Apache-2.0
"""The prosody part `contours`: fit, open, predict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from synthkit.atomic import writing
from synthkit.errors import CorpusError, VoiceError
from synthkit.linguistic import SpokenPhone, spoken
from synthkit.settings import Field, Settings
from synthkit.stages import Context, ProsodyModel, Request, TrainingData
from synthkit.types import Demand, Segmentation
from synthkit.types.given import places, spoken_places
from synthkit.types.prosody import Prosody
from synthkit_prosody.contours import POINTS, Recorded, groups
from synthkit_prosody.describe import breaks_described, phones_described
from synthkit_prosody.dilated import DilatedEnsemble, fit_dilated
from synthkit_prosody.ensemble import Ensemble, fit_ensemble
from synthkit_prosody.measure import Measure, Measured

FILE = "contours.npz"
VOICED = 0.5
"""Share of a half-phone's frames from which it counts as voiced."""
LEAST = 0.05
"""Share of the variance of recordings that a network has not heard from which it has learned something."""
EVERY = 5
"""Of the recordings, every so many-th is not learned from by the network that measures the spread."""


class ContoursSettings(Settings):
    """Settings of `Contours`."""

    building = frozenset({"members", "hidden", "epochs", "seed"})
    members: int = Field(4, ge=1, le=32, description="networks whose mean is taken")
    hidden: int = Field(64, ge=4, le=1024, description="width of each")
    epochs: int = Field(15, ge=1, le=200, description="passes over the corpus")
    spread: float = Field(
        1.0, ge=0, le=2, description="deviation of F0 beside the speaker's own; 0 leaves the mean as it is"
    )
    share: float = Field(
        1.0,
        ge=0,
        le=1,
        description="how much this melody counts beside that of the acoustic model (of its guide, where that "
        "speaks), in ln Hz",
    )
    contours: bool = Field(False, description="words take contours of recordings, near what is expected")
    seed: int = Field(0, ge=0)


@dataclass(frozen=True)
class Learned:
    """What a voice keeps.

    Attributes
    ----------
    symbols : tuple of str
        Phones that rows have a column for.
    ensemble : DilatedEnsemble or Ensemble
        F0 of both halves of a phone, ln Hz; of voices that were built by version 1 an `Ensemble`.
    pauses : Ensemble
        How likely a pause follows a word.
    mean, gain : float
        ln Hz, the speaker's mean; and the factor that gives what is predicted of unheard recordings the
        speaker's deviation.
    tall : tuple of str
        Phones that are mostly voiced, which have a height.
    recorded : Recorded
    """

    symbols: tuple[str, ...]
    ensemble: DilatedEnsemble | Ensemble
    pauses: Ensemble
    mean: float
    gain: float
    tall: tuple[str, ...]
    recorded: Recorded

    def save(self, path: Path) -> None:
        """Write one .npz, whole or not at all."""
        with writing(path) as temporary, temporary.open("wb") as file:
            np.savez(
                file, symbols=np.array(self.symbols), tall=np.array(self.tall),
                level=np.array([self.mean, self.gain]), **self.ensemble.arrays("f0"),
                **self.pauses.arrays("pauses"), **self.recorded.arrays(),
            )  # fmt: skip

    @classmethod
    def load(cls, path: Path) -> Learned:
        """Inverse of `save`; `VoiceError` for what it did not write."""
        try:
            with np.load(path) as z:
                arrays = {name: z[name] for name in z.files}
            mean, gain = (float(v) for v in arrays["level"])
            symbols, tall = (tuple(str(s) for s in arrays[k]) for k in ("symbols", "tall"))
            melody = DilatedEnsemble if "f0.into.w" in arrays else Ensemble
            found = cls(
                symbols, melody.restored(arrays, "f0"), Ensemble.restored(arrays, "pauses"), mean, gain,
                tall, Recorded.restored(arrays),
            )  # fmt: skip
        except (OSError, ValueError, KeyError, BadZipFile) as error:
            raise VoiceError(
                f"cannot be read: {error}", where=str(path), hint="build the voice again"
            ) from error
        if not (np.isfinite(mean) and np.isfinite(gain)):
            raise VoiceError("its level is no number", where=str(path), hint="build the voice again")
        return found


class Contours(ProsodyModel):
    """F0 that an ensemble expects, spread like the speaker's, in contours taken from recordings."""

    Config = ContoursSettings
    version = "2"
    consumes = (Demand("world", streams=("lf0", "vuv")),)

    def fit(self, data: TrainingData, folder: Path, ctx: Context) -> None:
        """Learn F0 of phones in their places, and keep the contours of the recordings' words."""
        if not data.items:
            raise CorpusError("no utterance to learn melody from")
        symbols = tuple(sorted({p.symbol for item in data.items for p in item.segmentation.phones()}))
        measure = Measure({s: k for k, s in enumerate(symbols)})
        measured = list(ctx.map(measure, data.items, label="melody"))
        f0, voiced = (np.concatenate([getattr(m, name) for m in measured]) for name in ("f0", "voiced"))
        weight = np.where(np.isfinite(f0), voiced, 0.0)
        if not weight.any():
            raise CorpusError(
                "there is no voiced speech in the recordings",
                hint="check the features' F0 range, and that the corpus is speech",
            )
        mean = float(np.average(f0[weight > 0], weights=weight[weight > 0]))
        target = np.where(np.isfinite(f0), f0, mean)
        rows = np.concatenate([m.rows for m in measured])
        lengths = np.array([len(m.phones) for m in measured])
        apart = np.arange(len(measured)) % EVERY == EVERY - 1
        judged = np.repeat(apart, lengths)
        c = self.config
        if judged.any() and weight[judged].any() and weight[~judged].any():
            one = fit_dilated(
                rows[~judged], target[~judged], weight[~judged], lengths[~apart].tolist(), members=1,
                hidden=c.hidden, epochs=c.epochs, seed=c.seed,
            )  # fmt: skip
            said = np.concatenate([one.predict(m.rows) for m in measured[EVERY - 1 :: EVERY]])
            share, ratio = explained(said, target[judged], weight[judged])
            ctx.log(
                f"melody: one network explains {100 * share:.0f} % of the variance of log F0 in recordings "
                f"that it has not heard, with {ratio:.2f} of the speaker's deviation"
            )
            if share < LEAST:
                ratio = 1.0  # what says nothing is not to be heard the louder
                ctx.log(
                    "warning: there is too little here to learn melody from: leave the table [prosody] out, "
                    "or record more"
                )
        else:
            ratio = 1.0
        ensemble = fit_dilated(
            rows, target, weight, lengths.tolist(), members=c.members, hidden=c.hidden, epochs=c.epochs,
            seed=c.seed,
        )  # fmt: skip
        breaks, paused = (
            np.concatenate([getattr(m, name) for m in measured]) for name in ("breaks", "paused")
        )
        pauses = fit_ensemble(
            breaks, paused[:, None], np.ones((len(paused), 1)), members=c.members, hidden=c.hidden,
            epochs=c.epochs, batch=64, seed=c.seed,
        )  # fmt: skip
        tall = _tall(measured)
        recorded = _recorded(measured, [i.segmentation for i in data.items], tall)
        Learned(symbols, ensemble, pauses, mean, 1 / max(ratio, 0.1), tall, recorded).save(folder / FILE)

    def open(self, folder: Path) -> None:
        """Read what `fit` wrote."""
        if not (folder / FILE).is_file():
            raise VoiceError(f"{FILE} is missing", where=str(folder), hint="build the voice again")
        self.learned = Learned.load(folder / FILE)

    def predict(self, request: Request) -> Prosody:
        """Pauses, and two points of F0 for each phone; durations are left to the acoustic model."""
        if not hasattr(self, "learned"):
            raise VoiceError("the prosody part was not opened")
        segmentation, learned = request.segmentation, self.learned
        own = frozenset(
            np.flatnonzero(learned.pauses.predict(breaks_described(segmentation))[:, 0] > 0.5).tolist()
        )
        paused = request.pauses(own)
        phones = spoken(segmentation, paused)
        log = self.expected(phones, segmentation)
        if self.config.contours:
            log = log + self._moved(phones, segmentation, log, request)
        rows = {place: k for k, place in enumerate(places(segmentation))}
        points = [
            (rows[place] + (0.25, 0.75)[half], float(np.exp(log[k, half])))
            for k, place in enumerate(spoken_places([p.word for p in phones]))
            if phones[k].word >= 0
            for half in (0, 1)
        ]
        return Prosody(own, f0=np.array(points).reshape(-1, 2), share=self.config.share)

    def expected(self, phones: Sequence[SpokenPhone], segmentation: Segmentation) -> np.ndarray:
        """ln Hz of both halves of each phone ``(P, 2)``: the ensemble's mean, spread as the settings say.

        Parameters
        ----------
        phones : sequence of SpokenPhone
        segmentation : Segmentation
        """
        learned, symbols = self.learned, {s: k for k, s in enumerate(self.learned.symbols)}
        found = learned.ensemble.predict(phones_described(phones, segmentation, symbols)).astype(np.float64)
        if not self.config.spread:
            return found
        return learned.mean + (found - learned.mean) * learned.gain * self.config.spread

    def _moved(
        self, phones: Sequence[SpokenPhone], segmentation: Segmentation, log: np.ndarray, request: Request
    ) -> np.ndarray:
        """How far the chosen contours are from what is expected ``(P, 2)``."""
        functions = [w.function for w in segmentation.words]
        there = groups(phones, functions, _heights(phones, self.learned.tall))
        if not there:
            return np.zeros_like(log)
        flat = log.reshape(-1)
        wanted = np.stack([np.interp(g.at, np.arange(len(flat)), flat) for g in there])
        chosen = self.learned.recorded.choose(wanted, np.array([g.place for g in there]), request.exclude)
        at = np.concatenate([g.at for g in there])
        off = (chosen - wanted).reshape(-1)
        return np.interp(np.arange(len(flat)), at, off).reshape(log.shape)


def explained(said: np.ndarray, real: np.ndarray, weight: np.ndarray) -> tuple[float, float]:
    """Share of the weighted variance of `real` that `said` explains, and its deviation beside it; ``(P, 2)``
    each."""
    flat = weight.reshape(-1)
    mean = np.average(real.reshape(-1), weights=flat)
    error, variance, own = (
        np.average(np.square(v).reshape(-1), weights=flat)
        for v in (said - real, real - mean, said - np.average(said.reshape(-1), weights=flat))
    )
    return float(1 - error / max(variance, 1e-9)), float(np.sqrt(own / max(variance, 1e-9)))


def _tall(measured: Sequence[Measured]) -> tuple[str, ...]:
    """Symbols that are voiced in most of their halves."""
    sums: dict[str, list[float]] = {}
    for m in measured:
        for phone, voiced in zip(m.phones, m.voiced.mean(1).tolist(), strict=True):
            if phone.word >= 0:
                sums.setdefault(phone.symbol, []).append(voiced)
    return tuple(sorted(s for s, v in sums.items() if np.mean(v) > 0.8))


def _heights(phones: Sequence[SpokenPhone], tall: Sequence[str]) -> set[int]:
    known = set(tall)
    return {k for k, p in enumerate(phones) if p.word >= 0 and p.symbol in known}


def _recorded(measured: Sequence[Measured], said: Sequence[Segmentation], tall: Sequence[str]) -> Recorded:
    """Groups of the recordings whose F0 is known wherever they have a point."""
    points, kinds, whose = [], [], []
    for number, (m, segmentation) in enumerate(zip(measured, said, strict=True)):
        flat, share = m.f0.reshape(-1), m.voiced.reshape(-1)
        known = np.flatnonzero(np.isfinite(flat) & (share > VOICED))
        if len(known) < 2:
            continue
        functions = [w.function for w in segmentation.words]
        for g in groups(m.phones, functions, _heights(m.phones, tall)):
            inside = known[(known >= 2 * g.start) & (known < 2 * g.end)]
            if len(inside) >= 2:
                points.append(np.interp(g.at, inside, flat[inside]))
                kinds.append(g.place)
                whose.append(number)
    return Recorded(
        np.array(points, np.float32).reshape(-1, POINTS), np.array(kinds, np.int8), np.array(whose, np.int32),
        tuple(m.id for m in measured),
    )  # fmt: skip
