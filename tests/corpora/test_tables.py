# SPDX-License-Identifier: Apache-2.0
"""Tables of utterances by header, by what is in their columns, and refused where that is not plain."""

import gzip
import json
import shutil
import unicodedata

import pytest
import soundfile

from synthkit.cli import run
from synthkit.corpora import open_corpus
from synthkit.corpora.layouts.roles import is_phonemes, likeness
from synthkit.corpora.layouts.table import cells
from synthkit.errors import CorpusError

ONE, TWO, THREE = "Good morning to you all.", "The train is late again.", "Close the window, please."


def said(corpus):
    return [(u.id, u.text, u.speaker) for u in corpus.utterances]


WANTED = [("a", ONE, "ann"), ("b", TWO, "ann"), ("c", THREE, "bob")]
PLAIN = [(id, text, "speaker") for id, text, _ in WANTED]


@pytest.mark.parametrize(
    ("name", "rows", "wanted"),
    [
        ("metadata.csv", "a|{1}|1\nb|{2}|0\nc|{3}|1\n",
         [("a", ONE, "1"), ("b", TWO, "0"), ("c", THREE, "1")]),
        ("metadata.csv", "a|{1}|500\nb|{2}|500\nc|{3}|500\n", PLAIN),  # milliseconds
        ("metadata.csv", "a|{1}|-31\nb|{2}|-28\nc|{3}|-31\n", PLAIN),  # a score
        ("metadata.csv", "a|{1}|1.52\nb|{2}|2.01\nc|{3}|1.73\n", PLAIN),
        ("metadata.csv", "a|{1}|5\nb|{2}|5\nc|{3}|4\n", PLAIN),  # words
        ("metadata.csv", "a|ann|{1}\nb|ann|{2}\nc|bob|{3}\n", WANTED),
        ("metadata.csv", "a|{1}|ann\nb|{2}|ann\nc|{3}|bob\n", WANTED),
        ("metadata.csv", "a|ann|{1}|{1}\nb|ann|{2}|{2}\nc|bob|{3}|{3}\n", WANTED),
        ("metadata.csv", "wavs/a.wav|{1}|ann|en\nwavs/b.wav|{2}|ann|en\nwavs/c.wav|{3}|bob|en\n", WANTED),
        ("metadata.csv", 'a|"Press A | B."|"Press A | B."\nb|{2}|{2}\nc|{3}|\n', None),
        ("metadata.csv", "speaker|path|text\nann|a.wav|{1}\nann|b.wav|{2}\nbob|c.wav|{3}\n", WANTED),
        ("metadata.csv", "file_name,transcription\na.wav,{1}\nb.wav,{2}\nc.wav,\"{3}\"\n", PLAIN),
        ("metadata.csv", "file;text;speaker\na.wav;{1};ann\nb.wav;{2};ann\nc.wav;{3};bob\n", WANTED),
        ("filelists/train.txt", "DUMMY1/a.wav|0|{1}\nDUMMY1/b.wav|0|{2}\nDUMMY1/c.wav|1|{3}\n",
         [("a", ONE, "0"), ("b", TWO, "0"), ("c", THREE, "1")]),
        ("filelists/x_train_filelist.txt", "/me/wavs/a.wav|{1}\n/x/wavs/b.wav|{2}\n/x/c.wav|{3}\n", PLAIN),
        ("transcript.txt", "wavs/a.wav|{1}|{1}|1.5\nwavs/b.wav|{2}|{2}|1.2\nwavs/c.wav|{3}|{3}|2.5\n", PLAIN),
        ("train.tsv", "path\tsentence\tspeaker\na.mp3\t{1}\tann\nb.mp3\t{2}\tann\nc.mp3\t{3}\tbob\n", WANTED),
    ],
)  # fmt: skip
def test_columns_are_known_by_what_is_in_them(make, name, rows, wanted):
    make.wav("wavs/a", "wavs/b", "wavs/c")
    make.text(name, rows.replace("{1}", ONE).replace("{2}", TWO).replace("{3}", THREE))
    corpus = open_corpus(make.root, "en")
    assert corpus.left_out == []
    if wanted is None:
        assert [u.text for u in corpus.utterances] == ["Press A | B.", TWO, THREE]
    else:
        assert said(corpus) == wanted


