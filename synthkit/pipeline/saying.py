# SPDX-License-Identifier: Apache-2.0
"""How a voice says a text: cut into pieces that are checked before the first is spoken, and each of them."""

from __future__ import annotations

import reprlib
import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from synthkit.errors import ConfigError, SpeechWarning, TextError
from synthkit.pipeline.contract import Bridge
from synthkit.pipeline.part import Part
from synthkit.pipeline.pieces import Piece, pieces_of
from synthkit.pipeline.spoken import CHUNK_PHONES, Spoken, chunks, portions
from synthkit.pipeline.voice_folder import produced_spec
from synthkit.request import check_asked
from synthkit.stages import AcousticModel, Converter, ProsodyModel, Request, Segmenter, Vocoder
from synthkit.types import Item, Segmentation, Waveform

if TYPE_CHECKING:
    from synthkit.pipeline.edit import Changes

BY_HAND = frozenset({"edit", "phones", "stress", "pauses", "durations", "f0"})
"""Names of a request that change by hand how a text is spoken; see `synthkit.pipeline.edit`."""
SAID = ("speed", "pitch", *sorted(BY_HAND), "language", "ssml")
"""Names that `Voice.speak` understands beside those of `Request`."""

FEW_PHONES, SHORTEST_PHONE = 5, 0.015
"""Of fewer phones nothing is said; seconds of each on average, a quarter of what a fast reader takes."""


class Says(Protocol):
    """What of a `Voice` is needed to say something; its methods are the voice's.

    Attributes
    ----------
    folder, manifest, stages, segmenter, acoustic_model, vocoder, bridges, prosody, converter, name, language
        As `Voice` has them.
    segment, predict, render : callable
        The methods of `Voice`.
    """

    folder: Path
    manifest: dict[str, Any]
    stages: dict[str, Part]
    segmenter: Segmenter
    acoustic_model: AcousticModel
    vocoder: Vocoder
    bridges: list[Bridge]
    prosody: ProsodyModel | None
    converter: Converter | None

    @property
    def name(self) -> str:
        """The voice's name."""

    @property
    def language(self) -> str:
        """The voice's first language."""

    @property
    def segment(self) -> Callable[..., Segmentation]:
        """`Voice.segment`."""

    @property
    def predict(self) -> Callable[..., Item]:
        """`Voice.predict`."""

    @property
    def render(self) -> Callable[..., Waveform]:
        """`Voice.render`."""


def cut_up(
    voice: Says, text: str | None, ssml: str | None, language: str | None, request: dict[str, Any]
) -> Iterator[tuple[Segmentation, list[Piece]]]:
    """What is segmented together, and the pieces that it is spoken in; each portion is checked before
    it is given.

    Parameters
    ----------
    voice : Says
    text, ssml : str or None
        One of them.
    language : str or None
    request : dict
        As `Voice.speak` takes it.

    Yields
    ------
    whole : Segmentation
    pieces : list of Piece

    Raises
    ------
    TextError
        What is to be said is no string.
    """
    for name, said in (("text", text), ("ssml", ssml)):
        if said is not None and not isinstance(said, str):
            raise TextError(
                f"{name} has to be a string, and {reprlib.repr(said)} is of type {type(said).__name__}",
                hint=_as_text(said),
            )
    check_asked(request, SAID, voice.acoustic_model.Options.model_fields)
    if text is None or ssml is not None:
        whole, ready = _marked(voice, text, ssml, language, request)
        _check(voice, ready)
        yield whole, ready
        return
    settled, vocoder, changes = _adjusted(voice, **request)
    cut = portions(text) if changes is None else [text]
    for number, portion in enumerate(cut):
        whole = voice.segment(portion, language)
        if changes is None:
            pieces = chunks(whole) if not number else chunks(whole, first=CHUNK_PHONES)
            parts = [Piece(piece) for piece in pieces]
        else:
            whole, durations, f0 = changes.applied(whole, voice.segmenter)
            parts = pieces_of(whole, durations, f0)
        how = Piece(whole, None, None, language, settled, vocoder, last=number == len(cut) - 1)
        ready = [
            replace(
                how, segmentation=part.segmentation, durations=part.durations, f0=part.f0,
                before=None if k or number else 0.0,
            )
            for k, part in enumerate(parts)
        ]  # fmt: skip
        _check(voice, ready)
        yield whole, ready


def _as_text(said: object) -> str:
    """How to say what is no string."""
    if isinstance(said, bytes | bytearray):
        return f"say({reprlib.repr(said)}.decode()), by the encoding that it has"
    if isinstance(said, Iterable):
        return "say(text) for each text of several"
    return f"say(str({reprlib.repr(said)}))"


def _check(voice: Says, parts: list[Piece]) -> None:
    """Refuse a piece that cannot be said before any is."""
    model, name = voice.acoustic_model, voice.stages["acoustic_model"].plugin
    for part in parts:
        asked = Request(
            part.segmentation, language=part.language, durations=part.durations, f0=part.f0,
            **part.request,
        )  # fmt: skip
        if part.durations is not None or part.f0 is not None:
            model.check_given(asked, name)
        model.check_said(asked)


