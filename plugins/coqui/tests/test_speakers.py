# SPDX-License-Identifier: Apache-2.0
"""Several speakers and languages: names, mixtures, d-vectors, ids that keep their order."""

import json
import warnings

import numpy as np
import pytest
import torch
from coqui_voices import TEXT, opened, spoken

from synthkit.errors import ConfigError, SpeechWarning, VoiceError


def test_a_speaker_that_there_is_not_is_told_with_the_one_that_is_meant(tmp_path):
    part = opened(tmp_path, "glowtts", conditioning="embedding")
    for wrong in ("0.5*Борис+0.5*Аня", "борис:0.5,Аня:0.5", "0,5*борис+0,5*Аня"):
        with pytest.raises(ConfigError) as caught:
            spoken(part, speaker=wrong)
        assert wrong in caught.value.message and caught.value.where == "speaker"
        assert 'mixtures are written "0.6*a+0.4*b"' in caught.value.hint
    with pytest.raises(ConfigError) as caught:
        spoken(part, speaker="0.5*Борис+0.5*Аня")
    assert "did you mean 'борис'" in caught.value.hint


@pytest.mark.parametrize("kind", ["glowtts", "tacotron2", "vits"])
def test_speakers_are_heard_by_name_and_a_mixture_lies_between(kind, tmp_path):
    part = opened(tmp_path, kind, conditioning="embedding")
    one, two = spoken(part, speaker="Аня"), spoken(part, speaker="борис")
    assert one.shape != two.shape or np.abs(one - two).max() > 1e-6
    np.testing.assert_array_equal(spoken(part), one)  # the first, when none is named
    all_of_one = spoken(part, speaker="1.0*Аня+0.0*борис")
    np.testing.assert_allclose(all_of_one, one, atol=1e-4)
    mixed = spoken(part, speaker="0.5*Аня+0.5*борис")
    assert mixed.shape != one.shape or np.abs(mixed - one).max() > 1e-7
    np.testing.assert_array_equal(spoken(part, speaker="Аня"), one)  # and mixing leaves nothing behind
    with pytest.raises(VoiceError, match="by number"):
        spoken(part, embedding=np.ones(4, np.float32))


def test_d_vectors(tmp_path):
    part = opened(tmp_path, "glowtts", conditioning="d-vector", d_vector_dim=8, speaker_encoder="nobody")
    row = np.eye(3, 8)[1]
    np.testing.assert_array_equal(part.vectors["борис"], row)
    plain = spoken(part, speaker="борис")
    with pytest.raises(VoiceError, match="no speaker encoder named"):
        spoken(part, embedding=row.astype(np.float32))
    from synthkit_coqui.speaking import Speaking

    ids = part.speech.voice.symbols.encode(part.speech.voice.symbols.read(TEXT))
    given = part.speech.acoustic(ids, Speaking(vector=row.astype(np.float32), noise_scale=0.0))
    np.testing.assert_allclose(given, plain, atol=1e-5)
    mixed = spoken(part, speaker="0.5*Аня+0.5*борис")
    expected = part.speech.acoustic(
        ids, Speaking(vector=np.float32([1, 1, 0, 0, 0, 0, 0, 0]) / np.sqrt(2), noise_scale=0.0)
    )
    np.testing.assert_allclose(mixed, expected, atol=1e-5)


def test_languages_keep_the_order_of_training(tmp_path):
    part = opened(tmp_path, "vits", language_embedding=True)
    assert json.loads((tmp_path / "config.json").read_text())["languages"] == ["ru", "en"]  # not sorted
    assert part.speech.model.language_manager.name_to_id == {"ru": 0, "en": 1}
    russian, english = spoken(part, language="ru"), spoken(part, language="en")
    assert russian.shape != english.shape or np.abs(russian - english).max() > 1e-7
    with pytest.raises(VoiceError, match="does not speak 'uk'"):
        spoken(part, language="uk")


def test_a_one_speaker_voice_refuses_another_name(tmp_path):
    part = opened(tmp_path, "glowtts")
    with pytest.raises(VoiceError, match="has one speaker"):
        spoken(part, speaker="кто-то")


def test_vits_takes_durations(tmp_path):
    part = opened(tmp_path, "vits")
    seconds = np.array([0.032, 0.08, 0.16, 0.048])  # pau d a pau; 16 ms frames
    wave = spoken(part, durations=seconds)
    assert len(wave) == round(seconds.sum() / 0.016) * 256


def test_an_attention_that_finds_no_end_is_told(tmp_path, monkeypatch):
    part = opened(tmp_path, "tacotron2")
    part.speech.max_frames = None
    monkeypatch.setattr("synthkit_coqui.architectures.tacotron2.LONGEST", 60)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(spoken(part)) < 40  # it stops by itself
    with torch.no_grad():
        part.speech.model.decoder.stopnet[1].linear_layer.bias.fill_(-100)
    part.speech.max_frames = 40
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(spoken(part)) == 40  # a limit that was asked for is nothing to tell
    part.speech.max_frames = None
    with pytest.warns(
        SpeechWarning,
        match=r"text \(4 tokens\) and was stopped after 0.7 s: the model has not learned to stop",
    ):
        assert len(spoken(part)) == 56  # whole steps of 8 frames


@pytest.mark.parametrize("arrives", [0, 3])
def test_an_attention_that_stays_at_the_end_of_the_text_has_ended(arrives, tmp_path):
    """Whatever the net that should say so says: half a second is as long as a long pause."""
    part = opened(tmp_path, "tacotron2")
    part.speech.max_frames, decoder = None, part.speech.model.decoder
    steps = []

    def attends(attention, _inputs, _output):
        steps.append(0)
        attention.attention_weights = torch.eye(4)[[3 if len(steps) > arrives else 2]]

    decoder.attention.register_forward_hook(attends)  # before that of speaking
    with torch.no_grad():
        decoder.stopnet[1].linear_layer.bias.fill_(-100)
    rest = round(0.5 / part.speech.voice.spec.frame_period / decoder.r)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(spoken(part)) == (arrives + rest) * decoder.r