def test_folders_of_css10_are_books_and_not_speakers(make):
    """Of a file list without a length, or with a header, they are speakers."""
    make.wav("meian/a", "meian/b", "kokoro/c")
    rows = f"meian/a.wav|{ONE}|{ONE}|1.5\nmeian/b.wav|{TWO}|{TWO}|1.2\nkokoro/c.wav|{THREE}|{THREE}|2.5\n"
    make.text("transcript.txt", rows)
    assert {u.speaker for u in open_corpus(make.root, "en").utterances} == {"speaker"}
    make.text("transcript.txt", "path|text|normalized_text|duration\n" + rows)
    assert {u.speaker for u in open_corpus(make.root, "en").utterances} == {"meian", "kokoro"}
    make.text("transcript.txt", "\n".join("|".join(r.split("|")[:2]) for r in rows.splitlines()))
    assert {u.speaker for u in open_corpus(make.root, "en").utterances} == {"meian", "kokoro"}


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("a|Press A | B.\nb|{2}\nc|{3}\n", "line 1: columns 2 and 3 say different things"),
        ("a|{1}|{1}\nb|one | two|one two\nc|{3}|{3}\n", "line 2: 4 columns where 3"),
        ("a.wav|ɡˈʊd mˈɔːnɪŋ|0\nb.wav|tɹˈeɪn|0\nc.wav|wˈɪndəʊ|1\n", "line 1: phonemes"),
        ("a|HH AH0 L OW1\nb|T UW1 P IY2\nc|W AH1 N Z\n", "line 1: phonemes"),
        ("a|{1}|Доброе утро всем\nb|{2}|Поезд опоздал\nc|{3}|Закройте окно\n", "which is the text"),
        ("a|{1}|712\nb|{2}|913\nc|{3}|551\n", "line 1: column 3 is a number that is neither a length"),
        ("a|{1}|12\nb|{2}|7\nc|{3}|12\n", "(12, 7, 12; guessed: recording|text|number)"),
        ("a|0|1|{1}\nb|1|1|{2}\nc|0|2|{3}\n", "each of columns 2, 3 could be the speaker's number"),
        ("a|0.25|7\nb|0.5|8\nc|1|9\n", "no column is a text"),
        ("audio_file|length|speaker_name|phonemes\na|1|x|y\n", "phonemes and no text"),
    ],
)
def test_what_is_not_plain_is_refused_by_its_line_with_what_was_guessed(make, rows, told):
    make.wav("wavs/a", "wavs/b", "wavs/c")
    make.text("metadata.csv", rows.replace("{1}", ONE).replace("{2}", TWO).replace("{3}", THREE))
    with pytest.raises(CorpusError, match=r"metadata\.csv: line \d") as error:
        open_corpus(make.root, "en")
    assert told in str(error.value)


@pytest.mark.parametrize("parted", "|;,\t")
@pytest.mark.parametrize(
    "stray", ["choose tea{}coffee", "press yes {} no", "hello{} there", "press button {}5"]
)
@pytest.mark.parametrize("name", ["metadata.csv", "filelists/train.txt"])
def test_a_stray_delimiter_in_a_text_is_no_column(make, name, parted, stray):
    """It was a speaker, a language or the whole text, and the text was cut."""
    make.wav("wavs/a", "wavs/b", "wavs/c")
    rows = [("a", ONE.strip(".")), ("b", TWO), ("c", stray.format(parted))]
    make.text(name, "".join(f"wavs/{id}.wav{parted}{text}\n" for id, text in rows))
    with pytest.raises(CorpusError, match=rf"{name}: line 3: .*in the text|{name}: line 3: .*of the text"):
        open_corpus(make.root, "en")


@pytest.mark.parametrize(
    ("header", "before"),
    [("file,seconds,words,text", "3.2,5,"), ("file|script|text", "Latn|"), ("file|prompt|text", "p1|"),
     ("id|raw_text|text", "GOOD|"), ("file|original_text|Transcript", "x|"), ("file;caption;sentence", "z;")],
)  # fmt: skip
def test_a_header_s_plain_name_goes_before_what_may_mean_the_same(make, header, before):
    make.wav("wavs/a", "wavs/b")
    parted = next(c for c in ",|;" if c in header)
    rows = "".join(f"{id}{parted}{before}{text}\n" for id, text in (("a", ONE), ("b", TWO)))
    make.text("metadata.csv", f"{header}\n{rows}")
    assert [u.text for u in open_corpus(make.root, "en").utterances] == [ONE, TWO]


