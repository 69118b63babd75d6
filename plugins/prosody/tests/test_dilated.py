# SPDX-License-Identifier: Apache-2.0
"""Networks that hear neighbours: who hears whom, that gradients are right, what is learned and kept."""

from __future__ import annotations

import numpy as np
import pytest
from synthkit_prosody.dilated import DILATIONS, DilatedEnsemble, beside, fit_dilated, gradients, neighbours
from synthkit_prosody.ensemble import fit_ensemble
from synthkit_prosody.model import Learned, explained

LENGTHS = [3, 1, 4]


def test_no_phone_hears_another_utterance():
    before, after = neighbours(LENGTHS, 1)
    assert before.tolist() == [8, 0, 1, 8, 8, 4, 5, 6]
    assert after.tolist() == [1, 2, 8, 8, 5, 6, 7, 8]
    before, after = neighbours(LENGTHS, 2)
    assert before.tolist() == [8, 8, 0, 8, 8, 8, 4, 5]
    heard = beside(np.arange(1.0, 9.0)[:, None], before, after)
    assert heard[:3].tolist() == [[0, 1, 3], [0, 2, 0], [1, 3, 0]]


def test_gradients_are_those_of_the_error():
    random = np.random.default_rng(0)
    rows, hidden, out = sum(LENGTHS), 4, 2
    shapes = [(5, hidden), *[(3 * hidden, hidden)] * len(DILATIONS), (hidden, out)]
    params = [p for a, b in shapes for p in (random.standard_normal((a, b)), random.standard_normal(b))]
    x, target = random.standard_normal((rows, 5)), random.standard_normal((rows, out))
    weight = random.random((rows, out))
    kept = [random.integers(0, 2, (rows, w)) * 2.0 for w in (5, *[hidden] * (1 + len(DILATIONS)))]
    found = gradients(params, x, target, weight, LENGTHS, kept)

    def error() -> float:
        """Written anew, one phone at a time."""
        ends = np.cumsum(LENGTHS)
        total = 0.0
        for begin, end in zip([0, *ends[:-1]], ends, strict=True):
            h = np.maximum((x * kept[0])[begin:end] @ params[0] + params[1], 0) * kept[1][begin:end]
            for k, step in enumerate(DILATIONS):
                nobody = np.zeros(hidden)
                new = []
                for n in range(end - begin):
                    three = [h[m] if 0 <= m < end - begin else nobody for m in (n - step, n, n + step)]
                    said = np.maximum(np.concatenate(three) @ params[2 * k + 2] + params[2 * k + 3], 0)
                    new.append(h[n] + said * kept[k + 2][begin + n])
                h = np.array(new)
            off = h @ params[-2] + params[-1] - target[begin:end]
            total += float((off**2 * weight[begin:end]).sum())
        return total / float(weight.sum())

    for param, gradient in zip(params, found, strict=True):
        flat = param.reshape(-1)
        for at in random.integers(0, flat.size, 3):
            kept_value = flat[at]
            both = []
            for moved in (kept_value + 1e-6, kept_value - 1e-6):
                flat[at] = moved
                both.append(error())
            flat[at] = kept_value
            assert gradient.reshape(-1)[at] == pytest.approx((both[0] - both[1]) / 2e-6, rel=1e-3, abs=1e-5)


def told(utterances: int, seed: int) -> tuple[np.ndarray, np.ndarray, list[int]]:
    """Rows, and as target what was said five phones before."""
    random = np.random.default_rng(seed)
    lengths = random.integers(8, 30, utterances).tolist()
    rows = random.standard_normal((sum(lengths), 3)).astype(np.float32)
    before, _ = neighbours(lengths, 5)
    return rows, np.append(rows[:, :1], [[0.0]], axis=0)[before] + 5.0, lengths


def test_what_others_say_is_learned_and_comes_back():
    rows, target, lengths = told(120, 0)
    weight = np.ones_like(target)
    weight[::7] = 0
    target[::7] = 1e6  # counts for nothing
    made = fit_dilated(
        rows, target, weight, lengths, members=2, hidden=12, epochs=30, untold=0.0, unheard=0.0
    )
    others, real, sizes = told(20, 1)
    begins = np.cumsum([0, *sizes])

    def of(model):
        return np.concatenate([model.predict(others[a:b]) for a, b in zip(begins, begins[1:], strict=False)])

    assert explained(of(made), real, np.ones_like(real))[0] > 0.8
    deaf = fit_ensemble(rows, target, weight, members=2, hidden=12, epochs=30, left_out=0.0)
    assert explained(of(deaf), real, np.ones_like(real))[0] < 0.1, "its own row tells nothing of it"
    again = DilatedEnsemble.restored(made.arrays("x"), "x")
    assert again.predict(others[:9]).tobytes() == made.predict(others[:9]).tobytes()
    with pytest.raises(KeyError):
        DilatedEnsemble.restored({}, "x")
    for name in ("x.layer2.w", "x.out.b"):
        with pytest.raises(ValueError, match="do not fit"):
            DilatedEnsemble.restored(made.arrays("x") | {name: np.zeros((2, 3, 3), np.float32)}, "x")


def test_the_same_seed_gives_the_same_bytes():
    rows, target, lengths = told(10, 0)
    one, two = (
        fit_dilated(rows, target, np.ones_like(target), lengths, members=1, hidden=4, epochs=2, seed=3)
        for _ in range(2)
    )
    assert all(a.tobytes() == b.tobytes() for a, b in zip(one.weights, two.weights, strict=True))


def test_utterances_without_voice_teach_nothing_and_break_nothing():
    rows, target, lengths = told(9, 0)
    weight = np.zeros_like(target)
    weight[: lengths[0]] = 1
    made = fit_dilated(rows, target, weight, lengths, members=1, hidden=4, epochs=2, batch=1)
    assert np.isfinite(made.predict(rows)).all()


def test_voices_of_version_1_still_open(tmp_path):
    """They had networks that are told of their own phone alone."""
    from synthkit_prosody.contours import Recorded

    random = np.random.default_rng(0)
    rows = random.standard_normal((50, 4)).astype(np.float32)
    one = fit_ensemble(rows, rows[:, :2], np.ones((50, 2)), members=2, hidden=4, epochs=1)
    empty = Recorded(np.zeros((0, 6), np.float32), np.zeros(0, np.int8), np.zeros(0, np.int32), ())
    old = Learned(("a",), one, one, 5.0, 2.0, ("a",), empty)
    old.save(tmp_path / "contours.npz")
    found = Learned.load(tmp_path / "contours.npz")
    assert found.ensemble.predict(rows).tobytes() == one.predict(rows).tobytes()
