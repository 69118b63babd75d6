# SPDX-License-Identifier: Apache-2.0
"""Speak with a voice folder: the same stages that built it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

import numpy as np

from synthkit.errors import ConfigError, SynthkitError
from synthkit.pipeline.blocks import Block, in_blocks, spoken, whole
from synthkit.pipeline.contract import Bridge
from synthkit.pipeline.parts import CONVERSION, SPEAKING, Parts
from synthkit.pipeline.rendered import sounding
from synthkit.pipeline.saying import as_one, asked_of, cut_up, said_piece
from synthkit.pipeline.segmenting import segmented
from synthkit.pipeline.spoken import Spoken
from synthkit.pipeline.voice_folder import read_manifest, verify
from synthkit.stages import AcousticModel, ProsodyModel, Segmenter, Vocoder
from synthkit.types import Item, Segmentation, Waveform
from synthkit.types.shown import Shown


class Voice(Shown):
    """A built voice, ready to speak. Make one with `Voice.open`.

    Attributes
    ----------
    folder : Path
    manifest : dict
        What ``manifest.json`` says: name, languages, speakers, licence, plugins.
    stages : mapping of str to Part
        The part of each stage.
    segmenter, acoustic_model, vocoder, prosody, converter
        The parts that act when it speaks; the last two None where it has none.
    """

    def __init__(
        self,
        folder: Path,
        manifest: dict[str, Any],
        parts: Parts,
        components: tuple[Segmenter, AcousticModel, Vocoder],
        bridges: list[Bridge],
        prosody: ProsodyModel | None = None,
    ) -> None:
        self.folder, self.manifest, self.parts, self.stages = folder, manifest, parts, parts.stages
        self._owns: tuple[AcousticModel | Vocoder | ProsodyModel, ...] = components[1:]
        self._owns += (prosody,) if prosody is not None else ()
        self.prosody = prosody
        self.segmenter, self.acoustic_model, self.vocoder = components
        self.bridges = bridges
        self.converter = parts.ready_converter(folder)

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

        Returns
        -------
        Voice

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
            fixed = ("acoustic_model.plugin", "prosody.plugin")
            if stage in ("voice", "alignment", "features") or text.startswith(fixed):
                raise ConfigError(
                    f"--set {text}: the voice was built with its {stage}; it cannot change now",
                    hint="change it in the voice's TOML file and build again",
                )
        parts = Parts.of_voice(folder, manifest, SPEAKING, overrides)
        _check_speaking(parts, overrides)
        segmenter = parts.stages["segmentation"].new()
        with ExitStack() as opened:  # what is open when the rest cannot be is given back
            vocoder, bridges = parts.ready_vocoder(folder, manifest)
            opened.callback(vocoder.close)
            model = parts.stages["acoustic_model"].opened(folder)
            opened.callback(model.close)
            prosody = parts["prosody"].opened(folder) if "prosody" in parts.stages else None
            opened.pop_all()
        return cls(folder, manifest, parts, (segmenter, model, vocoder), bridges, prosody)

    def with_vocoder(self, vocoder: str | Vocoder, **table: Any) -> Voice:
        """This voice with another vocoder; everything before it is shared, and this voice stays as it is.

        Parameters
        ----------
        vocoder : str or Vocoder
            The name of one that is installed or registered, or one that is ready to render.
        **table
            Its settings, for one by name; and ``adapters``, names of what may stand before it (for one that
            is given as an object, ``"auto"`` if left out).

        Returns
        -------
        Voice

        Raises
        ------
        SpecMismatch
            It cannot render what the voice's acoustic model gives; the message has the table.
        VoiceError
            It has to be trained with the voice.

        Examples
        --------
        >>> world = voice.with_vocoder("world", adapters=["units-to-frames"])  # doctest: +SKIP
        """
        from synthkit.pipeline.swapping import swapped_vocoder

        parts, ready, bridges = swapped_vocoder(
            self.parts, self.folder, self.manifest, vocoder, table, rate=self.sample_rate
        )
        components = (self.segmenter, self.acoustic_model, ready)
        voice = Voice(self.folder, self.manifest, parts, components, bridges, self.prosody)
        voice._owns = (ready,)
        return voice

    def with_segmentation(self, segmenter: str | Segmenter, **table: Any) -> Voice:
        """This voice with another segmentation, which has to give the phones that it speaks; everything after
        it is shared, and this voice stays as it is.

        Parameters
        ----------
        segmenter : str or Segmenter
            The name of one that is installed or registered, or one that is made.
        **table
            Its settings, for one by name.

        Returns
        -------
        Voice
            What it is given to speak is refused (`segment`) where the phones are not the voice's.
        """
        from synthkit.pipeline.swapping import swapped_segmentation

        parts, ready = swapped_segmentation(self.parts, segmenter, table)
        components = (ready, self.acoustic_model, self.vocoder)
        voice = Voice(self.folder, self.manifest, parts, components, self.bridges, self.prosody)
        voice._owns = ()
        return voice

    def __repr__(self) -> str:
        parts = " → ".join(part.plugin for part in self.stages.values())
        return (
            f"Voice({self.name!r}, {', '.join(self.manifest['languages'])}, {self.sample_rate} Hz, {parts})"
        )

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
        """Words and phones of `text` in the voice's language (or one it also speaks).

        Parameters
        ----------
        text : str
        language : str, optional
            BCP-47; the voice's first if left out.

        Returns
        -------
        Segmentation

        Raises
        ------
        TextError
            The voice does not speak the language, or nothing can be spoken.
        SpecMismatch
            Its phones are not those of the voice.
        VoiceError
            The manifest names a language that the voice's own segmentation cannot speak it in.
        """
        return segmented(self, text, language or self.language)

    def predict(self, segmentation: Segmentation, **request: Any) -> Item:
        """What the acoustic model makes of one segmentation; keywords are those of `Request`.

        Parameters
        ----------
        segmentation : Segmentation
        **request
            Fields of `Request`.

        Returns
        -------
        Frames, UnitPath or Waveform

        Raises
        ------
        ConfigError
            `Request` has no such field, or the acoustic model takes no such durations, F0 or option.
        """
        return self.acoustic_model.predict(asked_of(self, segmentation, request))

    def render(self, item: Item, vocoder: Vocoder | None = None) -> Waveform:
        """The waveform of a prediction, over adapters, vocoder (the voice's, or another) and converter.

        Parameters
        ----------
        item : Frames, UnitPath or Waveform
        vocoder : Vocoder, optional
            In place of the voice's.

        Returns
        -------
        Waveform
        """
        maker = "acoustic_model"
        if not isinstance(item, Waveform):
            for bridge in self.bridges:
                item = bridge.adapt(item)
            item, maker = (vocoder or self.vocoder).render(item), "vocoder"
        made = sounding(item, f"{maker.replace('_', ' ')} {self.stages[maker].plugin!r}")
        if self.converter is not None:
            made = sounding(self.converter.convert(made), f"converter {self.stages[CONVERSION].plugin!r}")
        return made

    def speak(
        self, text: str | None = None, *, ssml: str | None = None, language: str | None = None, **request: Any
    ) -> Spoken:
        """Speak `text` and keep the record of how.

        Parameters
        ----------
        text : str, optional
        ssml : str, optional
            In place of `text`: a document as `synthkit.ssml` reads it.
        language : str, optional
        **request
            ``speed`` (2 is twice as fast as the voice's own), ``pitch`` (semitones above the voice's own),
            and further fields of `Request`: ``speaker``, ``exclude``, ``options``, ``embedding``. What is
            changed by hand: ``phones``, ``stress``, ``pauses``, ``durations`` and ``f0`` as in `Edit`, or
            ``edit``, one that has been made. ``durations`` and ``f0`` may also be arrays as in `Request`, of
            the whole text.

        Returns
        -------
        Spoken

        Raises
        ------
        TextError
            Nothing in the text can be spoken, or the SSML asks for what cannot be done.
        ConfigError
            A keyword that there is not, no part of the voice can change its speed or pitch (so far), or the
            acoustic model takes no durations or F0.

        Examples
        --------
        >>> import synthkit as sk
        >>> voice = sk.load("demo-ru")
        >>> spoken = voice.speak("Доброе утро.", durations={"1.1": 0.3}, f0={"1.1": 90})
        >>> round(spoken.alignment.speech()[8].duration, 2)
        0.3
        """
        began = time.perf_counter()
        segmentation, parts = as_one(list(cut_up(self, text, ssml, language, request)))
        spent = {"segmentation": time.perf_counter() - began}
        pieces = [said_piece(self, part, spent) for part in parts]
        waveform = pieces[0].waveform
        if len(pieces) > 1:
            waveform = Waveform(np.concatenate([p.waveform.samples for p in pieces]), waveform.sample_rate)
        if not len(waveform.samples):
            said = segmentation.text[:60]
            raise SynthkitError(f"nothing was spoken for {said!r}: the vocoder gave no samples")
        return Spoken(
            waveform,
            segmentation,
            tuple(p.predictions[0] for p in pieces),
            spent,
            tuple(p.waveform.duration for p in pieces),
            pieces[0].latency,
            tuple(p.segmentation for p in pieces),
            tuple(p.trims[0] if p.trims else (0.0, 0.0) for p in pieces),
        )

    def stream(
        self,
        text: str | None = None,
        *,
        ssml: str | None = None,
        language: str | None = None,
        progress: Callable[[list[Segmentation]], Iterable[Segmentation]] | None = None,
        **request: Any,
    ) -> Iterator[Spoken]:
        """Speak `text` piece by piece, a few sentences at a time; no more than a piece is kept in memory.

        Parameters
        ----------
        text, ssml, language, **request
            As for `speak`, which gives the same samples at once.
        progress : callable, optional
            Wraps the list of pieces in an iterator that shows progress. It has to know them all: without it,
            the rest of a long text is segmented when its beginning has been spoken.

        Yields
        ------
        Spoken
            Of each piece in order; the notes about what was segmented together, and the seconds that it took,
            are those of its first.
        """
        said = {"ssml": ssml, "language": language, **request}
        for block in self.blocks(text, within=False, progress=progress, **said):
            assert block.spoken is not None, "a block that is not within a piece is the whole of it"
            yield block.spoken

    def blocks(
        self,
        text: str | None = None,
        *,
        ssml: str | None = None,
        language: str | None = None,
        within: bool = True,
        progress: Callable[[list[Segmentation]], Iterable[Segmentation]] | None = None,
        **request: Any,
    ) -> Iterator[Block]:
        """Speak `text` in blocks, each as soon as it can be heard.

        Of a model that speaks within a sentence (`synthkit.stages.SpeaksInBlocks`) a block is half a second
        or more; of any other it is a piece as `stream` gives it.

        Parameters
        ----------
        text, ssml, language, progress, **request
            As for `stream`.
        within : bool
            False: no block is less than a piece.

        Yields
        ------
        Block
            The samples of all, one after another, are those of `speak`, to within 1e-4.

        Examples
        --------
        >>> import synthkit as sk
        >>> voice = sk.load("demo-ru")
        >>> [block.spoken.segmentation.text for block in voice.blocks("Раз, два.")]
        ['Раз, два.']
        """
        segmented = cut_up(self, text, ssml, language, request)
        if progress is not None:
            segmented = map(as_one, [list(segmented)])
        return spoken(self, segmented, in_blocks if within else whole, progress or list)

    def say(self, text: str | None = None, **request: Any) -> Waveform:
        """Speak `text`, or ``ssml``; see `speak`.

        Parameters
        ----------
        text : str, optional
        **request
            As for `speak`, ``ssml`` among it.

        Returns
        -------
        Waveform

        Examples
        --------
        >>> import synthkit as sk
        >>> voice = sk.load("demo-ru")
        >>> marked = '<speak>Раз, <break time="1s"/> два.</speak>'
        >>> voice.say(ssml=marked).duration > voice.say("Раз, два.").duration + 0.5
        True
        """
        return self.speak(text, **request).waveform

    def close(self) -> None:
        """Give back files and memory; a closed voice speaks no more.

        What is shared with the voice that one was made of (`with_vocoder`, `with_segmentation`) stays.
        """
        for component in (*self._owns, *filter(None, [self.converter])):
            component.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def _check_speaking(parts: Parts, overrides: Iterable[str]) -> None:
    """Raise `ConfigError` for a setting that only a build heeds: it would be taken, and change nothing."""
    for text in overrides:
        stage, _, rest = text.partition("=")[0].strip().partition(".")
        part = parts.stages.get(stage)
        if part is not None and (key := rest.partition(".")[0].strip()) in part.kind.Config.building:
            raise ConfigError(
                f"--set {text}: {key} of {part.plugin!r} matters only when a voice is built",
                hint="change it in the voice's TOML file and build again",
            )
