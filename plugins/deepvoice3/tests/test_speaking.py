# SPDX-License-Identifier: Apache-2.0
"""The numpy form says what the torch form says; attention goes forward and ends; what cannot be said is
refused."""

from dataclasses import replace

import numpy as np
import pytest
from deepvoice3_toy import SMALL, mel
from synthkit_deepvoice3 import speaking
from synthkit_deepvoice3.model import DeepVoice, DeepVoiceSettings
from synthkit_deepvoice3.stored import Shape

from synthkit.errors import ConfigError, SpeechWarning, TextError
from synthkit.stages import Request
from synthkit.testing.samples import context

torch = pytest.importorskip("torch")


@pytest.mark.parametrize("speakers", [1, 3])
def test_numpy_and_torch_are_the_same_model(speakers):
    from synthkit_deepvoice3.network import DeepVoice3

    torch.manual_seed(0)
    shape = Shape(symbols=5, features=7, outputs=6, speakers=speakers, channels=12, attention=8, prenet=10)
    model = DeepVoice3(shape).eval()
    assert {k: tuple(v.shape) for k, v in model.state_dict().items()} == shape.tensors()
    weights = speaking.Weights({k: v.numpy() for k, v in model.state_dict().items()}, shape)
    random = np.random.default_rng(0)
    symbols, features = np.array([0, 3, 1, 2, 5]), random.standard_normal((5, 7)).astype(np.float32)
    shares = np.zeros(speakers, np.float32)
    shares[-1] = 1
    voice = speaking.voice_of(weights, shares)
    keys, values = speaking.encode(weights, symbols, features, voice)
    path = np.array([0, 0, 1, 1, 1, 2, 3, 3])
    said = speaking.decode(weights, keys, values, voice, longest=9, path=path)
    frames = speaking.convert(weights, said.coarse, values[path], voice)
    before = np.zeros((8, 12), np.float32)
    before[1:] = said.coarse.reshape(8, 12)[:-1]
    batch = {
        "symbols": symbols, "features": features, "phone_mask": np.ones((5, 1), np.float32),
        "speaker": shares, "path": path, "last": np.append(0, path[:-1]), "before": before,
        "frame_mask": np.ones((16, 1), np.float32),
    }  # fmt: skip
    with torch.no_grad():
        logits, coarse, converted = model({k: torch.from_numpy(v)[None] for k, v in batch.items()})
    assert torch.softmax(logits[0], -1).numpy() == pytest.approx(said.attention, abs=1e-5)
    assert coarse[0].numpy() == pytest.approx(said.coarse, abs=1e-5)
    assert converted[0].numpy() == pytest.approx(frames, abs=1e-4)


@pytest.fixture(scope="module")
def voice(tmp_path_factory):
    """A model that hardly learned, and what it learned from."""
    folder = tmp_path_factory.mktemp("voice")
    data = mel(folder / "data")
    model = DeepVoice(DeepVoiceSettings(**SMALL))
    model.fit(data, folder, context(folder / "work"))
    model.open(folder)
    return model, data.items[0].segmentation


def test_attention_goes_forward_and_reaches_the_end_even_of_a_model_that_knows_nothing(voice):
    model, segmentation = voice
    frames = model.predict(Request(segmentation))
    edges = frames.timing.edges
    assert len(edges) == len(segmentation.symbols()) + 1
    assert (np.diff(edges) >= 0).all()
    assert edges[-1] == pytest.approx(len(frames) * frames.spec.frame_period)


def test_attention_that_stays_is_sent_on_and_it_is_said(voice):
    model, segmentation = voice
    stays = DeepVoice()
    stays.voice, stays.weights = replace(model.voice, stay=(1e-300, 1e-300)), model.weights
    short = replace(segmentation, words=segmentation.words[:1])
    with pytest.warns(SpeechWarning, match="attention stayed with"):
        frames = stays.predict(Request(short))
    assert np.diff(frames.timing.edges).max() <= 3.0 + 1e-6


def test_it_keeps_durations_that_are_given_and_speaks_faster_when_asked(voice):
    model, segmentation = voice
    seconds = np.full(len(segmentation.symbols()), 0.1)
    frames = model.predict(Request(segmentation, durations=seconds))
    assert np.diff(frames.timing.edges) == pytest.approx(seconds)
    slow = len(model.predict(Request(segmentation)))
    fast = len(model.predict(Request(segmentation, options={"speed": 2.0})))
    assert fast == pytest.approx(slow / 2, abs=2)


def test_what_it_cannot_say_is_refused(voice):
    from synthkit.types import Phone, Word

    model, segmentation = voice
    with pytest.raises(ConfigError, match="one number of seconds"):
        model.predict(Request(segmentation, durations=np.ones(2)))
    with pytest.raises(ConfigError, match="no speaker 'anna'"):
        model.predict(Request(segmentation, speaker="anna"))
    with pytest.raises(ConfigError, match="anna"):  # before anything is said, too
        model.check_said(Request(segmentation, speaker="anna"))
    model.check_said(Request(segmentation))
    with pytest.raises(ConfigError, match="cannot clone"):
        model.predict(Request(segmentation, embedding=np.ones(3)))
    strange = replace(segmentation, words=(Word("x", (Phone("xx"),), 3),))
    with pytest.raises(TextError, match="'xx'"):
        model.predict(Request(strange))
