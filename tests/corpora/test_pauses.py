# SPDX-License-Identifier: Apache-2.0
"""Where a long recording is cut: at pauses, the longest of them, into pieces of the lengths wanted."""

import numpy as np
import soundfile

from synthkit.corpora.pauses import Island, choose, good_place, islands, levels


def test_pauses_are_chosen_by_length_of_the_pieces_and_by_how_good_they_are():
    spoken = [Island(k * 1.5, k * 1.5 + 1.0) for k in range(12)]
    pauses = list(range(11))
    even = choose(spoken, pauses, [0.5] * 11, 2.0, 6.0)
    edges = [0, *(k + 1 for k in even), 12]
    lengths = [spoken[b - 1].end - spoken[a].start for a, b in zip(edges, edges[1:], strict=False)]
    assert all(2.0 <= s <= 6.0 for s in lengths)
    good = [0.1] * 11
    good[4] = 1.5
    assert 4 in choose(spoken, pauses, good, 4.0, 9.0)
    assert choose(spoken, [], [], 2.0, 6.0) == []  # no pause falls between words


def test_speech_is_found_between_pauses_and_a_long_pause_is_a_good_place(tmp_path):
    noise = np.random.default_rng(0)
    loud = [np.sin(np.arange(16000) * 0.3), np.sin(np.arange(8000) * 0.2)]
    quiet = [np.zeros(8000), np.zeros(16000)]
    sound = np.concatenate([quiet[0], loud[0], quiet[0], loud[1], quiet[1], loud[0], quiet[0]]) * 0.5
    soundfile.write(tmp_path / "a.wav", sound + 1e-4 * noise.standard_normal(len(sound)), 16000)
    found = islands(levels(tmp_path / "a.wav"))
    np.testing.assert_allclose(
        [(i.start, i.end) for i in found], [(0.5, 1.5), (2.0, 2.5), (3.5, 4.5)], atol=0.03
    )
    assert good_place(found, 0) < good_place(found, 1) == 1.0
