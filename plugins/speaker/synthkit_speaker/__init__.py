"""Who is speaking: embeddings and their similarity."""

from synthkit import hookimpl


@hookimpl
def register_speaker_encoders(register):
    """Resemblyzer, whose weights come in its package."""
    register("resemblyzer", "synthkit_speaker.encoder:Resemblyzer", summary="256 numbers a clip, weights in the package")


@hookimpl
def register_metrics(register):
    """Similarity to the target speaker, and to others beside it."""
    register("speaker", "synthkit_speaker.metric:SpeakerSimilarity", summary="cosine to the target speaker")
