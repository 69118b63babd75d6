# SPDX-License-Identifier: Apache-2.0
"""What is kept of a recording: an LJSpeech folder that grows take by take, and what is still to be read.

A take is on the disk before the browser is told so; ``metadata.csv`` names only recordings that are there. A
take that is made again does not delete the one before: it is kept in ``earlier/``, under a name that no
layout takes for a recording.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from synthkit import audio
from synthkit.atomic import write_json, write_text, writing
from synthkit.corpora import CheckSettings
from synthkit.corpora.checks import check_waveform
from synthkit.corpora.owners import LICENCE, consent
from synthkit.corpora.prompting import Coverage, coverage, diphones, greedy, segmented
from synthkit.corpora.sounds import levels
from synthkit.errors import AudioError, CorpusError, SynthkitError
from synthkit.paths import read_json
from synthkit.stages import Segmenter

STATE, METADATA = "recording.json", "metadata.csv"
FORMAT = 1


class TakeError(SynthkitError):
    """A take that is none: not a wav file, of no length, or for a sentence that is not there."""


@dataclass
class Recording:
    """A folder of takes; see the module.

    Attributes
    ----------
    folder : Path
    language : str
    prompts : list of str
        In the order in which they are to be read.
    units : dict of str to Counter
        Diphones of each.
    taken, skipped : dict of int to float, set of int
        Which prompts (from 0) have a take, of how many seconds; which are not to be read.
    speaker, licence, consent : str
    """

    folder: Path
    language: str
    prompts: list[str]
    units: dict[str, Counter[tuple[str, str]]]
    common: Counter[tuple[str, str]]
    taken: dict[int, float] = field(default_factory=dict)
    skipped: set[int] = field(default_factory=set)
    speaker: str = ""
    licence: str = ""
    consent: str = ""

    @classmethod
    def open(
        cls, folder: Path, language: str, texts: Sequence[str], segmenter: Segmenter, cover: int
    ) -> Recording:
        """The recording in `folder`, begun there where there is none.

        Parameters
        ----------
        folder : Path
        language : str
        texts : sequence of str
            What may be read.
        segmenter : Segmenter
        cover : int
            How many sentences; those that cover most diphones soonest are taken.

        Raises
        ------
        CorpusError
            The folder holds something else, or none of the texts can be read.
        """
        path = folder / STATE
        found = segmented(texts, segmenter, language)
        units = {text: diphones(s) for text, s in found.items()}
        common = sum(units.values(), Counter())
        if path.is_file():
            known = _read(path)
            more = segmented([t for t in known["prompts"] if t not in units], segmenter, language)
            units |= {text: diphones(s) for text, s in more.items()}
            return cls(
                folder, known["language"], known["prompts"], units, common,
                {int(k): float(v) for k, v in known["taken"].items()}, set(known["skipped"]),
                known["speaker"], known["licence"], known["consent"],
            )  # fmt: skip
        if folder.is_dir() and any(folder.iterdir()):
            raise CorpusError(
                "is a folder of something else", where=str(folder), hint="give a new folder: -o FOLDER"
            )
        if not units:
            raise CorpusError("none of the sentences can be read aloud")
        order = greedy(units, weights=common)
        prompts = [next(order) for _ in range(min(cover, len(units)))]
        made = cls(folder, language, prompts, units, common)
        (folder / "wavs").mkdir(parents=True, exist_ok=True)
        made.save()
        return made

    def save(self) -> None:
        """Write state and table, all of each or nothing."""
        write_json(
            self.folder / STATE,
            {
                "format": FORMAT, "language": self.language, "speaker": self.speaker, "licence": self.licence,
                "consent": self.consent, "prompts": self.prompts, "skipped": sorted(self.skipped),
                "taken": {str(k): round(v, 3) for k, v in sorted(self.taken.items())},
            },
        )  # fmt: skip
        rows = []
        for k in sorted(self.taken):
            text = self.prompts[k].replace("|", " ")
            rows.append(f"{self.id(k)}|{text}|{text}\n")
        write_text(self.folder / METADATA, "".join(rows))

    def id(self, k: int) -> str:
        """Id of a prompt's utterance."""
        return f"{self.language}_{k + 1:04}"

    def path(self, k: int) -> Path:
        """File of a prompt's take."""
        return self.folder / "wavs" / f"{self.id(k)}.wav"

    def agree(self, speaker: str, licence: str) -> None:
        """Keep who speaks, and under what licence the recordings may be used."""
        try:
            self.consent = consent(speaker, licence)
        except CorpusError as error:
            raise TakeError(error.message) from error
        self.speaker, self.licence = " ".join(speaker.split()), " ".join(licence.split())
        write_text(self.folder / LICENCE, self.consent + ".\n")
        self.save()

    def keep(self, k: int, data: bytes) -> dict[str, Any]:
        """Keep a take, and say what is wrong with it.

        Parameters
        ----------
        k : int
            Which prompt.
        data : bytes
            A wav file.

        Returns
        -------
        dict
            ``seconds``, ``speech`` and ``noise`` (dB re full scale) and ``wrong``, a list of sentences.
        """
        import soundfile

        if not 0 <= k < len(self.prompts):
            raise TakeError(f"there is no sentence {k + 1}")
        if not self.consent:
            raise TakeError("nobody has agreed yet that the recordings are used")
        try:
            info = soundfile.info(io.BytesIO(data))
        except soundfile.LibsndfileError as error:
            raise TakeError(f"that is no recording: {error.error_string}") from None
        if info.format != "WAV" or not 0 < info.duration <= 120:
            raise TakeError(
                f"a wav file of up to 2 minutes is wanted, this is {info.format}, {info.duration:.1f} s"
            )
        path = self.path(k)
        if path.exists():
            earlier = self.folder / "earlier"
            earlier.mkdir(exist_ok=True)
            number = len(list(earlier.glob(f"{path.stem}.*"))) + 1
            path.rename(earlier / f"{path.stem}.{number}.wav.earlier")
        with writing(path) as temporary:
            temporary.write_bytes(data)
        try:
            waveform = audio.read(path)
        except AudioError as error:
            raise TakeError(error.message) from error
        self.taken[k] = waveform.duration
        self.skipped.discard(k)
        self.save()
        at = levels(waveform)
        wrong = [reason for reason, _ in check_waveform(waveform, CheckSettings())]
        if at.speech < -40 and not any("silent" in w for w in wrong):
            wrong.append(f"quiet: speech at {at.speech:.0f} dB; come nearer or turn the microphone up")
        letters = sum(c.isalpha() for c in self.prompts[k])
        if letters and not 3 < letters / max(waveform.duration - at.before - at.after, 0.1) < 35:
            wrong.append("its length does not fit the sentence: was all of it said?")
        return {
            "seconds": round(waveform.duration, 2), "speech": round(max(at.speech, -99.0), 1),
            "noise": round(max(at.quiet, -99.0), 1), "wrong": wrong,
        }  # fmt: skip

    def skip(self, k: int) -> None:
        """A prompt that is not to be read."""
        if not 0 <= k < len(self.prompts):
            raise TakeError(f"there is no sentence {k + 1}")
        self.skipped.add(k)
        self.save()

    def next(self) -> int | None:
        """The first prompt that has no take and is not skipped; None when all are read."""
        return next(
            (k for k in range(len(self.prompts)) if k not in self.taken and k not in self.skipped), None
        )

    def covered(self) -> Coverage:
        """How much of the language the takes cover."""
        have = {d for k in self.taken for d in self.units.get(self.prompts[k], ())}
        return coverage(have, self.common)

    def state(self) -> dict[str, Any]:
        """What the page shows."""
        k = self.next()
        found = self.covered()
        return {
            "language": self.language, "speaker": self.speaker, "licence": self.licence,
            "consent": self.consent, "total": len(self.prompts), "taken": len(self.taken),
            "skipped": len(self.skipped), "minutes": round(sum(self.taken.values()) / 60, 2),
            "covered": round(found.share, 4), "kinds": found.kinds, "next": k,
            "prompt": None if k is None else self.prompts[k],
            "expect": expect(sum(self.taken.values()) / 60, found),
        }  # fmt: skip


def expect(minutes: float, found: Coverage) -> str:
    """What a voice of this much is like, in one sentence."""
    if minutes < 0.5:
        return "too little for a voice yet"
    rest = 40 * (1 - found.share)
    joins = f"of 40 neighbours of sounds in a sentence about {rest:.0f} are not recorded"
    if minutes < 2:
        return f"a sketch of a voice; {joins}"
    if minutes < 10:
        return f"a voice with rough joins; {joins}"
    return f"a usable voice; {joins}"


def _read(path: Path) -> dict[str, Any]:
    try:
        known = read_json(path, CorpusError)
        good = known["format"] == FORMAT and all(isinstance(t, str) for t in known["prompts"])
        if not good or not isinstance(known["taken"], dict):
            raise ValueError("it is not what a recording keeps")
        for name in ("language", "speaker", "licence", "consent", "skipped"):
            known[name]
    except (ValueError, KeyError, TypeError) as error:
        raise CorpusError(f"cannot be read: {error}", where=str(path)) from error
    return known  # type: ignore[no-any-return]
