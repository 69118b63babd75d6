# SPDX-License-Identifier: Apache-2.0
"""Another acoustic model that guides this one: a voice's, or weights that come with a plugin.

Any that predicts WORLD frames phone by phone can: it says how long each phone lasts and gives its frames,
which are measured per half-phone just as recordings are. Where it gives vectors of phones too, those are
enough. `guidance.py` makes predictions of what it says.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from synthkit.atomic import sha256
from synthkit.errors import ConfigError, SpecMismatch, SynthkitError
from synthkit.pipeline.parts import Parts
from synthkit.pipeline.voice_folder import MANIFEST, produced_spec, read_manifest, verify
from synthkit.plugins import registry
from synthkit.stages import HEARD, Bundled, PredictsTargets
from synthkit.types import PAUSE, FeatureSpec, Phone, Segmentation, Targets, Word
from synthkit.types.differences import table
from synthkit_unit_selection.context import nearest_symbol
from synthkit_unit_selection.head import padded
from synthkit_unit_selection.phone_row import PhoneRow, edit_path
from synthkit_unit_selection.train import acoustic_rows

WHERE = "[acoustic_model] guidance_model"
INDIFFERENT = ("fmin", "fmax", "stream bap")
"""Fields of a spec that do not change what a half-phone's mean means: the F0 search range and
aperiodicity."""
BUNDLED = "[acoustic_model] guidance_pretrained"


@dataclass(frozen=True)
class Guide:
    """An opened guide: an acoustic model, and what is known of it.

    Attributes
    ----------
    model : PredictsTargets
    plugin : str
    phone_set : str
    spec : FeatureSpec
        Of its frames.
    digest : str
        What identifies it.
    speaker : str or None
        The one of its speakers who is asked.
    named : str
        ``"PLUGIN:NAME"`` of weights that came with a plugin.
    weights : Path or None
        Where those lie, when they have to be copied into the voice.
    heard : tuple of str
        Ids of utterances that it learned from.
    """

    model: PredictsTargets
    plugin: str
    phone_set: str
    spec: FeatureSpec
    digest: str
    speaker: str | None = None
    named: str = ""
    weights: Path | None = None
    heard: tuple[str, ...] = ()

    def close(self) -> None:
        """Give back what its model holds."""
        model: Any = self.model
        model.close()

    def vectors(
        self, segmentation: Segmentation, spoken: PhoneRow
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
        """What it knows of the phones of `spoken`, without making frames.

        Returns
        -------
        rows : ndarray, shape (N, D), float32
            `head.padded` of the phones as the guide says them.
        theirs, ours : ndarray, shape (M,)
            Rows, and the phones of `spoken` that they are.

        None where the guide has nothing cheaper than its frames.
        """
        found = self.model.phone_vectors(
            with_known_phones(segmentation, self.model.known_phones()),
            pauses=pauses_after(spoken),
            speaker=self.speaker,
        )
        if found is None:
            return None
        pairs = np.array(_matched(found.phones, spoken), np.int64).reshape(-1, 2)
        return padded(found), pairs[:, 0] + 1, pairs[:, 1]

    def said(
        self, segmentation: Segmentation, spoken: PhoneRow, options: Mapping[str, Any] | None = None
    ) -> tuple[Targets, list[tuple[int, int]]]:
        """What it would say with the pauses of `spoken`, and which of its phones is which of those."""
        found = self.model.predict_targets(
            with_known_phones(segmentation, self.model.known_phones()),
            pauses=pauses_after(spoken),
            speaker=self.speaker,
            options=options,
        )
        return found, _matched(found.phones, spoken)

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
        found, matched = self.said(segmentation, spoken)
        seconds = halves(found.durations)
        at = np.round(
            seconds / found.frames.spec.frame_period, 6
        )  # an edge on a frame is not a hair beyond it
        rows = acoustic_rows(np.diff(seconds), at, found.frames)
        out = np.zeros((len(spoken), 2, width), np.float32)
        said = np.zeros(len(spoken), bool)
        for theirs, ours in matched:
            out[ours], said[ours] = rows[2 * theirs : 2 * theirs + 2], True
        return out.reshape(-1, width), said


def halves(durations: np.ndarray) -> np.ndarray:
    """Seconds at which halves of phones of these durations ``(P,)`` begin, and where the last ends:
    ``(2 P + 1,)``."""
    ends = np.cumsum(durations)
    return np.concatenate([[0.0], np.stack([ends - durations / 2, ends], axis=1).reshape(-1)])


def _matched(phones: Sequence[str], spoken: PhoneRow) -> list[tuple[int, int]]:
    """Which of the guide's `phones` is which of `spoken`; a pause is never a sound."""
    pairs = edit_path(list(spoken.symbols), list(phones))
    return [(i, k) for i, k in pairs if (phones[i] == PAUSE) == (spoken.symbols[k] == PAUSE)]


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
    others = folder / "acoustic_model" / HEARD
    more = others.read_text(encoding="utf-8").split("\n") if others.exists() else []
    heard = tuple(sorted({*manifest.get("utterances", ()), *filter(None, more)}))
    return Guide(model, part.plugin, manifest["phone_set"], spec, digest(folder), speaker, heard=heard)


