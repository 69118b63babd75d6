# SPDX-License-Identifier: Apache-2.0
"""Layouts and label formats of a stranger's plugin, and how the layout of a folder is chosen."""

from __future__ import annotations

import json
import sys
import types
import warnings
from contextlib import suppress
from dataclasses import replace

import numpy as np
import pytest

from synthkit import audio
from synthkit.cli import run
from synthkit.corpora import Collector, Evidence, Layout, check, open_corpus
from synthkit.corpora.checks import check_text
from synthkit.corpora.layouts.jsonl import objects
from synthkit.discovery import Source, ask
from synthkit.errors import AlignmentError, CorpusError
from synthkit.labels import LabelFormat, Labels, detect_format, read_alignment, write_alignment
from synthkit.plugins import Registry, registry
from synthkit.testing import check_label_format, check_layout
from synthkit.types import Alignment, Interval, Waveform

PLUGIN = """
import csv
from synthkit import hookimpl
from synthkit.corpora import Collector, Evidence, Layout
from synthkit.errors import AlignmentError
from synthkit.labels import LabelFormat, Labels
from synthkit.types import Interval

class CommonVoice(Layout):
    def evidence(self, folder):
        table = folder / "validated.tsv"
        known = table.is_file() and "sentence" in table.read_text()[:200]
        return Evidence.CONTENT if known else Evidence.NONE

    def read(self, folder, language):
        found = Collector(folder, language)
        with open(folder / "validated.tsv", newline="") as file:
            for row in csv.DictReader(file, delimiter="\\t"):
                found.add(row["path"], row["sentence"], folder / "clips" / f"{row['path']}.wav",
                          row["client_id"],
                          row["locale"], extra={"age": row["age"]})
        return found.corpus(licence="CC0-1.0")

class Audacity(LabelFormat):
    suffix = ".txt"
    folders = ("labels",)
    def evidence(self, file):
        parts = file.lines[0].split("\\t") if file.lines else []
        return Evidence.CONTENT if len(parts) == 3 and "." in parts[0] else Evidence.NONE
    def read(self, file, choice):
        try:
            rows = [line.split("\\t") for line in file.lines]
            return Labels([Interval(float(start), float(end), label) for start, end, label in rows])
        except ValueError as error:
            raise AlignmentError(f"not start, end, label: {error}", where=file.where) from error
    def render(self, alignment):
        return "".join(f"{p.start:.6f}\\t{p.end:.6f}\\t{p.label}\\n" for p in alignment.phones)

@hookimpl
def register_layouts(register):
    register("common-voice", "stranger:CommonVoice", summary="Common Voice")

@hookimpl
def register_label_formats(register):
    register("audacity", "stranger:Audacity", summary="Audacity's label track")
"""


@pytest.fixture
def install(monkeypatch):
    """``install(source)`` is as if a distribution with that module were installed."""

    def make(source: str) -> None:
        module = types.ModuleType("stranger")
        monkeypatch.setitem(sys.modules, "stranger", module)
        exec(source, module.__dict__)
        got = Registry.of([ask(Source("stranger", "dist-stranger", "1.2", lambda: module))])
        assert got.problems == []
        for key, registration in got.components.items():
            monkeypatch.setitem(registry().components, key, registration)

    return make


def common_voice(make) -> None:
    make.wav("clips/cv_1", "clips/cv_2")
    make.text("labels/cv_1.txt", "0.000000\t0.200000\ta\n0.200000\t0.500000\tb\n")
    make.text(
        "validated.tsv",
        "client_id\tpath\tsentence\tage\tlocale\n"
        "ann\tcv_1\tOne.\ttwenties\ten\nbob\tcv_2\tTwo.\t\ten\nbob\tcv_3\tThree.\t\ten\n",
    )


def test_a_stranger_s_layout_and_labels_are_read(install, make):
    install(PLUGIN)
    common_voice(make)
    corpus = open_corpus(make.root)
    assert [(u.id, u.text, u.speaker, u.language, u.extra["age"]) for u in corpus.utterances] == [
        ("cv_1", "One.", "ann", "en", "twenties"),
        ("cv_2", "Two.", "bob", "en", ""),
    ]
    assert corpus.left_out == [("cv_3", "no recording")]
    assert corpus.licence == "CC0-1.0"
    labels = corpus.get("cv_1").labels
    assert labels == make.root / "labels" / "cv_1.txt"
    assert read_alignment(labels).symbols() == ["a", "b"]
    assert corpus.get("cv_2").labels is None
    assert not [f for f in check(corpus) if f.severity == "error"]


def test_a_stranger_s_labels_are_written(install, tmp_path):
    install(PLUGIN)
    alignment = Alignment("x", (Interval(0, 0.25, "pau"), Interval(0.25, 1, "a")), (), 1.0)
    write_alignment(tmp_path / "x.txt", alignment)
    assert detect_format(tmp_path / "x.txt") == "audacity"
    assert read_alignment(tmp_path / "x.txt") == alignment


