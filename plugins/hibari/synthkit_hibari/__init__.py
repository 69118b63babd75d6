# SPDX-License-Identifier: Apache-2.0
"""Hibari voices in synthkit: text to F0 and the spectra of harmonics and noise, and the renderer of those.

`segmenter` reads English as the voice was trained to hear it, `acoustic` gives frames of a kind of their own,
which the vocoder of the same name renders; F0 stands in a stream by itself and can be changed between the
two. Everything rests on the package `hibari-tts` (Apache-2.0), which carries the weights of its voice
"heart".
"""

from synthkit import hookimpl


@hookimpl
def register_segmenters(register):  # type: ignore[no-untyped-def]
    """Hibari's English."""
    register(
        "hibari",
        "synthkit_hibari.segmenter:HibariSegmenter",
        summary="English in the phones of hibari's voices",
    )


@hookimpl
def register_acoustic_models(register):  # type: ignore[no-untyped-def]
    """Hibari's network."""
    register(
        "hibari", "synthkit_hibari.acoustic:Hibari", summary="phones to F0 and spectra of harmonics and noise"
    )


@hookimpl
def register_vocoders(register):  # type: ignore[no-untyped-def]
    """Hibari's renderer."""
    register(
        "hibari",
        "synthkit_hibari.vocoder:HibariVocoder",
        summary="harmonics, noise and free phases, one inverse STFT",
    )


@hookimpl
def register_pretrained_voices(register):  # type: ignore[no-untyped-def]
    """The voice in the package."""
    register(
        "heart", "synthkit_hibari.voices:Heart", summary="American English, a woman; distilled from Kokoro"
    )