def test_two_columns_that_are_the_text_with_equal_right_are_refused_by_name(make):
    make.wav("wavs/a", "wavs/b")
    make.text("metadata.csv", f"file|text|transcript\na|{ONE}|{TWO}\nb|{TWO}|{TWO}\n")
    with pytest.raises(CorpusError, match=r"metadata\.csv: line 1: .*columns text, transcript could be"):
        open_corpus(make.root, "en")
    make.text("metadata.csv", f"file|text|transcript\na|{ONE}|{ONE}\nb|{TWO}|{TWO}\n")
    assert [u.text for u in open_corpus(make.root, "en").utterances] == [ONE, TWO]
    make.text("metadata.csv", f"file|text|normalized_text\na|In 5 days.|In five days.\nb|{TWO}|{TWO}\n")
    assert [u.text for u in open_corpus(make.root, "en").utterances] == ["In five days.", TWO]


def test_json_s_plain_name_goes_before_what_may_mean_the_same(make):
    make.wav("a")
    make.text("manifest.json", json.dumps({"audio_filepath": "a.wav", "words": 5, "text": ONE}))
    assert [u.text for u in open_corpus(make.root, "en").utterances] == [ONE]
    make.text("manifest.json", json.dumps({"audio_filepath": "a.wav", "text": ONE, "sentence": TWO}))
    with pytest.raises(CorpusError, match=r"manifest\.json: line 1: .*text, sentence could be the text"):
        open_corpus(make.root, "en")


@pytest.mark.parametrize(
    ("rows", "wanted"),
    [
        ("file|start_ms|end_ms|text\na|0|200|{1}\na|200|450|{2}\n", [(0, 0.2), (0.2, 0.45)]),
        ("file|start|duration|text\na|0.1|0.2|{1}\nb|0.2|0.25|{2}\n", [(0.1, 0.3), (0.2, 0.45)]),
        ("a|0.0|0.2|{1}\na|0.2|0.45|{2}\nb|0.1|0.3|{3}\n", [(0, 0.2), (0.2, 0.45), (0.1, 0.3)]),
        ("file|end|text\na|0.5|{1}\nb|0.5|{2}\n", [(None, None)] * 2),
        ("a|0.91|0.5|{1}\nb|0.72|0.5|{2}\n", [(None, None)] * 2),  # a score, a length
        ("a|0.31|0.5|{1}\nb|0.42|0.5|{2}\n", [(None, None)] * 2),
    ],
)  # fmt: skip
def test_a_part_of_a_recording_is_cut(make, rows, wanted):
    make.wav("wavs/a", "wavs/b")
    make.text("metadata.csv", rows.replace("{1}", ONE).replace("{2}", TWO).replace("{3}", THREE))
    corpus = open_corpus(make.root, "en")
    assert [(u.start, u.end) for u in corpus.utterances] == [pytest.approx(cut) for cut in wanted]
    assert not any("duplicate" in reason for _, reason in corpus.left_out)


@pytest.mark.parametrize(
    ("rows", "line"),
    [
        ("file|start|end|text\na|0.1|0.3|{1}\nb|0.3|0.3|{2}\n", 3),
        ("file|start|end|text\na|0.1|0.3|{1}\nb|-1|0.3|{2}\n", 3),
        ("file|end|text\na|0.3|{1}\nb|0.2|{2}\n", 2),
        ("file|start_samples|end_samples|text\na|0|800|{1}\n", 2),
        ("a|0.1|0.3|{1}\nb|0.2|0.4|{2}\n", 1),
    ],
)
def test_a_cut_that_is_none_is_refused_by_its_line(make, rows, line):
    """All of the recording had the text of a part of it."""
    make.wav("wavs/a", "wavs/b")
    make.text("metadata.csv", rows.replace("{1}", ONE).replace("{2}", TWO))
    with pytest.raises(CorpusError, match=rf"metadata\.csv: line {line}: "):
        open_corpus(make.root, "en")