def test_the_kit_of_layouts_and_label_formats(install, make, conformance):
    install(PLUGIN)
    common_voice(make)
    corpus = conformance("layout", "common-voice", tree=make.root)
    assert len(corpus) == 2
    conformance("label_format", "audacity")


@pytest.mark.parametrize("name", ["textgrid", "festvox", "htk", "ctm"])
def test_our_own_formats_pass_the_kit(conformance, name):
    conformance("label_format", name)


def test_the_kit_catches_a_layout_that_claims_everything(install, make):
    class Greedy(Layout):
        def evidence(self, folder):
            return Evidence.OWN

        def read(self, folder, language):
            return Collector(folder, language).corpus()

    make.wav("one")
    with pytest.raises(AssertionError, match="empty folder"):
        check_layout(Greedy(), make.root)


def test_the_kit_catches_a_format_that_falls_over_a_file_cut_short(install, conformance):
    install(PLUGIN.replace("except ValueError", "except ZeroDivisionError"))
    with pytest.raises(AssertionError, match="cut short"):
        conformance("label_format", "audacity")


def test_the_kit_catches_a_format_that_loses_time():
    class Rounding(LabelFormat):
        suffix = ".r"

        def evidence(self, file):
            return Evidence.OWN if file.data.startswith(b"R\n") else Evidence.NONE

        def read(self, file, choice):
            rows = [line.split() for line in file.lines[1:]]
            return Labels([Interval(float(a), float(b), label) for a, b, label in rows])

        def render(self, alignment):
            return "R\n" + "".join(f"{p.start:.1f} {p.end:.1f} {p.label}\n" for p in alignment.phones)

    with pytest.raises(AssertionError, match="moves"):
        check_label_format(Rounding())


def test_two_layouts_with_equal_evidence_are_both_named_and_one_can_be_chosen(make, capsys, tmp_path):
    make.wav("wavs/a1", "b1", "b2")
    make.text("metadata.csv", "a1|one|one\n")
    make.text("wav.scp", "b1 b1.wav\nb2 b2.wav\n")
    make.text("text", "b1 two\nb2 three\n")
    with pytest.raises(CorpusError, match="kaldi or as ljspeech") as error:
        open_corpus(make.root, "en")
    assert "voice.layout" in error.value.hint
    assert [u.id for u in open_corpus(make.root, "en", layout="kaldi").utterances] == ["b1", "b2"]
    assert [u.id for u in open_corpus(make.root, "en", layout="ljspeech").utterances] == ["a1"]
    with pytest.raises(CorpusError, match="no layout named 'kaldy'") as error:
        open_corpus(make.root, "en", layout="kaldy")
    assert "did you mean 'kaldi'" in error.value.hint
    assert run(["corpora", "split", str(make.root), "-l", "en", "--layout", "kaldi", "--every", "2"]) == 0
    assert capsys.readouterr().out.split() == ["train", "b2", "held-out", "b1"]


def test_the_order_of_installation_does_not_choose(make, monkeypatch):
    make.wav("wavs/a1", "wavs/a2")
    make.text("metadata.csv", "a1|one|one\n")
    make.text("wavs/a2.txt", "two\n")  # pairs has some evidence, too
    known = dict(registry().components)
    for order in (sorted(known), sorted(known, reverse=True)):
        monkeypatch.setattr(registry(), "components", {k: known[k] for k in order})
        assert [u.id for u in open_corpus(make.root, "en").utterances] == ["a1"]


def test_a_table_by_another_name_s_name_is_not_taken_from_who_knows_it(install, make):
    """``metadata.csv`` with commas is read by its header; one who knows more of it goes before."""
    make.wav("wavs/a1")
    make.text("metadata.csv", "file,text\na1,one\n")
    assert [u.speaker for u in open_corpus(make.root, "en").utterances] == ["speaker"]
    install(
        PLUGIN.replace("validated.tsv", "metadata.csv")
        .replace('"sentence" in table.read_text()[:200]', "'file,text' in table.read_text()")
        .replace('delimiter="\\t"', 'delimiter=","')
        .replace('row["path"], row["sentence"]', 'row["file"], row["text"]')
        .replace("row['path']", "row['file']")
        .replace('"clips"', '"wavs"')
        .replace('row["client_id"]', '"ann"')
        .replace('row["locale"]', "None")
        .replace('extra={"age": row["age"]}', "")
    )
    assert [(u.text, u.speaker) for u in open_corpus(make.root, "en").utterances] == [("one", "ann")]


def test_a_layout_that_cannot_be_asked_is_named_and_the_others_are_asked(make, monkeypatch):
    broken = replace(
        registry().find("layout", "kaldi"), reference="no_such_package_of_mine:X", distribution="dist-x"
    )
    monkeypatch.setitem(registry().components, ("layout", "kaldi"), broken)
    make.wav("one")
    make.text("one.txt", "first")
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        assert len(open_corpus(make.root, "en")) == 1
    (warning,) = told
    assert "layout 'kaldi'" in str(warning.message)
    assert "dist-x" in str(warning.message)


