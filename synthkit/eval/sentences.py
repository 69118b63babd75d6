# SPDX-License-Identifier: Apache-2.0
"""Which sentences a comparison speaks, in which language, and what is unfair about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from synthkit.corpora import Corpus, open_corpus
from synthkit.errors import AudioError, ConfigError, CorpusError, reason
from synthkit.eval.items import Item, corpus_items, held_out_ids, text_items
from synthkit.eval.systems import recording
from synthkit.eval.voice_systems import VoiceSystem
from synthkit.plugins import registry
from synthkit.types import Alignment, Utterance


@dataclass(frozen=True)
class Sentences:
    """What is spoken.

    Attributes
    ----------
    items : list of Item
    facts : dict of str to str
        Where they come from, for the report.
    warnings : list of str
        What a reader must know before any figure.
    heard : dict of str to int
        How many of them each voice learned from, where it did and cannot be kept from using it.
    """

    items: list[Item]
    facts: dict[str, str]
    warnings: list[str] = field(default_factory=list)
    heard: dict[str, int] = field(default_factory=dict)

    def require_fair(self) -> None:
        """Refuse sentences that a voice learned from.

        Raises
        ------
        ConfigError
        """
        if self.heard:
            what = ", ".join(f"{name} learned from {n}" for name, n in self.heard.items())
            raise ConfigError(
                f"--fair: of these {len(self.items)} sentences {what}",
                hint="hold sentences out when building ([voice] held_out), choose others with --split, or, "
                "for voices made "
                "of units, compare with --leave-one-out",
            )


def choose_sentences(
    voices: Sequence[VoiceSystem],
    *,
    corpus: str | None = None,
    texts: Path | None = None,
    language: str | None = None,
    rule: str = "held-out",
    limit: int | None = None,
    leave_one_out: bool = False,
) -> Sentences:
    """The sentences, facts about where they come from, and warnings about what is unfair.

    Parameters
    ----------
    voices : sequence of VoiceSystem
    corpus : str, optional
        The first voice's when neither it nor `texts` is given.
    texts : Path, optional
        A file of sentences instead.
    language : str, optional
        BCP-47; the voices' where it is not given.
    rule : str
        As in `synthkit.eval.items.held_out_ids`.
    limit : int, optional
    leave_one_out : bool
        Whether voices keep a sentence's own recording out of its units.

    Returns
    -------
    Sentences

    Raises
    ------
    ConfigError
        There is no sentence, or a voice does not speak their language.
    """
    spoken = {v.name: [str(x) for x in v.describe()["languages"]] for v in voices}
    if texts is not None:
        if corpus is not None:
            raise ConfigError("--texts and --corpus exclude each other")
        items = _limited(text_items(texts, language or _language(spoken) or "en"), limit)
        _require_spoken(items, spoken)
        return Sentences(items, {"sentences": f"{len(items)} of {texts.name}, without recordings"})
    name = corpus or (voices[0].describe()["corpus"]["name"] if voices else None)
    if name is None:
        raise ConfigError("name a corpus with --corpus, or texts with --texts")
    source = _open(name, language, _language(spoken))
    built_here = [u for v in voices for u in [(v.name, *v.utterances(source.name))] if u[1] or u[2]]
    ids, how = held_out_ids(source, rule, built_here)
    if language is not None and len(source.languages) > 1:
        wanted = {u.id for u in source.utterances if _primary(u.language) == _primary(language)}
        ids = [i for i in ids if i in wanted]
    alignments: dict[str, Alignment] = {}
    for voice in voices:
        if voice.describe()["corpus"]["name"] == source.name:
            alignments = {**_voice_alignments(voice.folder), **alignments}
    items, notes = corpus_items(source, ids, alignments, _other_speakers(source.name))
    if not items:
        raise ConfigError(f"--split {rule} leaves no sentence of {source.name}")
    items, unread = _readable(_limited(items, limit))
    _require_spoken(items, spoken)
    warnings, heard = _contamination(voices, source.name, {i.id for i in items}, leave_one_out)
    facts = {
        "corpus": f"{source.name}, {len(source)} utterances",
        "licence": source.licence or "not stated",
        "attribution": source.attribution,
        "sentences": f"{len(items)}: {how}",
    }
    return Sentences(items, {k: v for k, v in facts.items() if v}, [*warnings, *unread, *notes], heard)


def _contamination(
    voices: Sequence[VoiceSystem], corpus: str, chosen: set[str], leave_one_out: bool
) -> tuple[list[str], dict[str, int]]:
    """Warnings of voices that learned from the sentences, and how many of them each can use."""
    warnings: list[str] = []
    heard: dict[str, int] = {}
    for voice in voices:
        seen = len(chosen & voice.utterances(corpus)[0])
        if not seen:
            continue
        turned = bool(chosen & voice.converted_by(corpus))
        forgets = leave_one_out and voice.made_of_units and not turned
        if not forgets:
            heard[voice.name] = seen
        if not leave_one_out:
            warnings.append(
                f"{voice.name} learned from {seen} of these {len(chosen)} sentences: its figures are better "
                "than they would be on new text. Hold sentences out when building, or compare with "
                "--leave-one-out."
            )
        else:
            warnings.append(
                f"{voice.name} learned from {seen} of these {len(chosen)} sentences; "
                + (
                    "the units of each sentence's own recording were kept out when it was spoken "
                    "(--leave-one-out), which trained parts of a voice cannot forget."
                    if forgets
                    else f"{'its converter' if turned else 'it is not made of units, so that it'} cannot "
                    "forget them under --leave-one-out: its figures are better than they would be on new "
                    "text."
                )
            )
    return warnings, heard


def _open(name: str, language: str | None, voices: str | None) -> Corpus:
    """The corpus; a folder that does not tell its language has that of the voices."""
    try:
        return open_corpus(name, language)
    except CorpusError:
        if language is not None or voices is None or not Path(name).expanduser().is_dir():
            raise
    return open_corpus(name, voices)


def _language(spoken: dict[str, list[str]]) -> str | None:
    """The language that all voices speak; the first voice's order counts."""
    if not spoken:
        return None
    first, *others = spoken.values()
    return next((x for x in first if all(_primary(x) in map(_primary, other) for other in others)), None)


