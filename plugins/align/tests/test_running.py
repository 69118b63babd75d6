# SPDX-License-Identifier: Apache-2.0
"""One running text is parted where its reader paused, whoever reads it in whatever language."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
import soundfile
from synthkit_align.following import follow
from synthkit_align.running import kinds, ranks

from synthkit import audio
from synthkit.cli import run
from synthkit.corpora import open_corpus
from synthkit.errors import AlignmentError
from synthkit.labels import read_alignment
from synthkit.types import Phone, Segmentation, Word

RATE = 16000


def words(text: str) -> list[str]:
    """Small letters, no punctuation: nothing says where a sentence ends."""
    return [w for w in re.sub(r"[^\w\s'+-]", " ", text).lower().split() if any(map(str.isalpha, w))]


def joined(folder, corpus: str, count: int, changed: int | None = None):
    """A recording of `count` utterances, its text as one line, how many words each has and when it ends."""
    noise = np.random.default_rng(0)
    parts, at, line, ends = [np.zeros(RATE)], 1.0, [], []
    for n, u in enumerate(open_corpus(corpus).utterances[:count]):
        samples = audio.read(u.audio, RATE).samples
        gap = np.zeros(int(noise.uniform(0.4, 1.2) * RATE))
        said = words(u.text)
        if n == changed:
            said[len(said) // 2 : len(said) // 2 + 2] = ["фотографировали", "электростанцию"]
        line += said
        speech = read_alignment(u.labels).speech()[-1].end if u.labels else len(samples) / RATE
        ends.append((len(line), at + speech))
        parts += [samples, gap]
        at += (len(samples) + len(gap)) / RATE
    sound = np.concatenate(parts)
    soundfile.write(folder / "a.wav", sound + 1e-3 * noise.standard_normal(len(sound)), RATE)
    (folder / "a.txt").write_text(" ".join(line) + "\n", encoding="utf-8")
    return line, ends


def cut(folder, out, *more):
    return run(["corpora", "cut", str(folder / "a.wav"), str(folder / "a.txt"), "-o", str(out), *more])


@pytest.fixture(scope="module")
def russian(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ru")
    line, ends = joined(folder, "bundled-ru", 16, changed=7)
    code = cut(folder, folder / "mine", "--json")
    return folder, line, ends, code


def test_a_text_without_sentence_breaks_is_cut_at_pauses(russian, capsys):
    folder, line, ends, code = russian
    assert code == 1  # one was read otherwise
    corpus = open_corpus(folder / "mine")
    track = [row.split("\t") for row in (folder / "mine" / "a.labels.txt").read_text().splitlines()]
    cuts = {label: (float(a), float(b)) for a, b, label in track}
    kept = [u.text.split() for u in corpus.utterances]
    assert sum(map(len, kept)) > 0.75 * len(line)
    seconds = np.array([b - a for a, b in (cuts[u.id] for u in corpus.utterances)])
    assert np.mean((seconds > 1.5) & (seconds < 12.5)) > 0.9
    place, right, crossing = 0, 0, 0
    for u, text in zip(corpus.utterances, kept, strict=True):
        place = next(k for k in range(place, len(line)) if line[k : k + len(text)] == text) + len(text)
        crossing += any(place - len(text) < end < place for end, _ in ends)
        for end, when in ends:
            if end == place:
                right += 1
                assert cuts[u.id][1] == pytest.approx(when, abs=0.1)
    assert right >= 12  # nearly every utterance's end is a piece's end, at its time
    assert crossing <= 2
    assert not any("фотографировали" in text and "электростанцию" in text for text in kept)
    assert "read otherwise" in " ".join(reason for _, reason in corpus.left_out)


def test_another_language_and_another_voice(tmp_path, capsys):
    line, ends = joined(tmp_path, "bundled-en", 40)
    cut(tmp_path, tmp_path / "mine", "--json", "--longest", "8")
    told = json.loads(capsys.readouterr().out)
    corpus = open_corpus(tmp_path / "mine")
    assert len(told["utterances"]) == len(corpus) > 15
    place, right = 0, 0
    for u in corpus.utterances:
        text = u.text.split()
        place = next(k for k in range(place, len(line)) if line[k : k + len(text)] == text) + len(text)
        right += any(end == place for end, _ in ends)
    assert right > 0.8 * len(corpus)  # English prompts pause little within themselves


@pytest.mark.parametrize("said", [10, 20])
def test_where_the_half_is_not_said_or_not_in_the_text_nothing_wrong_is_cut(said, tmp_path, capsys):
    line, _ = joined(tmp_path, "bundled-ru", said)
    text = line
    if said == 10:  # the text goes on
        more = open_corpus("bundled-ru").utterances[10:20]
        text = [*line, *(w for u in more for w in words(u.text))]
    else:  # the recording does
        text = line[: len(line) // 2]
    (tmp_path / "a.txt").write_text(" ".join(text), encoding="utf-8")
    assert cut(tmp_path, tmp_path / "mine") == 1
    out = capsys.readouterr().out
    assert ("not said" in out) if said == 10 else ("not in the text" in out or "said again" in out)
    assert all(len(row) < 300 for row in out.splitlines())
    corpus = open_corpus(tmp_path / "mine")
    whole = " ".join(line)
    assert all(u.text in whole for u in corpus)
    assert sum(len(u.text.split()) for u in corpus) > 0.5 * min(len(line), len(text))


def test_the_text_of_another_recording_is_refused(russian, tmp_path, capsys):
    folder, *_ = russian
    other = " ".join(w for u in open_corpus("bundled-ru").utterances[60:76] for w in words(u.text))
    (tmp_path / "b.txt").write_text(other, encoding="utf-8")
    command = ["corpora", "cut", str(folder / "a.wav"), str(tmp_path / "b.txt"), "-o", str(tmp_path / "x")]
    assert run(command) == 2
    assert "does not fit the recording" in capsys.readouterr().err
    assert not (tmp_path / "x").exists()
    assert run([*command, "--shortest", "5", "--longest", "6"]) == 2
    assert "leaves no choice" in capsys.readouterr().err


def test_sounds_that_nobody_knows_are_refused():
    text = Segmentation("x", "xx", "martian", (Word("x", (Phone("§1"), Phone("§2"))),))
    with pytest.raises(AlignmentError, match="phone set 'martian'"):
        kinds(text, ["§1", "§2"])


def test_ranks_and_the_way_through_a_text():
    x = np.random.default_rng(0).standard_normal((50, 2))
    assert np.array_equal(np.argsort(ranks(x)[:, 1]), np.argsort(x[:, 1]))
    sequence = np.tile(np.arange(3, dtype=np.int32), 40)
    said = np.repeat(np.arange(120), np.random.default_rng(1).integers(1, 6, 120))
    density = np.full((len(said), 3), -4.0, np.float32)
    density[np.arange(len(said)), sequence[said]] = 0.0
    ways = np.zeros((len(said), 31), bool)
    assert np.array_equal(follow(density, sequence, ways, np.log(0.7), np.log(0.3)), said)