def test_labels_that_could_be_two_formats_must_be_said(tmp_path):
    path = tmp_path / "2.lab"
    path.write_text("1 2 0.50 0.25 a\n")  # utterance 1, channel 2; or a phone 0.50 from 100 to 200 ns
    with pytest.raises(AlignmentError, match="ctm or htk") as error:
        read_alignment(path)
    assert "format=" in error.value.hint
    assert read_alignment(path, format="ctm").duration == 0.75


def test_recordings_without_text_or_of_a_kind_that_is_not_read_are_told_as_that(tmp_path):
    import shutil

    sound = open_corpus("bundled-ru").utterances[0].audio
    plain, phone = tmp_path / "plain", tmp_path / "phone"
    plain.mkdir(), phone.mkdir()
    shutil.copyfile(sound, plain / f"a{sound.suffix}")
    with pytest.raises(CorpusError, match="holds 1 recording and no text") as error:
        open_corpus(plain, "ru")
    assert "corpora transcribe" in error.value.hint
    (phone / "a.m4a").write_bytes(PHONE)
    (phone / "a.txt").write_text("Добрый день.", encoding="utf-8")
    with pytest.raises(CorpusError, match=r"1 recording that cannot be read, a\.m4a the first") as error:
        open_corpus(phone, "ru")
    assert f"`ffmpeg -i {phone}/a.m4a {phone}/a.flac`" in error.value.hint
    (phone / "a.m4a").rename(phone / "New recording 1.m4a")
    with pytest.raises(CorpusError) as error:
        open_corpus(phone, "ru")
    assert f"ffmpeg -i '{phone}/New recording 1.m4a' '{phone}/New recording 1.flac'" in error.value.hint


PHONE = b"\0\0\0\x18ftypM4A "


@pytest.mark.parametrize("table", [True, False])
def test_a_phones_recordings_are_told_with_what_converts_them_until_they_are(tmp_path, table):
    """Told once, as the recordings of the texts that they are; the command is for the whole folder."""
    for name in ("New 1", "b", "c"):
        (tmp_path / f"{name}.m4a").write_bytes(PHONE)
        if not table:
            (tmp_path / f"{name}.txt").write_text("Добрый день.", encoding="utf-8")
    if table:
        (tmp_path / "metadata.csv").write_text("New 1.m4a|Раз, два.\nb|Три.\nc.m4a|Пять.\n", encoding="utf-8")
    with pytest.raises(CorpusError) as error:
        open_corpus(tmp_path, "ru")
    assert f'for f in {tmp_path}/*.m4a; do ffmpeg -i "$f" "${{f%.*}}.flac"; done' in error.value.hint
    audio.write(tmp_path / "b.flac", Waveform(np.full(8000, 0.1, np.float32), 16000))
    corpus = open_corpus(tmp_path, "ru")
    assert [u.id for u in corpus.utterances] == ["b"]
    assert [reason for _, reason in corpus.left_out] == [
        ".m4a is not read: convert it, `ffmpeg -i 'New 1.m4a' 'New 1.flac'`",
        ".m4a is not read: convert it, `ffmpeg -i c.m4a c.flac`",
    ]


def test_half_a_character_in_json_leaves_out_one_utterance(tmp_path):
    """JSON can escape one, and no text can hold it: a build ended as a fault of synthkit."""
    rows = [("a", "Раз\ud800."), ("b", "Два."), ("c\udfff", "Три.")]
    for name in "abc":
        audio.write(tmp_path / f"{name}.wav", Waveform(np.full(8000, 0.1, np.float32), 16000))
    lines = [json.dumps({"audio_filepath": f"{n}.wav", "text": t, "duration": 0.5}) for n, t in rows]
    (tmp_path / "metadata.jsonl").write_text("\n".join(lines))
    corpus = open_corpus(tmp_path, language="ru")
    reasons = {u.id: check_text(u, None) for u in corpus.utterances}
    assert reasons["b"] == [] and "U+FFFD" in reasons["a"][0]
    assert "c" not in reasons and "\udfff" not in "".join(reasons)


@pytest.mark.parametrize("form", ['{{"text": "\\u0041", "more": {}}}', '[{{"text": "\\u0041", "more": {}}}]'])
def test_json_nested_just_as_deep_as_python_reads_is_no_fault(form, tmp_path):
    """What it can read it may not be able to write again, for the look at half characters."""
    path = tmp_path / "metadata.json"
    for depth in range(1, sys.getrecursionlimit() + 1):
        path.write_text(form.format("[" * depth + "]" * depth))
        with suppress(CorpusError):
            assert len(list(objects(path))) == 1
