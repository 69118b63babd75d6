# SPDX-License-Identifier: Apache-2.0
"""A long recording and its text: what is said as it stands is cut where it is said, and the rest is told."""

from __future__ import annotations

import json

import numpy as np
import pytest
import soundfile

from synthkit import audio
from synthkit.cli import run
from synthkit.corpora import open_corpus
from synthkit.corpora.cutting import sentences
from synthkit.corpora.pauses import islands, levels
from synthkit.errors import CorpusError
from synthkit.labels import read_alignment

RATE = 16000


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    """Russian recordings with pauses and noise: one is said twice, one is not said, one is not in the text,
    one has another word in the text than in the sound. The files, and where each sentence is said."""
    folder = tmp_path_factory.mktemp("session")
    noise = np.random.default_rng(0)
    parts, lines, truth, at = [np.zeros(RATE)], [], {}, 1.0
    for n, u in enumerate(open_corpus("bundled-ru").utterances[:25]):
        samples = audio.read(u.audio, RATE).samples
        text = u.text
        if n == 9:
            words = text.split()
            words[len(words) // 2 : len(words) // 2 + 2] = ["фотографировали"]
            text = " ".join(words)
        if n != 6:  # said, not in the text
            lines.append(text)
        if n == 14:  # in the text, not said
            continue
        sounds = read_alignment(u.labels).speech()
        for _ in range(2 if n == 19 else 1):
            if n != 6:
                truth.setdefault(len(lines) - 1, []).append((at + sounds[0].start, at + sounds[-1].end))
            gap = np.zeros(int(noise.uniform(0.4, 1.2) * RATE))
            parts += [samples, gap]
            at += (len(samples) + len(gap)) / RATE
    sound = np.concatenate(parts)
    soundfile.write(folder / "session.wav", sound + 1e-3 * noise.standard_normal(len(sound)), RATE)
    (folder / "session.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder, lines, truth


def test_a_session_is_cut_and_what_is_not_as_it_stands_is_told(session, tmp_path, capsys):
    folder, lines, truth = session
    out = tmp_path / "mine"
    command = ["corpora", "cut", str(folder / "session.wav"), str(folder / "session.txt"), "-o", str(out)]
    assert run([*command, "--speaker", "ann", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    doubts = " ".join(what for _, what in told["doubtful"])
    assert "not said" in doubts
    assert "said again" in doubts
    assert "not in the text" in doubts
    assert "read otherwise" in doubts
    corpus = open_corpus(out)
    assert (corpus.languages, corpus.speakers) == (("ru",), ("ann",))
    number = {u.id: int(u.id.rpartition("_")[2]) - 1 for u in corpus.utterances}
    assert all(u.text == lines[number[u.id]] for u in corpus.utterances)
    assert not set(number.values()) & {8, 13}  # the altered one, and the one that is not said
    assert len(corpus) >= 18
    track = [row.split("\t") for row in (out / "session.labels.txt").read_text().splitlines()]
    cut = {label: (float(a), float(b)) for a, b, label in track}
    off = [
        min(max(abs(cut[id][0] - a), abs(cut[id][1] - b)) for a, b in truth[k]) for id, k in number.items()
    ]
    assert np.mean(np.array(off) < 0.06) > 0.85
    assert max(off) < 0.3
    page = (out / "session.doubts.html").read_text(encoding="utf-8")
    assert page.count("<audio") >= 3
    assert run([*command, "--json"]) == 2  # nothing is written over
    assert "is there already" in capsys.readouterr().err
    assert run(["corpora", "check", str(out)]) == 0


def test_another_text_is_refused(session, tmp_path, capsys):
    folder, _, _ = session
    other = tmp_path / "other.txt"
    other.write_text("\n".join(u.text for u in open_corpus("bundled-ru").utterances[60:84]), encoding="utf-8")
    assert run(["corpora", "cut", str(folder / "session.wav"), str(other), "-o", str(tmp_path / "x")]) == 2
    assert "does not fit the recording" in capsys.readouterr().err
    assert not (tmp_path / "x").exists()


def test_silence_has_no_islands(tmp_path):
    soundfile.write(tmp_path / "a.wav", 1e-4 * np.random.default_rng(0).standard_normal(RATE * 3), RATE)
    assert islands(levels(tmp_path / "a.wav"))[1:] == []


def test_a_text_is_parted_into_sentences():
    long = "слово " * 20
    assert sentences(f"Раз, {long}два. Три! — Четыре? пять {long}\nшесть. Семь") == [
        f"Раз, {long}два.",
        "Три!",
        f"— Четыре? пять {long}".strip(),
        "шесть. Семь",
    ]
    assert sentences('He said "no." ' + "Then he left. " * 9)[:2] == ['He said "no."', "Then he left."]
    with pytest.raises(CorpusError, match="line break"):
        sentences("word " * 80)
    with pytest.raises(CorpusError, match="no sentence"):
        sentences("\n\n")
