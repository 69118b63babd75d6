# SPDX-License-Identifier: Apache-2.0
"""`check`, `split` and the choice of a covering subset."""

import struct
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthkit import audio
from synthkit.corpora import Corpus, check, open_corpus, split
from synthkit.corpora.coverage import choose, diphones
from synthkit.corpora.sounds import clipped_samples, loudest_db
from synthkit.errors import CorpusError, TextError
from synthkit.types import Utterance, Waveform


def reasons(findings, id):
    return [(f.severity, f.reason) for f in findings if f.id == id]


@pytest.fixture
def bad(make):
    """A corpus in which each utterance but the good ones has one fault."""
    make.wav("good1", "good2", "silent", "trunc", "zero", "nontext", "labels", seconds=1.5)
    make.wav("short", seconds=0.05)
    make.wav("odd", rate=8000, seconds=1.5)
    make.wav("slow", rate=6000, seconds=1.5)
    t = np.arange(16000) / 16000
    loud = np.clip(3 * np.sin(2 * np.pi * 100 * t), -1, 1).astype(np.float32)
    audio.write(make.root / "clipped.wav", Waveform(loud, 16000))
    audio.write(make.root / "silent.wav", Waveform(np.zeros(16000, np.float32), 16000))
    (make.root / "trunc.wav").write_bytes((make.root / "good1.wav").read_bytes()[:2000])
    (make.root / "zero.wav").write_bytes(b"")
    make.text("labels.TextGrid", "rubbish")
    for path in sorted(make.root.glob("*.wav")):
        make.text(f"{path.stem}.txt", "a good sentence")
    make.text("nontext.txt", "…?! 😀")
    make.text("slow.txt", "x" * 200)
    return open_corpus(make.root, "en")


def test_each_fault_is_found_with_its_file_and_reason(bad):
    findings = check(bad)
    expected = {
        "clipped": ("error", "clipped"),
        "silent": ("error", "silent"),
        "trunc": ("error", "truncated"),
        "zero": ("error", "0 bytes"),
        "short": ("error", "too short"),
        "nontext": ("error", "no words"),
        "labels": ("warning", "not a Praat TextGrid"),
        "odd": ("error", "is at 8000 Hz, the corpus at 16000 Hz"),
        "slow": ("error", "below 8000 Hz"),
    }
    for id, (severity, words) in expected.items():
        assert any(s == severity and words in r for s, r in reasons(findings, id)), (
            id,
            reasons(findings, id),
        )
    assert ("warning", "too much text: 200 letters in 1.5 s") in reasons(findings, "slow")
    assert reasons(findings, "good1") == reasons(findings, "good2") == []
    assert all(f.file.startswith(str(bad.root)) for f in findings)


def test_a_build_can_go_on_without_the_bad_ones(bad):
    rest = bad.without((f.id, f.reason) for f in check(bad) if f.severity == "error")
    assert [u.id for u in rest.utterances] == ["good1", "good2", "labels"]
    assert len(rest) + len(rest.left_out) == len(bad)
    assert [f for f in check(rest) if f.severity == "error"] == []


def test_text_that_cannot_be_segmented_is_an_error(bad):
    class Picky:
        def segment(self, text, language):
            if "good" in text:
                raise TextError("'good' cannot be spoken")

    found = reasons(check(bad, Picky()), "good1")
    assert found == [("error", "the transcript cannot be segmented: 'good' cannot be spoken")]


def test_one_utterance_and_none(make):
    make.wav("one", seconds=1.0)
    make.text("one.txt", "hello there")
    corpus = open_corpus(make.root, "en")
    assert [(f.id, f.severity) for f in check(corpus)] == [("", "warning")]
    assert [f.severity for f in check(corpus.only([]))] == ["error"]


def test_duplicate_ids_and_missing_files(make, tmp_path):
    make.wav("one", seconds=1.0)
    u = Utterance("x", "words here", make.root / "one.wav", "en")
    gone = Utterance("gone", "", make.root / "none.wav", "en")
    corpus = Corpus("c", ("en",), "", "", tmp_path, [u, u, gone])
    findings = check(corpus)
    assert all("duplicate id" in r for _, r in reasons(findings, "x"))
    assert [r for _, r in reasons(findings, "gone")] == ["no such file", "the transcript is missing or empty"]


