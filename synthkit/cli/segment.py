# SPDX-License-Identifier: Apache-2.0
"""``synthkit segment``."""

from __future__ import annotations

from pathlib import Path

import click

from synthkit.cli.common import json_option, print_json, tell_notes, tell_readings
from synthkit.columns import columns


@click.command()
@click.argument("text")
@click.option("-l", "--language", help="Language of the text.  [default: the voice's, else by script]")
@click.option("-v", "--voice", type=click.Path(path_type=Path), help="Use this voice's segmentation.")
@click.option(
    "--plugin", default="text", show_default=True, help="Segmentation plugin, when there is no voice."
)
@click.option(
    "--explain-text", is_flag=True, help="Show what is not words in it, its class, and how it is read."
)
@json_option
def segment(
    text: str, language: str | None, voice: Path | None, plugin: str, explain_text: bool, as_json: bool
) -> None:
    """Show the words, phones, stress and breaks of TEXT.

    \b
    synthkit segment -l ru "Доброе утро!"
    """
    if voice is not None:
        from synthkit.pipeline.voice import Voice

        with Voice.open(voice) as opened:
            result, segmenter = opened.segment(text, language), opened.segmenter
    else:
        from synthkit.plugins import registry

        if language is None:
            language = "ru" if any("Ѐ" <= c <= "ӿ" for c in text) else "en"
        segmenter = registry().load("segmentation", plugin)()
        result = segmenter.segment(text, language)
    if explain_text:
        tell_readings(segmenter.explain(text, result.language), as_json)
        return
    if as_json:
        print_json(result.to_dict())
        return
    breaks = ("", "short", "phrase", "sentence")
    rows = [
        (
            word.text,
            word.punctuation,
            breaks[word.break_after],
            " ".join(p.symbol + {0: "", 1: "'", 2: ","}[p.stress] for p in word.phones),
        )
        for word in result.words
    ]
    click.echo(columns(rows, ("word", "", "break", f"phones ({result.phone_set})")))
    tell_notes(result.notes)
