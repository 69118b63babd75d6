# SPDX-License-Identifier: Apache-2.0
"""Recordings without text, to a corpus of what a recogniser hears: marked as such wherever it goes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from synthkit import audio
from synthkit.atomic import check_free, disk_errors, make_folder, sweep, write_text, writing_folder
from synthkit.corpora.corpus import Corpus
from synthkit.corpora.cutting import MARGIN, METADATA, table_row
from synthkit.corpora.heard import WRITTEN_BY
from synthkit.corpora.layouts.files import is_audio, recordings, safe_id
from synthkit.corpora.layouts.stored import save
from synthkit.corpora.pauses import choose, good_place, islands, levels
from synthkit.errors import AudioError, CorpusError, reason
from synthkit.types import Utterance, Waveform

LICENCE = "LICENCE.txt"


@dataclass(frozen=True)
class Stretch:
    """A recording or a part of one, to be written down.

    Attributes
    ----------
    id : str
    recording : Path
    start, end : float or None
        Seconds; None for all of it.
    """

    id: str
    recording: Path
    start: float | None = None
    end: float | None = None


def stretches(sources: Sequence[Path], shortest: float, longest: float) -> Iterator[Stretch]:
    """Recordings as they are; those that last longer are cut at pauses.

    Parameters
    ----------
    sources : sequence of Path
        Recordings, and folders of them.
    shortest, longest : float
        Seconds that a part of a long recording should last.

    Yields
    ------
    Stretch
        A recording that cannot be read is one; reading it says why.

    Raises
    ------
    CorpusError
        There is no recording.
    """
    there = [(p, p.parent) for p in sources if p.is_file() and is_audio(p)]
    there += [(p, folder) for folder in sources if folder.is_dir() for p in recordings(folder)]
    if not there:
        raise CorpusError("holds no recordings", where=", ".join(map(str, sources)))
    used: set[str] = set()
    for path, folder in there:
        stem = safe_id("_".join(path.relative_to(folder).with_suffix("").parts))
        name, number = stem, 1
        while name in used:
            number += 1
            name = f"{stem}-{number}"
        used.add(name)
        try:
            rate, frames, _ = audio.info(path)
            spoken = islands(levels(path)) if frames / rate > longest else []
        except AudioError as error:
            reason(error)
            spoken = []
        if len(spoken) < 2:
            yield Stretch(name, path)
            continue
        pauses = range(len(spoken) - 1)
        places = choose(spoken, pauses, [good_place(spoken, k) for k in pauses], shortest, longest)
        edges = [0, *(k + 1 for k in places), len(spoken)]
        for n, (a, b) in enumerate(zip(edges, edges[1:], strict=False), 1):
            before = spoken[a].start - spoken[a - 1].end if a else 2 * MARGIN
            after = spoken[b].start - spoken[b - 1].end if b < len(spoken) else 2 * MARGIN
            start = max(0.0, spoken[a].start - min(MARGIN, before / 2))
            yield Stretch(f"{name}_{n:04}", path, start, spoken[b - 1].end + min(MARGIN, after / 2))


class Heard:
    """What was heard before, kept beside the corpus as long as it is not finished: a line for each sound.

    Parameters
    ----------
    path : Path
        Of the file; that it is not there is no error.
    by : str
        What hears, and in which language: another one hears anew.
    """

    def __init__(self, path: Path, by: str) -> None:
        self.path, self._by, self._texts = path, by, dict[str, str]()
        for line in path.read_bytes().splitlines() if path.is_file() else []:
            try:
                key, text = json.loads(line)
            except ValueError:  # the line that was being written when the process died
                continue
            self._texts[str(key)] = str(text)

    def text(self, wave: Waveform, hear: Callable[[Waveform], str]) -> str:
        """The words of `wave`, which is listened to if it was not yet.

        Parameters
        ----------
        wave : Waveform
        hear : callable

        Returns
        -------
        str
        """
        data = hashlib.sha256(f"{self._by}\0{wave.sample_rate}\0".encode())
        data.update(wave.samples.tobytes())
        key = data.hexdigest()
        if key not in self._texts:
            self._texts[key] = " ".join(hear(wave).split())
            with disk_errors(self.path):
                make_folder(self.path.parent, asked_for=self.path)
                with open(self.path, "ab") as file:
                    # A line of its own even behind one that was cut short.
                    file.write(b"\n" + json.dumps([key, self._texts[key]]).encode() + b"\n")
        return self._texts[key]


def transcribe(
    sources: Sequence[Path],
    out: Path,
    hear: Callable[[Waveform], str],
    by: str,
    *,
    language: str,
    speaker: str,
    licence: str = "",
    shortest: float = 2.0,
    longest: float = 12.0,
    track: Callable[[Sequence[Stretch]], Iterable[Stretch]] = iter,
) -> Corpus:
    """Write a corpus of recordings that nobody has written down: what `hear` hears is their text.

    One that is interrupted, even killed, goes on when it is called again: what was heard is kept beside `out`
    until the corpus is there.

    That it is heard and not read is said in the table (column ``extra.text_by``), in the attribution, and in
    ``LICENCE.txt``, which goes with every corpus that is exported; `check` warns of it.

    Parameters
    ----------
    sources : sequence of Path
        Recordings, and folders of them.
    out : Path
        Made, all of it or nothing; there must be none.
    hear : callable
        Gives the words of a waveform, "" where there are none.
    by : str
        What hears, in a few words: ``"whisper base"``.
    language : str
        BCP-47.
    speaker, licence : str
    shortest, longest : float
        Seconds that a part of a recording should last that is longer.
    track : callable, optional
        Wraps the stretches, to show progress.

    Returns
    -------
    Corpus
        As it stands in `out`. Where nothing is heard, a recording is left out.

    Raises
    ------
    CorpusError
        There is something at `out`, there are no recordings, or nothing is heard in any.
    """
    check_free(out, CorpusError)
    heard = Heard(out.with_name(f".{out.name}.heard.jsonl"), f"{by} {language}")
    note = f"Texts were written down by a recogniser ({by}), not by a person, and nobody has read them."
    sweep(out.parent, out.name)
    with writing_folder(out) as folder:
        utterances: list[Utterance] = []
        left_out: list[tuple[str, str]] = []
        for part in track(list(stretches(sources, shortest, longest))):
            try:
                wave = audio.read(part.recording, start=part.start, end=part.end)
                text = heard.text(wave, hear)
            except AudioError as error:
                left_out.append((part.id, reason(error)))
                continue
            if not any(c.isalnum() for c in text):
                left_out.append((part.id, f"{by} hears no words in it"))
                continue
            clip = folder / "wavs" / f"{part.id}.flac"
            audio.write(clip, wave)
            utterances.append(Utterance(part.id, text, clip, language, speaker, extra={WRITTEN_BY: by}))
        if not utterances:
            why = "; ".join(dict.fromkeys(why for _, why in left_out))
            raise CorpusError(f"no words are heard in any recording: {why}", where=str(sources[0]))
        corpus = Corpus(out.name, (language,), licence, note, folder, utterances, left_out)
        save(corpus, folder)
        write_text(folder / METADATA, "".join(table_row(u) for u in utterances))
        write_text(folder / LICENCE, f"{licence or 'Nobody has stated a licence.'}\n\n{note}\n")
    heard.path.unlink(missing_ok=True)
    return replace(corpus, root=out)
