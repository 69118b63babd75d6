# SPDX-License-Identifier: Apache-2.0
"""Folders in the layouts found in the field, each in miniature."""

import pytest

from synthkit.corpora import open_corpus
from synthkit.errors import CorpusError


def ids(corpus):
    return [u.id for u in corpus.utterances]


def test_ljspeech(make):
    make.wav("wavs/LJ001-0001", "wavs/LJ001-0002", "wavs/LJ001-0009")
    make.text(
        "metadata.csv",
        'LJ001-0001|In 1900, "so".|In nineteen hundred, "so".\nLJ001-0002|two|\nLJ001-0003|three|three\n',
    )
    c = open_corpus(make.root)
    assert [(u.id, u.text, u.language, u.speaker) for u in c.utterances] == [
        ("LJ001-0001", 'In nineteen hundred, "so".', "en", "lj"),
        ("LJ001-0002", "two", "en", "lj"),
    ]
    assert dict(c.left_out) == {"LJ001-0003": "no recording", "LJ001-0009": "no transcript"}


def test_ljspeech_layout_of_another_language_must_be_told(make):
    make.wav("wavs/a1")
    make.text("metadata.csv", "a1|привет|привет\n")
    with pytest.raises(CorpusError, match="language"):
        open_corpus(make.root)
    assert open_corpus(make.root, language="ru").languages == ("ru",)


def test_duplicate_id_is_listed_and_the_first_is_used(make):
    make.wav("wavs/a1")
    make.text("metadata.csv", "a1|one|one\na1|other|other\n")
    c = open_corpus(make.root, "en")
    assert [u.text for u in c.utterances] == ["one"]
    assert c.left_out[0][0] == "a1"
    assert "duplicate" in c.left_out[0][1]


def test_cmu_arctic_with_labels(make):
    make.root = make.root.parent / "cmu_us_slt_arctic"
    make.wav("wav/arctic_a0001", "wav/arctic_a0003")
    make.text(
        "etc/txt.done.data", '( arctic_a0001 "Author of the \\"danger\\" trail" )\n( arctic_a0002 "gone" )\n'
    )
    make.text("lab/arctic_a0001.lab", "#\n0.2 125 pau\n0.4 125 ao\n")
    c = open_corpus(make.root)
    (u,) = c.utterances
    assert (u.text, u.speaker, u.language) == ('Author of the "danger" trail', "slt", "en")
    assert u.labels is not None
    assert dict(c.left_out) == {"arctic_a0002": "no recording", "arctic_a0003": "no transcript"}


@pytest.mark.parametrize(
    "form", ['( b "He said "go" now" )', '( b "He said" now )', '( b "x" (duration 2) )']
)
def test_a_festvox_prompt_of_more_than_an_id_and_a_text_is_refused_by_its_line(make, form):
    """A text with quotes of its own was cut at the first of them."""
    make.wav("wav/a", "wav/b")
    make.text("etc/txt.done.data", f'( a "one" )\n{form}\n')
    with pytest.raises(CorpusError, match=r"txt\.done\.data: line 2 is not"):
        open_corpus(make.root, "en")


def test_vctk(make):
    make.wav("wav48_silence_trimmed/p225/p225_001_mic1.flac", "wav48_silence_trimmed/p225/p225_001_mic2.flac")
    make.wav("wav48_silence_trimmed/p226/p226_003_mic2.flac", "wav48_silence_trimmed/p315/p315_001_mic1.flac")
    make.text("txt/p225/p225_001.txt", "Please call Stella.\n")
    make.text("txt/p226/p226_003.txt", "Six spoons\n")
    c = open_corpus(make.root)
    assert [(u.id, u.audio.name, u.speaker) for u in c.utterances] == [
        ("p225_001", "p225_001_mic1.flac", "p225"),
        ("p226_003", "p226_003_mic2.flac", "p226"),
    ]
    assert c.left_out == [("p315_001", "no transcript")]


def test_m_ailabs_at_every_level(make):
    book = "ru_RU/by_book/male/nikolaev/hero"
    make.wav(f"{book}/wavs/hero_01_f000001")
    make.text(f"{book}/metadata.csv", "hero_01_f000001|Глава 1|глава первая\n")
    other = "ru_RU/by_book/female/hajdurova/book"
    make.wav(f"{other}/wavs/book_01")
    make.text(f"{other}/metadata.csv", "book_01|Да|да\n")
    c = open_corpus(make.root)
    assert {(u.text, u.language, u.speaker) for u in c.utterances} == {
        ("глава первая", "ru", "nikolaev"),
        ("да", "ru", "hajdurova"),
    }
    one = open_corpus(make.root / book)
    assert [(u.language, u.speaker) for u in one.utterances] == [("ru", "nikolaev")]


