# SPDX-License-Identifier: Apache-2.0
"""``synthkit say``."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import click

from synthkit.cli.common import (
    JsonRows,
    decode,
    json_option,
    parse_options,
    read_input,
    set_option,
    tell_notes,
    tell_readings,
    voice_option,
)
from synthkit.errors import ConfigError, MissingDependency, PluginError, SynthkitError, TextError, VoiceError
from synthkit.errors import reason as reason_of

if TYPE_CHECKING:
    import numpy as np

    from synthkit.pipeline.spoken import Spoken
    from synthkit.pipeline.voice import Voice
    from synthkit.types import Waveform

T_co = TypeVar("T_co", covariant=True)

COMMON = (ConfigError, MissingDependency, PluginError, VoiceError)
"""Errors of the command or the voice: they would meet every line of a batch alike, so they end it."""


@dataclass(frozen=True)
class _Job:
    out: Path
    text: bytes
    where: str
    line: int = 0
    ssml: bool = False
    play: bool = False
    kept: bool = True
    mark: bool = False


@click.command()
@voice_option
@click.argument("text", required=False)
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), help="A .wav or .flac file; with --lines a folder."
)
@click.option(
    "-f", "--file", "source", type=click.Path(path_type=Path), help="Read the text from a file; - is stdin."
)
@click.option("--ssml", is_flag=True, help="The text is SSML: <speak> with breaks, prosody, phonemes …")
@click.option("--play", is_flag=True, help="Play it; a file is written only where -o names one.")
@click.option("--lines", is_flag=True, help="Every line is an utterance of its own (0001.wav, 0002.wav, …).")
@click.option("--language", help="For a voice with several languages.")
@click.option("--speaker", help='For a voice with several speakers; "0.6*a+0.4*b" mixes two.')
@click.option("--speed", type=float, default=1.0, help="2 is twice as fast.")
@click.option("--pitch", type=float, default=0.0, metavar="SEMITONES", help="Higher (+2) or lower (-2).")
@click.option(
    "-O", "--option", "options", multiple=True, metavar="KEY=VALUE", help="Option of the acoustic model."
)
@click.option(
    "--edit",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Change phones, stress, pauses, durations and F0 by hand, as the JSON FILE says.",
)
@click.option(
    "--write-edit",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write phones, durations and F0 as they were spoken: a file for --edit to be changed by hand. Of a "
    "voice that cannot be given F0, without it.",
)
@click.option("--mark", is_flag=True, help="Write into the file that it is synthetic, by which voice.")
@click.option(
    "--explain-text", is_flag=True, help="Do not speak; show what is not words in it, and how it is read."
)
@set_option
@json_option
def say(
    voice: Path | None,
    text: str | None,
    out: Path | None,
    source: Path | None,
    ssml: bool,
    play: bool,
    lines: bool,
    language: str | None,
    speaker: str | None,
    speed: float,
    pitch: float,
    options: tuple[str, ...],
    edit: Path | None,
    write_edit: Path | None,
    mark: bool,
    explain_text: bool,
    overrides: tuple[str, ...],
    as_json: bool,
) -> int:
    """Speak TEXT (or a file, or what comes on stdin) with a voice.

    With --lines a line that cannot be spoken is reported by its number and the others are spoken; the exit
    code is then 1.

    \b
    synthkit say "Good morning." -o hello.wav
    synthkit say "Good morning." --play
    synthkit say -v voices/demo-ru -f book.txt -o book.flac
    synthkit say -v voices/demo-ru --set vocoder.plugin=world "…"
    synthkit say --ssml '<speak>Well <break time="500ms"/> done.</speak>' -o done.wav
    synthkit say "Good morning." --write-edit e.json; synthkit say "Good morning." --edit e.json
    """
    from synthkit.atomic import sweep
    from synthkit.pipeline.known_voices import find_voice
    from synthkit.pipeline.voice import Voice

    voice = find_voice(voice)
    if play:
        from synthkit.cli.playing import find_player

        find_player()  # said before any work that there is none

    request: dict[str, Any] = {"options": parse_options(options), "speed": speed, "pitch": pitch}
    if language:
        request["language"] = language
    if speaker:
        request["speaker"] = speaker
    if lines and (edit or write_edit):
        raise ConfigError("an edit is one text's, and --lines has many", where="--edit")
    if edit:
        from synthkit.pipeline.edit import Edit

        request["edit"] = Edit.read(edit)
    data = read_input(text, source)
    where = "TEXT" if text is not None else str(source or "stdin")
    if ssml and explain_text:
        raise ConfigError("--explain-text shows how plain text is read, not SSML")
    if explain_text:
        with Voice.open(voice, overrides=overrides) as opened:
            tell_readings(opened.segmenter.explain(decode(data, where), language or opened.language), as_json)
        return 0
    jobs = _Lines.of(data, out, where) if lines else _One(_Job(out or Path("out.wav"), data, where))
    opened = Voice.open(voice, overrides=overrides)
    sweep(jobs.folder, jobs.name)  # what a killed run of this left
    failed: list[str] = []
    with JsonRows() if as_json else nullcontext() as rows:
        for job in _tracked(jobs):
            if ssml or play or mark:
                job = replace(job, ssml=ssml, play=play, kept=bool(out) or not play, mark=mark)
            result = (
                _batched(opened, job, request)
                if lines
                else _spoken(opened, job, request, _tracked, write_edit)
            )
            if rows is not None:
                rows.append(result)
            elif result["out"]:
                click.echo(f"{job.out}: {result['seconds']:.2f} s")
            if "error" in result:
                failed.append(str(result["line"]))
        if rows is not None:
            rows.show(alone=not lines)
    if failed:
        shown = ", ".join(failed[:20]) + (" …" if len(failed) > 20 else "")
        print(f"{len(failed)} of {len(jobs)} lines could not be spoken: {shown}", file=sys.stderr)
    return 1 if failed else 0


class _Some(Protocol[T_co]):
    """What can be counted and walked through."""

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[T_co]: ...


def _tracked(items: _Some[T_co]) -> Iterable[T_co]:
    """`items`; where there are several, with progress."""
    if len(items) < 2:
        return items
    from synthkit.progress import Progress

    return Progress().track(items, label="speaking")


def _batched(opened: Voice, job: _Job, request: dict[str, Any]) -> dict[str, Any]:
    """A line of a batch: what goes wrong with it is told, and the next one's turn comes."""
    try:
        return {"line": job.line} | _spoken(opened, job, request)
    except COMMON:
        raise
    except SynthkitError as error:
        reason, told = reason_of(error), str(error)
    except Exception as error:
        if click.get_current_context().meta.get("synthkit.debug"):
            raise
        reason_of(error)  # raises a fault of the machine, which is not the line's
        reason = f"{type(error).__name__}: {error}"
        told = f"{reason}\n  → this is a fault of synthkit or of a plugin; --debug shows the traceback"
    print(f"line {job.line} ({job.out}): {told}", file=sys.stderr)
    return {"line": job.line, "out": None, "text": job.text.decode("utf-8", "replace"), "error": reason}


