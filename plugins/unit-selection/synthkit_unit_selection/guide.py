# SPDX-License-Identifier: Apache-2.0
"""Predicted acoustics from another voice: any acoustic model that predicts WORLD frames phone by phone.

The other voice says how long each phone lasts and gives its frames; they are measured per half-phone just
as recordings are. What it errs by on the voice's own corpus is measured at the build: its mean error is
taken off every prediction, and the variance that is left scales the target costs, as for the voice's own
predictor. Where it does not say a phone (one that only a recording has), the own predictor's word stands.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from synthkit.errors import ConfigError, SpecMismatch, SynthkitError, VoiceError
from synthkit.pipeline.parts import Parts
from synthkit.pipeline.voice_folder import MANIFEST, produced_spec, read_manifest, verify
from synthkit.scratch import scratch_folder
from synthkit.stages import PredictsTargets
from synthkit.types import PAUSE, FeatureSpec, Phone, Segmentation
from synthkit.types.differences import table
from synthkit_unit_selection.context import nearest_symbol
from synthkit_unit_selection.costs import acoustic_columns
from synthkit_unit_selection.growing import Column, Growing
from synthkit_unit_selection.phone_row import PhoneRow, edit_path
from synthkit_unit_selection.predictor import Residuals
from synthkit_unit_selection.store import GUIDANCE
from synthkit_unit_selection.train import acoustic_rows

WHERE = "[acoustic_model] guidance_model"
INDIFFERENT = ("fmin", "fmax", "stream bap")
"""Fields of a spec that do not change what a half-phone's mean means: the F0 search range and
aperiodicity."""
PREDICTED = "guided.npy"
"""What the guide says of every unit of the corpus, float32 ``(2 P, A)``; `synthkit tune` reads it."""


@dataclass(frozen=True)
class Guide:
    """An opened guide: the other voice's acoustic model, and what its manifest says of it."""

    model: PredictsTargets
    plugin: str
    phone_set: str
    spec: FeatureSpec
    digest: str
    speaker: str | None = None

    def targets(
        self, segmentation: Segmentation, spoken: PhoneRow, width: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Acoustic rows of both halves of each phone of `spoken`, and which phones the guide said.

        Parameters
        ----------
        segmentation : Segmentation
            What `spoken` was made of.
        width : int
            A, the number of acoustic columns.

        Returns
        -------
        rows : ndarray, shape (2 P, A), float32
            Zeros where the guide said nothing.
        said : ndarray, shape (P,), bool
        """
        found = self.model.predict_targets(
            with_known_phones(segmentation, self.model.known_phones()),
            pauses=pauses_after(spoken),
            speaker=self.speaker,
        )
        ends = np.cumsum(found.durations)
        halves = np.concatenate([[0.0], np.stack([ends - found.durations / 2, ends], axis=1).reshape(-1)])
        at = np.round(
            halves / found.frames.spec.frame_period, 6
        )  # an edge on a frame is not a hair beyond it
        rows = acoustic_rows(np.diff(halves), at, found.frames)
        out = np.zeros((len(spoken), 2, width), np.float32)
        said = np.zeros(len(spoken), bool)
        for theirs, ours in edit_path(list(spoken.symbols), list(found.phones)):
            if (found.phones[theirs] == PAUSE) == (spoken.symbols[ours] == PAUSE):
                out[ours], said[ours] = rows[2 * theirs : 2 * theirs + 2], True
        return out.reshape(-1, width), said


def digest(folder: Path) -> str:
    """What identifies a guide: the hash of its manifest, which holds the hash of every file."""
    try:
        return hashlib.sha256((folder / MANIFEST).read_bytes()).hexdigest()
    except OSError:
        return ""  # no voice there: `open_guide` says so, before any work


def open_guide(folder: Path, speaker: str | None = None) -> Guide:
    """Open the acoustic model of the voice at `folder`, and nothing else of it.

    Raises
    ------
    ConfigError
        There is no voice, it is damaged, or its acoustic model cannot guide.
    """
    try:
        manifest = read_manifest(folder)
        verify(folder, manifest)
        spec = produced_spec(folder, manifest)
        part = Parts.of_voice(folder, manifest, ("acoustic_model",))["acoustic_model"]
        if issubclass(part.kind, PredictsTargets):
            model = part.opened(folder)
    except SynthkitError as error:
        raise ConfigError(f"the guide cannot be opened: {error}", where=WHERE) from error
    if not issubclass(part.kind, PredictsTargets):
        raise ConfigError(
            f"acoustic model {part.plugin!r} of {folder.name!r} cannot guide: it does not say what it would "
            "say, phone by phone",
            where=WHERE,
            hint="name a voice whose acoustic model can, such as 'parametric'",
        )
    return Guide(model, part.plugin, manifest["phone_set"], spec, digest(folder), speaker)


def check_spec(guide: Guide, features: FeatureSpec) -> None:
    """Raise `SpecMismatch`, with a table of the fields, unless the guide's frames are those of `features`."""
    rows = [row for row in guide.spec.differences(features) if row[0] not in INDIFFERENT]
    if rows:
        raise SpecMismatch(
            f"the frames of guide {guide.plugin!r} are not those of this voice\n"
            + table(rows, "guide gives", "voice has"),
            where=WHERE,
            hint="build the guide with the [features] of this voice",
        )


def check_phone_set(guide: Guide, phone_set: str) -> None:
    """Raise `SpecMismatch` if the guide speaks another phone set."""
    if guide.phone_set != phone_set:
        raise SpecMismatch(
            f"guide {guide.plugin!r} speaks phone set {guide.phone_set!r}, the corpus has {phone_set!r}",
            where=WHERE,
            hint="use one segmentation plugin for both voices",
        )


def strange_phones(guide: Guide, phone_set: str, segmentations: Iterable[Segmentation]) -> list[str]:
    """What to tell the user about phones that the guide does not know, a line each."""
    known = guide.model.known_phones()
    strange = Counter(p.symbol for s in segmentations for p in s.phones() if p.symbol not in known)
    return [
        f"the guide has never heard {symbol!r} ({count} in the corpus); it is asked for "
        f"{nearest_symbol(symbol, list(known), phone_set)!r} instead"
        for symbol, count in sorted(strange.items())
    ]


def with_known_phones(segmentation: Segmentation, known: tuple[str, ...]) -> Segmentation:
    """`segmentation` with every phone that is not `known` replaced by the most similar one that is."""
    strange = {p.symbol for p in segmentation.phones()} - set(known)
    if not strange:
        return segmentation
    instead = {s: nearest_symbol(s, list(known), segmentation.phone_set) for s in strange}
    return replace(
        segmentation,
        words=tuple(
            replace(w, phones=tuple(Phone(instead.get(p.symbol, p.symbol), p.stress) for p in w.phones))
            for w in segmentation.words
        ),
    )


def pauses_after(spoken: PhoneRow) -> set[int]:
    """Words of `spoken` that a pause follows."""
    out: set[int] = set()
    word = -1
    for symbol, index in zip(spoken.symbols, spoken.word, strict=True):
        if symbol != PAUSE:
            word = index
        elif word >= 0:
            out.add(word)
    return out


@dataclass(frozen=True)
class Guidance:
    """A guide as this voice knows it.

    Attributes
    ----------
    guide : Guide
    offset : ndarray, shape (A,)
        Its mean error on the voice's corpus.
    residual : ndarray, shape (A,)
        Variance that it leaves unexplained there.
    corpus : Path
        File of what it says of the voice's own units.
    """

    guide: Guide
    offset: np.ndarray
    residual: np.ndarray
    corpus: Path

    def recorded(self, low: int, high: int) -> np.ndarray:
        """What it says of units ``[low, high)`` of the corpus: ``(N, A)``."""
        return np.array(np.load(self.corpus, mmap_mode="r")[low:high])

    def predict(self, segmentation: Segmentation, spoken: PhoneRow, own: np.ndarray) -> np.ndarray:
        """Predicted acoustics ``(2 P, A)``; `own` are those of the voice's own predictor."""
        rows, said = self.guide.targets(segmentation, spoken, own.shape[1])
        return np.where(said.repeat(2)[:, None], rows - self.offset, own).astype(np.float32)


def fit_guidance(
    guide: Guide, recordings: Iterable[tuple[Segmentation, PhoneRow, np.ndarray, np.ndarray]], path: Path
) -> Guidance:
    """Ask the guide for every recording, and write what it errs by to `path`.

    Parameters
    ----------
    recordings : iterable of (Segmentation, PhoneRow, ndarray, ndarray)
        Of each what it says, what the voice's own predictor says of it and what it is, both ``(2 P, A)``.
    """
    left: Residuals | None = None
    with scratch_folder(path.parent) as scratch:
        for segmentation, spoken, own, acoustics in recordings:
            width = acoustics.shape[1]
            if left is None:
                left = Residuals(width)
                base, there = (
                    Column(scratch / "said", np.float32, (width,)),
                    Column(scratch / "there", np.bool_),
                )
            rows, said = guide.targets(segmentation, spoken, width)
            both = said.repeat(2)
            left.add(rows - acoustics, acoustics, both & (np.array(spoken.word) >= 0).repeat(2))
            base.append(np.where(both[:, None], rows, own))
            there.append(both)
        assert left is not None, "a corpus has a recording"
        offset, residual = left.result(centred=True)
        with Growing(path.with_name(PREDICTED), np.float32, (len(offset),)) as out:
            for rows, said in zip(base.blocks(), there.blocks(), strict=True):
                out.append(np.where(said[:, None], rows - offset, rows))
        base.close()
        there.close()
    np.savez(path, offset=offset, residual=residual, guide=np.array(guide.digest))
    return Guidance(guide, offset, residual, path.with_name(PREDICTED))


def comparison(guide: np.ndarray, own: np.ndarray) -> str:
    """One line: what the guide leaves unexplained of each stream, against the voice's own predictor."""
    parts = []
    for name, columns in acoustic_columns(len(own)).items():
        parts.append(f"{name} {100 * float(guide[columns].sum() / own[columns].sum()) - 100:+.0f} %")
    return "variance the guide leaves unexplained, against the voice's own predictor: " + ", ".join(parts)


def open_guidance(folder: Path, guide_folder: Path | None, speaker: str | None) -> Guidance | None:
    """The guidance that the voice in `folder` was built with; None for one built without.

    Raises
    ------
    VoiceError
        The settings name another guide than the voice was built with, or none.
    """
    path = folder / GUIDANCE
    built = None
    if path.exists():
        with np.load(path) as z:
            built, offset, residual = str(z["guide"]), z["offset"], z["residual"]
    if built is None and guide_folder is None:
        return None
    if built is None or guide_folder is None or digest(guide_folder) != built:
        asked = (
            "the settings name none" if guide_folder is None else f"the settings name {guide_folder.name!r}"
        )
        was = "without a guide" if built is None else "with another guide" if guide_folder else "with a guide"
        raise VoiceError(
            f"the voice was built {was}, and {asked}",
            where=WHERE,
            hint="a guide is measured on the corpus: change it in the voice's TOML file and build again",
        )
    return Guidance(open_guide(guide_folder, speaker), offset, residual, folder / PREDICTED)
