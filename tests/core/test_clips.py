# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest

from synthkit.clips import check_clip, least_likeness, measure
from synthkit.types import Waveform

RATE = 16000


def speechlike(seconds, level=0.1, noise=1e-4, pitch=120.0, seed=0):
    """Syllables of 150 ms with gaps of 100 ms."""
    rng = np.random.default_rng(seed)
    t = np.arange(int(seconds * RATE)) / RATE
    gate = (t % 0.25) < 0.15
    x = level * gate * np.sign(np.sin(2 * np.pi * pitch * t)) + noise * rng.standard_normal(len(t))
    return Waveform(np.clip(x, -1, 1).astype(np.float32), RATE)


class Pitch:
    """A stand-in encoder whose embedding says only where the spectrum's peak is."""

    def embed(self, waveform):
        peak = np.argmax(np.abs(np.fft.rfft(waveform.samples, 65536))[: 65536 // 20]) * RATE / 65536
        angle = np.pi / 2 * peak / 300
        return np.array([np.cos(angle), np.sin(angle)], np.float32)


def codes(waveform, encoder=None):
    return {(f.severity, f.code) for f in check_clip(waveform, encoder)}


def test_a_good_clip_passes():
    assert codes(speechlike(20), Pitch()) == set()


@pytest.mark.parametrize(
    ("waveform", "expected"),
    [
        (speechlike(2), ("error", "clip-short")),
        (speechlike(8), ("warning", "clip-short")),
        (speechlike(20, level=0.002, noise=1e-6), ("error", "clip-quiet")),
        (speechlike(20, level=2.0), ("error", "clip-overdriven")),
        (speechlike(20, level=0.999, noise=1e-3), ("error", "clip-overdriven")),
        (speechlike(20, noise=0.015), ("warning", "clip-noisy")),
        (speechlike(20, noise=0.05), ("error", "clip-noisy")),
    ],
)
def test_what_is_wrong_is_named(waveform, expected):
    assert expected in codes(waveform)


def test_levels_are_right():
    m = measure(speechlike(20, level=0.1))
    assert m["level_db"] == pytest.approx(-20, abs=1.0)  # a square wave of 0.1
    assert m["speech_seconds"] == pytest.approx(12, rel=0.2)


def test_two_people_in_one_clip():
    one, two = speechlike(9, pitch=120.0), speechlike(9, pitch=320.0)
    both = Waveform(np.concatenate([one.samples, two.samples]), RATE)
    assert least_likeness(one, Pitch()) > 0.99
    assert ("error", "clip-two-speakers") in codes(both, Pitch())