def test_the_cut_of_a_json_line_is_taken_or_refused(make):
    make.wav("a")
    row = {"audio_filepath": "a.wav", "text": ONE, "offset": "0.1", "duration": "0.2"}
    make.text("manifest.json", json.dumps(row))
    assert [(u.start, u.end) for u in open_corpus(make.root, "en").utterances] == [pytest.approx((0.1, 0.3))]
    for wrong in (
        {"offset": -1},
        {"duration": float("nan")},
        {"offset": "x"},
        {"duration": 0},
        {"offset": [1]},
    ):
        make.text("manifest.json", json.dumps(row | wrong))
        with pytest.raises(CorpusError, match=r"manifest\.json: line 1: "):
            open_corpus(make.root, "en")
    make.text("manifest.json", json.dumps(row | {"offset": None, "duration": "n/a"}))
    assert [(u.start, u.end) for u in open_corpus(make.root, "en").utterances] == [(None, None)]


@pytest.mark.parametrize(
    "rows",
    ['a.wav,"{1}\nb.wav,{2}\nc.wav,{3}\n', 'a.wav,"{1}\nb.wav,"{2}"\nc.wav,{3}\n',
     'a.wav,"{1}\nb.wav,{2}\nc.wav,{3}"\n'],
)  # fmt: skip
@pytest.mark.parametrize("parted", ",;")
def test_a_quotation_mark_that_is_left_open_is_refused_where_it_opens(make, rows, parted):
    """Rows below were of the text."""
    make.wav("a", "b", "c")
    rows = rows.replace(",", parted).replace("{1}", ONE).replace("{2}", TWO).replace("{3}", "Fine.")
    make.text("metadata.csv", f"file_name{parted}text\n{rows}")
    with pytest.raises(CorpusError, match=r"metadata\.csv: line 2: .*(quotation mark|-separated)") as error:
        open_corpus(make.root, "en")
    assert "close the quotation mark" in error.value.hint
    make.text("metadata.csv", f'file_name{parted}text\na.wav{parted}"Good\nmorning{parted} a"\n')
    assert [u.text for u in open_corpus(make.root, "en").utterances] == [f"Good\nmorning{parted} a"]


@pytest.mark.parametrize(("text", "told"), [(None, "no text"), (5, "its text is 5"), ([ONE], "its text is")])
@pytest.mark.parametrize("first", [True, False])
def test_a_json_line_without_a_text_is_refused_by_its_line(make, first, text, told):
    """Of the first line it was told that there are no transcripts."""
    make.wav("a", "b")
    rows = [{"audio_filepath": "b.wav", "text": text}, {"audio_filepath": "a.wav", "text": ONE}]
    make.text("manifest.json", "".join(json.dumps(r) + "\n" for r in (rows if first else rows[::-1])))
    with pytest.raises(CorpusError, match=rf"manifest\.json: line {1 if first else 2}: {told}"):
        open_corpus(make.root, "en")


@pytest.mark.parametrize(
    "header",
    ["Файл;Текст", "файл|текст|диктор", "Имя файла,Расшифровка", "Диктор|Аудио|Фраза", "Datei|Satz|Sprecher",
     "fichier|texte|durée", "archivo|transcripción|duración", "Datei\tText", "файл|фраза|текст", "ID|Текст"],
)  # fmt: skip
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_header_in_another_language_is_one(make, header, form):
    """It was a recording that is not there."""
    make.wav("wavs/a", "wavs/b")
    parted = next(c for c in ";|,\t" if c in header)
    names = [name.lower() for name in header.split(parted)]
    cells = []
    for id, text in (("a", ONE), ("b", TWO)):
        row = []
        for n in names:
            if n in ("файл", "имя файла", "аудио", "fichier", "archivo", "datei", "id"):
                row.append(id)
            elif n in ("диктор", "sprecher"):
                row.append("ann")
            elif n in ("durée", "duración"):
                row.append("0.5")
            else:
                row.append("x" if n == "фраза" and "текст" in names else text)
        cells.append(parted.join(row))
    make.text("metadata.csv", "\n".join([unicodedata.normalize(form, header), *cells]))
    corpus = open_corpus(make.root, "en")
    assert corpus.left_out == []
    assert said(corpus) == [(id, text, "ann" if {"диктор", "sprecher"} & {*names} else "speaker")
                            for id, text in (("a", ONE), ("b", TWO))]  # fmt: skip


