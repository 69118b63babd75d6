# SPDX-License-Identifier: Apache-2.0
"""What voices stand beside: recordings, and copies of them by a vocoder or by that of a voice."""

import numpy as np
import pytest

from synthkit.corpora import open_corpus
from synthkit.errors import ConfigError, PluginError
from synthkit.eval.items import corpus_items
from synthkit.eval.references import VoiceCopy, is_voice, references, voice_copy
from synthkit.eval.systems import Copy
from synthkit.pipeline.build import build
from synthkit.pipeline.config import load
from synthkit.testing.samples import context

RECIPE = """
[voice]
name = "small"
corpus = "bundled-ru"
limit = 3
[alignment]
plugin = "labels"
[acoustic_model]
plugin = "parametric"
pretrained = "nsh"
[vocoder]
plugin = "{vocoder}"
"""


def voice(folder, vocoder, name=""):
    (folder / "v.toml").write_text(RECIPE.format(vocoder=vocoder))
    return build(load(folder / "v.toml"), folder / (name or vocoder), context(folder / "work"))


@pytest.fixture(scope="module")
def item():
    corpus = open_corpus("bundled-ru")
    return corpus_items(corpus, [corpus.utterances[4].id])[0][0]


def test_a_copy_by_the_vocoder_of_a_voice_is_that_of_the_vocoder(tmp_path, item):
    """WORLD learns nothing, so that both ways have to give the same."""
    folder = voice(tmp_path, "world")
    by_voice = voice_copy(str(folder))
    assert by_voice.name == "copy:world"
    ours, record = by_voice.speak(item)
    theirs, _ = Copy("copy:world", "world").speak(item)
    assert record is None
    assert ours.sample_rate == theirs.sample_rate
    assert np.allclose(ours.samples, theirs.samples, atol=1e-6)
    assert "world" in by_voice.describe()["what"]
    assert by_voice.identity(item) != VoiceCopy("x", voice(tmp_path, "buzz")).identity(item)


def test_recordings_first_then_each_copy_once(tmp_path, item, demo_voice):
    folder = str(voice(tmp_path, "world"))
    assert is_voice(folder) and not is_voice("world")
    assert [s.name for s in references(["griffin-lim", folder], [item])] == [
        "natural", "copy:griffin-lim", "copy:world",
    ]  # fmt: skip
    assert [s.name for s in references([], [item])] == ["natural", "copy:world"]
    assert references([], []) == []
    with pytest.raises(ConfigError, match="asked for twice"):
        references(["world", folder], [item])
    other = str(voice(tmp_path, "world", "other"))
    names = [s.name for s in references([folder, other], [item])]
    assert names == ["natural", "copy:world of world", "copy:world of other"]
    with pytest.raises(ConfigError, match="asked for twice"):
        references([folder, folder], [item])
    with pytest.raises(PluginError, match="did you mean 'world'"):
        references(["wrold"], [item])
    with pytest.raises(ConfigError, match="whose vocoder renders frames"):
        references([str(demo_voice)], [item])
