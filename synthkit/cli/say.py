"""``synthkit say``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from synthkit.cli.common import json_option, parse_options, print_json, read_text, set_option, voice_option
from synthkit.errors import ConfigError, TextError


@click.command()
@voice_option
@click.argument("text", required=False)
@click.option("-o", "--out", type=click.Path(path_type=Path), help="A .wav or .flac file; with --lines a folder.")
@click.option("-f", "--file", "source", type=click.Path(path_type=Path), help="Read the text from a file; - is stdin.")
@click.option("--lines", is_flag=True, help="Every line is an utterance of its own (0001.wav, 0002.wav, …).")
@click.option("--language", help="For a voice with several languages.")
@click.option("--speaker", help='For a voice with several speakers; "0.6*a+0.4*b" mixes two.')
@click.option("-O", "--option", "options", multiple=True, metavar="KEY=VALUE", help="Option of the acoustic model.")
@set_option
@json_option
def say(
    voice: Path,
    text: str | None,
    out: Path | None,
    source: Path | None,
    lines: bool,
    language: str | None,
    speaker: str | None,
    options: tuple[str, ...],
    overrides: tuple[str, ...],
    as_json: bool,
) -> int:
    """Speak TEXT (or a file, or what comes on stdin) with a voice."""
    from synthkit import audio
    from synthkit.pipeline.voice import Voice

    text = read_text(text, source)
    request: dict[str, Any] = {"options": parse_options(options)}
    if language:
        request["language"] = language
    if speaker:
        request["speaker"] = speaker
    jobs = list(_jobs(text, out, lines))
    opened = Voice.open(voice, overrides=overrides)
    results: list[dict[str, Any]] = []
    failed = 0
    for name, sentence in jobs:
        try:
            spoken = opened.speak(sentence, **request)
        except TextError as error:
            if not lines:
                raise
            failed += 1
            print(f"{name}: {error}", file=sys.stderr)
            results.append({"out": None, "text": sentence, "error": error.message})
            continue
        for note in spoken.segmentation.notes:
            print(f"note: {note}", file=sys.stderr)
        audio.write(name, spoken.waveform)
        results.append(
            {
                "out": str(name),
                "text": sentence,
                "seconds": round(spoken.waveform.duration, 3),
                "spent": {k: round(v, 4) for k, v in spoken.seconds.items()},
                "notes": list(spoken.segmentation.notes),
            }
        )
        if not as_json:
            click.echo(f"{name}: {spoken.waveform.duration:.2f} s")
    if as_json:
        print_json(results if lines else results[0])
    if failed:
        print(f"{failed} of {len(jobs)} lines could not be spoken", file=sys.stderr)
    return 1 if failed else 0


def _jobs(text: str, out: Path | None, lines: bool) -> list[tuple[Path, str]]:
    if not lines:
        return [(out or Path("out.wav"), text)]
    folder = out or Path("out")
    if folder.suffix:
        raise ConfigError(f"--lines writes one file a line: -o {folder} has to be a folder")
    spoken = [line.strip() for line in text.split("\n") if line.strip()]
    if not spoken:
        raise TextError("there is no line to speak")
    width = max(4, len(str(len(spoken))))
    return [(folder / f"{i:0{width}}.wav", line) for i, line in enumerate(spoken, 1)]
