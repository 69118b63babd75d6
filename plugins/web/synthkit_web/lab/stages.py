# SPDX-License-Identifier: Apache-2.0
"""Which parts may stand at each stage of a voice, and why others may not.

Three stages act when a voice speaks. Its segmentation and its vocoder can be another one that fits; its
acoustic model is what the voice has learned, so that another one is another voice's. Alignment and features
act when a voice is built: what could stand there is held against the rest of the voice by the same contract
that `synthkit build` holds them against.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from synthkit.errors import SpecMismatch, SynthkitError
from synthkit.pipeline.part import Part
from synthkit.pipeline.parts import STAGES, Parts
from synthkit.pipeline.voice import Voice
from synthkit.plugins import registry
from synthkit_web.lab.menus import vocoders

MOST_NAMED = 12
"""Phones of a segmentation that a table of differences names."""


def stage_menus(
    voice: Voice, others: Mapping[str, Voice], vocoder: str | None = None
) -> list[dict[str, Any]]:
    """The stages that act when a voice speaks, each with the parts that are installed for it.

    Parameters
    ----------
    voice : Voice
    others : mapping of str to Voice
        Further voices that are open, whose acoustic models may speak.
    vocoder : str, optional
        What the voice speaks by now, in place of its own; other acoustic models have to fit it.

    Returns
    -------
    list of dict
        Each with ``stage`` and ``choices``: ``name``; whether it ``fits`` and is the voice's ``own``;
        ``voice``, whose model it is; ``adapters`` on the way to it; and where it does not fit ``why``,
        ``hint`` and ``tables`` (rows of three cells, the headings first).
    """
    return [
        {"stage": "segmentation", "choices": _segmentations(voice)},
        {"stage": "acoustic_model", "choices": _models(voice, others, vocoder)},
        {"stage": "vocoder", "choices": [_choice(**row) for row in vocoders(voice)]},
    ]


def building_menus(voice: Voice) -> list[dict[str, Any]]:
    """The stages that act when a voice is built, with what it could be built with in place of what it was.

    Parameters
    ----------
    voice : Voice

    Returns
    -------
    list of dict
        As `stage_menus` gives them.
    """
    stages = ("alignment", "features", "acoustic_model")
    return [{"stage": stage, "choices": _rebuilt(stage, voice)} for stage in stages]


def _own(stage: str, voice: Voice) -> str:
    if stage in voice.stages:
        return voice.stages[stage].plugin
    return str(voice.manifest["plugins"].get(stage, {}).get("plugin", ""))


def _choice(
    name: str,
    *,
    fits: bool,
    own: bool = False,
    voice: str = "",
    adapters: Any = (),
    why: str = "",
    hint: str = "",
    tables: Any = (),
) -> dict[str, Any]:
    return {"name": name, "own": own, "fits": fits, "voice": voice, "adapters": list(adapters),
            "why": why, "hint": hint, "tables": [list(map(list, rows)) for rows in tables]}  # fmt: skip


def _refused(name: str, error: SynthkitError, **more: Any) -> dict[str, Any]:
    """A choice that does not fit; of a message with tables the page shows the tables as such."""
    tables = error.tables if isinstance(error, SpecMismatch) else ()
    why = error.message.partition("\n")[0] if tables else error.message
    return _choice(name, fits=False, why=why, hint=error.hint, tables=tables, **more)


def _segmentations(voice: Voice) -> list[dict[str, Any]]:
    own = _own("segmentation", voice)
    out = [_choice(own, fits=True, own=True)]
    try:
        known: set[str] | None = set(voice.segmenter.phones(voice.language))
    except NotImplementedError:  # then only speaking tells
        known = None
    for name in registry().names("segmentation"):
        if name == own:
            continue
        try:
            other = voice.with_segmentation(name).segmenter
            languages = other.languages()
            if "*" not in languages and voice.language not in languages:
                rows = [("field", f"{name} reads", f"{voice.name} speaks")]
                rows += [("language", ", ".join(languages), voice.language)]
                raise SpecMismatch(f"segmentation {name!r} does not read {voice.language!r}", tables=[rows])
            phones = set(other.phones(voice.language))
            if known is not None and not phones <= known:
                heads = ("field", f"{name} gives", f"{voice.name} speaks")
                row = ("phones", _named(phones - known), _named(known - phones))
                raise SpecMismatch(
                    f"segmentation {name!r} gives phones that voice {voice.name!r} never heard",
                    hint="build the voice again with it: its acoustic model is of its phones",
                    tables=[[heads, row]],
                )
        except NotImplementedError:
            out.append(_choice(name, fits=True))  # it does not tell; what it gives is checked when it speaks
        except SynthkitError as error:
            out.append(_refused(name, error))
        else:
            out.append(_choice(name, fits=True))
    return out


def _named(phones: set[str]) -> str:
    ordered = sorted(phones)
    return " ".join(ordered[:MOST_NAMED]) + (" …" if len(ordered) > MOST_NAMED else "")


def _models(voice: Voice, others: Mapping[str, Voice], vocoder: str | None) -> list[dict[str, Any]]:
    vocoder = vocoder or voice.stages["vocoder"].plugin
    out = [_choice(_own("acoustic_model", voice), fits=True, own=True, voice=voice.name)]
    for name, other in others.items():
        model = _own("acoustic_model", other)
        if not set(other.manifest["languages"]) & set(voice.manifest["languages"]):
            continue  # another language's voice is no other part of this one
        try:
            ours, theirs = voice.manifest["phone_set"], other.manifest["phone_set"]
            if not set(ours.split("+")) & set(theirs.split("+")):
                rows = [("field", f"{name} speaks", f"{voice.name} speaks"), ("phone_set", theirs, ours)]
                raise SpecMismatch("the voices speak different phones", tables=[rows])
            if vocoder != other.stages["vocoder"].plugin:
                other.with_vocoder(vocoder, adapters=["auto"]).close()
        except SynthkitError as error:
            out.append(_refused(model, error, voice=name))
        else:
            out.append(_choice(model, fits=True, voice=name))
    return out


def _rebuilt(stage: str, voice: Voice) -> list[dict[str, Any]]:
    """Parts that this voice could be built with: held against its other parts, as its configuration has
    them."""
    own = _own(stage, voice)
    out = [_choice(own, fits=True, own=True)] if own else []
    names = [name for name in registry().names(stage) if name != own]
    try:
        if not all(s in voice.manifest["plugins"] for s in STAGES):
            return out  # it came trained, and nothing says how
        parts = Parts.of_voice(voice.folder, voice.manifest, STAGES)
    except SynthkitError as error:
        return out + [_refused(name, error) for name in names]
    for name in names:
        try:
            part = Part.of(stage, {"plugin": name}, base=voice.folder, rate=voice.sample_rate)
            replace(parts, stages=parts.stages | {stage: part}).contract(voice.sample_rate)
        except SynthkitError as error:
            out.append(_refused(name, error))
        else:
            out.append(_choice(name, fits=True))
    return out
