# SPDX-License-Identifier: Apache-2.0
"""Piper voices in synthkit: a VITS each, text in, waveform out, by onnxruntime alone.

`ids` turns phones into the model's input, `model` holds the two files of a voice, `acoustic` speaks, `voices`
names what can be fetched, `commands` brings in any other. `piper-tts` (GPL) is neither needed nor used.
"""

from synthkit import hookimpl


@hookimpl
def register_acoustic_models(register):  # type: ignore[no-untyped-def]
    """Piper's models."""
    register("piper", "synthkit_piper.acoustic:Piper", summary="any Piper voice (VITS): phones to a waveform")


@hookimpl
def register_pretrained_voices(register):  # type: ignore[no-untyped-def]
    """Voices that come as packages."""
    register("joe", "synthkit_piper.voices:Joe", summary="American English, a man; VITS of medium size")


@hookimpl
def register_commands(register):  # type: ignore[no-untyped-def]
    """Bringing in a voice of one's own."""
    register("piper", "synthkit_piper.commands:piper", summary="make a voice of a Piper model's two files")