@pytest.mark.parametrize(
    "marks",
    ["2024-01-05 2024-01-05 2024-01-06", "5.1.24 6.1.24 6.1.24", "https://x.org http://y.org www.z.org",
     "good ok bad", "happy happy sad", "train train test", "yes no Yes", "8000 8000 8000", "8000 16000 8000",
     "d41d8cd98f00b204e9800998ecf8427e 0cc175b9c0f1b6a831c399e269772661 0cc175b9c0f1b6a831c399e269772661"],
)  # fmt: skip
def test_what_is_nobody_s_name_is_no_speaker(make, marks):
    make.wav("wavs/a", "wavs/b", "wavs/c")
    rows = zip("abc", (ONE, TWO, THREE), marks.split(), strict=True)
    make.text("metadata.csv", "".join(f"{id}|{text}|{mark}\n" for id, text, mark in rows))
    assert said(open_corpus(make.root, "en")) == PLAIN


def test_a_table_of_commas_is_refused_in_commas_and_a_header_by_its_names(make):
    make.wav("a", "b")
    make.text("metadata.csv", f"file,text\na.wav,{ONE}\nb.wav,Hello, you, there\n")
    with pytest.raises(CorpusError, match=r"line 3: 4 columns .*Hello, you.*is there a comma in") as error:
        open_corpus(make.root, "en")
    assert "bar" not in str(error.value) + error.value.hint
    make.text("metadata.csv", f"audio|sentence|transcript\na|{ONE}|x\n")
    with pytest.raises(CorpusError) as error:
        open_corpus(make.root, "en")
    assert "first line" not in error.value.hint and "call the" in error.value.hint
    make.text("metadata.csv", f"file;text_en;text_ru\na;{ONE};Доброе утро\nb;{TWO};Поезд опоздал\n")
    with pytest.raises(CorpusError, match="line 1: each of the columns text_en, text_ru") as error:
        open_corpus(make.root, "en")
    assert "first line" not in error.value.hint and "call the" in error.value.hint


def test_a_last_column_that_some_rows_lack_is_read_where_it_is_plain(make):
    make.wav("wavs/a", "wavs/b", "wavs/c")
    make.text("metadata.csv", f"a|{ONE}|{ONE}\nb|{TWO}\nc|{THREE}\n")
    assert said(open_corpus(make.root, "en")) == PLAIN
    make.text("metadata.csv", f"a|{ONE}|ann\nb|{TWO}|ann\nc|{THREE}\n")
    assert said(open_corpus(make.root, "en")) == [*WANTED[:2], PLAIN[2]]
    make.text("metadata.csv", f"a|{ONE}|\nb|{TWO}\nc|{THREE}\n")
    assert said(open_corpus(make.root, "en")) == PLAIN


UNLIKE = [(n * 37 % 23 + 4) / 10 for n in range(24)]
"""Lengths in s of recordings whose texts are all as long."""


@pytest.mark.parametrize(
    ("number", "wanted"),
    [
        (lambda n, s: round(s), {"speaker"}),
        (lambda n, s: int(s * 1000), {"speaker"}),
        (lambda n, s: round(s * 100 / 1.16) + n % 3, {"speaker"}),  # frames, some more, of a hop nobody told
        (lambda n, s: [5105, 1089][n % 2], {"5105", "1089"}),  # LibriTTS's
        (lambda n, s: n * 7 % 3, {"0", "1", "2"}),
        (lambda n, s: n, {"speaker"}),
        (lambda n, s: f"0:{s:05.2f}", {"speaker"}),
        (lambda n, s: f"{s:.1f} s", {"speaker"}),
        (lambda n, s: n * 31 % 97, None),
        (lambda n, s: f"x{n}", None),
        (lambda n, s: str(n) * 3000, None),
    ],
)
def test_a_number_is_a_speaker_only_where_it_comes_again_and_measures_nothing(make, number, wanted):
    """What is a measure follows from the recordings, however few values it has."""
    rows = []
    for n, seconds in enumerate(UNLIKE):
        make.wav(f"wavs/u{n:02}", seconds=seconds)
        rows.append(f"u{n:02}|This is sentence number {n + 10}.|{number(n, seconds)}\n")
    make.text("metadata.csv", "".join(rows))
    if wanted is None:
        with pytest.raises(CorpusError, match=r"line 1: column 3 is .*no[tr] plainly a speaker's"):
            open_corpus(make.root, "en")
    else:
        assert {u.speaker for u in open_corpus(make.root, "en").utterances} == wanted


