# SPDX-License-Identifier: Apache-2.0
"""``synthkit clone`` and ``synthkit coqui``."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from synthkit.errors import AudioError, SynthkitError, VoiceError
from synthkit.types import Finding

FOLDER = click.Path(path_type=Path)


@click.command()
@click.option(
    "-v", "--voice", required=True, type=FOLDER, help="A voice folder whose model was trained with d-vectors."
)
@click.option(
    "--clip",
    "clips",
    required=True,
    multiple=True,
    type=FOLDER,
    help="A recording of one person; several are averaged.",
)
@click.argument("text")
@click.option(
    "-o", "--out", type=FOLDER, default=Path("clone.wav"), show_default=True, help="A .wav or .flac file."
)
@click.option("--language", help="For a voice with several languages.")
@click.option("--force", is_flag=True, help="Clone from a clip that the checks refuse.")
@click.option("--json", "as_json", is_flag=True, help="Machine-readable output.")
def clone(
    voice: Path,
    clips: tuple[Path, ...],
    text: str,
    out: Path,
    language: str | None,
    force: bool,
    as_json: bool,
) -> int:
    """Speak TEXT in the voice of a recorded clip.

    A voice that cannot clone says so before anything is loaded, and how to make one that can.

    \b
    synthkit clone -v voices/many --clip me.wav "…" -o clone.wav
    """
    import numpy as np

    from synthkit import audio
    from synthkit.pipeline.voice import Voice
    from synthkit.pipeline.voice_folder import read_manifest
    from synthkit.plugins import registry
    from synthkit_coqui.clips import check_clip
    from synthkit_coqui.speech import CONFIG, read_config
    from synthkit_coqui.trained import of_cloning

    read_manifest(voice)  # says so when there is no voice
    model = voice / "acoustic_model"
    if not (model / CONFIG).exists():
        raise VoiceError(
            "this voice cannot clone: its acoustic model is not one of the coqui plugin", where=str(voice),
            hint='build one with [acoustic_model] plugin = "vits" or "glowtts" and speakers = "d-vector"',
        )  # fmt: skip
    description = read_config(model)
    _tell(of_cloning(description, voice), refuse=True)
    encoder = registry().load("speaker_encoder", description.speaker_encoder)()
    vectors = []
    for path in clips:
        waveform = audio.read(path)
        _tell(check_clip(waveform, encoder, str(path)), refuse=not force, error=AudioError)
        vectors.append(encoder.embed(waveform))
    mean = np.mean(np.stack(vectors), axis=0)
    opened = Voice.open(voice)
    request: dict[str, Any] = {"embedding": (mean / np.linalg.norm(mean)).astype(np.float32)}
    spoken = opened.speak(text, language=language, **request)
    audio.write(out, spoken.waveform)
    seconds = round(spoken.waveform.duration, 3)
    click.echo(json.dumps({"out": str(out), "seconds": seconds}) if as_json else f"{out}: {seconds:.2f} s")
    return 0


@click.group("coqui")
def coqui_group() -> None:
    """Import, export and check coqui-tts models.

    \b
    synthkit coqui import trained/ voices/mine
    synthkit coqui check config.json
    """


@coqui_group.command("import")
@click.argument("folder", type=FOLDER)
@click.argument("out", type=FOLDER)
@click.option("--checkpoint", type=FOLDER, help="The .pth; else the best model of the folder.")
def import_model(folder: Path, out: Path, checkpoint: Path | None) -> int:
    """Turn a coqui-tts (or Mozilla TTS) run FOLDER into a model folder OUT of this plugin.

    No code in the checkpoint is run and no class that the config names is imported.

    \b
    synthkit coqui import trained voices/mine
    """
    from synthkit_coqui.foreign import import_folder

    voice = import_folder(folder, out, checkpoint, tell=lambda finding: _tell([finding], refuse=False))
    click.echo(
        f"{out}: {voice.kind}, {len(voice.speakers) or 1} speakers, languages "
        f"{', '.join(voice.languages) or '–'}"
    )
    return 0


@coqui_group.command("export")
@click.argument("model", type=FOLDER)
@click.argument("out", type=FOLDER)
def export_model(model: Path, out: Path) -> int:
    """Write MODEL (a voice's acoustic_model or vocoder folder) as coqui-tts reads it.

    \b
    synthkit coqui export voices/mine out
    """
    from synthkit_coqui.export import export_folder

    click.echo(str(export_folder(model, out)))
    return 0


@coqui_group.command("check")
@click.argument("config", type=FOLDER)
@click.option(
    "--checkpoint", type=FOLDER, help="The .pth that training would continue from or that would speak."
)
@click.option("--steps", default=100_000, show_default=True, help="Steps that are planned.")
@click.option("--clone", "cloning", is_flag=True, help="Cloning is wanted of the model.")
@click.option("--json", "as_json", is_flag=True, help="Machine-readable output.")
def check(config: Path, checkpoint: Path | None, steps: int, cloning: bool, as_json: bool) -> int:
    """What will go wrong with coqui-tts's own CONFIG (config.json), before it costs a night.

    \b
    synthkit coqui check config.json
    """
    from synthkit_coqui.coqui_checks import check_config

    found = check_config(config, checkpoint, steps, cloning)
    if as_json:
        click.echo(json.dumps([f.to_dict() for f in found], ensure_ascii=False, indent=1))
    else:
        for finding in found:
            click.echo(str(finding))
        click.echo("nothing found" if not found else f"{len(found)} findings")
    return 1 if any(f.severity == "error" for f in found) else 0


def _tell(findings: list[Finding], *, refuse: bool, error: type[SynthkitError] = VoiceError) -> None:
    for finding in findings:
        if finding.severity == "error" and refuse:
            raise error(f"{finding.problem}; {finding.consequence}", where=finding.where, hint=finding.mend)
        print(str(finding), file=sys.stderr)
