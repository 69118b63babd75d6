# SPDX-License-Identifier: Apache-2.0
"""Voices as systems of a comparison: opened once in a process, warmed up, and what they recorded."""

from __future__ import annotations

import resource
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from synthkit.atomic import sha256
from synthkit.errors import ConfigError, MissingDependency, PluginError, SpecMismatch
from synthkit.eval.items import Item
from synthkit.eval.sample import PathRecord, SpeechRecord
from synthkit.eval.systems import Kind, releases
from synthkit.types import UnitPath, Waveform

if TYPE_CHECKING:
    from synthkit.pipeline.spoken import Spoken
    from synthkit.pipeline.voice import Voice


@dataclass(frozen=True)
class VoiceSystem:
    """A voice folder, with or without another vocoder.

    Attributes
    ----------
    name : str
    folder : Path
    overrides : tuple of str
        ``"vocoder.plugin=world"`` and the like.
    leave_one_out : bool
        Exclude the units of the sentence's own recording.
    """

    name: str
    folder: Path
    overrides: tuple[str, ...] = ()
    leave_one_out: bool = False
    kind: ClassVar[Kind] = "voice"

    def identity(self, item: Item) -> Any:
        """See `System.identity`."""
        about = _voice_identity(self.folder, self.overrides)
        return ["voice", about, list(self.overrides), item.text, item.language, sorted(self._exclude(item))]

    def speak(self, item: Item) -> tuple[Waveform, SpeechRecord | None]:
        """See `System.speak`. The first sentence in a process is spoken twice, the second time counts."""
        voice, fresh = _open_voice(self.folder, self.overrides), (self.folder, self.overrides) not in _WARM
        languages = voice.manifest["languages"]
        language = item.language if item.language in languages else _nearest(item.language, languages)
        if fresh:
            voice.speak(item.text, language=language, exclude=self._exclude(item))
            _WARM.add((self.folder, self.overrides))
        spoken = voice.speak(item.text, language=language, exclude=self._exclude(item))
        return spoken.waveform, record_of(spoken, item.id)

    def describe(self) -> dict[str, Any]:
        """See `System.describe`."""
        from synthkit.pipeline.voice_folder import read_manifest

        manifest = read_manifest(self.folder)
        config = (self.folder / "voice.toml").read_text(encoding="utf-8")
        return {
            "what": f"voice {manifest['name']!r}",
            "config": config,
            "overrides": list(self.overrides),
            "leave_one_out": self.leave_one_out,
            "manifest_sha256": sha256(self.folder / "manifest.json"),
            **{
                name: manifest[name]
                for name in (
                    "synthkit", "sample_rate", "languages", "speakers", "corpus", "plugins",
                    "features_hash", "keys"
                )
                if name in manifest
            },
        }  # fmt: skip

    def utterances(self, corpus: str) -> tuple[set[str], set[str]]:
        """Ids of `corpus` the voice or its converter learned from, and those its build left out; empty for
        another corpus.

        Parameters
        ----------
        corpus : str

        Returns
        -------
        heard, held_out : set of str
        """
        from synthkit.pipeline.voice_folder import read_manifest
        from synthkit.stages import HEARD

        manifest, converted = read_manifest(self.folder), self.converted_by(corpus)
        if manifest["corpus"]["name"] != corpus:
            return converted, set()
        heard = self.folder / "acoustic_model" / HEARD
        others = heard.read_text(encoding="utf-8").split("\n") if heard.exists() else []
        return {*manifest["utterances"], *filter(None, others), *converted}, set(manifest["held_out"])

    def converted_by(self, corpus: str) -> set[str]:
        """Ids of `corpus` that the voice's converter learned from; empty where it has none, or of another.

        Parameters
        ----------
        corpus : str

        Returns
        -------
        set of str
        """
        from synthkit.pipeline.parts import CONVERSION
        from synthkit.pipeline.voice_folder import read_manifest

        clips = read_manifest(self.folder).get(CONVERSION, {})
        return set(clips["utterances"]) if clips.get("name") == corpus else set()

    @property
    def made_of_units(self) -> bool:
        """True where speech is cut from recordings, so that a recording can be kept out of it."""
        from synthkit.pipeline.voice_folder import read_manifest

        return bool(read_manifest(self.folder)["produces"].get("kind") == "units")

    def _exclude(self, item: Item) -> frozenset[str]:
        return frozenset({item.id}) if self.leave_one_out else frozenset()


