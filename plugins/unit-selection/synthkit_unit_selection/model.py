# SPDX-License-Identifier: Apache-2.0
"""The acoustic model: fit a voice, open it, speak."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np

from synthkit.errors import ConfigError, SynthkitError, VoiceError
from synthkit.settings import Field, Settings
from synthkit.stages import AcousticModel, Context, Demo, Request, ShowsCandidates, TrainingData
from synthkit.types import Demand, FeatureSpec, UnitPath
from synthkit_unit_selection.context import COLUMN, context, nearest_symbol
from synthkit_unit_selection.costs import Scales, Weights
from synthkit_unit_selection.index import Index
from synthkit_unit_selection.pauses import predict_pauses
from synthkit_unit_selection.phone_row import PhoneRow, from_text
from synthkit_unit_selection.phrases import Found, Phrases
from synthkit_unit_selection.predictor import Predictor
from synthkit_unit_selection.select import Search, Selector, Target
from synthkit_unit_selection.store import GUIDANCE, UnitStore

if TYPE_CHECKING:  # a voice without a guide loads none of it
    from synthkit.stages import Vocoder
    from synthkit.types import Finding, Lattice
    from synthkit_unit_selection.guidance import Guidance
    from synthkit_unit_selection.guide import Guide


TABLE = "[acoustic_model]"
SPEAKS = f"{TABLE} guide_speaks"
UNGUIDED = "a guide can speak itself only where there is one"
HEAVIEST = 1e6
"""Of all weights: so much leaves nothing to the others, and more would only lose digits."""
Weight = Annotated[float, Field(ge=0, le=HEAVIEST)]
Count = Annotated[int, Field(ge=1, le=4096)]


class TargetWeights(Settings):
    """Weight of each term of the target cost, at guidance 0.5."""

    context: Weight = 1.7
    stress: Weight = 0.1
    position: Weight = 0.2
    phrase: Weight = 0.1
    duration: Weight = 0.08
    f0: Weight = 0.6
    voicing: Weight = 0.04
    power: Weight = 0.04
    spectrum: Weight = 2.4
    hygiene: Weight = 0.35


class JoinWeights(Settings):
    """Weight of each term of the join cost."""

    join: Weight = 4.0
    """Any join at all."""
    boundary: Weight = 0.0
    """Added where phones meet, since a join inside a phone is heard less."""
    pause: Weight = 0.3
    """Factor on joins inside pauses."""
    spectrum: Weight = 6.0
    f0: Weight = 26.0
    power: Weight = 2.0


class Choice(Settings):
    """How units are chosen: settings of a voice, and options of a request to it."""

    guidance: float = Field(0.5, ge=0, le=1)
    """From 0, natural runs as long as they come, to 1, the predicted acoustics at any price."""
    target: TargetWeights = TargetWeights()
    join: JoinWeights = JoinWeights()
    window: Count = 24
    """Units looked at around each key of the index."""
    keep: Count = 20
    """Units kept per half-phone before their neighbours are added."""
    successors: bool = True
    """Neighbours of candidates are candidates too."""
    phrases: bool = True
    """Whole utterances, sentences, phrases and runs of the corpus are looked up and used whole."""
    guide_speaks: float | None = Field(None, ge=0, le=HEAVIEST)
    """The guide's own speech is one more recording to choose from, and this the hygiene penalty of every unit
    of it; without it only recordings speak."""
    balance: bool = True
    """Streams are scaled by what the data leave unexplained; false: all columns count alike."""


class UnitSelectionSettings(Choice):
    """Settings of `UnitSelection`."""

    guidance_model: Path | None = None
    """A voice folder whose acoustic model predicts what each half-phone should sound like
    (`PredictsTargets`), in place of the voice's own predictor; a copy of it becomes part of the voice."""
    guidance_pretrained: str = ""
    """The same with weights that come with a plugin, ``"PLUGIN:NAME"`` as in ``"parametric:nsh"``."""
    guidance_speaker: str | None = None
    """Speaker of the guide, where it has several."""
    guide_options: dict[str, float | str] = Field(default_factory=dict)
    """Options of the guide's model where it speaks itself, such as ``modulation``."""
    guide_vocoder: dict[str, str | float | bool] = Field(default_factory=dict)
    """What makes the guide's own speech heard: a vocoder, ``plugin`` (``world`` if not given), and its
    settings. Weights (``pretrained``) become part of the voice."""
    hidden: Count = 128
    """Width of the predictor."""
    epochs: Count = 8
    """Passes over the corpus when the predictor is trained."""


