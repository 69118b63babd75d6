# SPDX-License-Identifier: Apache-2.0
"""A running text: whether one is, where its words stand, and what is left of it in pieces."""

from pathlib import Path

import pytest

from synthkit.cli import cutting as command
from synthkit.corpora.running import is_running, read
from synthkit.errors import AlignmentError, CorpusError, TextError
from synthkit.plugins import registry
from synthkit.stages import Aligner
from synthkit.types import Phone, Segmentation, Word


@pytest.fixture(scope="module")
def segmenter():
    return registry().load("segmentation", "text")()


def test_what_is_running():
    assert is_running("слово " * 61)
    assert not is_running("слово " * 60)
    assert not is_running(("Это " + "слово " * 30 + "конец. ") * 5)
    assert not is_running("слово " * 30 + "\n" + "слово " * 40)


def test_every_word_knows_where_it_stands_and_the_pieces_are_the_text(segmenter):
    text = "в 1998 году  мы — втроём — купили\nкакой-то дом за 20 км от города и жили там"
    found = read(text, segmenter, "ru")
    spoken = [w.text for w in found.segmentation.words]
    assert len(found.begins) == len(spoken)
    for word, begin in zip(spoken, found.begins, strict=True):
        if begin >= 0:
            assert text[begin:].lower().startswith(word.split("-")[0].lower()[:3])
    place = {word: k for k, word in enumerate(spoken)}
    free = set(range(len(spoken) - 1)) - found.whole
    assert place["купили"] in free and place["мы"] in free
    number = [k for k, w in enumerate(spoken) if place["в"] <= k < place["году"]]
    assert len(number) > 3 and not free & set(number)  # not after в, and nowhere within a number's words
    ranges = [(0, place["купили"] + 1), (place["купили"] + 1, place["города"] + 1)]
    ranges.append((ranges[-1][1], len(spoken)))
    pieces = found.part(ranges)
    assert pieces == ["в 1998 году мы — втроём — купили", "какой-то дом за 20 км от города", "и жили там"]


def test_a_long_text_is_segmented_in_portions(segmenter):
    text = " ".join(f"слово номер {n} и ещё одно" for n in ("раз", "два", "три") * 60)
    found = read(text, segmenter, "ru")
    words = text.split()
    assert len(found.segmentation.words) == len(words)
    assert found.whole == frozenset()
    assert [text[b:].split()[0] for b in found.begins] == words


class Deaf:
    def segment(self, text, language):
        raise TextError("nothing can be read", hint="write it otherwise")


def test_a_portion_that_cannot_be_read_is_told_by_its_words():
    with pytest.raises(CorpusError, match="nothing can be read: 'одно два") as error:
        read("одно два", Deaf(), "ru", "session.txt")
    assert error.value.where == "session.txt"
    with pytest.raises(CorpusError, match="holds no words"):
        read(" — … ", Deaf(), "ru")


class ByUtterance(Aligner):
    def align(self, items, ctx):
        raise NotImplementedError


def test_an_aligner_that_only_aligns_utterances_says_so(tmp_path):
    text = Segmentation("x", "en", "ipa", (Word("x", (Phone("a"),)),))
    with pytest.raises(AlignmentError, match="ByUtterance cannot follow a running text") as error:
        ByUtterance().part(Path("a.wav"), text, None, shortest=2.0, longest=12.0)
    assert "one a line" in error.value.hint
    assert command.cut.name == "cut"
