# SPDX-License-Identifier: Apache-2.0
"""``--speed``: as much shorter as was asked, for each model that can; the others refuse it."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from coqui_voices import TEXT, opened, spoken
from synthkit_coqui.architectures.hifigan import CoquiHifigan
from synthkit_coqui.speaking import frames_of_tokens, shared_out

from synthkit.errors import ConfigError
from synthkit.pipeline.adjust import adjust
from synthkit.stages import Request


def slow_talker(folder, kind, frames=9.0):
    """A voice that gives every token about `frames` frames, each another number."""
    part = opened(folder, kind)
    model = part.speech.model
    part.speech.max_frames = None
    predictor = model.duration_predictor if kind == "vits" else model.encoder.duration_predictor
    if kind == "vits":

        def even(x, *_, **__):  # the stochastic predictor's own would be random
            return torch.log(frames * torch.linspace(0.5, 1.5, x.shape[-1]))[None, None]

        predictor.forward = even
    else:
        with torch.no_grad():
            predictor.proj.bias += np.log(frames)
    return part


@pytest.mark.parametrize("kind", ["glowtts", "vits"])
@pytest.mark.parametrize("speed", [0.5, 0.8, 1.25, 2.0, 3.0])
def test_the_whole_is_as_much_shorter_as_was_asked(kind, speed, tmp_path):
    part = slow_talker(tmp_path, kind)
    hop = 256 if kind == "vits" else 1
    own = len(spoken(part)) // hop
    assert own >= 60
    options, _ = adjust(
        part, CoquiHifigan(), part.speech.voice.spec, (kind, "coqui-hifigan"), speed=speed, pitch=0.0
    )
    out = part.predict(Request(TEXT, options=options))
    if kind == "glowtts":  # the flow takes frames in pairs, and drops an odd one
        assert abs(len(out) - own / speed) <= 2
    else:
        assert len(out.samples) // hop == round(own / speed)
    assert len(spoken(part)) // hop == own  # and it leaves nothing behind


def test_coquis_own_length_scale_falls_short():
    """Why it is not used: it rounds up each token by itself."""
    frames = np.full(40, 2.4)  # predicted, before rounding up
    assert np.ceil(frames).sum() / np.ceil(frames / 2).sum() == 1.5
    assert shared_out(np.ceil(frames), 2.0).sum() == 60


@pytest.mark.parametrize("seed", range(20))
def test_no_token_is_lost_and_rounding_never_adds_up(seed):
    rng = np.random.default_rng(seed)
    frames = np.ceil(rng.gamma(1.5, 3.0, rng.integers(1, 60)))
    speed = rng.uniform(0.25, frames.mean())
    out = shared_out(frames, speed)
    assert (out == np.round(out)).all()
    assert out.min() >= 1
    assert out.sum() == round(frames.sum() / speed)
    if frames.min() >= 2 * speed:
        assert np.abs(np.cumsum(out) - np.cumsum(frames) / speed).max() <= 1


def test_faster_than_a_frame_a_token_is_refused(tmp_path):
    part = slow_talker(tmp_path, "glowtts", frames=2.0)
    with pytest.raises(ConfigError, match="would share") as caught:
        part.predict(Request(TEXT, options={"speed": 4.0}))
    assert "times as fast at most" in caught.value.hint
    with pytest.raises(ConfigError, match="less than or equal to 4"):
        part.predict(Request(TEXT, options={"speed": 5.0}))


def test_tacotron2_says_that_it_cannot(tmp_path):
    part = opened(tmp_path, "tacotron2")
    with pytest.raises(ConfigError, match="cannot change its speed"):
        adjust(
            part, CoquiHifigan(), part.speech.voice.spec, ("tacotron2", "coqui-hifigan"), speed=1.5, pitch=0.0
        )
    with pytest.raises(ConfigError, match="unknown option 'speed'"):
        part.predict(Request(TEXT, options={"speed": 1.5}))
    with pytest.raises(ValueError, match="speed"):
        type(part).Config(speed=1.5)


def test_speed_and_given_durations_exclude_each_other(tmp_path):
    part = opened(tmp_path, "vits")
    with pytest.raises(ConfigError, match="speed cannot be changed"):
        part.predict(Request(TEXT, durations=np.full(4, 0.1), options={"speed": 2.0}))


def test_long_speech_is_whole(tmp_path):
    """coqui-tts's VITS cuts its output at ``max_inference_len``; ours has no such end."""
    part = slow_talker(tmp_path, "vits", frames=150.0)
    long = replace(TEXT, words=TEXT.words * 6)
    assert len(part.predict(Request(long)).samples) // 256 > 4000


@pytest.mark.parametrize("kind", ["glowtts", "vits"])
def test_some_durations_are_given_and_the_others_are_the_models_own(kind, tmp_path):
    part = slow_talker(tmp_path, kind)
    hop = 256 if kind == "vits" else 1
    voice = part.speech.voice
    period = (voice.audio.get("hop_length") or voice.spec.hop_length) / voice.spec.sample_rate
    rows = len(TEXT.symbols())
    lengths = []
    for frames in (10, 40):
        seconds = np.full(rows, np.nan)
        seconds[1] = frames * period
        out = part.predict(Request(TEXT, durations=seconds))
        lengths.append(len(out.samples if kind == "vits" else out) // hop)
    assert lengths[1] - lengths[0] == 30
    with pytest.raises(ConfigError, match="F0"):
        part.predict(Request(TEXT, f0=np.array([[1.5, 100.0]])))


def test_rounding_of_given_durations_never_adds_up():
    seconds = np.full(40, 0.0362)
    frames = frames_of_tokens(seconds, 0.01, blank=False)
    assert abs(frames.sum() - seconds.sum() / 0.01) <= 1
    blanks = frames_of_tokens(seconds, 0.01, blank=True)
    assert blanks.sum() == frames.sum() and blanks.min() == 1 and len(blanks) == 81
    seconds[3] = np.nan
    some = frames_of_tokens(seconds, 0.01, blank=True)
    assert np.isnan(some[6:8]).all() and np.isnan(some).sum() == 2
