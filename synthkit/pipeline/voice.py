# SPDX-License-Identifier: Apache-2.0
"""Speak with a voice folder: the same stages that built it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from synthkit.errors import ConfigError, SpecMismatch, SynthkitError, TextError, VoiceError
from synthkit.pipeline.contract import Bridge
from synthkit.pipeline.part import Part
from synthkit.pipeline.parts import SPEAKING, Parts
from synthkit.pipeline.pieces import Piece, pieces_of
from synthkit.pipeline.spoken import CHUNK_PHONES, Spoken, chunks, portions
from synthkit.pipeline.voice_folder import produced_spec, read_manifest, verify
from synthkit.request import check_asked
from synthkit.stages import AcousticModel, Request, Segmenter, Vocoder
from synthkit.types import Item, Segmentation, Waveform
from synthkit.types.shown import Shown

if TYPE_CHECKING:
    from synthkit.pipeline.edit import Changes

BY_HAND = frozenset({"edit", "phones", "stress", "pauses", "durations", "f0"})
"""Names of a request that change by hand how a text is spoken; see `synthkit.pipeline.edit`."""
SAID = ("speed", "pitch", *sorted(BY_HAND), "language", "ssml")
"""Names that `Voice.speak` understands beside those of `Request`."""
LONGEST_WORD = 500
"""Phones. A text is cut between words, so that a longer one would have to be searched for in one go."""


class Voice(Shown):
    """A built voice, ready to speak. Make one with `Voice.open`."""

    def __init__(
        self,
        folder: Path,
        manifest: dict[str, Any],
        parts: Parts,
        components: tuple[Segmenter, AcousticModel, Vocoder],
        bridges: list[Bridge],
    ) -> None:
        self.folder, self.manifest, self.parts, self.stages = folder, manifest, parts, parts.stages
        self._owns: tuple[AcousticModel | Vocoder, ...] = components[1:]
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
            if stage in ("voice", "alignment", "features") or text.startswith("acoustic_model.plugin"):
                raise ConfigError(
                    f"--set {text}: the voice was built with its {stage}; it cannot change now",
                    hint="change it in the voice's TOML file and build again",
                )
        parts = Parts.of_voice(folder, manifest, SPEAKING, overrides)
        segmenter = parts.stages["segmentation"].new()
        with ExitStack() as opened:  # what is open when the rest cannot be is given back
            vocoder, bridges = _vocoder(parts, folder, manifest)
            opened.callback(vocoder.close)
            model = parts.stages["acoustic_model"].opened(folder)
            opened.pop_all()
        return cls(folder, manifest, parts, (segmenter, model, vocoder), bridges)

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
        if isinstance(vocoder, str):
            tables = {"vocoder": {"plugin": vocoder, **table}}
            made = Parts.of(tables, ("vocoder",), base=Path.cwd()).at(self.sample_rate)
            parts = Parts(self.parts.stages | made.stages, self.parts.adapters | made.adapters)
            ready, bridges = _vocoder(parts, self.folder, self.manifest)
        else:
            adapters = tuple(table.pop("adapters", ("auto",)))
            if table:
                raise ConfigError(
                    f"a vocoder that is made has its settings: {', '.join(table)} came too late"
                )
            own = Part("vocoder", type(vocoder).__name__, vocoder.config, adapters, type(vocoder))
            parts = Parts(self.parts.stages | {"vocoder": own}, self.parts.adapters)
            ready, bridges = vocoder, parts.connect(produced_spec(self.folder, self.manifest), vocoder)
        voice = Voice(
            self.folder, self.manifest, parts, (self.segmenter, self.acoustic_model, ready), bridges
        )
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
        if isinstance(segmenter, str):
            made = Part.of("segmentation", {"plugin": segmenter, **table}, base=Path.cwd())
            ready: Segmenter = made.new()
        elif table:
            raise ConfigError(f"a segmenter that is made has its settings: {', '.join(table)} came too late")
        else:
            ready = segmenter
            made = Part("segmentation", type(ready).__name__, ready.config, (), type(ready))
        parts = Parts(self.parts.stages | {"segmentation": made}, self.parts.adapters)
        components = (ready, self.acoustic_model, self.vocoder)
        voice = Voice(self.folder, self.manifest, parts, components, self.bridges)
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
        """
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
        check_asked(request, (), self.acoustic_model.Options.model_fields)
        asked = Request(segmentation, **request)
        if asked.durations is not None or asked.f0 is not None:
            self.acoustic_model.check_given(asked, self.stages["acoustic_model"].plugin)
        return self.acoustic_model.predict(asked)

    def render(self, item: Item, vocoder: Vocoder | None = None) -> Waveform:
        """The waveform of a prediction, over the named adapters and the vocoder (the voice's, or another like
        it).

        Parameters
        ----------
        item : Frames, UnitPath or Waveform
            From `predict`.
        vocoder : Vocoder, optional
            In place of the voice's.

        Returns
        -------
        Waveform
        """
        if isinstance(item, Waveform):
            return item
        for bridge in self.bridges:
            item = bridge.adapt(item)
        return (vocoder or self.vocoder).render(item)

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
        segmentation, parts = _whole(list(self._portions(text, ssml, language, request)))
        spent = {"segmentation": time.perf_counter() - began}
        pieces = [self._piece(part, spent) for part in parts]
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
        began = time.perf_counter()
        segmented = self._portions(text, ssml, language, request)
        if progress is not None:
            segmented = iter([_whole(list(segmented))])
        ahead = next(segmented, None)
        while ahead is not None:
            whole, parts = ahead
            spent, notes = {"segmentation": time.perf_counter() - began}, whole.notes
            each = (progress or list)([p.segmentation for p in parts])
            for k, (segmentation, part) in enumerate(zip(each, parts, strict=True)):
                made = self._piece(replace(part, segmentation=replace(segmentation, notes=notes)), spent)
                yield made if k == len(parts) - 1 and part.last else replace(made, last=False)
                spent, notes = {}, ()
            began = time.perf_counter()
            ahead = next(segmented, None)

    def _portions(
        self, text: str | None, ssml: str | None, language: str | None, request: dict[str, Any]
    ) -> Iterator[tuple[Segmentation, list[Piece]]]:
        """What is segmented together, and the pieces that it is spoken in."""
        check_asked(request, SAID, self.acoustic_model.Options.model_fields)
        if text is None or ssml is not None:
            whole, ready = self._marked(text, ssml, language, request)
            self._check(ready)
            yield whole, ready
            return
        settled, vocoder, changes = self._adjusted(**request)
        cut = portions(text) if changes is None else [text]
        for number, portion in enumerate(cut):
            whole = self.segment(portion, language)
            if changes is None:
                pieces = chunks(whole) if not number else chunks(whole, first=CHUNK_PHONES)
                parts = [Piece(piece) for piece in pieces]
            else:
                whole, durations, f0 = changes.applied(whole, self.segmenter)
                parts = pieces_of(whole, durations, f0)
            how = Piece(whole, None, None, language, settled, vocoder, last=number == len(cut) - 1)
            ready = [
                replace(
                    how, segmentation=part.segmentation, durations=part.durations, f0=part.f0,
                    before=None if k or number else 0.0,
                )
                for k, part in enumerate(parts)
            ]  # fmt: skip
            self._check(ready)
            yield whole, ready

    def _check(self, parts: list[Piece]) -> None:
        """Refuse a piece that cannot be said before any is."""
        model, name = self.acoustic_model, self.stages["acoustic_model"].plugin
        for part in parts:
            asked = Request(
                part.segmentation, language=part.language, durations=part.durations, f0=part.f0,
                **part.request,
            )  # fmt: skip
            if part.durations is not None or part.f0 is not None:
                model.check_given(asked, name)
            model.check_said(asked)

    def _marked(
        self, text: str | None, ssml: str | None, language: str | None, request: dict[str, Any]
    ) -> tuple[Segmentation, list[Piece]]:
        if ssml is None or text is not None:
            raise ConfigError("there is text and SSML" if text is not None else "there is nothing to speak")
        if not request.keys().isdisjoint(BY_HAND):
            raise ConfigError("what is changed by hand is of plain text, not of SSML", where="edit")
        from synthkit.pipeline.marked import marked_pieces

        def adjusted(rate: float, pitch: float) -> tuple[dict[str, Any], Vocoder]:
            speed, semitones = request.get("speed", 1.0) * rate, request.get("pitch", 0.0) + pitch
            return self._adjusted(**{**request, "speed": speed, "pitch": semitones})[:2]

        languages = list(dict.fromkeys([language or self.language, *self.manifest["languages"]]))
        return marked_pieces(
            ssml, lambda said, own: self.segment(said, own or language), self.segmenter, languages, adjusted
        )

    def _piece(self, part: Piece, spent: dict[str, float]) -> Spoken:
        """`part` spoken; the seconds that it took are added to `spent`."""
        began = time.perf_counter()
        given = {"durations": part.durations, "f0": part.f0}
        prediction = self.predict(part.segmentation, language=part.language, **part.request, **given)
        predicted = time.perf_counter()
        waveform = self.render(prediction, part.vocoder)
        rendered = time.perf_counter()
        for stage, seconds in (("acoustic_model", predicted - began), ("vocoder", rendered - predicted)):
            spent[stage] = spent.get(stage, 0.0) + seconds
        so_far = sum(spent.values())
        made = Spoken(waveform, part.segmentation, (prediction,), spent, (waveform.duration,), so_far)
        if part.before == 0 and part.after is None:
            return made
        from synthkit.pipeline.joining import joined

        return joined(made, part.before, part.after)

    def _adjusted(
        self, *, speed: float = 1.0, pitch: float = 0.0, **request: Any
    ) -> tuple[dict[str, Any], Vocoder, Changes | None]:
        """The rest of the request, its options checked, the vocoder, and what is changed by hand: who changes
        speed and pitch is settled."""
        changes = None
        if not request.keys().isdisjoint(BY_HAND):
            from synthkit.pipeline.edit import changes_of

            request, changes = changes_of(request, speed=speed, pitch=pitch)
        options = request.get("options", {})
        speaker, speakers = request.get("speaker"), self.manifest["speakers"]
        if speaker is not None and len(speakers) < 2 and speaker not in speakers:
            own = f", {speakers[0]!r}" if speakers else ""
            raise ConfigError(
                f"voice {self.name!r} has one speaker{own}, and {speaker!r} was asked for",
                where="--speaker",
                hint="leave it out, or take a voice of several speakers",
            )
        if speed == 1 and pitch == 0:
            return request | {"options": self.acoustic_model.asked(options)}, self.vocoder, changes
        from synthkit.pipeline.adjust import adjust

        spec = self.bridges[-1].spec if self.bridges else produced_spec(self.folder, self.manifest)
        names = (self.stages["acoustic_model"].plugin, self.stages["vocoder"].plugin)
        settled, vocoder = adjust(self.acoustic_model, self.vocoder, spec, names, speed=speed, pitch=pitch)
        return request | {"options": self.acoustic_model.asked(settled | options)}, vocoder, changes

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

        One made by `with_vocoder` gives back its vocoder alone, one made by `with_segmentation` nothing.
        """
        for component in self._owns:
            component.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def _whole(portions: list[tuple[Segmentation, list[Piece]]]) -> tuple[Segmentation, list[Piece]]:
    """Portions of a text as one."""
    if len(portions) == 1:
        return portions[0]
    first = portions[0][0]
    return replace(
        first,
        text="\n".join(whole.text for whole, _ in portions),
        words=tuple(word for whole, _ in portions for word in whole.words),
        notes=tuple(dict.fromkeys(note for whole, _ in portions for note in whole.notes)),
    ), [replace(part, last=True) for _, parts in portions for part in parts]


def _vocoder(parts: Parts, folder: Path, manifest: dict[str, Any]) -> tuple[Vocoder, list[Bridge]]:
    """The vocoder of `parts`, ready to render, and the adapters on the way to it."""
    part = parts.stages["vocoder"]
    vocoder: Vocoder = part.new()
    if vocoder.trainable:
        if manifest["plugins"]["vocoder"]["plugin"] != part.plugin:
            raise VoiceError(
                f"vocoder {part.plugin!r} has to be trained with the voice",
                where=str(folder),
                hint=f'set vocoder.plugin = "{part.plugin}" in the TOML file and build again',
            )
        vocoder = part.opened(folder)
    try:
        return vocoder, parts.connect(produced_spec(folder, manifest), vocoder)
    except BaseException:
        vocoder.close()
        raise