def _spoken(
    opened: Voice,
    job: _Job,
    request: dict[str, Any],
    progress: Callable[[list[Any]], Iterable[Any]] = list,
    edit: Path | None = None,
) -> dict[str, Any]:
    """Speak and write one text, and into the file `edit` how it was spoken; a row of ``--json``."""
    from synthkit.audio import write
    from synthkit.marks import marks_of

    text = decode(job.text, job.where)
    said = {"ssml" if job.ssml else "text": text}
    seconds, spent, notes = 0.0, dict[str, float](), list[str]()
    if not job.ssml and re.match(r"\s*(?:<\?xml[^>]*>\s*)?<speak[\s/>]", text):
        notes.append("the text looks like SSML, whose marks are passed over; --ssml obeys them")
        tell_notes(notes, f"line {job.line}: note" if job.line else "note")
    kept: list[Spoken] = []

    def pieces() -> Iterator[Waveform]:
        nonlocal seconds
        for block in opened.blocks(**said, within=job.play, progress=progress, **request):
            piece = block.spoken
            if piece is None:
                yield block.waveform
                continue
            if piece.segmentation.notes:
                tell_notes(piece.segmentation.notes, f"line {job.line}: note" if job.line else "note")
                notes.extend(piece.segmentation.notes)
            seconds += sum(piece.lengths)
            for stage, time in piece.seconds.items():
                spent[stage] = spent.get(stage, 0.0) + time
            if edit is not None:
                kept.append(piece)
            yield block.waveform

    said_pieces = pieces()
    if job.play:
        from synthkit.cli.playing import played

        said_pieces = played(said_pieces)
    if job.kept:
        write(job.out, said_pieces, marks_of(opened.manifest) if job.mark else None)
    else:
        for _ in said_pieces:
            pass
    if edit is not None:
        _write_edit(edit, kept, opened.acoustic_model.takes)
    return {
        "out": str(job.out) if job.kept else None,
        "text": text,
        "seconds": round(seconds, 3),
        "spent": {stage: round(time, 4) for stage, time in spent.items()},
        "notes": notes,
    }


