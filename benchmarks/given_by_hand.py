# SPDX-License-Identifier: Apache-2.0
"""How exactly durations and F0 that are given by hand come out of a voice, over each vocoder that fits.

Of each sentence every other vowel is asked for at 0.7, 1.4 or 2 times its own length, and the others 4
semitones above or below their own F0. What came out is measured on the waveform: how much longer it is than
its other phones and what was asked for, and F0 about the middle of the vowel by Harvest, which had no part in
making it. Beside each figure stands its anchor: what the voice says unasked.

    python benchmarks/given_by_hand.py demo/demo-ru [--sentences 12]
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from synthkit.dsp.harvest import harvest
from synthkit.errors import SynthkitError
from synthkit.pipeline.pronounced import vowels
from synthkit.pipeline.spoken_edit import middle, phones_said
from synthkit.pipeline.voice import Voice
from synthkit.types import UnitPath, Waveform

SENTENCES = (
    "Сегодня хорошая погода.", "Мы пойдём гулять в старый парк.", "Она долго смотрела в окно.",
    "Вечером начался сильный дождь.", "Поезд уходит через десять минут.", "Где ты был вчера?",
    "Мама купила новую книгу.", "На столе стояла пустая чашка.", "Он ничего не ответил.",
    "Завтра мы вернёмся домой.", "Осенью листья становятся жёлтыми.", "Собака спала у порога.",
)  # fmt: skip
LENGTHS, MOVES = (0.7, 1.4, 2.0), (4.0, -4.0)
VOCODERS = ("overlap-add", "psola", "world")


def tracked(waveform: Waveform) -> tuple[np.ndarray, np.ndarray]:
    """Times and F0 by Harvest."""
    samples = waveform.samples.astype(np.float64)
    f0, times = harvest(samples, waveform.sample_rate, f0_floor=50.0, f0_ceil=500.0, frame_period=5.0)
    return times, f0


def of_sentence(voice: Voice, text: str) -> tuple[list[float], list[float], list[float]]:
    """Errors of one sentence: of its length in ms, of F0 at the points in cents, and the anchor of both."""
    own = voice.speak(text)
    times, hertz = tracked(own.waveform)
    rows = phones_said(own)
    phone_set = own.segmentation.phone_set
    open_ = {
        (w, k): row
        for w, word in enumerate(own.segmentation.words) for k in vowels(word.phones, phone_set)
        for row in rows if row.place == (w, k)
    }  # fmt: skip
    lengths, anchors, cents = [], [], []
    for number, (place, row) in enumerate(open_.items()):
        key = f"{place[0]}.{place[1]}"
        if number % 2:
            wanted = row.interval.duration * LENGTHS[number % len(LENGTHS)]
            made = voice.speak(text, durations={key: wanted})
            said = {r.place: r.interval.duration for r in phones_said(made)}
            rest = sum(d for p, d in said.items() if p != place)
            lengths.append(1000 * abs(made.waveform.duration - rest - wanted))
            anchors.append(1000 * abs(row.interval.duration - wanted))
            continue
        level = middle(row.interval, times, hertz)
        if not level:
            continue
        wanted = level * 2 ** (MOVES[number % len(MOVES)] / 12)
        made = voice.speak(text, f0={key: [[0.25, wanted], [0.75, wanted]]})
        again = next(r for r in phones_said(made) if r.place == place)
        got = middle(again.interval, *tracked(made.waveform))
        if got:
            cents.append(1200 * abs(np.log2(got / wanted)))
    return lengths, anchors, cents


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("voice", type=Path)
    parser.add_argument("--sentences", type=int, default=len(SENTENCES))
    asked = parser.parse_args()
    heads = ("length, ms: median, 95 %", "unasked", "F0, cents: median, 95 %", "unasked")
    print(f"{'vocoder':12} {heads[0]:>26} {heads[1]:>9} {heads[2]:>26} {heads[3]:>9}")
    with Voice.open(asked.voice) as voice:
        units = isinstance(voice.predict(voice.segment(SENTENCES[0])), UnitPath)
        for name in VOCODERS if units else (voice.stages["vocoder"].plugin,):
            try:
                other = voice.with_vocoder(name, adapters=["auto"])
            except SynthkitError as error:
                print(f"{name:12} {error.message.splitlines()[0]}")
                continue
            found = [of_sentence(other, text) for text in SENTENCES[: asked.sentences]]
            lengths, anchors, cents = (np.concatenate(part) for part in zip(*found, strict=True))
            print(
                f"{name:12} {np.median(lengths):18.1f}, {np.quantile(lengths, 0.95):6.1f} "
                f"{np.median(anchors):9.1f} {np.median(cents):18.0f}, {np.quantile(cents, 0.95):6.0f} "
                f"{100 * MOVES[0]:9.0f}"
            )


if __name__ == "__main__":
    main()
