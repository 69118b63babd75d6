# SPDX-License-Identifier: Apache-2.0
"""What a person has corrected is kept, and what was never seen comes nearer to where they would put it."""

from dataclasses import replace

import numpy as np
import pytest
from synthkit_align import corrections
from synthkit_align.hmm import HmmAligner, HmmSettings

from synthkit import audio
from synthkit.errors import AlignmentError
from synthkit.labels import write_alignment
from synthkit.testing.samples import context
from synthkit.types import Alignment, Interval, Phone, Segmentation, Utterance, Waveform, Word

RATE = 16000
LATE = 0.018
"""Seconds by which this labeller puts the beginning of "s" after the noise has begun."""
FAST = {"mixtures": 2, "flat_passes": 4, "passes": 1, "fine_mixtures": 2}


def sounding(rng, phone):
    """A stretch of a phone's band of noise."""
    low, high = {"a": (500, 900), "s": (4000, 7000), "m": (1500, 2500)}[phone]
    n = int(rng.uniform(0.08, 0.2) * RATE)
    f = np.fft.rfftfreq(n, 1 / RATE)
    spectrum = np.fft.rfft(rng.normal(size=n))
    spectrum[(f < low) | (f > high)] = 0
    x = np.fft.irfft(spectrum, n)
    return 0.1 * x / x.std()


@pytest.fixture(scope="module")
def spoken(tmp_path_factory):
    """Sixteen utterances, and where a person puts the boundaries: each "s" late by `LATE`."""
    folder, rng = tmp_path_factory.mktemp("spoken"), np.random.default_rng(3)
    items, truth = [], {}
    for number in range(16):
        said = ["".join(rng.permutation(list("asm"))) for _ in range(3)]
        labels = ["pau", *"".join(said), "pau"]
        quiet = [1e-4 * rng.normal(size=int(0.2 * RATE)) for _ in range(2)]
        parts = [quiet[0], *(sounding(rng, p) for p in "".join(said)), quiet[1]]
        edges = np.r_[0.0, np.cumsum([len(p) for p in parts])] / RATE
        starts = [t + LATE * (p == "s") for p, t in zip(labels, edges, strict=False)] + [edges[-1]]
        phones = tuple(Interval(a, b, p) for a, b, p in zip(starts[:-1], starts[1:], labels, strict=True))
        words = tuple(Interval(phones[3 * k + 1].start, phones[3 * k + 3].end, w) for k, w in enumerate(said))
        path = folder / f"c{number:02}.wav"
        audio.write(path, Waveform(np.concatenate(parts).astype(np.float32), RATE))
        text = Segmentation(" ".join(said), "xx", "toy", tuple(Word(w, tuple(map(Phone, w))) for w in said))
        items.append((Utterance(path.stem, text.text, path, "xx"), text))
        truth[path.stem] = Alignment(path.stem, phones, words, float(edges[-1]))
    return items, truth


def corrected(folder, truth, ids):
    """A folder of corrections."""
    for id_ in ids:
        write_alignment(folder / f"{id_}.TextGrid", truth[id_])
    return folder


def off(truth, found, ids):
    """Mean seconds by which boundaries are off."""
    return np.mean(
        [
            abs(p.start - t.start)
            for id_ in ids
            for p, t in zip(found[id_].phones[1:], truth[id_].phones[1:], strict=True)
        ]
    )


def test_boundaries_that_nobody_corrected_come_nearer(spoken, tmp_path):
    items, truth = spoken
    ids = [u.id for u, _ in items]
    alone = HmmAligner(HmmSettings(**FAST)).align(items, context(tmp_path / "alone"))
    folder = corrected(tmp_path / "corrections", truth, ids[:5])
    aligner = HmmAligner(HmmSettings(**FAST, corrections=folder))
    found = aligner.align(items, context(tmp_path / "learned"))
    for id_ in ids[:5]:  # as they were corrected, to the microsecond
        assert [(p.start, p.label) for p in found[id_].phones] == [
            (pytest.approx(t.start, abs=1e-9), t.label) for t in truth[id_].phones
        ]
        assert found[id_].words == truth[id_].words and not found[id_].flags
        assert all(p.score is not None for p in found[id_].phones)
    before, after = off(truth, alone, ids[5:]), off(truth, found, ids[5:])
    assert before > 0.005 and after < 0.6 * before, (before, after)
    # The aligner that a voice keeps has learned it, too, and needs the folder no more.
    aligner.save(tmp_path / "model")
    again = HmmAligner(HmmSettings(**FAST))
    again.open(tmp_path / "model")
    assert again.align(items[9:10], context(tmp_path / "again"))[ids[9]] == found[ids[9]]


