# SPDX-License-Identifier: Apache-2.0
"""What is asked of readers of folders and files: layouts and label formats."""

from __future__ import annotations

import tempfile
from pathlib import Path

from synthkit.corpora import Corpus, Evidence, Layout
from synthkit.errors import SynthkitError
from synthkit.labels import Choice, LabelFile, LabelFormat
from synthkit.types import Alignment, Interval

SAMPLE = Alignment(
    "sample",
    (
        Interval(0.0, 0.25, "pau"),
        Interval(0.25, 0.3125, "k"),
        Interval(0.3125, 0.40625, "o"),
        Interval(0.40625, 0.5, "t"),
        Interval(0.5, 0.75, "pau"),
    ),
    (Interval(0.25, 0.5, "кот"),),
    0.75,
)
"""Its times are exact in binary and in every format's decimals."""


def check_layout(layout: Layout, folder: Path, language: str | None = "en") -> Corpus:
    """A layout knows its folder, leaves others alone and gives whole utterances.

    Parameters
    ----------
    layout : Layout
    folder : Path
        A small corpus laid out so.
    language : str, optional
        As `synthkit.corpora.open_corpus` would be told.

    Returns
    -------
    Corpus
        What it read, for further assertions.
    """
    with tempfile.TemporaryDirectory() as nothing:
        got = layout.evidence(Path(nothing))
        assert got is Evidence.NONE, f"evidence() of an empty folder is {got!r}"
        (Path(nothing) / "notes.bin").write_bytes(bytes(range(256)))
        got = layout.evidence(Path(nothing))
        assert got is Evidence.NONE, f"evidence() of a folder with some file is {got!r}"
    assert layout.evidence(folder) > Evidence.NONE, "evidence() does not know its own folder"
    before = {p: p.stat().st_mtime_ns for p in folder.rglob("*")}
    corpus = layout.read(folder.resolve(), language)
    assert {p: p.stat().st_mtime_ns for p in folder.rglob("*")} == before, "read() changes the folder"
    assert corpus.utterances, "read() gives no utterance"
    ids = [u.id for u in corpus.utterances]
    assert len(ids) == len(set(ids)), "utterance ids are not unique"
    for u in corpus.utterances:
        assert u.text.strip(), f"{u.id}: no text"
        assert u.audio.is_absolute() and u.audio.is_file(), f"{u.id}: {u.audio} is no absolute path of a file"
        assert u.language in corpus.languages, f"{u.id}: {u.language} is not among the corpus's languages"
        assert "/" not in u.id and not u.id.startswith("."), f"{u.id!r} cannot be a file name"
    assert all(reason for _, reason in corpus.left_out), "something is left out without a reason"
    again = layout.read(folder.resolve(), language)
    assert again.utterances == corpus.utterances, "the same folder gives another corpus"
    return corpus


def check_label_format(known: LabelFormat, alignment: Alignment = SAMPLE) -> None:
    """A format knows its own files, leaves others alone, and gives back what it wrote.

    A format that is only read is checked for the former two alone.

    Parameters
    ----------
    known : LabelFormat
    alignment : Alignment
        Written and read back.
    """
    assert known.suffix.startswith("."), f"suffix {known.suffix!r} begins without a dot"
    for data in (b"", b"an ordinary sentence\n", bytes(range(256))):
        got = known.evidence(LabelFile(Path("other.bin"), data))
        assert got is Evidence.NONE, f"evidence() of {data[:30]!r} is {got!r}"
    if type(known).render is LabelFormat.render:
        return
    text = known.render(alignment)
    file = LabelFile(Path(f"{alignment.id}{known.suffix}"), text.encode("utf-8"))
    assert known.evidence(file) > Evidence.NAME, "evidence() does not know what render() wrote"
    labels = known.read(file, Choice(id=alignment.id))
    phones = [(p.start, p.end, p.label) for p in alignment.phones]
    back = [(p.start, p.end, p.label) for p in labels.phones]
    moved = max(
        (abs(a - b) for x, y in zip(phones, back, strict=False) for a, b in zip(x[:2], y[:2], strict=True)),
        default=0.0,
    )
    assert len(back) == len(phones), f"{len(phones)} phones written, {len(back)} read"
    assert moved <= 1e-6, f"a boundary moves by {moved:g} s"
    if known.has_words:
        assert [w.label for w in labels.words if w.label.strip()] == [w.label for w in alignment.words]
    cut = LabelFile(file.path, file.data[: len(file.data) // 2])
    try:
        known.read(cut, Choice(id=alignment.id))
    except SynthkitError:
        return  # a format of lines may also be whole up to there
    except Exception as error:
        raise AssertionError(
            f"read() of a file cut short ends in {error!r}, not in an AlignmentError"
        ) from error
