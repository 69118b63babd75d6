# SPDX-License-Identifier: Apache-2.0
"""Kokoro voices in synthkit: StyleTTS 2, phones and a style in, waveform out, by onnxruntime alone.

`tokens` turns phones into the network's input, `acoustic` speaks, `voices` names what can be fetched and
makes a voice of any other files of that kind, `commands` does so from the command line.
"""

from synthkit import hookimpl


@hookimpl
def register_acoustic_models(register):  # type: ignore[no-untyped-def]
    """Kokoro's network."""
    register("kokoro", "synthkit_kokoro.acoustic:Kokoro", summary="StyleTTS 2 (Kokoro): phones to a waveform")


@hookimpl
def register_pretrained_voices(register):  # type: ignore[no-untyped-def]
    """Voices that come as packages."""
    register(
        "kokoro", "synthkit_kokoro.voices:KokoroV1",
        summary="five Japanese styles that speak English, Spanish, French, Italian and Portuguese, too",
    )  # fmt: skip


@hookimpl
def register_commands(register):  # type: ignore[no-untyped-def]
    """Bringing in other styles."""
    register("kokoro", "synthkit_kokoro.commands:kokoro", summary="make a voice of Kokoro's files")
