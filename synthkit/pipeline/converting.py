# SPDX-License-Identifier: Apache-2.0
"""A finished voice made to sound like the speaker of some clips: what it says is converted, whatever it is
made of."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomli_w

from synthkit import audio, tables
from synthkit.atomic import made_at_once, sha256, sweep, write_json
from synthkit.corpora import Corpus
from synthkit.errors import ConfigError, CorpusError, SynthkitError, reason
from synthkit.pipeline.assembling import bring_licences
from synthkit.pipeline.part import Part
from synthkit.pipeline.parts import CONVERSION
from synthkit.pipeline.replacing import refuse_to_replace
from synthkit.pipeline.voice import Voice
from synthkit.pipeline.voice_folder import MANIFEST, RECORDINGS, read_manifest
from synthkit.stages import Context
from synthkit.types import Utterance, Waveform

PLUGIN = "world-mixture"
SECONDS = 300.0
"""Of clips; more teaches a converter nothing new."""


@dataclass(frozen=True)
class Pair:
    """A clip that the voice says too.

    Attributes
    ----------
    utterance : Utterance
    said, recorded : Waveform
        By the voice and by the target, at the voice's sample rate.
    """

    utterance: Utterance
    said: Waveform
    recorded: Waveform


def convert(
    folder: Path, clips: Corpus, out: Path, ctx: Context, *, plugin: str = PLUGIN, **settings: Any
) -> Path:
    """Make the voice in `folder` sound like the speaker of `clips`, as a voice of its own.

    The voice says what the clips say, and a converter learns of both; in the new voice it stands behind the
    vocoder. The old one stays as it is.

    Parameters
    ----------
    folder : Path
        Of a finished voice.
    clips : Corpus
        Recordings of one person, and what is said in them; the first five minutes are taken.
    out : Path
        Of the new voice; an older one that is there is replaced at the end.
    ctx : Context
        Where to tell how far it is.
    plugin : str
        The converter.
    **settings
        Of it.

    Returns
    -------
    Path
        `out`.

    Raises
    ------
    ConfigError
        The voice is converted already, the clips are of several people, or `out` is the voice itself.
    CorpusError
        The voice can say none of the clips.
    SynthkitError
        As `Voice.open` and the converter.

    Examples
    --------
    >>> convert(Path("voices/nsh"), sk.Corpus.open("mine/"), Path("voices/me"), ctx)  # doctest: +SKIP
    """
    manifest = read_manifest(folder)
    if CONVERSION in manifest["plugins"]:
        raise ConfigError("is converted already", where=str(folder), hint="convert the voice it was made of")
    if len(clips.speakers) > 1:
        raise ConfigError(
            f"the clips are of {len(clips.speakers)} people: {', '.join(clips.speakers[:5])}",
            where=str(clips.root),
            hint="keep those of one in a folder of their own",
        )
    if out.resolve() == folder.resolve():
        raise ConfigError("a voice is not converted in its place", where=str(out), hint="give another folder")
    refuse_to_replace(out)
    part = Part.of(CONVERSION, {"plugin": plugin, **settings}, base=Path.cwd(), rate=manifest["sample_rate"])
    with Voice.open(folder) as voice:
        pairs = list(said_alike(voice, ctx.track(_first(clips), label="speaking"), ctx))
    if not pairs:
        raise CorpusError(f"voice {voice.name!r} can say none of the clips", where=str(clips.root))
    sweep(out.parent, out.name)
    with made_at_once(out) as made:
        shutil.copytree(folder, made, dirs_exist_ok=True)
        (made / CONVERSION).mkdir()
        part.new().learn([(p.said, p.recorded) for p in pairs], made / CONVERSION, ctx)
        bring_licences(clips.root, made / RECORDINGS / "conversion")
        data = tables.read(made / "voice.toml") | {CONVERSION: part.to_dict()}
        if "voice" in data:
            data["voice"] = data["voice"] | {"name": out.name}
        (made / "voice.toml").write_text(tomli_w.dumps(data), encoding="utf-8")
        manifest["name"] = out.name
        manifest["plugins"][CONVERSION] = part.made()
        manifest[CONVERSION] = {
            "name": clips.name,
            "licence": clips.licence,
            "attribution": clips.attribution,
            "utterances": [p.utterance.id for p in pairs],
            "minutes": round(sum(p.recorded.duration for p in pairs) / 60, 2),
        }
        kept = manifest["files"]
        manifest["files"] = {
            name: kept[name]
            if name in kept and name != "voice.toml"
            else {"size": file.stat().st_size, "sha256": sha256(file)}
            for file in sorted(made.rglob("*"))
            if file.is_file() and (name := file.relative_to(made).as_posix()) != MANIFEST
        }
        write_json(made / MANIFEST, manifest)
        refuse_to_replace(out)  # speaking and learning took minutes
    return out


def said_alike(voice: Voice, utterances: Iterable[Utterance], ctx: Context) -> Iterator[Pair]:
    """Each of `utterances` as the voice says it, beside its recording; what cannot be said is told.

    Parameters
    ----------
    voice : Voice
    utterances : iterable of Utterance
    ctx : Context

    Yields
    ------
    Pair
    """
    for u in utterances:
        try:
            recorded = audio.read(u.audio, voice.sample_rate, start=u.start, end=u.end)
            language = u.language if u.language in voice.manifest["languages"] else None
            yield Pair(u, voice.say(u.text, language=language), recorded)
        except SynthkitError as error:
            ctx.log(f"{u.id} is left out: {reason(error)}")


def _first(clips: Corpus) -> list[Utterance]:
    """As many clips as are learned of."""
    chosen, seconds = list[Utterance](), 0.0
    for u in clips.utterances:
        if seconds >= SECONDS:
            break
        rate, frames, _ = audio.info(u.audio)
        seconds += frames / rate if u.start is None or u.end is None else u.end - u.start
        chosen.append(u)
    return chosen
