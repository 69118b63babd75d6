# SPDX-License-Identifier: Apache-2.0
"""What is compared: voices, the recordings themselves, and copy synthesis of the recordings.

A system is small and picklable; what it speaks with is opened in the process that speaks, once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol

from synthkit import audio
from synthkit.atomic import sha256
from synthkit.errors import AudioError, MissingDependency, PluginError
from synthkit.eval.items import Item
from synthkit.eval.sample import SpeechRecord
from synthkit.scratch import scratch_folder
from synthkit.types import Utterance, Waveform

if TYPE_CHECKING:
    from synthkit.offers import Registration

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
        """Everything the speech of `item` depends on, JSON-ready; the key under which it is kept.

        Parameters
        ----------
        item : Item

        Returns
        -------
        object
        """
        ...

    def speak(self, item: Item) -> tuple[Waveform, SpeechRecord | None]:
        """The sentence as speech, and what was recorded on the way.

        Parameters
        ----------
        item : Item

        Returns
        -------
        waveform : Waveform
        record : SpeechRecord or None
            None of what is not spoken: recordings and copies of them.
        """
        ...

    def describe(self) -> dict[str, Any]:
        """For the report: configuration, hashes, licence, versions."""
        ...


def recording(utterance: Utterance) -> Waveform:
    """The audio of `utterance`.

    Parameters
    ----------
    utterance : Utterance

    Returns
    -------
    Waveform
        At the file's own rate.

    Raises
    ------
    AudioError
        It cannot be read.
    """
    return audio.read(utterance.audio, start=utterance.start, end=utterance.end)


@lru_cache(maxsize=4096)
def _audio_hash(path: Path, stamp: int) -> str:
    return sha256(path)


def recording_identity(utterance: Utterance) -> list[Any]:
    """Hash of the audio file and the cut.

    Parameters
    ----------
    utterance : Utterance

    Returns
    -------
    list
        SHA-256 of the file; start and end in seconds, or None.

    Raises
    ------
    AudioError
        The file cannot be opened.
    """
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
        return ["copy", releases(parts), list(self.settings), recording_identity(_recorded(item))]

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


def _recorded(item: Item) -> Utterance:
    if item.recording is None:
        raise AudioError("there is no recording of this text", where=item.id)
    return item.recording


def releases(parts: Iterable[Registration]) -> list[str]:
    """Components and their versions, of those that can be loaded here; a release alone changes no speech.

    Parameters
    ----------
    parts : iterable of Registration

    Returns
    -------
    list of str
        Stage, name, distribution and version of each.
    """
    out = []
    for r in parts:
        try:
            out.append(f"{r.stage} {r.name} {r.distribution} {r.load().version}")
        except (MissingDependency, PluginError):
            continue  # it takes no part in what is spoken here
    return out
