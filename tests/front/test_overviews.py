# SPDX-License-Identifier: Apache-2.0
"""Pictures of a voice, a corpus, a table and a text; what a comparison found, as a table."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import synthkit as sk
from synthkit.errors import ConfigError
from synthkit.eval.metric import Definition
from synthkit.eval.results import Analysis, Summary
from synthkit.eval.results_files import to_json, write_results_json
from synthkit.eval.statistics import Interval
from synthkit.pipeline.alignments import read_alignments
from synthkit.show import overviews
from synthkit.show.table import Table
from synthkit.types import PAUSE

TEXT = "Сегодня хорошая погода, и мы пойдём гулять."


@pytest.fixture(autouse=True)
def closed():
    import matplotlib.pyplot as plt

    yield
    plt.close("all")


def heights(axes) -> list[float]:
    return [bar.get_height() for bar in axes.patches]


def ticks(axes) -> list[str]:
    return [label.get_text() for label in axes.get_xticklabels()]


def test_a_voice_is_its_stages_and_what_was_recorded_of_each_phone(place: Path) -> None:
    voice = sk.load()
    stages, counts, durations = voice.plot()
    assert [t.get_text().split("\n")[0] for t in stages.texts if t.get_text()] == [
        part.plugin for part in voice.stages.values()
    ]
    assert "bundled-ru" in stages.get_title()
    there, _ = read_alignments(voice.folder / "alignment")
    spoken = [p for a in there.values() for p in a.phones if p.label != PAUSE]
    known = Counter(p.label for p in spoken)
    assert dict(zip(ticks(counts), heights(counts), strict=False)) == known
    middle = np.median([1000 * p.duration for p in spoken if p.label == ticks(durations)[0]])
    assert durations.lines[1].get_ydata()[0] == pytest.approx(middle)
    assert f"{len(there)} utterances" in counts.get_title()


def test_a_voice_that_keeps_no_alignments_is_its_stages(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    voice = sk.load()
    monkeypatch.setattr(overviews, "holds_alignments", lambda folder: False)
    assert "unit-selection" in voice.plot().texts[1].get_text()


def test_a_corpus_is_its_lengths_and_its_phones(tmp_path: Path) -> None:
    corpus = sk.corpus("bundled-ru").only(["ru_0002", "ru_0003", "ru_0012"])
    lengths, phones = corpus.plot()
    assert sum(heights(lengths)) == 3
    seconds = sum(sk.read(u).duration for u in corpus)
    assert lengths.get_legend().get_texts()[0].get_text() == f"nsh: {seconds / 60:.1f} min"
    said = Counter(p for u in corpus for p in u.phones or () if p != PAUSE)
    assert dict(zip(ticks(phones), heights(phones), strict=False)) == said
    gone = replace(corpus.utterances[0], audio=tmp_path / "gone.wav", phones=None)
    plain = [gone, *(replace(u, phones=None, speaker=u.id) for u in corpus.utterances[1:])]
    lengths, letters = replace(corpus, utterances=plain).plot()
    assert lengths.get_title().endswith("3 utterances, 1 cannot be read")
    assert len(lengths.get_legend().get_texts()) == 2
    assert "states no phones" in letters.get_xlabel() and "о" in ticks(letters)
    assert len(replace(corpus, utterances=[]).plot()) == 2


def test_of_a_large_corpus_some_utterances_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overviews, "MOST", 5)
    corpus = sk.corpus("bundled-en")
    lengths, _ = corpus.plot()
    assert f"5 of {len(corpus)} utterances" in lengths.get_title()
    assert sum(heights(lengths)) == 5


def test_a_text_is_its_words_and_phones_in_order(place: Path) -> None:
    found = sk.load().segment(TEXT)
    axes = found.plot()
    shown = [t.get_text() for t in axes.texts]
    words = [w.text + w.punctuation for w in found.words]
    assert shown == [*words, *found.symbols()]
    assert axes.get_xlim() == (0, len(found.symbols()))
    place = {t.get_text(): t.get_position()[0] for t in axes.texts[: len(words)]}
    symbols = found.symbols()
    assert place[words[0]] == 1 + len(found.words[0].phones) / 2
    assert symbols[int(place["и"])] in {p.symbol for w in found.words if w.text == "и" for p in w.phones}


@pytest.fixture
def report(tmp_path: Path) -> Path:
    mcd = Definition("mcd", "synthkit", "dB", "lower", "MCD", "")
    joins = Definition("joins", "synthkit", "per s", "none", "Joins", "")
    rows = {
        (mcd.key, "a"): Summary("a", mcd.key, Interval(5.0, 4.5, 5.5, 20), 20, 0, {}, "x"),
        (mcd.key, "b"): Summary("b", mcd.key, None, 0, 20, {"short": 20}),
        (joins.key, "a"): Summary("a", joins.key, Interval(3.0, None, None, 1), 1, 0, {}),
    }
    analysis = Analysis([mcd, joins], ["a", "b"], rows, [], [mcd.key], [], 0, 100)
    write_results_json(tmp_path / "report" / "results.json", to_json(analysis, [], {}))
    return tmp_path / "report"


def test_a_comparison_is_a_table_with_intervals(report: Path) -> None:
    found = sk.comparison(report)
    assert found.rows == (
        ("mcd/synthkit", "a", 5.0, 4.5, 5.5, "dB", 20, "x"),
        ("mcd/synthkit", "b", None, None, None, "dB", 0, ""),
    )
    axes = found.plot()
    assert axes.get_title() == "mcd/synthkit, dB"
    assert list(axes.lines[0].get_xdata()) == [4.5, 5.5] and list(axes.lines[1].get_xdata()) == [5.0]
    assert [t.get_text() for t in axes.texts] == ["no value"]
    every = sk.comparison(report / "results.json", every=True)
    assert len(every) == 3 and len(every.plot()) == 2
    assert every.plot(figures=["joins"]).get_title() == "joins/synthkit, per s"
    with pytest.raises(ConfigError, match="no figure 'mcdd'") as wrong:
        every.plot(figures=["mcdd"])
    assert "did you mean 'mcd'" in wrong.value.hint
    assert list(found.to_pandas().low.dropna()) == [4.5]


@pytest.mark.parametrize("text", ["{", "[]", '{"summaries": [{}]}', '{"summaries": [], "definitions": [1]}'])
def test_what_is_no_comparison_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "results.json").write_text(text)
    with pytest.raises(ConfigError, match="of a comparison"):
        sk.comparison(tmp_path)
    with pytest.raises(ConfigError, match="no such file"):
        sk.comparison(tmp_path / "nothing")


def test_a_table_that_has_no_values_says_what_would_draw_it() -> None:
    with pytest.raises(ConfigError, match="no picture of a table of a, b") as wrong:
        Table(("a", "b"), ((1, 2),)).plot()
    assert "to_pandas" in wrong.value.hint
    many = Table(("figure", "value", "unit"), tuple((f"f{k}", 1.0, f"u{k}") for k in range(20)))
    with pytest.raises(ConfigError, match="too many") as wrong:
        many.plot()
    assert "figures=" in wrong.value.hint
    with pytest.raises(ConfigError, match="no rows"):
        Table(("figure", "value"), ()).plot()


def test_as_many_axes_are_given_as_there_are_rows(place: Path) -> None:
    import matplotlib.pyplot as plt

    voice = sk.load()
    with pytest.raises(ValueError, match="has 3 rows, and 1 axes were given"):
        voice.plot(plt.subplots()[1])
    own = plt.subplots(3)[1]
    assert voice.plot(own) is own


def test_an_option_that_a_picture_has_not_is_told_with_the_one_that_was_meant():
    sound = sk.read(sk.corpus("bundled-ru").utterances[0])
    with pytest.raises(ConfigError, match="unknown option 'spectogram'") as error:
        sound.plot(spectogram=True)
    assert "did you mean 'spectrogram'" in error.value.hint