@pytest.mark.parametrize("said", [("7", "12", "40"), ("10:15", "9:05", "12:30")])
def test_numbers_beside_recordings_and_nothing_else_are_what_is_said(make, said):
    make.wav("wavs/a", "wavs/b", "wavs/c")
    make.text("metadata.csv", "".join(f"{id}|{text}\n" for id, text in zip("abc", said, strict=True)))
    assert [u.text for u in open_corpus(make.root, "en").utterances] == list(said)


def test_a_number_that_follows_the_text_is_a_count(make):
    rows = []
    for n in range(12):
        make.wav(f"wavs/u{n:02}")
        text = "She said it" + " again and again" * (n % 6) + "."
        rows.append(f"u{n:02}|{text}|{len(text) * 4 // 5}\n")
    make.text("metadata.csv", "".join(rows))
    assert {u.speaker for u in open_corpus(make.root, "en").utterances} == {"speaker"}


def test_a_quote_that_begins_a_sentence_is_none_of_the_table():
    assert cells('a|"Well," he said.|x') == ["a", '"Well," he said.', "x"]
    assert cells('a|"x | y"|z') == ["a", "x | y", "z"]
    assert cells('a|"say ""x"""') == ["a", 'say "x"']


def test_recordings_of_one_name_in_two_folders_are_not_mixed_up(make):
    make.wav("wavs/ann/1", "wavs/bob/1")
    make.text("metadata.csv", f"ann/1|{ONE}\ncid/1|{TWO}\n1|{THREE}\n")
    corpus = open_corpus(make.root, "en")
    assert said(corpus) == [("ann_1", ONE, "ann")]
    left = dict(corpus.left_out)
    assert left["1"].startswith("'1' could be any of") or "no recording" in left["1"]
    assert left["bob_1"] == "no transcript"


def test_common_voice(make):
    make.wav("clips/x.wav", "clips/y.wav")
    for name in ("x", "y"):
        samples, rate = soundfile.read(make.root / f"clips/{name}.wav")
        soundfile.write(make.root / f"clips/{name}.mp3", samples, rate, format="MP3")
        (make.root / f"clips/{name}.wav").unlink()
    header = "client_id\tpath\tsentence\tup_votes\tage\tlocale\n"
    quoted = 'He said "so"'
    make.text("validated.tsv", f"{header}c1\tx.mp3\t{ONE}\t2\t\ten\nc2\ty.mp3\t{quoted}\t2\t\ten\n")
    make.text("invalidated.tsv", f"{header}c1\ty.mp3\tnot this\t0\t\ten\n")
    corpus = open_corpus(make.root)
    assert said(corpus) == [("x", ONE, "c1"), ("y", 'He said "so"', "c2")]
    assert corpus.licence == "CC0-1.0"


def test_librispeech_jsut_and_timit(make, tmp_path):
    make.wav("84/121/84-121-0000.flac")
    make.text("84/121/84-121.trans.txt", "84-121-0000 GO DO YOU HEAR\n")
    assert said(open_corpus(make.root)) == [("84-121-0000", "go do you hear", "84")]
    make.root = tmp_path / "jsut"
    make.wav("basic5000/wav/BASIC5000_0001")
    make.text("basic5000/transcript_utf8.txt", "BASIC5000_0001:水をマレーシアから買います。\n")
    (u,) = open_corpus(make.root).utterances
    assert (u.language, u.speaker) == ("ja", "jsut")
    make.root = tmp_path / "timit"
    make.wav("TRAIN/DR1/FCJF0/SA1")
    samples, rate = soundfile.read(make.root / "TRAIN/DR1/FCJF0/SA1.wav")
    soundfile.write(make.root / "TRAIN/DR1/FCJF0/SA1.WAV", samples, rate, format="NIST")
    (make.root / "TRAIN/DR1/FCJF0/SA1.wav").unlink()
    make.text("TRAIN/DR1/FCJF0/SA1.TXT", "0 46797 She had your dark suit.\n")
    make.text("TRAIN/DR1/FCJF0/SA1.PHN", "0 3050 h#\n3050 4559 sh\n")
    assert said(open_corpus(make.root)) == [("FCJF0_SA1", "She had your dark suit.", "FCJF0")]


