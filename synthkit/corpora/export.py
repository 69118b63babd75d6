# SPDX-License-Identifier: Apache-2.0
"""A corpus in the layouts of other programs: recordings and tables in a folder of their own."""

from __future__ import annotations

import csv
import gzip
import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from synthkit import audio
from synthkit.atomic import check_free, made_at_once, write_text
from synthkit.corpora.corpus import Corpus
from synthkit.corpora.owners import licence_files
from synthkit.errors import CorpusError
from synthkit.types import Utterance


def export(corpus: Corpus, out: Path, to: str) -> int:
    """Write a corpus for another program.

    Recordings are copied as they are; utterances that are parts of a recording are cut out, as FLAC.

    Parameters
    ----------
    corpus : Corpus
    out : Path
        Made, all of it or nothing; there must be none.
    to : str
        One of `LAYOUTS`.

    Returns
    -------
    int
        How many utterances.

    Raises
    ------
    CorpusError
        There is something at `out`, or no such layout.
    """
    if to not in LAYOUTS:
        raise CorpusError(f"there is no layout {to!r} to export to", hint=f"one of {', '.join(LAYOUTS)}")
    check_free(out, CorpusError)
    place, tables = LAYOUTS[to]
    with made_at_once(out) as folder:
        (folder / place).mkdir()
        names = {u.id: _recording(u, folder, place) for u in corpus.utterances}
        tables(corpus, folder, names)
        for file in licence_files(corpus.root):
            shutil.copyfile(file, folder / file.name)
        about = {"name": corpus.name, "licence": corpus.licence, "attribution": corpus.attribution}
        write_text(folder / "about.json", json.dumps(about, ensure_ascii=False, indent=1) + "\n")
    return len(names)


def _recording(u: Utterance, folder: Path, place: str) -> str:
    """Put a recording into the folder; its path from there."""
    if u.start is None and u.end is None:
        name = f"{place}/{u.id}{u.audio.suffix.lower()}"
        shutil.copyfile(u.audio, folder / name)
    else:
        name = f"{place}/{u.id}.flac"
        audio.write(folder / name, audio.read(u.audio, None, u.start, u.end))
    return name


def _ljspeech(corpus: Corpus, folder: Path, names: dict[str, str]) -> None:
    rows = []
    for u in corpus.utterances:
        text = '"' + u.text.replace('"', '""') + '"' if "|" in u.text else u.text
        rows.append(f"{names[u.id]}|{text}|{u.speaker}\n")
    write_text(folder / "metadata.csv", "audio_file|text|speaker_name\n" + "".join(rows))


def _kaldi(corpus: Corpus, folder: Path, names: dict[str, str]) -> None:
    order = sorted(corpus.utterances, key=lambda u: u.id.encode())
    write_text(folder / "wav.scp", "".join(f"{u.id} {names[u.id]}\n" for u in order))
    write_text(folder / "text", "".join(f"{u.id} {' '.join(u.text.split())}\n" for u in order))
    write_text(folder / "utt2spk", "".join(f"{u.id} {u.speaker}\n" for u in order))
    spoken: dict[str, list[str]] = {}
    for u in order:
        spoken.setdefault(u.speaker, []).append(u.id)
    write_text(folder / "spk2utt", "".join(f"{s} {' '.join(ids)}\n" for s, ids in sorted(spoken.items())))


def _lhotse(corpus: Corpus, folder: Path, names: dict[str, str]) -> None:
    recordings: list[dict[str, Any]] = []
    supervisions: list[dict[str, Any]] = []
    for u in corpus.utterances:
        rate, frames, channels = audio.info(folder / names[u.id])
        seconds = frames / rate
        source = {"type": "file", "channels": list(range(channels)), "source": names[u.id]}
        recordings.append(
            {"id": u.id, "sources": [source], "sampling_rate": rate, "num_samples": frames,
             "duration": seconds, "channel_ids": list(range(channels))}
        )  # fmt: skip
        supervisions.append(
            {"id": u.id, "recording_id": u.id, "start": 0.0, "duration": seconds, "channel": 0,
             "text": u.text, "language": u.language, "speaker": u.speaker}
        )  # fmt: skip
    for name, rows in (("recordings", recordings), ("supervisions", supervisions)):
        lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        (folder / f"{name}.jsonl.gz").write_bytes(gzip.compress(lines.encode(), mtime=0))


def _huggingface(corpus: Corpus, folder: Path, names: dict[str, str]) -> None:
    table = io.StringIO(newline="")
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(["file_name", "transcription", "speaker", "language"])
    for u in corpus.utterances:
        writer.writerow([names[u.id], u.text, u.speaker, u.language])
    write_text(folder / "metadata.csv", table.getvalue())


LAYOUTS: dict[str, tuple[str, Callable[[Corpus, Path, dict[str, str]], None]]] = {
    "ljspeech": ("wavs", _ljspeech),
    "kaldi": ("wav", _kaldi),
    "lhotse": ("audio", _lhotse),
    "hf": ("data", _huggingface),
}
"""Where recordings lie, and what writes the tables, by the name of the layout."""
