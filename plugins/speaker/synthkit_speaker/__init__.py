# SPDX-License-Identifier: Apache-2.0
"""Who is speaking: embeddings and their similarity."""

from synthkit import hookimpl


@hookimpl
def register_speaker_encoders(register):
    """Resemblyzer, whose weights come in its package, and ECAPA-TDNN."""
    register(
        "resemblyzer",
        "synthkit_speaker.encoder:Resemblyzer",
        summary="256 numbers a clip, weights in the package",
    )
    register(
        "ecapa", "synthkit_speaker.ecapa:Ecapa", summary="192 numbers a clip, weights by folder or package"
    )


@hookimpl
def register_metrics(register):
    """Similarity to the target speaker, and to others beside it."""
    register("speaker", "synthkit_speaker.metric:SpeakerSimilarity", summary="cosine to the target speaker")
    register("speaker-ecapa", "synthkit_speaker.metric:EcapaSimilarity", summary="the same by ECAPA-TDNN")
