# SPDX-License-Identifier: Apache-2.0
"""``msu-ru-nsh``: one Russian male speaker with text and phone labels, from Debian's ``festvox-ru``."""

from __future__ import annotations

import re
from pathlib import Path

from synthkit.corpora.corpus import Corpus
from synthkit.corpora.layouts.festvox import prompts
from synthkit.corpora.owners import MSU_RU_NSH
from synthkit.corpora.recipe import CorpusRecipe, Log, OnProgress
from synthkit.labels import read_alignment
from synthkit.scratch import scratch_folder
from synthkit.types import Utterance

_VOICE = "usr/share/festival/voices/russian/msu_ru_nsh_clunits/"
_DOC = "usr/share/doc/festvox-ru/"


class MsuRuNsh(CorpusRecipe):
    """620 utterances, 99.5 minutes, 16 kHz; ``+`` before a vowel of a text marks stress."""

    name = "msu-ru-nsh"
    title = "Russian, one male speaker, 99.5 min at 16 kHz, with phone labels"
    languages = ("ru",)
    licence, attribution = MSU_RU_NSH
    megabytes = 600

    def make(self, folder: Path, source: Path | None, log: Log, progress: OnProgress) -> Corpus:
        """Fetch the package and take wav, lab, prompts, lexicon and licence out of it."""
        from synthkit.corpora import debian  # a build of what is there needs none of it

        with scratch_folder(folder) as scratch:
            deb = debian.fetch("festvox-ru", scratch, source, log, progress)
            log(f"unpacking {deb.name}")
            debian.unpack(deb, folder, _place)
        utterances, left_out = read_voice(folder)
        return Corpus(self.name, self.languages, self.licence, self.attribution, folder, utterances, left_out)


def read_voice(folder: Path) -> tuple[list[Utterance], list[tuple[str, str]]]:
    """Utterances of an unpacked ``msu_ru_nsh_clunits`` voice, and what lacks audio.

    Parameters
    ----------
    folder : Path
        Where it was unpacked.

    Returns
    -------
    utterances : list of Utterance
    left_out : list of (id, reason)
    """
    utterances, left_out = [], []
    for id, text in prompts(folder / "etc" / "txt.done.data"):
        audio, labels = folder / "wav" / f"{id}.wav", folder / "lab" / f"{id}.lab"
        if not audio.is_file():
            left_out.append((id, "no recording"))
            continue
        phones = tuple(read_alignment(labels).symbols()) if labels.is_file() else None
        utterances.append(
            Utterance(
                id=id,
                text=text,
                audio=audio,
                language="ru",
                speaker="nsh",
                labels=labels if phones else None,
                phones=phones,
            )
        )
    return utterances, left_out


def _place(member: str) -> str | None:
    if member.startswith(_DOC):
        name = member[len(_DOC) :]
        return {"copyright": "LICENCE.txt", "README": "README.festvox"}.get(name)
    if member.startswith(_VOICE):
        path = member[len(_VOICE) :]
        if re.fullmatch(r"wav/\w+\.wav|lab/\w+\.lab|etc/txt\.done\.data|dict/[\w.]+", path):
            return path
    return None
