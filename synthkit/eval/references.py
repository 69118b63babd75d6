# SPDX-License-Identifier: Apache-2.0
"""What voices stand beside: the recordings, and copy synthesis of them, by a vocoder or, where it is trained,
by that of a voice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from synthkit import audio
from synthkit.atomic import sha256
from synthkit.errors import AudioError, ConfigError, SpecMismatch
from synthkit.eval.items import Item
from synthkit.eval.sample import SpeechRecord
from synthkit.eval.systems import Copy, Kind, Natural, System, recording, recording_identity
from synthkit.types import Demand, Waveform

if TYPE_CHECKING:
    from synthkit.pipeline.voice import Voice
    from synthkit.stages import FeatureExtractor


@dataclass(frozen=True)
class VoiceCopy:
    """The recordings through the features and the vocoder of a voice, with no acoustic model between.

    Attributes
    ----------
    name : str
    folder : Path
        Of the voice.
    """

    name: str
    folder: Path
    kind: ClassVar[Kind] = "copy"

    def identity(self, item: Item) -> Any:
        """See `System.identity`."""
        return ["voice-copy", sha256(self.folder / "manifest.json"), recording_identity(_recorded(item))]

    def speak(self, item: Item) -> tuple[Waveform, SpeechRecord | None]:
        """See `System.speak`."""
        voice, extractor = _opened(self.folder)
        wave = audio.resample(recording(_recorded(item)), extractor.spec.sample_rate)
        return voice.render(extractor.extract(wave, item.alignment)), None

    def describe(self) -> dict[str, Any]:
        """See `System.describe`."""
        from synthkit.pipeline.voice_folder import read_manifest

        part = read_manifest(self.folder)["plugins"]["vocoder"]
        return {"what": f"recording → features → vocoder {part['plugin']!r} of voice {self.folder.name!r}"}


def references(copies: Sequence[str], items: Sequence[Item]) -> list[System]:
    """Natural speech and copy synthesis, where there are recordings.

    Parameters
    ----------
    copies : sequence of str
        Vocoders, or voice folders for the vocoders in them; WORLD, where it is installed, if empty.
    items : sequence of Item

    Returns
    -------
    list of System

    Raises
    ------
    PluginError
        There is no such vocoder.
    ConfigError
        Two are called the same, or a voice has no vocoder of frames.
    """
    from synthkit.plugins import registry

    if not any(item.recording for item in items):
        return []
    plugins = registry()
    if not copies and "world" in plugins.names("vocoder") and "world" in plugins.names("features"):
        copies = ["world"]
    made: list[System] = [Natural()]
    for name in copies:
        if is_voice(name):
            made.append(voice_copy(name))
            continue
        plugins.find("vocoder", name)
        made.append(Copy(f"copy:{name}", name))
    of_voices = [s.name for s in made if isinstance(s, VoiceCopy)]
    made = [  # a vocoder may be trained for several voices
        replace(s, name=f"{s.name} of {s.folder.name}")
        if isinstance(s, VoiceCopy) and of_voices.count(s.name) > 1
        else s
        for s in made
    ]
    names = [s.name for s in made]
    if doubled := [n for n in names if names.count(n) > 1]:
        raise ConfigError(f"{doubled[0]} is asked for twice", where="--copy")
    return made


def is_voice(text: str) -> bool:
    """Whether `text` names a voice folder, and not a vocoder.

    Parameters
    ----------
    text : str

    Returns
    -------
    bool
    """
    return (Path(text) / "manifest.json").is_file()


def voice_copy(text: str) -> VoiceCopy:
    """Copy synthesis by the vocoder of the voice folder `text`, named after that vocoder.

    Parameters
    ----------
    text : str
        A path.

    Returns
    -------
    VoiceCopy

    Raises
    ------
    ConfigError
        The voice gives a waveform, so that it has no vocoder.
    VoiceError
        It is no voice.
    """
    from synthkit.pipeline.voice_folder import produced_spec, read_manifest

    folder = Path(text)
    manifest = read_manifest(folder)
    if produced_spec(folder, manifest).kind in ("waveform", "units"):
        raise ConfigError("copy synthesis wants a voice whose vocoder renders frames", where=text)
    return VoiceCopy(f"copy:{manifest['plugins']['vocoder']['plugin']}", folder)


@lru_cache(maxsize=1)
def _opened(folder: Path) -> tuple[Voice, FeatureExtractor]:
    """A voice, and what makes the frames that its acoustic model gives."""
    from synthkit.pipeline.contract import extractor_for
    from synthkit.pipeline.voice import Voice
    from synthkit.pipeline.voice_folder import produced_spec
    from synthkit.plugins import registry

    voice = Voice.open(folder)
    spec = produced_spec(folder, voice.manifest)
    found = extractor_for(Demand.exactly(spec), spec.sample_rate, registry())
    if found is None:
        voice.close()
        raise SpecMismatch(f"no installed features give the frames of voice {folder.name!r}")
    return voice, found[1]


def _recorded(item: Item) -> Any:
    if item.recording is None:
        raise AudioError("there is no recording of this text", where=item.id)
    return item.recording