class UnitSelectionOptions(Choice):
    """Options of a request to `UnitSelection`."""

    force: dict[int, int] = Field(default_factory=dict)
    """Position of a half-phone to the unit that must stand there."""
    forbid: tuple[int, ...] = ()
    """Units that must not be used."""


class UnitSelection(AcousticModel, ShowsCandidates):
    """Natural half-phones, chosen so that target and join costs are least."""

    Config = UnitSelectionSettings
    Options = UnitSelectionOptions
    version = "4"
    demos = (
        Demo(features={"plugin": "world", "aperiodicity": False}),
        Demo(
            "hybrid",
            {"guidance_model": "{parametric}"},
            features={"plugin": "world", "aperiodicity": False},
        ),
    )
    takes = frozenset({"durations", "f0", "prosody"})
    consumes = (Demand("world", streams=("mcep", "lf0", "vuv")),)

    def check(self, data: TrainingData | None = None) -> list[Finding]:
        """Whether the guide, if one is named, can be opened and can guide."""
        from synthkit.types import Finding

        if not self._guided:
            c = self.config
            asked = {
                "guide_speaks": c.guide_speaks is not None,
                "guide_options": bool(c.guide_options),
                "guide_vocoder": bool(c.guide_vocoder),
            }
            return [
                Finding(
                    "error", "guide", UNGUIDED, mend="leave it out, or name a guide", where=f"{TABLE} {name}"
                )
                for name, set_ in asked.items()
                if set_
            ]

        try:
            from synthkit_unit_selection.multiform import check_vocoder, vocoder_part

            check_vocoder(vocoder_part(self.config.guide_vocoder), self._guide().spec)
        except SynthkitError as error:
            return [Finding("error", "guide", error.message, mend=error.hint, where=error.where)]
        return []

    def fingerprint(self) -> str:
        """The guide's contents, and of the weights that make it heard."""
        if not self._guided:
            return ""
        from synthkit_unit_selection.guide import asked_digest
        from synthkit_unit_selection.multiform import vocoder_part

        c = self.config
        guide = asked_digest(c.guidance_model, c.guidance_pretrained)
        heard: Any = vocoder_part(c.guide_vocoder).new()
        return f"{guide} {heard.fingerprint()}".strip()

    @property
    def _guided(self) -> bool:
        return self.config.guidance_model is not None or bool(self.config.guidance_pretrained)

    def _guide(self) -> Guide:
        from synthkit_unit_selection.guide import asked_guide

        c = self.config
        return asked_guide(c.guidance_model, c.guidance_pretrained, c.guidance_speaker)

    def produces(self, features: FeatureSpec) -> FeatureSpec:
        """Unit paths at the rate of the recordings.

        Raises
        ------
        SpecMismatch
            The guide's frames are not those of `features`.
        """
        if self._guided and self.consumes[0].accepts(features):
            from synthkit_unit_selection.guide import check_spec

            check_spec(self._guide(), features)
        return FeatureSpec("units", features.sample_rate)

    def check_phone_set(self, phone_set: str) -> None:
        """Raise `SpecMismatch` if the guide speaks another phone set, and `ConfigError` if it has no such
        speaker or options."""
        if self._guided:
            from synthkit_unit_selection.guide import check_asked, check_phone_set

            guide = self._guide()
            check_phone_set(guide, phone_set)
            check_asked(guide, self.config.guide_options)

    def fit(self, data: TrainingData, folder: Path, ctx: Context) -> None:
        """Write the unit store, its index, the predictor and the pause model into `folder`."""
        from synthkit_unit_selection.fitting import fit

        fit(self._guide() if self._guided else None, self.config, data, folder, ctx)

    def open(self, folder: Path) -> None:
        """Map what `fit` wrote; reads little more than the headers."""
        with ExitStack() as opened:  # what is open when the rest cannot be is closed
            self.store = UnitStore(folder)
            opened.callback(self.store.close)
            self.predictor = Predictor.load(folder / "predictor.npz")
            self.guidance = self._guidance(folder)
            if self.guidance is not None:
                opened.callback(self.guidance.guide.close)
            residual = self.guidance.residual if self.guidance else self.predictor.residual
            self.spec = FeatureSpec("units", self.store.sample_rate)
            with np.load(folder / "scales.npz") as z:
                self._pauses = z["pauses"]
                self._scales = {
                    True: Scales(_balanced(residual), z["join"], z["phones"]),
                    False: Scales(np.ones_like(residual), np.ones_like(z["join"]), z["phones"]),
                }
            self.index = Index(folder)
            opened.callback(self.index.close)
            self.phrases = Phrases(folder)
            opened.callback(self.phrases.close)
            self._folder = folder
            self._opened = opened.pop_all()

    def _guidance(self, folder: Path) -> Guidance | None:
        if not self._guided and not (folder / GUIDANCE).exists():
            return None
        from synthkit_unit_selection.guidance import open_guidance

        c = self.config
        return open_guidance(folder, c.guidance_model, c.guidance_pretrained, c.guidance_speaker)

    @cached_property
    def _guide_vocoder(self) -> Vocoder:
        """What makes the guide's speech heard; opened when it first is."""
        from synthkit_unit_selection.multiform import open_vocoder, vocoder_part

        return open_vocoder(vocoder_part(self.config.guide_vocoder), self._folder)

    def close(self) -> None:
        """Close every file."""
        self._opened.close()
        if made := self.__dict__.pop("_guide_vocoder", None):
            made.close()

    @property
    def scales(self) -> Scales:
        """What a unit of each stream is worth, under the voice's settings."""
        return self._scales[self.config.balance]

    def weights(self, **options: Any) -> Weights:
        """Weights by term under the voice's settings and `options`, guidance worked in."""
        return _weights(self.asked(options))

    def predict(self, request: Request) -> UnitPath:
        """The cheapest path of units for `request`; its options are `UnitSelectionOptions`."""
        selector, target, weights, search = self._asked_for(request)
        path, _ = selector.path(target, weights, search)
        found = selector.account(target, path, weights, self.spec)
        if selector.said is not None:
            selector.said.heard(found)
        return found

    def lattice(self, request: Request) -> Lattice:
        """Everything that `predict` looked at for `request`, and what it costs."""
        from synthkit_unit_selection.lattice import lattice

        return lattice(*self._asked_for(request), self.spec)

    def _asked_for(self, request: Request) -> tuple[Selector, Target, Weights, Search]:
        if not hasattr(self, "store"):
            raise VoiceError("the unit-selection voice was not opened")
        options: UnitSelectionOptions = self.asked(request.options)
        excluded = self.store.spans(request.exclude)
        target, forced = self.target(request, options, excluded)
        forced.update(self._checked_force(options.force, target))
        search = Search(
            window=options.window,
            keep=options.keep,
            successors=options.successors,
            phrases=options.phrases,
            excluded=excluded,
            forbidden=self._checked_forbid(options.forbid),
            forced=forced,
        )
        selector = Selector(self.store, self.index, self._scales[options.balance], target.speech)
        return selector, target, _weights(options), search

    def target(
        self, request: Request, options: UnitSelectionOptions, excluded: Sequence[tuple[int, int]] = ()
    ) -> tuple[Target, dict[int, int]]:
        """What is wanted, and the units of phrases found whole (position of the half-phone → unit).

        No phrase is taken that has to do with the spans of units `excluded`.
        """
        segmentation, store = request.segmentation, self.store
        pauses = predict_pauses(segmentation, self._pauses)
        found = []
        if options.phrases:
            found = self.phrases.find(segmentation, excluded)
        fixes, aims = request.fixes(), request.prosody
        if fixes or aims is not None:
            made = request.pauses([w for w, pause in enumerate(pauses) if pause])
            pauses = [w in made for w in range(len(pauses))]
        if fixes:
            from synthkit_unit_selection.given import free_of_given

            found = free_of_given(found, request)
        spoken = from_text(segmentation, pauses, {f.start: (f.end, self._recorded(f)) for f in found})
        ids = store.ids
        unknown = {s for s in spoken.symbols if s not in ids}
        if unknown:
            own, phone_set = store.phones, store.info["phone_set"]
            ids = ids | {s: ids[nearest_symbol(s, own, phone_set)] for s in unknown}
        rows = context(spoken, ids, store.info["phone_set"])
        predicted = self.predictor.predict(rows)
        if self.guidance is not None:
            predicted = self.guidance.predict(segmentation, spoken, predicted)
        speech = None
        if options.guide_speaks is not None:
            from synthkit_unit_selection.multiform import guide_speech

            if self.guidance is None:
                raise ConfigError(UNGUIDED, where=SPEAKS, hint="leave it out, or name a guide")
            speech = guide_speech(
                self.guidance.guide, request, spoken, rows, store.units.dtype, options.guide_speaks,
                self.config.guide_options, lambda: self._guide_vocoder,
            )  # fmt: skip
        given = None
        if aims is not None:
            from synthkit_unit_selection.given import aimed_at

            predicted = aimed_at(predicted, request.aims(spoken.word))
            if speech is not None and aims.share < 1:
                predicted = speech.with_melody(predicted)
        if fixes:
            from synthkit_unit_selection.given import as_targets

            given = request.given(spoken.word)
            predicted = as_targets(predicted, given)
        return Target(spoken.symbols, rows, predicted, spoken.word, given, speech), _forced(spoken, found)

    def predicted(self, recording: int) -> np.ndarray:
        """What the units of a recording were predicted to sound like: ``(N, A)``."""
        low, high = self.store.span(recording)
        if self.guidance is not None:
            return self.guidance.recorded(low - 2 * recording, high - 2 * recording)
        return self.predictor.predict(self.store.units.mapped()["context"][low:high:2])

    def _recorded(self, found: Found) -> list[tuple[str, int, int]]:
        """Phones of a phrase as the corpus says it, as rows for `from_text`."""
        store = self.store
        block, at = store.units.fetch(np.arange(2 * found.first, 2 * found.last, 2))
        rows, words, phones = block["context"][at], block["word"][at].astype(np.int64), store.phones
        spoken = words[words >= 0]
        words = np.where(words >= 0, words - spoken[0] + found.start, -1)
        before = np.maximum.accumulate(np.where(words >= 0, words, found.start - 1))
        return [
            (phones[row[COLUMN["phone"]]], int(row[COLUMN["stress"]]), int(word))
            for row, word in zip(rows, before, strict=True)
        ]

    def _checked_forbid(self, forbid: Sequence[int]) -> frozenset[int]:
        if strange := [unit for unit in forbid if not 0 <= unit < len(self.store)]:
            raise ConfigError(
                f"cannot forbid unit {strange[0]}: there is none", hint=f"units are 0 … {len(self.store) - 1}"
            )
        return frozenset(forbid)

    def _checked_force(self, force: dict[int, int], target: Target) -> dict[int, int]:
        out = {}
        for position, unit in force.items():
            there = 0 <= unit < len(self.store) and self.store.phone[unit // 2] > 0
            if not there or not 0 <= position < 2 * len(target.symbols):
                raise ConfigError(
                    f"cannot force unit {unit} at half-phone {position}",
                    hint=f"half-phones are 0 … {2 * len(target.symbols) - 1}, "
                    f"units 0 … {len(self.store) - 1}",
                )
            out[position] = unit
        return out


def _weights(options: Choice) -> Weights:
    target, join = (
        {name: getattr(weights, name) for name in weights.model_fields}
        for weights in (options.target, options.join)
    )
    guidance = min(options.guidance, 0.999)
    pull = guidance / (1 - guidance)
    for term in ("duration", "f0", "voicing", "power", "spectrum"):
        target[term] *= pull
    return Weights(target, join)


def _forced(spoken: PhoneRow, found: list[Found]) -> dict[int, int]:
    """Half-phone positions of the phrases in `spoken`, each with its unit."""
    out: dict[int, int] = {}
    for phrase in found:
        here = 0 if phrase.whole else spoken.word.index(phrase.start)
        for i in range(2 * (phrase.last - phrase.first)):
            out[2 * here + i] = 2 * phrase.first + i
    return out


def _balanced(residual: np.ndarray) -> np.ndarray:
    out = 1 / residual
    out[4:] = 1 / residual[4:].sum()
    return out
