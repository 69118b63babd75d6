# SPDX-License-Identifier: Apache-2.0
"""What a trained voice can be asked for: to begin a training with its weights, to keep its order of names, to
clone."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from synthkit.errors import SynthkitError
from synthkit.plugins import registry
from synthkit.types import Finding
from synthkit_coqui.architectures import find
from synthkit_coqui.description import VoiceConfig


def of_start(start: VoiceConfig, voice: VoiceConfig, where: str) -> list[Finding]:
    """Whether training of `voice` can start from the weights of `start`.

    The tables that give ids to symbols, speakers and languages must be the same ones in the same order: a
    longer table does not load, and a reordered one loads silently and speaks every name with another's voice.
    """
    found: list[Finding] = []
    if start.kind != voice.kind:
        return [
            Finding("error", "other-model",
                    f"{where} is a {start.kind}, this is a {voice.kind}", "no weight fits",
                    f'plugin = "{start.kind}"', "start_from")
        ]  # fmt: skip
    for name, theirs, ours in (
        ("languages", start.languages if start.language_embedding else (),
         voice.languages if voice.language_embedding else ()),
        ("speakers", start.speakers if start.conditioning == "embedding" else (),
         voice.speakers if voice.conditioning == "embedding" else ()),
        ("symbols", start.symbols.tokens if start.symbols else (),
         voice.symbols.tokens if voice.symbols else ()),
    ):  # fmt: skip
        found += of_order(name, theirs, ours, where)
    if start.conditioning != voice.conditioning:
        found.append(
            Finding("error", "other-conditioning",
                    f"{where} was trained with speakers = {start.conditioning!r}, this with "
                    f"{voice.conditioning!r}", "the weights do not fit the model",
                    f'speakers = "{start.conditioning}"', "start_from")
        )  # fmt: skip
    elif start.d_vector_dim != voice.d_vector_dim:
        found.append(
            Finding("error", "other-d-vectors",
                    f"{where} takes d-vectors of {start.d_vector_dim}, the encoder gives "
                    f"{voice.d_vector_dim}", "the weights do not fit the model",
                    f'speaker_encoder = "{start.speaker_encoder}"',
                    "start_from")
        )  # fmt: skip
    if find(voice.kind).frames:
        rows = start.spec.differences(voice.spec)
        if rows:
            table = "; ".join(f"{f}: {a} in the voice, {b} here" for f, a, b in rows)
            found.append(
                Finding("error", "other-mel", f"the frames differ from those of {where}: {table}",
                        "the model would speak frames that mean something else",
                        "use the [features] of that voice",
                        "start_from")
            )  # fmt: skip
    return found


def of_order(name: str, trained: Sequence[str], wanted: Sequence[str], where: str) -> list[Finding]:
    """Findings ``NAME-missing`` and ``NAME-reordered`` for a table of names that got ids in training."""
    trained, wanted = list(trained), list(wanted)
    if trained == wanted:
        return []
    listed = "[" + ", ".join(f'"{t}"' for t in trained) + "]"
    if sorted(trained) == sorted(wanted):
        return [
            Finding("error", f"{name}-reordered",
                    f"{where} was trained with {name} {trained}, the config says {wanted}",
                    f"it loads without a word, and each of the {name} is spoken as another",
                    f"{name} = {listed}", name)
        ]  # fmt: skip
    missing = [t for t in trained if t not in wanted]
    extra = [w for w in wanted if w not in trained]
    seen = "; ".join(
        text
        for text in (
            f"missing here: {missing[:8]}" if missing else "",
            f"new here: {extra[:8]}" if extra else "",
        )
        if text
    )
    loads = (
        "it loads without a word, and rows get names that are not theirs"
        if len(trained) == len(wanted)
        else f"the model does not come back: size mismatch, {len(trained)} rows against {len(wanted)}"
    )
    return [
        Finding("error", f"{name}-missing",
                f"{where} was trained with {len(trained)} {name}, the config has {len(wanted)} ({seen})",
                loads, f"{name} = {listed}", name)
    ]  # fmt: skip


def of_cloning(voice: VoiceConfig, where: str | Path) -> list[Finding]:
    """Whether a voice can speak as the speaker of a clip."""
    make_one = (
        'train one that can: [acoustic_model] speakers = "d-vector" on a corpus of many speakers (glowtts or '
        "vits), then `synthkit clone`"
    )
    if not find(voice.kind).reads_text:
        return [
            Finding(
                "error",
                "cannot-clone",
                f"{where} is a {voice.kind}",
                "there is no model to speak",
                make_one,
                str(where),
            )
        ]
    if voice.conditioning != "d-vector":
        held = {
            "none": "it was never given a speaker embedding",
            "embedding": f"it knows its own {len(voice.speakers)} speakers by number and can only mix them",
        }[voice.conditioning]
        return [
            Finding("error", "cannot-clone", f"the voice cannot speak as somebody else: {held}",
                    "the clip would be ignored and the voice's own speaker heard", make_one, str(where))
        ]  # fmt: skip
    try:
        registry().find("speaker_encoder", voice.speaker_encoder)
    except SynthkitError as error:
        return [
            Finding("error", "no-speaker-encoder",
                    error.message, "the clip could not be turned into an embedding",
                    f"install the plugin of speaker encoder {voice.speaker_encoder!r}", str(where))
        ]  # fmt: skip
    if len(voice.speakers) < 8:
        return [
            Finding("warning", "few-speakers", f"the voice was trained on {len(voice.speakers)} speakers",
                    "the clone will sound like one of them", "train on dozens of speakers", str(where))
        ]  # fmt: skip
    return []
