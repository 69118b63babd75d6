# SPDX-License-Identifier: Apache-2.0
"""What a notebook shows: sound, pictures with axes in seconds and Hz, tables; as HTML that is well formed."""

from __future__ import annotations

import base64
import builtins
import io
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
import soundfile

import synthkit as sk
from synthkit import audio
from synthkit.errors import MissingDependency
from synthkit.show.table import Table
from synthkit.types import Alignment, FeatureSpec, Frames, Interval, Stream

TEXT = "Сегодня хорошая погода, и мы пойдём гулять."


@pytest.fixture
def spoken(place: Path) -> sk.Spoken:
    return sk.load().speak(TEXT)


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in ("img", "br", "path", "use", "image", "circle", "rect", "defs/"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self.open and self.open[-1] == tag:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        self.text.append(data.strip())


def shown(thing: object) -> str:
    """Its HTML, and that every element of it is closed; the text in it."""
    html = thing._repr_html_()  # type: ignore[attr-defined]
    parser = _Parser()
    parser.feed(html)
    assert parser.open == []
    assert "<script" not in html
    return " ".join(t for t in parser.text if t)


def test_speech_is_a_player_and_a_picture(spoken: sk.Spoken) -> None:
    html = spoken._repr_html_()
    body = base64.b64decode(re.search(r"data:audio/flac;base64,([^\"]+)", html)[1])
    samples, rate = soundfile.read(io.BytesIO(body), dtype="int16")
    assert rate == spoken.waveform.sample_rate
    assert np.array_equal(samples, audio.to_pcm16(spoken.waveform.samples))
    text = shown(spoken)
    for part in (TEXT, "time, s", "frequency, Hz", "amplitude", "words", "phones", "погода"):
        assert part in text
    assert shown(spoken.waveform).count("time, s") == 1
    assert repr(spoken).startswith("Spoken('Сегодня") and len(repr(spoken)) < 80


def test_a_path_an_alignment_and_a_segmentation(spoken: sk.Spoken) -> None:
    path = spoken.predictions[0]
    assert "cost" in shown(path) and f"{path.joins} joins" in shown(path)
    assert "погода" in shown(spoken.alignment)
    assert "хорошая" in shown(spoken.segmentation) and "ˈ" in shown(spoken.segmentation)


def test_frames_are_a_spectrum_in_hertz(place: Path) -> None:
    from synthkit.plugins import registry

    sound = sk.read(sk.corpus("bundled-ru").utterances[0])
    world = registry().load("features", "world")().extract(sound)
    text = shown(world)
    assert "frequency, Hz" in text and "F0, Hz" in text and "frames of kind world" in text
    mel = registry().load("features", "mel")
    frames = mel(mel.Config(sample_rate=16000)).extract(sound)
    assert "frequency, Hz (mel bands)" in shown(frames)
    axes = frames.plot()
    assert axes.get_xlabel() == "time, s"
    assert 7000 < axes.get_ylim()[1] < 8500
    strange = Frames(
        {"code": np.arange(40, dtype=np.int64).reshape(10, 4)},
        FeatureSpec("codes", 16000, 320, (Stream("code", "int64", 4),)),
    )
    assert "code, column" in shown(strange)


def test_voice_corpus_and_table(place: Path) -> None:
    voice = sk.load()
    text = shown(voice)
    assert "unit-selection" in text and "16000 Hz" in text and "festvox-ru" in text
    assert repr(voice) == "Voice('demo-ru', ru, 16000 Hz, text → unit-selection → overlap-add)"
    bundled = sk.corpus("bundled-ru")
    assert bundled.utterances[0].text[:20] in shown(bundled)
    table = Table(("figure", "value"), (("mcd", 1.23456), ("<b>", None)))
    assert shown(table) == "figure value mcd 1.235 <b> –"
    assert "mcd" in repr(table)


def test_data_frames(spoken: sk.Spoken) -> None:
    times = spoken.to_pandas()
    assert list(times.columns) == ["tier", "start", "end", "label", "score"]
    assert list(times[times.tier == "word"].label) == [w.text for w in spoken.segmentation.words]
    units = spoken.predictions[0].to_pandas()
    costs = [c for c in units.columns if c.startswith(("target.", "join."))]
    assert units[costs].to_numpy().sum() == pytest.approx(spoken.predictions[0].cost)
    assert len(spoken.waveform.to_pandas()) == len(spoken.waveform.samples)
    assert set(spoken.segmentation.to_pandas().text) == {w.text for w in spoken.segmentation.words}
    bundled = sk.corpus("bundled-ru")
    assert list(bundled.to_pandas()["id"]) == [u.id for u in bundled]
    table = Table(("figure", "value"), (("mcd", 1.0),))
    assert table.to_pandas().value[0] == 1.0


def test_plots_are_drawn_where_one_says(spoken: sk.Spoken) -> None:
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots()
    assert spoken.waveform.plot(axes, spectrogram=True) is axes
    assert axes.get_ylim() == (0, 8000)
    rows = spoken.plot()
    assert len(rows) == 3 and rows[0].get_ylabel() == "amplitude"
    assert spoken.alignment.plot().get_xlim()[1] == pytest.approx(spoken.waveform.duration)
    plt.close("all")
    figure.clear()


def test_what_is_empty_or_flagged_is_shown_as_well() -> None:
    assert "no samples" in shown(sk.Waveform(np.zeros(0, np.float32), 16000))
    flagged = Alignment("x", (Interval(0, 0.4, "a"), Interval(0.4, 1, "b")), (), 1.0, ((1, "too long"),))
    assert "#f6c9c6" in flagged._repr_html_()


def test_without_matplotlib_and_pandas_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *rest: object, **more: object) -> object:
        if name.split(".")[0] in ("matplotlib", "pandas"):
            raise ModuleNotFoundError(name=name)
        return real(name, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "__import__", without)
    wave = sk.Waveform(np.zeros(160, np.float32), 16000)
    html = wave._repr_html_()
    assert "<audio" in html and "synthkit-speech[notebook]" in html
    with pytest.raises(MissingDependency, match="matplotlib"):
        wave.plot()
    with pytest.raises(MissingDependency, match="pandas"):
        wave.to_pandas()