def _marked(
    voice: Says, text: str | None, ssml: str | None, language: str | None, request: dict[str, Any]
) -> tuple[Segmentation, list[Piece]]:
    if ssml is None or text is not None:
        raise ConfigError("there is text and SSML" if text is not None else "there is nothing to speak")
    if not request.keys().isdisjoint(BY_HAND):
        raise ConfigError("what is changed by hand is of plain text, not of SSML", where="edit")
    from synthkit.pipeline.marked import marked_pieces

    def adjusted(rate: float, pitch: float) -> tuple[dict[str, Any], Vocoder]:
        speed, semitones = request.get("speed", 1.0) * rate, request.get("pitch", 0.0) + pitch
        return _adjusted(voice, **{**request, "speed": speed, "pitch": semitones})[:2]

    languages = list(dict.fromkeys([language or voice.language, *voice.manifest["languages"]]))
    return marked_pieces(
        ssml, lambda said, own: voice.segment(said, own or language), voice.segmenter, languages, adjusted
    )


def asked_of(voice: Says, segmentation: Segmentation, request: dict[str, Any]) -> Request:
    """What the acoustic model is asked, with the aims of the voice's prosody part where it has one.

    Parameters
    ----------
    voice : Says
    segmentation : Segmentation
    request : dict
        Fields of `Request`.

    Returns
    -------
    Request

    Raises
    ------
    ConfigError
        `Request` has no such field, or the acoustic model takes no such durations, F0 or option.
    """
    model = voice.acoustic_model
    check_asked(request, (), model.Options.model_fields)
    asked = Request(segmentation, **request)
    if asked.durations is not None or asked.f0 is not None:
        model.check_given(asked, voice.stages["acoustic_model"].plugin)
    if asked.prosody is None and voice.prosody is not None:
        return replace(asked, prosody=voice.prosody.predict(asked))
    return asked


def said_piece(voice: Says, part: Piece, spent: dict[str, float]) -> Spoken:
    """`part` spoken; the seconds that it took are added to `spent`.

    Parameters
    ----------
    voice : Says
    part : Piece
    spent : dict of str to float
        Seconds by stage.

    Returns
    -------
    Spoken
    """
    began = time.perf_counter()
    given = {"durations": part.durations, "f0": part.f0}
    prediction = voice.predict(part.segmentation, language=part.language, **part.request, **given)
    predicted = time.perf_counter()
    waveform = voice.render(prediction, part.vocoder)
    rendered = time.perf_counter()
    tell_of_haste(part, waveform)
    for stage, seconds in (("acoustic_model", predicted - began), ("vocoder", rendered - predicted)):
        spent[stage] = spent.get(stage, 0.0) + seconds
    so_far = sum(spent.values())
    made = Spoken(waveform, part.segmentation, (prediction,), spent, (waveform.duration,), so_far)
    if part.before == 0 and part.after is None:
        return made
    from synthkit.pipeline.joining import joined

    return joined(made, part.before, part.after)


def tell_of_haste(part: Piece, said: Waveform) -> None:
    """Warn, with `SpeechWarning`, of phones that go by faster than any tongue: what was trained too little
    gives each of them a frame, and what is heard is a click.

    Parameters
    ----------
    part : Piece
        What was to be said.
    said : Waveform
        What was.
    """
    phones = len(part.segmentation.phones())
    if part.durations is None and phones >= FEW_PHONES and said.duration < phones * SHORTEST_PHONE:
        warnings.warn(
            f"{phones} phones in {said.duration:.2f} s: nobody speaks so fast; the acoustic model has hardly "
            "learned how long they last",
            SpeechWarning,
            stacklevel=3,
        )


def _adjusted(
    voice: Says, *, speed: float = 1.0, pitch: float = 0.0, **request: Any
) -> tuple[dict[str, Any], Vocoder, Changes | None]:
    """The rest of the request, its options checked, the vocoder, and what is changed by hand: who changes
    speed and pitch is settled."""
    changes = None
    if not request.keys().isdisjoint(BY_HAND):
        from synthkit.pipeline.edit import changes_of

        request, changes = changes_of(request, speed=speed, pitch=pitch)
    options = request.get("options", {})
    speaker, speakers = request.get("speaker"), voice.manifest["speakers"]
    if speaker is not None and len(speakers) < 2 and speaker not in speakers:
        own = f", {speakers[0]!r}" if speakers else ""
        raise ConfigError(
            f"voice {voice.name!r} has one speaker{own}, and {speaker!r} was asked for",
            where="speaker",
            hint="leave it out, or take a voice of several speakers",
        )
    if speed == 1 and pitch == 0:
        return request | {"options": voice.acoustic_model.asked(options)}, voice.vocoder, changes
    from synthkit.pipeline.adjust import adjust

    spec = voice.bridges[-1].spec if voice.bridges else produced_spec(voice.folder, voice.manifest)
    names = (voice.stages["acoustic_model"].plugin, voice.stages["vocoder"].plugin)
    settled, vocoder = adjust(voice.acoustic_model, voice.vocoder, spec, names, speed=speed, pitch=pitch)
    return request | {"options": voice.acoustic_model.asked(settled | options)}, vocoder, changes


def as_one(portions: list[tuple[Segmentation, list[Piece]]]) -> tuple[Segmentation, list[Piece]]:
    """Portions of a text as one.

    Parameters
    ----------
    portions : list of (Segmentation, list of Piece)
        As `cut_up` gives them.

    Returns
    -------
    whole : Segmentation
    pieces : list of Piece
    """
    if len(portions) == 1:
        return portions[0]
    first = portions[0][0]
    return replace(
        first,
        text="\n".join(whole.text for whole, _ in portions),
        words=tuple(word for whole, _ in portions for word in whole.words),
        notes=tuple(dict.fromkeys(note for whole, _ in portions for note in whole.notes)),
    ), [replace(part, last=True) for _, parts in portions for part in parts]