def _require_spoken(items: Sequence[Item], spoken: dict[str, list[str]]) -> None:
    """Refuse sentences in a language that a voice does not speak."""
    for voice, languages in spoken.items():
        known = {_primary(x) for x in languages}
        strange = sorted({i.language for i in items if _primary(i.language) not in known})
        if strange:
            count = sum(i.language in strange for i in items)
            raise ConfigError(
                f"{voice} speaks {', '.join(languages)}, and {count} of the {len(items)} sentences are "
                f"{', '.join(strange)}",
                hint="choose another corpus with --corpus, other sentences with --split, or say their "
                "language with --language",
            )


def _primary(language: str) -> str:
    return language.partition("-")[0].casefold()


def _limited(items: list[Item], limit: int | None) -> list[Item]:
    if limit is None or limit >= len(items):
        return items
    return [items[round(k * (len(items) - 1) / max(limit - 1, 1))] for k in range(limit)]


def _readable(items: list[Item]) -> tuple[list[Item], list[str]]:
    """The sentences whose recordings can be read, and a note for each recording that cannot.

    Raises
    ------
    ConfigError
        None can be read.
    MachineError
        The machine is at fault, and not a file.
    """
    known: dict[tuple[Path, float | None, float | None], str] = {}
    notes: list[str] = []

    def can(u: Utterance, lost: str) -> bool:
        place = (u.audio, u.start, u.end)
        if place not in known:
            try:
                recording(u)
                known[place] = ""
            except AudioError as error:
                known[place] = reason(error)
                notes.append(f"{u.id}: {lost}, as its recording cannot be used: {known[place]} ({u.audio})")
        return not known[place]

    kept = [i for i in items if i.recording is None or can(i.recording, "left out")]
    if not kept:
        raise ConfigError("no recording of these sentences can be read", hint=notes[0])
    others = "not compared with as another recording of the speaker"
    kept = [replace(i, enrolment=tuple(u for u in i.enrolment if can(u, others))) for i in kept]
    return kept, notes


def _voice_alignments(folder: Path) -> Mapping[str, Alignment]:
    from synthkit.pipeline.alignments import holds_alignments, read_alignments

    if not holds_alignments(folder / "alignment"):
        return {}
    return read_alignments(folder / "alignment")[0]


def _other_speakers(corpus: str) -> list[Utterance]:
    """Six recordings of other speakers, from the bundled corpora."""
    plugins = registry()
    out: list[Utterance] = []
    for name in ("bundled-en", "bundled-ru"):
        if name in plugins.names("corpus") and not _same_speaker(name, corpus):
            out += open_corpus(name).utterances[:6]
    return out[:6]


def _same_speaker(bundled: str, corpus: str) -> bool:
    """The bundled corpora are excerpts of these."""
    return (
        corpus
        in {"bundled-en": ("bundled-en", "asterisk-en"), "bundled-ru": ("bundled-ru", "msu-ru-nsh")}[bundled]
    )


def spread(count: int, wanted: int) -> list[int]:
    """Positions spread evenly over `count`, the first and the last among them.

    Parameters
    ----------
    count : int
        How many there are to choose from.
    wanted : int
        How many are asked for.

    Returns
    -------
    list of int
        At most `wanted`, rising, in [0, `count`).
    """
    wanted = min(count, wanted)
    return sorted({round(k * (count - 1) / max(wanted - 1, 1)) for k in range(wanted)})
