# SPDX-License-Identifier: Apache-2.0
"""A vocoder of anybody's that gives no sound is named, with what it gave; nothing is heard or written."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import synthkit as sk
from synthkit.errors import SpeechWarning, SynthkitError
from synthkit.pipeline.pieces import Piece
from synthkit.pipeline.rendered import NoSound, sounding
from synthkit.pipeline.saying import tell_of_haste
from synthkit.plugins import registry
from synthkit.stages import Vocoder
from synthkit.types import Demand, Item, Phone, Segmentation, Waveform, Word

GOOD = np.zeros(1600, np.float32)
BROKEN = GOOD.copy()
BROKEN[7] = np.nan


def test_what_is_a_sound_passes_as_it_is() -> None:
    wave = Waveform(GOOD, 16000)
    assert sounding(wave, "vocoder 'x'") is wave
    double = Waveform(np.zeros(3, np.float64), np.int64(16000))
    assert sounding(double, "vocoder 'x'") is double


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (None, "gave a NoneType in place of a Waveform"),
        (GOOD, "gave a ndarray in place of a Waveform"),
        (Waveform([0.0, 0.1], 16000), "samples as a list"),  # type: ignore[arg-type]
        (Waveform(GOOD.reshape(2, 800), 16000), r"shape \(2, 800\)"),
        (Waveform(np.zeros(4, np.int16), 16000), r"of int16"),
        (Waveform(np.zeros(4, np.complex64), 16000), "of complex64"),
        (Waveform(GOOD, 16000.5), "16000.5 as its sample rate"),  # type: ignore[arg-type]
        (Waveform(GOOD, 0), "0 as its sample rate"),
        (Waveform(BROKEN, 16000), "1 of 1600 samples that are NaN or infinite"),
    ],
)
def test_what_is_none_is_refused_with_what_it_was(made: Any, said: str) -> None:
    with pytest.raises(NoSound, match=said) as caught:
        sounding(made, "vocoder 'mine'")
    assert caught.value.message.startswith("vocoder 'mine'") and caught.value.hint
    assert isinstance(caught.value, SynthkitError)


def test_a_vocoder_of_ones_own_is_named_when_a_voice_speaks(demo_voice: Any) -> None:
    class Breaks(Vocoder):
        """Gives numbers that are none."""

        def accepts(self) -> tuple[Demand, ...]:
            return (Demand("units"),)

        def render(self, item: Item) -> Waveform:
            return Waveform(BROKEN, 16000)

    sk.register("vocoder", Breaks)
    try:
        with sk.load(demo_voice) as voice:
            broken = voice.with_vocoder("breaks")
            with pytest.raises(NoSound, match="vocoder 'breaks' gave 1 of 1600"):
                broken.say("Раз.")
            with pytest.raises(NoSound, match="'breaks'"):
                next(broken.stream("Раз."))
    finally:
        del registry().components["vocoder", "breaks"]


def test_phones_that_go_by_faster_than_anybody_speaks_are_told(recwarn: pytest.WarningsRecorder) -> None:
    """A hundred steps of training give every phone a frame: a click, not a word."""
    word = Word("шапка", tuple(Phone(p) for p in ("sh", "aa", "p", "k", "a")), 3, ".")
    piece = Piece(Segmentation("шапка.", "ru", "msu-ru", (word,)))
    tell_of_haste(piece, Waveform(np.zeros(4000, np.float32), 16000))
    tell_of_haste(replace(piece, durations=np.full(5, 0.01)), Waveform(np.zeros(800, np.float32), 16000))
    assert not recwarn.list
    with pytest.warns(SpeechWarning, match=r"^5 phones in 0\.05 s: nobody speaks so fast"):
        tell_of_haste(piece, Waveform(np.zeros(800, np.float32), 16000))