def test_json_lines(make):
    make.wav("audio/a", "audio/b", "long", seconds=1.0)
    rows = [
        {"audio_filepath": "audio/a.wav", "duration": 1.0, "text": ONE},
        {"audio_filepath": "/other/place/audio/b.wav", "duration": 1.0, "text": TWO, "speaker": 7},
        {"audio_filepath": "long.wav", "offset": 0.25, "duration": 0.5, "text": THREE},
    ]
    make.text("train_manifest.json", "".join(json.dumps(r) + "\n" for r in rows))
    corpus = open_corpus(make.root, "en")
    assert [(u.text, u.speaker, u.start, u.end) for u in corpus.utterances] == [
        (ONE, "speaker", None, None), (TWO, "7", None, None), (THREE, "speaker", 0.25, 0.75),
    ]  # fmt: skip
    make.text("train_manifest.json", json.dumps(rows[0]) + "\n{broken\n")
    with pytest.raises(CorpusError, match="line 2 is no JSON"):
        open_corpus(make.root, "en")


def test_lhotse(make):
    make.wav("audio/r", seconds=2.0)
    source = {"type": "file", "channels": [0], "source": "elsewhere/audio/r.wav"}
    make.text(
        "x_recordings.jsonl",
        json.dumps({"id": "r", "sources": [source], "num_samples": 32000, "duration": 2.0}),
    )
    cuts = [
        {"id": "u1", "recording_id": "r", "start": 0.0, "duration": 1.0, "text": ONE, "speaker": "ann"},
        {"id": "u2", "recording_id": "r", "start": 1.0, "duration": 1.0, "text": TWO, "language": "English"},
    ]
    with gzip.open(make.root / "x_supervisions.jsonl.gz", "wt") as file:
        file.writelines(json.dumps(c) + "\n" for c in cuts)
    corpus = open_corpus(make.root, "en")
    assert [(u.id, u.text, u.start, u.end) for u in corpus.utterances] == [
        ("u1", ONE, 0.0, 1.0), ("u2", TWO, 1.0, 2.0),
    ]  # fmt: skip


def test_one_text_that_is_none_leaves_out_one_utterance(make):
    make.wav("a", "b", "c", "d")
    make.text("a.txt", ONE)
    (make.root / "b.txt").write_bytes("привет".encode("cp1251"))
    make.text("c.TXT", "0.1 0.9 one\n1.0 1.5 two\n")
    make.text("d.txt", "2 3 apples")
    corpus = open_corpus(make.root, "en")
    assert [u.text for u in corpus.utterances] == [ONE, "2 3 apples"]
    left = dict(corpus.left_out)
    assert "not UTF-8" in left["b"]
    assert "track of labels" in left["c"]


@pytest.mark.parametrize(
    "track",
    ["1\n00:00:00,000 --> 00:00:02,000\nGood morning\n", "WEBVTT\n\n00:01.000 --> 00:02.000\nGood\n",
     "[00:01.20] Good morning\n", "[00:01] Good\n[00:05] morning\n", "0:00\nGood\n0:05\nmorning\n",
     "[10:15:30] Ann: Good\n[10:15:34] Bob: morning\n[10:16:01] Ann: to you\n", "(1:59) a\n(1:00:02) b\n",
     "[00:00.000 --> 00:02.000]  Hello there\n[00:02.000 --> 00:04.000]  to you\n",
     "[00:00.000 --> 00:02.000]  Hello there", "00:00:01 good morning\n00:00:03 bye\n", "0:01 good\n0:03 bye",
     "good morning\t0.1\t0.5\n", "good 0.0 0.4\nmorning to 0.4 0.9\n", "a 1 0.10 0.30 x\na 1 0.40 0.30 y"],
)  # fmt: skip
def test_subtitles_are_no_text(make, track):
    make.wav("a", "b")
    make.text("a.txt", ONE)
    make.text("b.txt", track)
    corpus = open_corpus(make.root, "en")
    assert [u.text for u in corpus.utterances] == [ONE]
    assert "track of labels" in dict(corpus.left_out)["b"]


