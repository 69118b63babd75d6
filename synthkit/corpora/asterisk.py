# SPDX-License-Identifier: Apache-2.0
"""``asterisk-LANG``: telephone prompts of one speaker per language, from Debian's Asterisk sound packages.

The recordings come as 16 kHz G.722 in ``asterisk-core-sounds-LANG-g722`` and the texts in
``asterisk-core-sounds-LANG``. Tones, beeps, silence and files without text are left out and listed.
"""

from __future__ import annotations

import gzip
import re
from pathlib import Path
from typing import ClassVar

from synthkit import audio
from synthkit.corpora.corpus import Corpus
from synthkit.corpora.owners import ALLISON_SMITH
from synthkit.corpora.recipe import CorpusRecipe, Log, OnProgress
from synthkit.errors import CorpusError
from synthkit.scratch import scratch_folder
from synthkit.types import Utterance, Waveform

_SOUNDS = re.compile(r"usr/share/asterisk/sounds/[^/]+/(?P<key>.+)\.g722")
_REMARK = re.compile(r"\([^)]*\)|\[[^\w\]]*\]")
_NOT_SPEECH = re.compile(r"\s*(\[[^\]]*\]|\([^)]*\)|<[^>]*>)\s*")
_CORRECTIONS = {
    # the transcript spells the accented letter as a question mark
    ("it", "at-tone-time-exactly"): ("sar? ", "sarà "),
}
_BEEPS = {"it": re.compile(r"un suono (di )?beep\b")}


class Asterisk(CorpusRecipe):
    """Base of the five; a subclass per language says whose voice it is."""

    language: ClassVar[str]
    region: ClassVar[str]
    speaker: ClassVar[str]
    megabytes = 150

    def make(self, folder: Path, source: Path | None, log: Log, progress: OnProgress) -> Corpus:
        """Fetch both packages, decode the prompts to FLAC and pair them with their texts."""
        from synthkit.corpora import debian  # a build of what is there needs none of it

        package = f"asterisk-core-sounds-{self.language}"
        with scratch_folder(folder) as work:
            texts_deb = debian.fetch(package, work, source, log, progress)
            sounds_deb = debian.fetch(f"{package}-g722", work, source, log, progress)
            debian.unpack(texts_deb, folder, _texts_place)
            sounds = work / "g722"
            coded = debian.unpack(sounds_deb, sounds, _sounds_place)
            table = folder / "transcripts.txt.gz"
            if not table.is_file() or not coded:
                raise CorpusError("holds no transcripts or no prompts", where=f"{texts_deb}, {sounds_deb}")
            keys = {p.relative_to(sounds.resolve()).with_suffix("").as_posix(): p for p in coded}
            chosen, left_out = pair(read_transcripts(table), set(keys), self.language)
            log(f"decoding {len(chosen)} prompts")
            utterances = []
            for index, (key, text) in enumerate(chosen.items()):
                progress("decoding", index / len(chosen))
                utterances.append(self._utterance(key, text, keys[key].read_bytes(), folder))
        left_out = [(key.replace("/", "_"), reason) for key, reason in left_out]
        return Corpus(self.name, self.languages, self.licence, self.attribution, folder, utterances, left_out)

    def _utterance(self, key: str, text: str, data: bytes, folder: Path) -> Utterance:
        from synthkit.corpora import g722

        id = key.replace("/", "_")
        path = folder / "flac" / f"{id}.flac"
        samples = g722.decode(data).astype("float32") / 32768
        audio.write(path, Waveform(samples, g722.SAMPLE_RATE))
        extra = {"region": self.region, "prompt": key}
        return Utterance(id, text, path, self.language, self.speaker, extra=extra)


def read_transcripts(path: Path) -> list[tuple[str, str]]:
    """``(prompt, text)`` of a ``core-sounds-LANG.txt.gz``, as it stands there, comments left out.

    Parameters
    ----------
    path : Path
        Gzipped, ``prompt: text`` a line.

    Returns
    -------
    list of (prompt, text)

    Raises
    ------
    CorpusError
        It cannot be read.
    """
    try:
        content = gzip.decompress(path.read_bytes()).decode("utf-8-sig")
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise CorpusError(f"damaged transcripts: {error}", where=str(path)) from error
    rows = []
    for line in content.splitlines():
        key, colon, text = line.partition(":")
        if colon and not line.startswith(";"):
            rows.append((key.strip(), text.strip()))
    return rows