def _write_edit(path: Path, pieces: list[Spoken], takes: Collection[str]) -> None:
    """Write how it was spoken, as far as the voice can be given it: else --edit would refuse the file."""
    from synthkit.atomic import write_json
    from synthkit.eval.pitch import yin
    from synthkit.pipeline.spoken_edit import as_spoken

    def tracked(waveform: Waveform) -> tuple[np.ndarray, np.ndarray]:
        import numpy

        found = yin(waveform.samples, waveform.sample_rate)
        return numpy.arange(len(found)) * 0.005, found

    found = as_spoken(pieces, tracked)
    if not found.durations:
        raise ConfigError(
            "the acoustic model does not tell when each phone is said",
            where="--write-edit",
            hint="voices of unit selection, the parametric model and Piper (made anew, if they are old) do",
        )
    if "f0" not in takes:
        found = replace(found, f0={})
    write_json(path, found.to_dict())


@dataclass(frozen=True)
class _One:
    """A text to be spoken into one file."""

    job: _Job

    @property
    def folder(self) -> Path:
        return self.job.out.parent

    @property
    def name(self) -> str:
        return self.job.out.name

    def __len__(self) -> int:
        return 1

    def __iter__(self) -> Iterator[_Job]:
        yield self.job


@dataclass(frozen=True)
class _Lines:
    """The lines of a text, each to be spoken into a file of its own; they are cut out one after another."""

    data: bytes
    folder: Path
    where: str
    count: int
    name = ""

    @classmethod
    def of(cls, data: bytes, out: Path | None, where: str) -> _Lines:
        folder = out or Path("out")
        if folder.suffix:
            raise ConfigError(f"--lines writes one file a line: -o {folder} has to be a folder")
        count = sum(1 for _ in _lines(data))
        if not count:
            raise TextError("there is no line to speak", where=where)
        return cls(data, folder, where, count)

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[_Job]:
        width = max(4, len(str(self.count)))
        for i, (number, line) in enumerate(_lines(self.data), 1):
            yield _Job(self.folder / f"{i:0{width}}.wav", line, self.where, number)


def _lines(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Lines with something on them, by number."""
    mark = b"\xef\xbb\xbf"
    number, at = 0, len(mark) if data.startswith(mark) else 0
    while at <= len(data):
        number, end = number + 1, data.find(b"\n", at)
        line = data[at : end if end >= 0 else len(data)]
        if line.decode("utf-8", "replace").strip():
            yield number, line.strip()
        if end < 0:
            return
        at = end + 1