@pytest.mark.parametrize(
    "text",
    ["[10:15:30] The train is late.", "[10:15:30] The train\nis late.", "10:15:30",
     "[12:00] Noon.\n[11:00] Eleven.",
     "(10:15) It was early.\nIt rained.\nNobody came.\n(10:45) It was late.\nNobody left.",
     "10:15 to Leeds\n10:45 to York", "00:00:01 is a time.", "It rose from 0.1 0.5", "At 0.1 0.5\nwas it."],
)  # fmt: skip
def test_a_time_that_is_said_is_a_text(make, text):
    make.wav("a", "b")
    make.text("a.txt", ONE)
    make.text("b.txt", text)
    corpus = open_corpus(make.root, "en")
    assert [u.text for u in corpus.utterances] == [ONE, " ".join(text.split())]


@pytest.mark.parametrize(
    ("content", "told"),
    [(r"{\rtf1\ansi Good morning}", "is RTF"), ("<html><body>Good</body></html>", "is HTML"),
     ("<p>Good <b>day</b></p>\n", "is HTML"), ("<!DOCTYPE html>\nGood", "is HTML"),
     ("<?xml version='1.0'?>", "is XML"), ('{"text": "Good"}', "is JSON"), ('[{"a": 1}]', "is JSON"),
     ('File type = "ooTextFile"\nObject class = "TextGrid"\n', "is a TextGrid")],
)  # fmt: skip
def test_marks_are_no_words(make, content, told):
    make.wav("a", "b")
    make.text("a.txt", "[laughs] {um} <p> is a mark.")
    make.text("b.txt", content)
    corpus = open_corpus(make.root, "en")
    assert [u.id for u in corpus.utterances] == ["a"]
    assert told in dict(corpus.left_out)["b"]


def test_a_text_in_utf_16_is_read(make):
    make.wav("a", "b")
    make.text("a.txt", ONE)
    (make.root / "b.txt").write_bytes("Good evening".encode("utf-16"))
    assert [u.text for u in open_corpus(make.root, "en").utterances] == [ONE, "Good evening"]


def test_a_table_of_another_name_is_named(make):
    make.wav("a", "b")
    make.text("my texts.csv", f"a;{ONE}\nb;{TWO}\n")
    with pytest.raises(CorpusError, match=r"my texts\.csv is not known") as error:
        open_corpus(make.root, "en")
    assert "call it metadata.csv" in error.value.hint


def test_what_cannot_be_read_is_said(make):
    make.wav("a")
    make.text("metadata.csv", f"a|{ONE}\n")
    shutil.copyfile(make.root / "a.wav", make.root / "b.m4a")
    assert "convert it" in dict(open_corpus(make.root, "en").left_out)["b"]


def test_phonemes_are_told_from_text():
    assert is_phonemes("ɡˈʊd mˈɔːnɪŋ")
    assert is_phonemes("HH AH0 L OW1 W ER1 L D")
    assert not is_phonemes("GOOD MORNING A1")
    assert not any(map(is_phonemes, (ONE, "Доброе утро", "Größe", "İstanbul şehri", "čeština")))
    assert likeness("Глава 1", "глава первая") > 0.5 > likeness("Press A", "B to go on.")


@pytest.mark.parametrize("to", ["ljspeech", "kaldi", "lhotse", "hf"])
def test_what_is_exported_is_read_again(make, tmp_path, to):
    make.wav("ann/a", "ann/b", "bob/c")
    for name, text in (("ann/a", ONE), ("ann/b", 'Press "A", please.'), ("bob/c", THREE)):
        make.text(f"{name}.txt", text)
    make.text("LICENCE.txt", "CC0")
    out = tmp_path / "out"
    assert run(["corpora", "export", str(make.root), "-l", "en", "--to", to, "-o", str(out)]) == 0
    known = open_corpus(make.root, "en")
    again = open_corpus(f"hf:{out}" if to == "hf" else out, "en")
    assert sorted(said(again)) == sorted(said(known))
    assert again.left_out == []
    assert again.licence
    assert run(["corpora", "export", str(make.root), "-l", "en", "--to", to, "-o", str(out)]) == 2


@pytest.mark.parametrize("content", ["", ";", ",,\n;", "|", "\n\n", "|||\n|||\n"])
def test_a_table_of_nothing_is_refused(content, tmp_path):
    (tmp_path / "metadata.csv").write_text(content)
    with pytest.raises(CorpusError, match=str(tmp_path)):
        open_corpus(tmp_path, "ru")