def pair(
    transcripts: list[tuple[str, str]], prompts: set[str], language: str
) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """Which prompts are speech with a text, and why the others are not used.

    Parameters
    ----------
    transcripts : list of (prompt, text)
        As `read_transcripts` gives them.
    prompts : set of str
        Those that were recorded.
    language : str
        BCP-47.

    Returns
    -------
    chosen : dict of str to str
        Prompt to cleaned text, sorted by prompt.
    left_out : list of (prompt, reason)
        Sorted by prompt; transcripts without a recording included.
    """
    texts: dict[str, str] = {}
    left_out: list[tuple[str, str]] = []
    for key, text in transcripts:
        if key in texts:
            left_out.append((key, f"a second transcript, not used: {text!r}"))
        else:
            texts[key] = text
    chosen: dict[str, str] = {}
    for key in sorted(prompts):
        text = clean(texts.get(key, ""), key, prompts, language)
        if key not in texts:
            left_out.append((key, "silence" if key.startswith("silence/") else "no transcript"))
        elif not texts[key].strip():
            left_out.append((key, "empty transcript"))
        elif _NOT_SPEECH.fullmatch(texts[key]) or _is_beep(texts[key], language):
            left_out.append((key, f"not speech: {texts[key]}"))
        elif not any(c.isalnum() for c in text):
            left_out.append((key, f"transcript without words: {texts[key]}"))
        else:
            chosen[key] = text
    left_out += [(key, "no recording") for key in texts if key not in prompts]
    return chosen, sorted(left_out)


def clean(text: str, key: str, prompts: set[str], language: str) -> str:
    """The words of a transcript: remarks in brackets and other prompts run into the line taken away.

    Parameters
    ----------
    text : str
        As the transcript has it.
    key : str
        The prompt it is of.
    prompts : set of str
        All that were recorded.
    language : str
        BCP-47.

    Returns
    -------
    str
        Empty where no words are left.
    """
    wrong, right = _CORRECTIONS.get((language, key), ("", ""))
    if wrong:
        text = text.replace(wrong, right)
    text = re.sub(rf"^{re.escape(key)}:\s*", "", text)
    for match in re.finditer(r"(?P<key>[\w/]+-[\w/-]+):", text):
        if match["key"] in prompts or match["key"].partition(".")[2] in prompts:
            text = text[: match.start()]
            break
    text = _REMARK.sub(" ", text).replace("[", "").replace("]", "")
    return re.sub(r"\s+", " ", text).replace(" .", ".").strip()


def _is_beep(text: str, language: str) -> bool:
    pattern = _BEEPS.get(language)
    return pattern is not None and pattern.match(text) is not None


def _texts_place(member: str) -> str | None:
    if re.fullmatch(r"usr/share/doc/[^/]+/core-sounds-\w+\.txt\.gz", member):
        return "transcripts.txt.gz"
    return "LICENCE.txt" if re.fullmatch(r"usr/share/doc/[^/]+/copyright", member) else None


def _sounds_place(member: str) -> str | None:
    match = _SOUNDS.fullmatch(member)
    return f"{match['key']}.g722" if match else None


class AsteriskEn(Asterisk):
    """English."""

    name, language, languages, region, speaker = "asterisk-en", "en", ("en",), "en-US", "allison"
    title = "English telephone prompts, one female speaker, 24.3 min at 16 kHz (G.722)"
    licence, attribution = ALLISON_SMITH


class AsteriskEs(Asterisk):
    """Mexican Spanish."""

    name, language, languages, region, speaker = "asterisk-es", "es", ("es",), "es-MX", "allison"
    title = "Spanish telephone prompts, one female speaker, 28.9 min at 16 kHz (G.722)"
    licence, attribution = ALLISON_SMITH


class AsteriskFr(Asterisk):
    """Canadian French."""

    name, language, languages, region, speaker = "asterisk-fr", "fr", ("fr",), "fr-CA", "june"
    title = "French telephone prompts, one female speaker, 23.9 min at 16 kHz (G.722)"
    licence = "CC-BY-SA-3.0"
    attribution = (
        "June Wallack (http://www.junewallack.com), 2006-2008; translated by Clod Patry, Kristopher Lalletti "
        "and June Wallack; financial contributions by Digium, Inc., Unlimitel, BGM Informatique"
    )


class AsteriskIt(Asterisk):
    """Italian."""

    name, language, languages, region, speaker = "asterisk-it", "it", ("it",), "it-IT", "carlo"
    title = "Italian telephone prompts, one male speaker, 22.6 min at 16 kHz (G.722)"
    licence = "CC-BY-3.0"
    attribution = "Carlo Flora (http://www.carloflora.com), 2012; translated by Silvia Petrin"


class AsteriskRu(Asterisk):
    """Russian."""

    name, language, languages, region, speaker = "asterisk-ru", "ru", ("ru",), "ru-RU", "ivrvoice"
    title = "Russian telephone prompts, one female speaker, 23.5 min at 16 kHz (G.722)"
    licence = "CC-BY-3.0"
    attribution = "provided by Maxim Topal (http://www.ivrvoice.ru), 2010"