def weights_digest(folder: Path) -> str:
    """What identifies weights in a folder: the hash of its files."""
    found = hashlib.sha256()
    for path in sorted(p for p in folder.iterdir() if p.is_file()):
        found.update(f"{path.name}\0{sha256(path)}\n".encode())
    return found.hexdigest()


def bundled(named: str) -> tuple[type[PredictsTargets], str, Bundled]:
    """The class, the plugin's name and the weights of ``"PLUGIN:NAME"``.

    Raises
    ------
    ConfigError
        It is not of that form, the plugin's model cannot guide, or has no such weights.
    """
    plugin, colon, name = named.partition(":")
    if not colon or not plugin or not name:
        raise ConfigError(
            f"{named!r} names no weights", where=BUNDLED, hint='PLUGIN:NAME, such as "parametric:nsh"'
        )
    kind = guiding(plugin, BUNDLED)
    try:
        return kind, plugin, kind.bundled(name)
    except SynthkitError as error:
        raise ConfigError(
            f"the guide cannot be opened: {error.message}", where=BUNDLED, hint=error.hint
        ) from error


def guiding(plugin: str, where: str) -> type[PredictsTargets]:
    """The class of an acoustic model that can guide; `ConfigError` where there is none of that name."""
    try:
        kind: type = registry().load("acoustic_model", plugin)
    except SynthkitError as error:
        raise ConfigError(
            f"the guide cannot be opened: {error.message}", where=where, hint=error.hint
        ) from error
    if not issubclass(kind, PredictsTargets):
        raise ConfigError(
            f"acoustic model {plugin!r} cannot guide: it does not say what it would say, phone by phone",
            where=where,
            hint="name one that can, such as 'parametric'",
        )
    return kind


def open_bundled(named: str, speaker: str | None = None) -> Guide:
    """Open the weights that ``"PLUGIN:NAME"`` names (see `bundled`), where they came with their plugin."""
    kind, plugin, found = bundled(named)
    model, identity = opened(kind, found.folder, BUNDLED), weights_digest(found.folder)
    return Guide(
        model, plugin, found.phone_set, found.spec, identity, speaker, named, found.folder, found.heard
    )


def opened(kind: type[PredictsTargets], folder: Path, where: str) -> Any:
    """A guide's model, opened from `folder`; `ConfigError` where it cannot be."""
    try:
        model: Any = kind()
        model.open(folder)
    except SynthkitError as error:
        raise ConfigError(f"the guide cannot be opened: {error}", where=where) from error
    return model


def asked_guide(folder: Path | None, named: str, speaker: str | None) -> Guide:
    """The guide that the settings ``guidance_model`` or ``guidance_pretrained`` name; one of them has to."""
    if folder is not None and named:
        raise ConfigError(
            "guidance_model and guidance_pretrained each name a guide, and a voice has one",
            where="[acoustic_model]",
            hint="leave out one of them",
        )
    return open_guide(folder, speaker) if folder is not None else open_bundled(named, speaker)


def asked_digest(folder: Path | None, named: str) -> str:
    """What identifies that guide."""
    if folder is not None:
        return digest(folder)
    return weights_digest(bundled(named)[2].folder)


def check_spec(guide: Guide, features: FeatureSpec) -> None:
    """Raise `SpecMismatch`, with a table of the fields, unless the guide's frames are those of `features`."""
    rows = [row for row in guide.spec.differences(features) if row[0] not in INDIFFERENT]
    if rows:
        raise SpecMismatch(
            f"the frames of guide {guide.plugin!r} are not those of this voice\n"
            + table(rows, "guide gives", "voice has"),
            where=BUNDLED if guide.named else WHERE,
            hint="leave out guidance_pretrained"
            if guide.named
            else "build the guide with the [features] of this voice",
        )


def check_phone_set(guide: Guide, phone_set: str) -> None:
    """Raise `SpecMismatch` if the guide speaks another phone set."""
    if guide.phone_set != phone_set:
        raise SpecMismatch(
            f"guide {guide.plugin!r} speaks phone set {guide.phone_set!r}, the corpus has {phone_set!r}",
            where=BUNDLED if guide.named else WHERE,
            hint="leave out guidance_pretrained"
            if guide.named
            else "use one segmentation plugin for both voices",
        )


def check_asked(guide: Guide, options: Mapping[str, Any]) -> None:
    """Raise `ConfigError`, by the voice's own settings, unless the guide has the speaker and the options
    that it will be asked with: it says one phone of its own."""
    phone = Phone(guide.model.known_phones()[0])
    one = Segmentation("", "und", guide.phone_set, (Word("", (phone,)),))
    wanted: list[tuple[str, dict[str, Any]]] = [("guidance_speaker", {"speaker": guide.speaker})]
    wanted += [("guide_options", {"speaker": guide.speaker, "options": options})] if options else []
    for setting, asked in wanted:
        try:
            guide.model.predict_targets(one, pauses=(), **asked)
        except ConfigError as error:
            raise ConfigError(
                f"of the guide {guide.plugin!r}: {error.message}",
                where=f"[acoustic_model] {setting}",
                hint=error.hint,
            ) from error


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