def test_ruslan(make):
    make.wav("RUSLAN/000000_RUSLAN")
    make.text("metadata_RUSLAN_22200.csv", "000000_RUSLAN|С трев+ожным чувством\n000001_RUSLAN|нет\n")
    c = open_corpus(make.root)
    assert [(u.id, u.text, u.language, u.speaker) for u in c.utterances] == [
        ("000000_RUSLAN", "С трев+ожным чувством", "ru", "ruslan")
    ]
    assert c.left_out == [("000001_RUSLAN", "no recording")]


def test_kaldi_with_segments(make):
    make.wav("rec1", seconds=2.0)
    make.text("wav.scp", "rec1 rec1.wav\nrec2 sox x.wav -t wav - |\n")
    make.text("text", "u1 hello world\nu2 bye\nu3 piped\n")
    make.text("segments", "u1 rec1 0.0 0.5\nu2 rec1 0.5 1.25\nu3 rec2 0 1\n")
    make.text("utt2spk", "u1 ann\nu2 bob\n")
    c = open_corpus(make.root, "en")
    assert [(u.id, u.speaker, u.start, u.end) for u in c.utterances] == [
        ("u1", "ann", 0.0, 0.5),
        ("u2", "bob", 0.5, 1.25),
    ]
    assert "command" in dict(c.left_out)["u3"]


def test_pairs_beside_each_other_and_apart(make):
    make.wav("one", "two.flac", "wav/three", "alone")
    make.text("one.txt", "first\n")
    make.text("two.lab", "second words\n")  # MFA's plain-text .lab
    make.text("txt/three.txt", "third")
    make.text("orphan.txt", "nobody")
    c = open_corpus(make.root, "en")
    assert {u.id: u.text for u in c.utterances} == {"one": "first", "two": "second words", "three": "third"}
    assert dict(c.left_out) == {"alone": "no transcript", "orphan": "no recording"}


def test_pairs_take_label_files_for_labels(make):
    make.wav("one")
    make.text("one.txt", "first\n")
    make.text("one.lab", "#\n0.2 125 pau\n0.5 125 f\n")
    (u,) = open_corpus(make.root, "en").utterances
    assert (u.text, u.labels and u.labels.name) == ("first", "one.lab")


def test_pairs_in_speaker_folders_with_equal_names(make):
    make.wav("ann/1", "bob/1")
    make.text("ann/1.txt", "a")
    make.text("bob/1.txt", "b")
    c = open_corpus(make.root, "en")
    assert [(u.id, u.speaker, u.text) for u in c.utterances] == [("ann_1", "ann", "a"), ("bob_1", "bob", "b")]


def test_normalised_text_goes_before_the_raw(make):
    make.wav("84/121/84_121_000")
    make.text("84/121/84_121_000.original.txt", "Mr. X")
    make.text("84/121/84_121_000.normalized.txt", "Mister X")
    (u,) = open_corpus(make.root, "en").utterances
    assert (u.text, u.speaker) == ("Mister X", "84")


def test_text_that_is_not_utf8_is_located(make):
    make.wav("wavs/a")
    (make.root / "metadata.csv").write_bytes(b"a|ok|ok\nb|" + "привет".encode("cp1251") + b"\n")
    with pytest.raises(CorpusError, match="line 2") as error:
        open_corpus(make.root, "ru")
    assert (
        "iconv -f CP1251 -t UTF-8" in error.value.hint
    )  # without -f it takes it for the locale's, and fails


@pytest.mark.parametrize("content", ["no bars here\n", "a\n"])
def test_malformed_metadata_names_the_line(make, content):
    make.wav("wavs/a")
    make.text("metadata.csv", "a|x|x\n" + content)
    with pytest.raises(CorpusError, match="line 2"):
        open_corpus(make.root, "en")


def test_folders_without_a_corpus(make):
    make.text("readme.md", "nothing")
    with pytest.raises(CorpusError, match="no transcripts"):
        open_corpus(make.root)
    with pytest.raises(CorpusError, match="no such folder"):
        open_corpus(make.root / "none")
    with pytest.raises(CorpusError, match="file"):
        open_corpus(make.root / "readme.md")


def test_one_utterance_is_a_corpus(make):
    make.wav("one")
    make.text("one.txt", "first")
    assert ids(open_corpus(make.root, "en")) == ["one"]


def test_unsafe_ids_become_file_names(make):
    make.wav("wavs/a b")
    make.text("metadata.csv", "a b|x|x\n")
    assert ids(open_corpus(make.root, "en")) == ["a_b"]
