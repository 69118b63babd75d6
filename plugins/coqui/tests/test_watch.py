# SPDX-License-Identifier: Apache-2.0
import tracemalloc

import numpy as np
import torch
from synthkit_coqui.architectures import find
from synthkit_coqui.architectures.tacotron2 import Tacotron2Settings
from synthkit_coqui.validation import mel_cepstral_distance
from synthkit_coqui.watch import Watch, diagonality


def watch(kind="tacotron2", **settings):
    return Watch(find(kind), Tacotron2Settings(steps=1000, **settings), patience=100)


def codes(found):
    return [code for code, _ in found]


def test_weights_that_do_not_move():
    w = watch()
    parameter = torch.nn.Parameter(torch.randn(10, 10))
    w.remember_weights([parameter])
    assert codes(w.judge(50)) == []  # too early to say
    found = w.judge(100)
    assert codes(found) == ["weights-do-not-move"]
    assert "learning rate applied" in found[0][1]
    assert w.judge(200) == []  # said once
    moved = watch()
    moved.remember_weights([parameter])
    with torch.no_grad():
        parameter += 0.01
    assert moved.judge(100) == []


def test_the_rate_that_is_told_is_the_one_applied():
    """Of a training that went on, too: its steps are counted from where it did."""
    parameter = torch.nn.Parameter(torch.randn(10, 10))
    for before in (0, 850):
        w = watch()
        w.remember_weights([parameter])
        (_, text), *_ = w.judge(100, before=before)
        assert f"the learning rate applied is {w.rate(before + 100):.1e}" in text
    assert w.rate(100) != w.rate(950)


def test_a_loss_that_does_not_fall():
    flat, falling = watch(), watch()
    rng = np.random.default_rng(0)
    for i in range(40):
        flat.see_loss(5 + 0.1 * rng.standard_normal())
        falling.see_loss(5 - 0.05 * i + 0.1 * rng.standard_normal())
    assert codes(flat.judge(200)) == ["loss-does-not-fall"]
    assert codes(falling.judge(200)) == []


def test_a_loss_that_is_not_finite_is_said_at_once():
    w = watch()
    w.see_loss(float("nan"))
    assert codes(w.judge(1)) == ["not-finite"]


def test_attention():
    assert diagonality(np.eye(60)) > 0.99
    assert diagonality(np.full((60, 60), 1 / 60)) < 0.25
    w = watch()
    for _ in range(4):
        w.see_attention(np.full((60, 40), 1 / 40))
    assert codes(w.judge(1000)) == ["attention-not-diagonal"]


def test_held_out_distance_that_gets_no_better():
    w, better = watch("vits"), watch("vits")
    for i, d in enumerate([9.0, 8.0, 8.1, 8.2, 8.3, 8.4]):
        w.see_distance(1000 * i, d)
        better.see_distance(1000 * i, 9 - 0.3 * i)
    found = w.judge(5000)
    assert codes(found) == ["held-out-not-improving"]
    assert "step 1000" in found[0][1]
    assert better.judge(5000) == []


def test_mel_cepstral_distance_of_a_known_difference():
    """Frames that differ by a·cos(m·(k + ½)·π/N) in log spectrum differ by a in cepstrum m alone."""
    bands = np.arange(80)
    rng = np.random.default_rng(0)
    mel = rng.standard_normal((30, 80)) * 0.01 + np.linspace(-4, 0, 30)[:, None] * np.cos(
        np.pi * (bands + 0.5) * 2 / 80
    )
    other = mel + 0.1 * np.cos(np.pi * (bands + 0.5) * 3 / 80)
    expected = 10 * np.sqrt(2) / np.log(10) * 0.1
    assert abs(mel_cepstral_distance(mel, other) - expected) < 0.02
    assert mel_cepstral_distance(mel, mel) == 0


def test_what_is_spoken_for_minutes_takes_no_more_room_for_it():
    """A model of few steps may say thirty times as much as was recorded; gigabytes were asked for."""
    random = np.random.default_rng(0)
    spoken, recorded = (random.standard_normal((count, 80)).astype(np.float32) for count in (3000, 100))
    mel_cepstral_distance(recorded[:5], recorded)  # imports what it needs
    peaks = []
    for a, b in ((spoken, recorded), (recorded, spoken)):
        tracemalloc.start()
        try:
            mel_cepstral_distance(a, b)
            peaks.append(tracemalloc.get_traced_memory()[1])
        finally:
            tracemalloc.stop()
    assert max(peaks) < 30e6
