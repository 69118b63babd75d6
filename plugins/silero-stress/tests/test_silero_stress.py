# SPDX-License-Identifier: Apache-2.0
"""silero-stress: homographs by context, marks kept."""

import pytest

pytest.importorskip("silero_stress")
pytest.importorskip("torch")

from synthkit.plugins import registry


@pytest.fixture(scope="module")
def segmenter():
    return registry().load("segmentation", "silero-stress")()


def test_a_homograph_is_told_by_its_sentence(segmenter):
    said = segmenter.accent("На двери висит замок. Рыцарь построил каменный замок на горе.", "ru")
    assert "зам+ок" in said
    assert "з+амок" in said


def test_marks_of_the_user_are_kept(segmenter):
    assert "з+амок" in segmenter.accent("На двери висит з+амок.", "ru")


def test_text_uses_it_by_setting(segmenter):
    kind = registry().load("segmentation", "text")
    got = kind(kind.Config(stress="silero-stress")).segment("Рыцарь построил каменный замок на горе.", "ru")
    word = next(w for w in got.words if w.text == "замок")
    assert [p.symbol for p in word.phones][:2] == ["z", "aa"]


def test_phones_in_braces_are_left_alone(segmenter):
    assert segmenter.accent("{aa t} мама", "ru").startswith("{aa t} ")


def test_torch_is_left_as_it_was():
    """Loading the model once switched gradients off for the whole process, and no model could be trained."""
    import torch

    registry().load("segmentation", "silero-stress")().accent("замок на двери", "ru")
    assert torch.is_grad_enabled()
