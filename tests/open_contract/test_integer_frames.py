# SPDX-License-Identifier: Apache-2.0
"""A plugin whose frames are integers of a kind that nobody has heard of goes all the way, through real
commands' code."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from synthkit import plugins
from synthkit.errors import SpecMismatch
from synthkit.pipeline.build import build
from synthkit.pipeline.cache import Cache
from synthkit.pipeline.config import Config, load
from synthkit.pipeline.copy import copy_recording
from synthkit.pipeline.plan import plan
from synthkit.pipeline.voice import Voice
from synthkit.testing import sample_utterances
from synthkit.testing.samples import context
from synthkit.types import Frames

HERE = Path(__file__).parent
VOICE = """
[voice]
name = "bytes"
corpus = "bundled-ru"
limit = 12
[segmentation]
plugin = "text"
[alignment]
plugin = "labels"
[features]
plugin = "mulaw"
[acoustic_model]
plugin = "sampler"
[vocoder]
plugin = "mulaw"
"""


@pytest.fixture(scope="module", autouse=True)
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """As pip leaves it: on the path, with metadata that names the entry point."""
    site = tmp_path_factory.mktemp("site")
    info = site / "synthkit_mulaw-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: synthkit-mulaw\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[synthkit]\nmulaw = synthkit_mulaw\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(site))
        patch.syspath_prepend(str(HERE))
        plugins.registry.cache_clear()
        yield
    plugins.registry.cache_clear()


def configured(folder: Path, *overrides: str) -> Config:
    (folder / "bytes.toml").write_text(VOICE)
    return load(folder / "bytes.toml", list(overrides))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Cache]:
    folder = tmp_path_factory.mktemp("bytes")
    cache = Cache(folder / "cache")
    return build(configured(folder), folder / "voice", context(folder / "work"), cache), cache


def test_it_builds_and_speaks_with_the_very_codes_of_the_recordings(built):
    folder, cache = built
    voice = Voice.open(folder)
    spoken = voice.speak("Мама мыла раму.")
    (frames,) = spoken.predictions
    assert isinstance(frames, Frames)
    assert {n: a.dtype.name for n, a in frames.data.items()} == {"codes": "uint8", "level": "int16"}
    recorded = set()
    for path in cache.root.rglob("*.npz"):
        with np.load(path) as data:
            if "codes" in data and "level" in data:
                recorded |= {row.tobytes() for row in data["codes"]}
    assert {row.tobytes() for row in frames["codes"]} <= recorded
    assert spoken.waveform.duration == pytest.approx(len(frames) * frames.spec.frame_period)
    assert np.abs(spoken.waveform.samples).max() > 0.05


def test_a_mel_vocoder_refuses_it_with_the_table(built, tmp_path):
    folder, _ = built
    config = configured(tmp_path, "vocoder.plugin=griffin-lim")
    for attempt in (
        lambda: Voice.open(folder, overrides=["vocoder.plugin=griffin-lim"]),
        lambda: plan(config, context(tmp_path / "work"), Cache(tmp_path / "cache")),
    ):
        with pytest.raises(SpecMismatch) as caught:
            attempt()
        rows = [" ".join(line.split()) for line in str(caught.value).splitlines()]
        assert "field sampler gives griffin-lim accepts" in rows
        assert "kind mulaw mel" in rows


def test_a_vocoder_of_one_spectrum_refuses_it_field_by_field(built):
    from synthkit.dsp.specs import MelSpec
    from synthkit.types import Demand

    mel = plugins.registry().load("features", "mel")().spec
    spec = Voice.open(built[0]).acoustic_model.spec
    rows = {name: (ours, theirs) for name, ours, theirs in Demand.exactly(mel).differences(spec)}
    assert rows["hop_length"] == (80, 256)
    assert rows["n_fft"] == (None, 1024)
    assert rows["stream mel"] == (None, mel.stream("mel"))
    with pytest.raises(SpecMismatch, match="'mulaw' are not 'mel' frames"):
        MelSpec.of(spec)


def test_a_model_of_other_frames_refuses_them_and_says_which_features_would_do(tmp_path):
    config = configured(tmp_path, "acoustic_model.plugin=unit-selection")
    with pytest.raises(SpecMismatch, match=r"mulaw gives +unit-selection trains on") as caught:
        plan(config, context(tmp_path / "work"), Cache(tmp_path / "cache"))
    assert caught.value.hint == 'set features.plugin = "world"'


def test_copy_synthesis_finds_the_features_by_itself():
    recording = sample_utterances(count=1)[0].audio
    copied, how = copy_recording(recording, vocoder="mulaw")
    assert "→ mulaw →" in how
    from synthkit import audio

    original = audio.read(recording).samples[: len(copied.samples)]
    noise = original - copied.samples
    assert (
        10 * np.log10((original**2).sum() / (noise**2).sum()) > 25
    )  # dB; a byte on this scale gives about 38


@pytest.mark.parametrize(
    ("stage", "name"), [("features", "mulaw"), ("vocoder", "mulaw"), ("acoustic_model", "sampler")]
)
def test_the_conformance_kit_passes_it(stage, name, conformance):
    conformance(stage, name)
