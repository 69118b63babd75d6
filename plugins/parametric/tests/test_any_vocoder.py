# SPDX-License-Identifier: Apache-2.0
"""One voice of WORLD frames and one of mel frames, each through three vocoders by configuration alone."""

import numpy as np
import pytest

from synthkit.errors import SpecMismatch
from synthkit.pipeline.build import build
from synthkit.pipeline.cache import Cache
from synthkit.pipeline.config import load
from synthkit.pipeline.voice import Voice
from synthkit.testing.samples import context

pytest.importorskip("torch")
VOICE = """
[voice]
name = "few"
corpus = "bundled-ru"
limit = 3
{rate}

[alignment]
plugin = "labels"

[features]
plugin = "{features}"

[acoustic_model]
plugin = "{model}"
{settings}

[vocoder]
plugin = "{vocoder}"
"""
SMALL = "channels = 16\nencoder_layers = 1\ndecoder_layers = 1\nlstm = 4\nsteps = 3"
WAYS = {
    "world": [[], ["griffin-lim", "world-to-mel"], ["hifigan", "world-to-mel"]],
    "mel": [[], ["hifigan"], ["world", "mel-to-world"]],
}


@pytest.fixture(scope="module", params=["world", "mel"])
def voice(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp(request.param)
    text = (
        VOICE.format(
            rate="", features="world", model="parametric", settings='pretrained = "nsh"', vocoder="world"
        )
        if request.param == "world"
        else VOICE.format(
            rate="sample_rate = 22050",
            features="mel",
            model="parametric-mel",
            settings=SMALL,
            vocoder="griffin-lim",
        )
    )
    (folder / "voice.toml").write_text(text, encoding="utf-8")
    return request.param, build(
        load(folder / "voice.toml"), folder / "voice", context(folder / "work"), Cache(folder / "cache")
    )


def test_three_vocoders(voice):
    frames, folder = voice
    seconds = []
    for way in WAYS[frames]:
        overrides = [f"vocoder.plugin={way[0]}"] if way else []
        overrides += [f"vocoder.adapters={way[1]}"] if len(way) > 1 else []
        spoken = Voice.open(folder, overrides=overrides).speak("Да.").waveform
        assert np.abs(spoken.samples).max() > 0
        seconds.append(spoken.duration)
    assert max(seconds) - min(seconds) < 0.1  # the same frames, three times


def test_without_its_adapter_a_vocoder_of_other_frames_is_refused_by_name(voice):
    frames, folder = voice
    other, adapter = ("griffin-lim", "world-to-mel") if frames == "world" else ("world", "mel-to-world")
    with pytest.raises(SpecMismatch, match=adapter):
        Voice.open(folder, overrides=[f"vocoder.plugin={other}"])
