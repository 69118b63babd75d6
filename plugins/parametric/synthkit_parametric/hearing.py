# SPDX-License-Identifier: Apache-2.0
"""What a voice says while it is being trained: a few sentences, for who watches (`synthkit.curve.heard`)."""

from __future__ import annotations

from synthkit.plugins import registry
from synthkit.stages import AcousticModel, Request, TrainingData, TrainingItem, Vocoder
from synthkit.types import FeatureSpec, Waveform

SENTENCES = 2
VOCODERS = ("world", "griffin-lim")
"""That need no training; the first that takes the frames is used."""


def plain_vocoder(spec: FeatureSpec) -> Vocoder | None:
    """A vocoder that renders frames under `spec` untrained; None where none is installed."""
    for name in VOCODERS:
        if name in registry().names("vocoder"):
            vocoder: Vocoder = registry().load("vocoder", name)()
            if any(demand.accepts(spec) for demand in vocoder.accepts()):
                return vocoder
    return None


def sentences(
    model: AcousticModel, symbols: tuple[str, ...], data: TrainingData, vocoder: Vocoder
) -> dict[str, tuple[str, Waveform]]:
    """The shortest held-out sentences (else of those learned from) as `model` says them: texts and sounds.

    Parameters
    ----------
    model : AcousticModel
        Opened.
    symbols : tuple of str
        Phones that it knows: sentences that hold others are not asked of it.
    data : TrainingData
    vocoder : Vocoder
    """

    def known(item: TrainingItem) -> bool:
        return all(p.symbol in symbols for p in item.segmentation.phones())

    said = [i for i in data.held_out if known(i)] or list(data.items)
    said.sort(key=lambda i: (i.alignment.duration, i.utterance.id))
    out = {}
    for item in said[:SENTENCES]:
        u = item.utterance
        frames = model.predict(Request(item.segmentation, speaker=u.speaker, language=u.language))
        out[u.id] = u.text, vocoder.render(frames)
    return out
