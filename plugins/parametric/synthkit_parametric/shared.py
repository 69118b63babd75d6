# SPDX-License-Identifier: Apache-2.0
"""Weights of several languages: their phones are sounds of the shared inventory (`synthkit.phones`), and what
a voice of one language begins with is cut out of them. numpy only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from synthkit import phones
from synthkit.errors import SpecMismatch
from synthkit.stages import TrainingData, TrainingItem
from synthkit.types import PAUSE, Segmentation
from synthkit_parametric.voice import TrainedVoice

SHARED = "shared"
"""The phone set of such weights: `synthkit.phones.canonical` of every symbol, and the pause."""


def sound_of(phone_set: str, symbol: str) -> str:
    """The symbol of the shared inventory for one of `phone_set`."""
    return PAUSE if symbol == PAUSE else phones.canonical(phone_set, symbol)


def alike(symbols: Sequence[str]) -> np.ndarray:
    """How each sound is made.

    Parameters
    ----------
    symbols : sequence of str
        Of the shared inventory.

    Returns
    -------
    ndarray, shape (symbols, len(synthkit.phones.NAMES)), float32
        Zeros for the pause and for what no table knows.
    """
    nothing = (0.0,) * len(phones.NAMES)
    return np.array([phones.features("ipa", s) or nothing for s in symbols], np.float32)


def whole(weights: dict[str, np.ndarray], sounds: np.ndarray | None) -> dict[str, np.ndarray]:
    """Weights as they speak: the part of a symbol's vector that is of its sound added to its own."""
    if sounds is None:
        return weights
    table = weights["encoder.symbol.weight"] + sounds @ weights["encoder.sound.weight"].T
    rest = {k: v for k, v in weights.items() if k != "encoder.sound.weight"}
    return {**rest, "encoder.symbol.weight": table}


def as_shared(segmentation: Segmentation) -> Segmentation:
    """The same words with the sounds of the shared inventory."""
    words = tuple(
        replace(
            word,
            phones=tuple(replace(p, symbol=sound_of(segmentation.phone_set, p.symbol)) for p in word.phones),
        )
        for word in segmentation.words
    )
    return replace(segmentation, phone_set=SHARED, words=words)


def shared_item(item: TrainingItem) -> TrainingItem:
    """What is learned from, with the sounds of the shared inventory."""
    named = item.segmentation.phone_set
    intervals = tuple(replace(i, label=sound_of(named, i.label)) for i in item.alignment.phones)
    alignment = replace(item.alignment, phones=intervals)
    return replace(item, segmentation=as_shared(item.segmentation), alignment=alignment)


def in_terms_of(voice: TrainedVoice, data: TrainingData, *, new: bool = False) -> TrainedVoice:
    """Weights of several languages as those of a voice of one language, in its own phone set.

    Parameters
    ----------
    voice : TrainedVoice
        Whose phone set is `SHARED`.
    data : TrainingData
        Of one language, which `voice` has; whose phones the result knows, beside all of that set that `voice`
        has. A sound that it lacks is said as the nearest that it has.
    new : bool
        A speaker whom nobody knows, instead of those of `voice`.

    Returns
    -------
    TrainedVoice

    Raises
    ------
    SpecMismatch
        A language, or a phone set, that `voice` does not have.
    """
    if data.phone_set == SHARED:
        return voice
    language = next((k for k in voice.languages if (k,) == data.languages), None)
    if language is None or "+" in data.phone_set:
        raise SpecMismatch(
            f"the weights speak {', '.join(voice.languages)}, the corpus is in {', '.join(data.languages)}",
            hint="weights of several languages begin a voice of one of them",
        )
    wanted = {p.symbol for item in data.items for p in item.segmentation.phones()}
    wanted |= {i.label for item in data.items for i in item.alignment.phones}
    table = phones.SETS.get(data.phone_set)
    known = set(voice.symbols)
    wanted |= {s for s, sound in table.items() if sound in known} if table else known
    symbols = tuple(sorted(wanted | {PAUSE}))
    rows = [voice.symbols.index(_nearest(s, data.phone_set, voice.symbols)) for s in symbols]

    def cut(network: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        code = network["encoder.language.weight"][voice.languages.index(language)]
        weights = {k: v for k, v in network.items() if k != "encoder.language.weight"}
        weights["encoder.symbol.weight"] = network["encoder.symbol.weight"][rows]
        weights["encoder.speaker.weight"] = network["encoder.speaker.weight"] * (not new) + code
        return weights

    shape = replace(voice.shape, symbols=len(symbols), languages=0)
    first, *beside = map(cut, voice.networks)
    return replace(
        voice,
        shape=shape,
        symbols=symbols,
        phone_set=data.phone_set,
        languages=(language,),
        weights=first,
        beside=tuple(beside),
    )


def to_shared(voice: TrainedVoice) -> TrainedVoice:
    """Weights of one phone set in the terms of the shared inventory; symbols of one sound are their mean.

    Parameters
    ----------
    voice : TrainedVoice

    Returns
    -------
    TrainedVoice
        `voice` itself where it is of the shared inventory.
    """
    if voice.phone_set == SHARED:
        return voice
    sounds = [sound_of(voice.phone_set, s) for s in voice.symbols]
    symbols = tuple(sorted(set(sounds)))

    def joined(network: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        table = network["encoder.symbol.weight"]
        rows = [table[[k for k, sound in enumerate(sounds) if sound == s]].mean(axis=0) for s in symbols]
        return {**network, "encoder.symbol.weight": np.stack(rows).astype(np.float32)}

    shape = replace(voice.shape, symbols=len(symbols))
    first, *beside = map(joined, voice.networks)
    return replace(voice, shape=shape, symbols=symbols, phone_set=SHARED, weights=first, beside=tuple(beside))


def _nearest(symbol: str, phone_set: str, known: Sequence[str]) -> str:
    """The symbol of the shared inventory that stands for one of `phone_set`."""
    sound = sound_of(phone_set, symbol)
    return sound if sound in known else phones.nearest(symbol, known, phone_set, "ipa") or PAUSE
