# SPDX-License-Identifier: Apache-2.0
"""``synthkit clone``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from synthkit.cli.common import json_option, print_json
from synthkit.errors import AudioError, ConfigError, SynthkitError, VoiceError

if TYPE_CHECKING:
    from synthkit.stages import SpeakerEncoder
    from synthkit.types import Finding, Waveform

ENCODER = "resemblyzer"


@click.command()
@click.option(
    "-v", "--voice", "base", required=True, metavar="BASE",
    help="A voice trained with d-vectors, or one that others can begin with, or weights by name, as several.",
)  # fmt: skip
@click.option(
    "--clip", "clips", required=True, multiple=True,
    type=click.Path(path_type=Path), help="A recording of one person; several are taken together.",
)  # fmt: skip
@click.option(
    "--transcript", "transcripts", multiple=True, metavar="TEXT",
    help="What is said in each clip, in their order.  [default: the text beside it, NAME.txt]",
)  # fmt: skip
@click.argument("text")
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), default=Path("clone.wav"), show_default=True,
    help="A .wav or .flac file.",
)  # fmt: skip
@click.option("--keep", type=click.Path(path_type=Path), help="Keep the clone as a voice in this folder.")
@click.option("--speaker", default="", help="Whose voice it is; with --keep.")
@click.option("--licence", default="", help="For what this speaker agrees that it is used; with --keep.")
@click.option("--language", help="For a base with several languages.")
@click.option("--force", is_flag=True, help="Clone from a clip that the checks refuse.")
@json_option
def clone(
    base: str,
    clips: tuple[Path, ...],
    transcripts: tuple[str, ...],
    text: str,
    out: Path,
    keep: Path | None,
    speaker: str,
    licence: str,
    language: str | None,
    force: bool,
    as_json: bool,
) -> int:
    """Speak TEXT in the voice of a recorded clip, and say how near it comes.

    A voice of d-vectors speaks at once; weights such as several learn the speaker's code of the clip, for
    which they need to know what is said in it. A base that cannot clone says so before anything is loaded,
    and how to make one that can. What is written says that it is synthetic; a clone that is kept says whose
    voice it is, and for what they agreed that it is used.

    \b
    synthkit clone -v several --clip me.wav --transcript "Мороз и солнце." "Это мой голос." -o clone.wav
    synthkit clone -v voices/many --clip me.wav "…" -o clone.wav
    """
    from synthkit import audio
    from synthkit.atomic import sweep
    from synthkit.pipeline import cloning

    sweep(out.parent, out.name)  # what a killed run of this left
    agreed = _agreed(speaker, licence) if keep is not None or speaker or licence else ""
    embedded = _encoder_of(base)
    if embedded is None:
        said = _transcripts(clips, transcripts)
    encoder = _load(embedded or ENCODER)
    heard = [audio.read(path) for path in clips]
    for path, waveform in zip(clips, heard, strict=True):
        _check(waveform, encoder, str(path), force)
    if embedded is not None:
        if keep is not None:
            raise ConfigError("a voice of d-vectors is kept as it is", where="--keep", hint="leave it out")
        spoken, marks = _embedded(Path(base), encoder, heard, text, language)
    else:
        spoken, marks = _learned(base, list(zip(clips, said, strict=True)), text, language, keep, agreed)
    audio.write(out, spoken, marks)
    found = cloning.likeness(encoder, heard, spoken)
    if as_json:
        print_json(
            {
                "out": str(out), "seconds": round(spoken.duration, 3), "likeness": found.result,
                "parts_of_the_clip": found.own, "same_speaker": found.same,
                "different_speakers": found.different, "near": found.near,
            }
        )  # fmt: skip
        return 0
    click.echo(f"{out}: {spoken.duration:.2f} s, {found}")
    if not found.near:
        click.echo(cloning.advice(sum(w.duration for w in heard)), err=True)
    return 0


def _agreed(speaker: str, licence: str) -> str:
    """The line of consent of a clone that is kept."""
    from synthkit.corpora.owners import consent

    if not speaker.strip() or not licence.strip():
        raise ConfigError(
            "a voice that is kept says whose it is and for what they agreed that it is used",
            where="--keep",
            hint='--speaker "Anna Ivanova" --licence "private use"; without --keep only the sound stays',
        )
    return consent(speaker, licence)


def _encoder_of(base: str) -> str | None:
    """The speaker encoder of a voice of d-vectors; None of weights that learn a code of their own.

    Raises
    ------
    ConfigError, VoiceError
        There is no such base, or it can do neither.
    """
    from synthkit.pipeline.adapting import find_base
    from synthkit.pipeline.voice_folder import MANIFEST, read_manifest
    from synthkit.plugins import registry
    from synthkit.stages import Adapts, Clones

    folder = Path(base)
    if not (folder / MANIFEST).is_file():
        find_base(base)  # says what there is
        return None
    plugin = read_manifest(folder)["plugins"]["acoustic_model"]["plugin"]
    kind = registry().load("acoustic_model", plugin)
    if issubclass(kind, Clones):
        encoder: str
        encoder, found = kind.cloning(folder / "acoustic_model", base)
        for finding in found:
            _tell(finding, VoiceError)
        return encoder
    if not issubclass(kind, Adapts):
        raise VoiceError(
            f"this voice cannot clone: its acoustic model {plugin!r} takes no embeddings, and others cannot "
            "begin with it",
            where=base,
            hint='clone with the weights `several`, or build a voice with [acoustic_model] plugin = "vits" '
            'or "glowtts" and speakers = "d-vector"',
        )
    return None


def _transcripts(clips: Sequence[Path], said: Sequence[str]) -> list[str]:
    """What is said in each clip."""
    from synthkit.pipeline.cloning import transcript_of

    if len(said) not in (0, len(clips)):
        raise ConfigError(f"{len(said)} transcripts of {len(clips)} clips", where="--transcript")
    return [transcript_of(clip, said[k] if said else None) for k, clip in enumerate(clips)]


def _load(name: str) -> SpeakerEncoder:
    """The speaker encoder of that name, ready."""
    from synthkit.errors import PluginError
    from synthkit.plugins import registry

    if not registry().names("speaker_encoder"):
        raise PluginError(
            f"there is no speaker encoder named {name!r}: none is installed",
            hint="pip install synthkit-speech[speaker]",
        )
    encoder: SpeakerEncoder = registry().load("speaker_encoder", name)()
    return encoder


def _check(waveform: Waveform, encoder: SpeakerEncoder, where: str, force: bool) -> None:
    """Refuse a clip that nothing can be learned of, and tell what is less bad."""
    from synthkit.clips import check_clip

    for finding in check_clip(waveform, encoder, where):
        _tell(finding, None if force else AudioError)


def _tell(finding: Finding, error: type[SynthkitError] | None) -> None:
    """Raise a finding that is an error, where `error` says as what; print any other."""
    if finding.severity == "error" and error is not None:
        raise error(f"{finding.problem}; {finding.consequence}", where=finding.where, hint=finding.mend)
    print(str(finding), file=sys.stderr)


def _embedded(
    voice: Path, encoder: SpeakerEncoder, heard: Sequence[Waveform], text: str, language: str | None
) -> tuple[Waveform, dict[str, str]]:
    """What a voice of d-vectors says, and what its file says of it."""
    import numpy as np

    from synthkit.marks import marks_of
    from synthkit.pipeline.voice import Voice

    mean = np.mean(np.stack([encoder.embed(w) for w in heard]), axis=0)
    request: dict[str, Any] = {"embedding": (mean / np.linalg.norm(mean)).astype(np.float32)}
    with Voice.open(voice) as opened:
        return opened.speak(text, language=language, **request).waveform, marks_of(opened.manifest)


def _learned(
    base: str,
    clips: Sequence[tuple[Path, str]],
    text: str,
    language: str | None,
    keep: Path | None,
    agreed: str,
) -> tuple[Waveform, dict[str, str]]:
    """What a voice says whose speaker's code was learned of the clips, and what its file says of it."""
    from synthkit.marks import marks_of
    from synthkit.pipeline.adapting import find_base
    from synthkit.pipeline.cloning import voice_of
    from synthkit.pipeline.context import BuildContext
    from synthkit.pipeline.executors import SerialExecutor
    from synthkit.pipeline.voice import Voice
    from synthkit.progress import Progress
    from synthkit.scratch import scratch_folder

    with scratch_folder() as scratch:
        folder = keep if keep is not None else scratch / "clone"
        ctx = BuildContext(SerialExecutor(), Progress(enabled=False), scratch / "work")
        voice_of(find_base(base), clips, language, folder, ctx, agreed)
        with Voice.open(folder) as opened:
            return opened.speak(text).waveform, marks_of(opened.manifest)
