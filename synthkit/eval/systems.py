# SPDX-License-Identifier: Apache-2.0
"""What is compared: voices, the recordings themselves, and copy synthesis of the recordings.

A system is small and picklable; what it speaks with is opened in the process that speaks, once.
"""

from __future__ import annotations

import resource
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol

import numpy as np

from synthkit import audio
from synthkit.atomic import sha256
from synthkit.errors import AudioError, ConfigError, MissingDependency, PluginError, SpecMismatch
from synthkit.eval.items import Item
from synthkit.eval.sample import PathRecord, SpeechRecord
from synthkit.scratch import scratch_folder
from synthkit.types import UnitPath, Utterance, Waveform

if TYPE_CHECKING:
    from synthkit.offers import Registration
    from synthkit.pipeline.spoken import Spoken
    from synthkit.pipeline.voice import Voice

Kind = Literal["natural", "copy", "voice"]


class System(Protocol):
    """Something that speaks sentences. The harness knows no more of a backend than this.

    Attributes
    ----------
    name : str
        Unique in a comparison; shown in the report.
    kind : str
        ``"natural"``, ``"copy"`` or ``"voice"``.
    """

    @property
    def name(self) -> str:
        """Unique in a comparison."""
        ...

    @property
    def kind(self) -> Kind:
        """What sort of system it is."""
        ...

    def identity(self, item: Item) -> Any:
        """Everything the speech of `item` depends on, JSON-ready; the key under which it is kept."""
        ...

    def speak(self, item: Item) -> tuple[Waveform, SpeechRecord | None]:
        """The sentence as speech, and what was recorded on the way."""
        ...

    def describe(self) -> dict[str, Any]:
        """For the report: configuration, hashes, licence, versions."""
        ...


def recording(utterance: Utterance) -> Waveform:
    """The audio of `utterance`."""
    return audio.read(utterance.audio, start=utterance.start, end=utterance.end)


@lru_cache(maxsize=4096)
def _audio_hash(path: Path, stamp: int) -> str:
    return sha256(path)


def recording_identity(utterance: Utterance) -> list[Any]:
    """Hash of the audio file and the cut."""
    try:
        stamp = utterance.audio.stat().st_mtime_ns
    except OSError as error:
        raise AudioError(f"cannot be opened: {error.strerror}", where=str(utterance.audio)) from error
    return [_audio_hash(utterance.audio, stamp), utterance.start, utterance.end]


@dataclass(frozen=True)
class Natural:
    """The recordings."""

    name: str = "natural"
    kind: ClassVar[Kind] = "natural"

    def identity(self, item: Item) -> Any:
        """See `System.identity`."""
        return ["natural", recording_identity(_recorded(item))]

    def speak(self, item: Item) -> tuple[Waveform, SpeechRecord | None]:
        """See `System.speak`."""
        return recording(_recorded(item)), None

    def describe(self) -> dict[str, Any]:
        """See `System.describe`."""
        return {"what": "the recordings of the corpus"}


@dataclass(frozen=True)
class Copy:
    """Copy synthesis: what a vocoder alone loses."""

    name: str
    vocoder: str = "world"
    settings: tuple[str, ...] = ()
    kind: ClassVar[Kind] = "copy"

    def identity(self, item: Item) -> Any:
        """See `System.identity`."""
        from synthkit.plugins import registry

        plugins = registry()
        parts = [plugins.find("vocoder", self.vocoder), *plugins.of_stage("features")]
        return ["copy", _releases(parts), list(self.settings), recording_identity(_recorded(item))]

    def speak(self, item: Item) -> tuple[Waveform, SpeechRecord | None]:
        """See `System.speak`."""
        from synthkit.pipeline.copy import copy_recording

        utterance = _recorded(item)
        options: dict[str, Any] = {
            "vocoder": self.vocoder, "alignment": item.alignment, "overrides": self.settings
        }  # fmt: skip
        if utterance.start is None and utterance.end is None:
            return copy_recording(utterance.audio, **options)[0], None
        with scratch_folder() as folder:
            file = folder / "utterance.wav"
            audio.write(file, recording(utterance))
            return copy_recording(file, **options)[0], None

    def describe(self) -> dict[str, Any]:
        """See `System.describe`."""
        from synthkit.plugins import registry

        plugins = registry()
        vocoder = plugins.find("vocoder", self.vocoder)
        extractors = [f"{r.name} ({r.distribution} {r.version})" for r in plugins.of_stage("features")]
        return {
            "what": f"recording → features → vocoder {self.vocoder!r}",
            "plugins": [f"{vocoder.name} ({vocoder.distribution} {vocoder.version})", *extractors],
            "settings": list(self.settings),
        }


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
        """Ids of `corpus` the voice learned from, and those its build left out; empty for another corpus."""
        from synthkit.pipeline.voice_folder import read_manifest
        from synthkit.stages import HEARD

        manifest = read_manifest(self.folder)
        if manifest["corpus"]["name"] != corpus:
            return set(), set()
        heard = self.folder / "acoustic_model" / HEARD
        others = heard.read_text(encoding="utf-8").split("\n") if heard.exists() else []
        return {*manifest["utterances"], *filter(None, others)}, set(manifest["held_out"])

    @property
    def made_of_units(self) -> bool:
        """True where speech is cut from recordings, so that a recording can be kept out of it."""
        from synthkit.pipeline.voice_folder import read_manifest

        return bool(read_manifest(self.folder)["produces"].get("kind") == "units")

    def _exclude(self, item: Item) -> frozenset[str]:
        return frozenset({item.id}) if self.leave_one_out else frozenset()


def voice_system(text: str, *, leave_one_out: bool = False, overrides: tuple[str, ...] = ()) -> VoiceSystem:
    """The system of ``"FOLDER"`` or ``"FOLDER:vocoder"``, as the command line names voices.

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


def _recorded(item: Item) -> Utterance:
    if item.recording is None:
        raise AudioError("there is no recording of this text", where=item.id)
    return item.recording


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
    from synthkit.pipeline.parts import SPEAKING
    from synthkit.plugins import registry
    from synthkit.tables import override, read

    data, plugins = override(read(folder / "voice.toml"), overrides), registry()
    parts = [plugins.find(stage, data[stage]["plugin"]) for stage in SPEAKING]
    # Which adapters join the stages is known when the voice is open. One that is upgraded has every voice
    # speak again; what sounds as before is not measured again.
    return [sha256(folder / "manifest.json"), *_releases([*parts, *plugins.of_stage("adapter")])]


def _releases(parts: Iterable[Registration]) -> list[str]:
    """Components and their versions, of those that can be loaded here; a release alone changes no speech."""
    out = []
    for r in parts:
        try:
            out.append(f"{r.stage} {r.name} {r.distribution} {r.load().version}")
        except (MissingDependency, PluginError):
            continue  # it takes no part in what is spoken here
    return out