def voice_system(text: str, *, leave_one_out: bool = False, overrides: tuple[str, ...] = ()) -> VoiceSystem:
    """The system of ``"FOLDER"`` or ``"FOLDER:vocoder"``, as the command line names voices.

    Parameters
    ----------
    text : str
    leave_one_out : bool
        Whether a voice may not use the recording of the sentence that it speaks.
    overrides : tuple of str
        ``KEY=VALUE``, as `synthkit say --set` takes them.

    Returns
    -------
    VoiceSystem

    Raises
    ------
    ConfigError
        There is no such folder.
    """
    folder, vocoder = Path(text), ""
    if not folder.is_dir() and ":" in text:
        before, _, vocoder = text.rpartition(":")
        folder = Path(before)
    if not folder.is_dir():
        raise ConfigError(
            "there is no such voice folder",
            where=text,
            hint="`synthkit build` makes one; FOLDER:VOCODER swaps it",
        )
    if vocoder:
        from synthkit.plugins import registry

        registry().find("vocoder", vocoder)
        overrides = (*overrides, f"vocoder.plugin={vocoder}")
    name = folder.resolve().name + (f":{vocoder}" if vocoder else "")
    return VoiceSystem(name, folder, _bridged(folder, overrides), leave_one_out)


def _bridged(folder: Path, overrides: tuple[str, ...]) -> tuple[str, ...]:
    """`overrides`, with the adapter the vocoder needs named where one that is installed serves.

    Raises
    ------
    SpecMismatch
        No installed adapter joins the voice to the vocoder.
    """
    from synthkit.pipeline.voice import Voice
    from synthkit.plugins import registry

    try:
        Voice.open(folder, overrides=overrides).close()
        return overrides
    except SpecMismatch as mismatch:
        for name in registry().names("adapter"):
            attempt = (*overrides, f'vocoder.adapters=["{name}"]')
            try:
                Voice.open(folder, overrides=attempt).close()
            except (SpecMismatch, PluginError, MissingDependency):
                continue
            return attempt
        raise mismatch


def record_of(spoken: Spoken, utterance: str) -> SpeechRecord:
    """What `Voice.speak` recorded, as the harness keeps it.

    Phone durations are those of a unit path: what the units last, or what was asked for where that sums up
    closer to the length of the signal (a vocoder that changes durations).

    Parameters
    ----------
    spoken : Spoken
    utterance : str
        Its id.

    Returns
    -------
    SpeechRecord
    """
    from synthkit.pipeline.said import durations_of

    paths = [p for p in spoken.predictions if isinstance(p, UnitPath)]
    whole = len(paths) == len(spoken.predictions) and bool(paths)
    phones: tuple[str, ...] = tuple(spoken.segmentation.symbols())
    durations: tuple[float, ...] = ()
    if whole:
        phones = tuple(symbol for path in paths for symbol in path.phones)
        durations = tuple(
            d for path, s in zip(paths, spoken.lengths, strict=True) for d in durations_of(path, s)
        )
    return SpeechRecord(
        segmentation=spoken.segmentation,
        phones=phones,
        durations=durations,
        path=_sum([PathRecord.of(p, utterance) for p in paths], spoken.lengths) if whole else None,
        stages={k: float(v) for k, v in spoken.seconds.items()},
        latency=spoken.latency,
        peak_memory=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        * (1 if sys.platform == "darwin" else 1024)
        / 1e6,
    )


def _sum(records: list[PathRecord], lengths: Sequence[float]) -> PathRecord:
    """One record of paths that were spoken one after another, for `lengths` seconds each."""
    starts = np.concatenate([[0.0], np.cumsum(lengths)])
    return PathRecord(
        units=sum(r.units for r in records),
        joins=sum(r.joins for r in records),
        runs=tuple(n for r in records for n in r.runs),
        target_cost=sum(r.target_cost for r in records),
        join_cost=sum(r.join_cost for r in records),
        own_units=sum(r.own_units for r in records),
        seconds=sum(r.seconds for r in records),
        places=tuple(
            p._replace(at=float(start + p.at))
            for start, r in zip(starts, records, strict=False)
            for p in r.places
        ),
    )


def _nearest(language: str, languages: Sequence[str]) -> str | None:
    """The language of a voice that shares the primary subtag: ``en-us`` for ``en``."""
    primary = language.partition("-")[0].casefold()
    return next((x for x in languages if x.partition("-")[0].casefold() == primary), None)


_WARM: set[tuple[Path, tuple[str, ...]]] = set()


@lru_cache(maxsize=1)
def _open_voice(folder: Path, overrides: tuple[str, ...]) -> Voice:
    from synthkit.pipeline.voice import Voice

    return Voice.open(folder, overrides=overrides)


@lru_cache(maxsize=64)
def _voice_identity(folder: Path, overrides: tuple[str, ...]) -> list[str]:
    """Hash of the voice's manifest (which hashes its files) and the versions that speak with it."""
    from synthkit.pipeline.parts import CONVERSION, SPEAKING
    from synthkit.plugins import registry
    from synthkit.tables import override, read

    data, plugins = override(read(folder / "voice.toml"), overrides), registry()
    parts = [plugins.find(stage, data[stage]["plugin"]) for stage in (*SPEAKING, CONVERSION) if stage in data]
    # Which adapters join the stages is known when the voice is open. One that is upgraded has every voice
    # speak again; what sounds as before is not measured again.
    return [sha256(folder / "manifest.json"), *releases([*parts, *plugins.of_stage("adapter")])]
