# SPDX-License-Identifier: Apache-2.0
"""Speak with a voice folder: the same stages that built it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

import numpy as np

from synthkit.errors import ConfigError, SpecMismatch, SynthkitError, TextError, VoiceError
from synthkit.pipeline.contract import Bridge
from synthkit.pipeline.part import Part
from synthkit.pipeline.parts import SPEAKING, Parts
from synthkit.pipeline.voice_folder import produced_spec, read_manifest, verify
from synthkit.stages import AcousticModel, Request, Segmenter, Vocoder
from synthkit.types import Item, Segmentation, Waveform

LONGEST_WORD = 500
"""Phones. A text is cut between words, so that a longer one would have to be searched for in one go."""
CHUNK_PHONES = 400
"""A text is spoken in pieces of whole sentences of about this many phones at most."""


@dataclass(frozen=True)
class Spoken:
    """An utterance as it was spoken, with what the pipeline knows about how.

    Attributes
    ----------
    waveform : Waveform
    segmentation : Segmentation
    predictions : tuple
        What the acoustic model gave for each chunk: frames, a unit path or a waveform.
    seconds : dict of str to float
        Time spent in each stage.
    lengths : tuple of float
        Seconds of speech that came of each prediction.
    latency : float
        Seconds until the first of them could be heard.
    """

    waveform: Waveform
    segmentation: Segmentation
    predictions: tuple[Item, ...]
    seconds: dict[str, float] = field(default_factory=dict)
    lengths: tuple[float, ...] = ()
    latency: float = 0.0


class Voice:
    """A built voice, ready to speak. Make one with `Voice.open`."""

    def __init__(
        self,
        folder: Path,
        manifest: dict[str, Any],
        stages: dict[str, Part],
        components: tuple[Segmenter, AcousticModel, Vocoder],
        bridges: list[Bridge],
    ) -> None:
        self.folder, self.manifest, self.stages = folder, manifest, stages
        self.segmenter, self.acoustic_model, self.vocoder = components
        self.bridges = bridges

    @classmethod
    def open(cls, folder: str | Path, *, overrides: Iterable[str] = (), full_check: bool = False) -> Voice:
        """Open a voice folder.

        Parameters
        ----------
        folder : path
        overrides : iterable of str
            ``"vocoder.plugin=world"`` and the like. The segmentation, alignment, features and acoustic
            model were fixed when the voice was built; only settings that matter when speaking may change.
        full_check : bool
            Hash every file, whether or not it looks untouched.

        Raises
        ------
        VoiceError
            The folder is no voice, or a file of it is missing or altered.
        SpecMismatch
            The vocoder asked for does not fit.
        """
        folder = Path(folder)
        manifest = read_manifest(folder)
        verify(folder, manifest, full=full_check)
        overrides = list(overrides)
        for text in overrides:
            stage = text.partition(".")[0]
            if stage in ("voice", "alignment", "features") or text.startswith("acoustic_model.plugin"):
                raise ConfigError(
                    f"--set {text}: the voice was built with its {stage}; it cannot change now",
                    hint="change it in the voice's TOML file and build again",
                )
        parts = Parts.of_voice(folder, manifest, SPEAKING, overrides)
        segmenter, vocoder = parts["segmentation"].new(), parts["vocoder"].new()
        name = parts["vocoder"].plugin
        if vocoder.trainable and manifest["plugins"]["vocoder"]["plugin"] != name:
            raise VoiceError(
                f"vocoder {name!r} has to be trained with the voice",
                where=str(folder),
                hint=f'set vocoder.plugin = "{name}" in the TOML file and build again',
            )
        with ExitStack() as opened:  # what is open when the rest cannot be is given back
            if vocoder.trainable:
                vocoder = parts["vocoder"].opened(folder)
            opened.callback(vocoder.close)
            bridges = parts.connect(produced_spec(folder, manifest), vocoder)
            model = parts["acoustic_model"].opened(folder)
            opened.pop_all()
        return cls(folder, manifest, parts.stages, (segmenter, model, vocoder), bridges)

    @property
    def name(self) -> str:
        """The voice's name."""
        return str(self.manifest["name"])

    @property
    def language(self) -> str:
        """The voice's first language."""
        return str(self.manifest["languages"][0])

    @property
    def sample_rate(self) -> int:
        """Hz."""
        return int(self.manifest["sample_rate"])

    def segment(self, text: str, language: str | None = None) -> Segmentation:
        """Words and phones of `text` in the voice's language (or one it also speaks)."""
        language = language or self.language
        if language not in self.manifest["languages"]:
            raise TextError(
                f"voice {self.name!r} does not speak {language!r}",
                hint=f"it speaks {', '.join(self.manifest['languages'])}",
            )
        found = self.segmenter.segment(text, language)
        if found.phone_set not in self.manifest["phone_set"].split("+"):
            raise SpecMismatch(
                f"segmentation {self.stages['segmentation'].plugin!r} gives phone set {found.phone_set!r}, "
                f"and voice {self.name!r} speaks {self.manifest['phone_set']!r}",
                where="segmentation",
                hint="speak with the segmentation that the voice was built with: "
                "leave out --set segmentation.plugin",
            )
        for word in found.words:
            if len(word.phones) > LONGEST_WORD:
                raise TextError(
                    f"the word {word.text[:20] + '…'!r} has {len(word.phones)} phones, "
                    "more than any word of a language",
                    hint="is a space missing in the text?",
                )
        return found

    def predict(self, segmentation: Segmentation, **request: Any) -> Item:
        """What the acoustic model makes of one segmentation; keywords are those of `Request`."""
        return self.acoustic_model.predict(Request(segmentation, **request))

    def render(self, item: Item, vocoder: Vocoder | None = None) -> Waveform:
        """The waveform of a prediction, over the named adapters and the vocoder (the voice's, or another like
        it)."""
        if isinstance(item, Waveform):
            return item
        for bridge in self.bridges:
            item = bridge.adapt(item)
        return (vocoder or self.vocoder).render(item)

    def speak(self, text: str, *, language: str | None = None, **request: Any) -> Spoken:
        """Speak `text` and keep the record of how.

        Parameters
        ----------
        text : str
        language : str, optional
        **request
            ``speed`` (2 is twice as fast as the voice's own), ``pitch`` (semitones above the voice's own),
            and further fields of `Request`: ``speaker``, ``exclude``, ``options``, ``embedding``.

        Raises
        ------
        TextError
            Nothing in the text can be spoken.
        ConfigError
            No part of the voice can change its speed or pitch (so far).
        """
        request, vocoder = self._adjusted(**request)
        clock = _Clock()
        segmentation = self.segment(text, language)
        clock.lap("segmentation")
        pieces = [self._piece(part, clock, language, request, vocoder) for part in chunks(segmentation)]
        waveform = pieces[0].waveform
        if len(pieces) > 1:
            waveform = Waveform(np.concatenate([p.waveform.samples for p in pieces]), waveform.sample_rate)
        if not len(waveform.samples):
            raise SynthkitError(f"nothing was spoken for {text[:60]!r}: the vocoder gave no samples")
        predictions = tuple(p.predictions[0] for p in pieces)
        lengths = tuple(p.waveform.duration for p in pieces)
        return Spoken(waveform, segmentation, predictions, clock.seconds, lengths, pieces[0].latency)

    def stream(
        self,
        text: str,
        *,
        language: str | None = None,
        progress: Callable[[list[Segmentation]], Iterable[Segmentation]] = list,
        **request: Any,
    ) -> Iterator[Spoken]:
        """Speak `text` piece by piece, a few sentences at a time; no more than a piece is kept in memory.

        Parameters
        ----------
        text, language, **request
            As for `speak`, which gives the same samples at once.
        progress : callable
            Wraps the list of pieces in an iterator that shows progress.

        Yields
        ------
        Spoken
            Of each piece in order; the notes about the whole text, and the seconds that segmenting it took,
            are the first one's.
        """
        request, vocoder = self._adjusted(**request)
        clock = _Clock()
        whole = self.segment(text, language)
        clock.lap("segmentation")
        notes = whole.notes
        for part in progress(list(chunks(whole))):
            yield self._piece(replace(part, notes=notes), clock, language, request, vocoder)
            clock, notes = _Clock(), ()

    def _piece(
        self,
        part: Segmentation,
        clock: _Clock,
        language: str | None,
        request: dict[str, Any],
        vocoder: Vocoder,
    ) -> Spoken:
        prediction = self.predict(part, language=language, **request)
        clock.lap("acoustic_model")
        waveform = self.render(prediction, vocoder)
        clock.lap("vocoder")
        so_far = sum(clock.seconds.values())
        return Spoken(waveform, part, (prediction,), clock.seconds, (waveform.duration,), so_far)

    def _adjusted(
        self, *, speed: float = 1.0, pitch: float = 0.0, **request: Any
    ) -> tuple[dict[str, Any], Vocoder]:
        """The rest of the request, its options checked, and the vocoder: who changes speed and pitch is
        settled."""
        options = request.get("options", {})
        if speed == 1 and pitch == 0:
            return request | {"options": self.acoustic_model.asked(options)}, self.vocoder
        from synthkit.pipeline.adjust import adjust

        spec = self.bridges[-1].spec if self.bridges else produced_spec(self.folder, self.manifest)
        names = (self.stages["acoustic_model"].plugin, self.stages["vocoder"].plugin)
        own, vocoder = adjust(self.acoustic_model, self.vocoder, spec, names, speed=speed, pitch=pitch)
        return request | {"options": self.acoustic_model.asked(own | options)}, vocoder

    def say(self, text: str, **request: Any) -> Waveform:
        """Speak `text`; see `speak`."""
        return self.speak(text, **request).waveform

    def close(self) -> None:
        """Give back files and memory; a closed voice speaks no more."""
        self.acoustic_model.close()
        self.vocoder.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def chunks(segmentation: Segmentation, limit: int = CHUNK_PHONES) -> Iterator[Segmentation]:
    """Cut a long segmentation at sentence ends into pieces of about `limit` phones.

    A sentence that alone is longer is cut at a phrase break, and where it has none, between words.
    """
    words = segmentation.words
    start, size = 0, 0
    for index, word in enumerate(words):
        size += len(word.phones)
        following = len(words[index + 1].phones) if index + 1 < len(words) else 0
        last = index == len(words) - 1
        full = size + following > limit and (
            word.break_after == 3 or (size > 1.5 * limit and word.break_after == 2) or size > 2 * limit
        )
        if last or full:
            part = words[start : index + 1]
            if start == 0 and last:
                yield segmentation
            else:
                text = " ".join(w.text + w.punctuation for w in part)
                yield replace(segmentation, text=text, words=part, notes=())
            start, size = index + 1, 0


class _Clock:
    def __init__(self) -> None:
        self.last = time.perf_counter()
        self.seconds: dict[str, float] = {}

    def lap(self, stage: str) -> None:
        now = time.perf_counter()
        self.seconds[stage] = self.seconds.get(stage, 0.0) + now - self.last
        self.last = now