def test_the_model_itself_learns_of_them(spoken, tmp_path, monkeypatch):
    """Without the habits: of the frames that a person gave to each phone."""
    monkeypatch.setattr(corrections, "habits", lambda seen: {})
    items, truth = spoken
    ids = [u.id for u, _ in items]
    alone = HmmAligner(HmmSettings(**FAST)).align(items, context(tmp_path / "alone"))
    folder = corrected(tmp_path / "corrections", truth, ids[:8])
    found = HmmAligner(HmmSettings(**FAST, corrections=folder)).align(items, context(tmp_path / "learned"))
    assert off(truth, found, ids[8:]) < off(truth, alone, ids[8:])


def test_a_habit_is_what_the_person_does_otherwise():
    rng = np.random.default_rng(0)
    seen = [("a", "s", 0.02 + 0.002 * rng.normal()) for _ in range(40)]
    seen += [("s", "a", -0.01 + 0.002 * rng.normal()) for _ in range(40)]
    seen += [("a", "m", 0.5)] * 9  # of another place: no habit
    known = corrections.habits(seen)
    moved = corrections.unlearned(["a", "s", "a"], [0.0, 0.2, 0.4, 0.6], known)
    assert moved == [0.0, pytest.approx(0.22, abs=0.003), pytest.approx(0.39, abs=0.003), 0.6]
    # A short phone is not run over, and what was never seen stays nearly where it is.
    assert corrections.unlearned(["a", "s", "a"], [0.0, 0.2, 0.205, 0.4], known)[1] <= 0.2021
    assert abs(corrections.unlearned(["m", "m"], [0.0, 0.2, 0.4], known)[1] - 0.2) < 0.004
    assert corrections.habits([]) == {}


def test_phones_shorter_than_a_model_has_states_are_learned_of(spoken, tmp_path):
    items, truth = spoken
    id_ = items[0][0].id
    phones = list(truth[id_].phones)
    phones[4] = replace(phones[4], end=phones[4].start + 0.012)
    phones[5] = replace(phones[5], start=phones[4].end)
    folder = corrected(tmp_path / "corrections", {id_: replace(truth[id_], phones=tuple(phones))}, [id_])
    found = HmmAligner(HmmSettings(**FAST, corrections=folder)).align(items[:4], context(tmp_path / "w"))
    assert found[id_].phones[4].duration == pytest.approx(0.012, abs=1e-6)


def test_a_correction_of_another_text_is_said(spoken, tmp_path):
    items, truth = spoken
    (first, _), (second, _) = items[0], items[1]
    words = tuple(replace(w, label="zzz") for w in truth[first.id].words)
    folder = corrected(tmp_path / "c", {first.id: replace(truth[first.id], words=words)}, [first.id])
    found = HmmAligner(HmmSettings(**FAST, corrections=folder)).align(items[:4], context(tmp_path / "w"))
    assert isinstance(found[first.id], AlignmentError)
    assert "its correction cannot be used: labels of another text" in str(found[first.id])
    assert isinstance(found[second.id], Alignment)
    with pytest.raises(AlignmentError, match="no such folder of corrections"):
        HmmAligner(HmmSettings(corrections=tmp_path / "no")).align(items[:4], context(tmp_path / "v"))


def test_what_is_cached_depends_on_them(spoken, tmp_path):
    _, truth = spoken
    one, two = list(truth)[:2]
    none = HmmAligner(HmmSettings()).fingerprint()
    folder = corrected(tmp_path / "corrections", truth, [one])
    aligner = HmmAligner(HmmSettings(corrections=folder))
    first = aligner.fingerprint()
    corrected(folder, truth, [two])
    assert none == "" and len({none, first, aligner.fingerprint()}) == 3