def test_too_long_is_an_error(make):
    from synthkit.corpora import CheckSettings

    make.wav("one", "two", seconds=1.0)
    make.text("one.txt", "hello")
    make.text("two.txt", "hello")
    findings = check(open_corpus(make.root, "en"), settings=CheckSettings(max_seconds=0.9))
    assert [r for _, r in reasons(findings, "one")] == ["too long: 1.0 s (more than 0.9 s)"]


def test_touching_full_scale_is_not_clipping():
    t = np.arange(16000) / 16000
    assert clipped_samples(np.sin(2 * np.pi * 997 * t).astype(np.float32)) == 0
    assert clipped_samples(np.clip(1.2 * np.sin(2 * np.pi * 100 * t), -1, 1).astype(np.float32)) > 1000
    assert clipped_samples(np.clip(1.2 * np.sin(2 * np.pi * 100 * t), -0.5, 0.5).astype(np.float32)) == 0


def test_level_of_a_sine_is_known():
    t = np.arange(16000) / 16000
    wave = Waveform((0.1 * np.sin(2 * np.pi * 200 * t)).astype(np.float32), 16000)
    assert loudest_db(wave) == pytest.approx(20 * np.log10(0.1 / np.sqrt(2)), abs=0.01)
    assert loudest_db(Waveform(np.zeros(3, np.float32), 16000)) == float("-inf")


def corpus_of(ids, root):
    return Corpus("c", ("en",), "", "", root, [Utterance(i, "t", root / i, "en") for i in ids])


@settings(max_examples=50, deadline=None)
@given(ids=st.sets(st.text("abcdefgh0123", min_size=1), min_size=2, max_size=40), seed=st.integers(0, 5))
def test_split_is_a_partition(ids, seed, tmp_path_factory):
    corpus = corpus_of(sorted(ids), tmp_path_factory.getbasetemp())
    train, out = split(corpus, held_out=0.3, seed=seed)
    assert len(train) > 0
    assert len(out) > 0
    assert {u.id for u in train.utterances} | {u.id for u in out.utterances} == ids
    assert len(train) + len(out) == len(ids)


def test_split_is_stable_when_utterances_are_added(tmp_path):
    few = split(corpus_of([f"u{n}" for n in range(200)], tmp_path), held_out=0.2)
    many = split(corpus_of([f"u{n}" for n in range(400)], tmp_path), held_out=0.2)
    assert {u.id for u in few.held_out.utterances} <= {u.id for u in many.held_out.utterances}
    assert 50 <= len(many.held_out) <= 110  # 80 expected
    other = split(corpus_of([f"u{n}" for n in range(400)], tmp_path), held_out=0.2, seed=1)
    assert {u.id for u in other.held_out.utterances} != {u.id for u in many.held_out.utterances}


@pytest.mark.parametrize("options", [{"held_out": 0.0}, {"held_out": 1.0}, {"held_out": 3}, {"every": 1}])
def test_impossible_splits_are_refused(options, tmp_path):
    with pytest.raises(CorpusError):
        split(corpus_of(["a", "b"], tmp_path), **options)
    with pytest.raises(CorpusError, match="1 utterance"):
        split(corpus_of(["a"], tmp_path))


def test_greedy_choice_covers_first():
    units = {
        "rich": diphones("abcd"),
        "poor": diphones("aaaa"),
        "twin": diphones("abcd"),
        "new": diphones("ef"),
    }
    seconds = dict.fromkeys(units, 1.0)
    assert choose(units, seconds, 2.0, copies=1) == ["rich", "new"]
    assert choose(units, seconds, 0.5) == []
    assert choose(units, seconds, 10.0) == ["rich", "poor", "twin", "new"]


def test_three_hours_are_left_out_by_their_header(tmp_path):
    """A file of 2 GB with nothing in it: it would take minutes to read, and the memory of a server."""
    size = 3 * 3600 * 48000 * 4
    head = struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        b"RIFF",
        36 + size,
        b"WAVE",
        b"fmt ",
        16,
        1,
        2,
        48000,
        192000,
        4,
        16,
        b"data",
        size,
    )
    with (tmp_path / "a.wav").open("wb") as file:
        file.write(head)
        file.truncate(len(head) + size)
    (tmp_path / "a.txt").write_text("Three hours.", encoding="utf-8")
    tracemalloc.start()
    try:
        found = check(open_corpus(tmp_path, "en"))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert [f.reason for f in found if f.severity == "error"] == ["too long: 10800.0 s (more than 120 s)"]
    assert peak < 20e6
