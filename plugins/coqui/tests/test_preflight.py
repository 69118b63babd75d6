# SPDX-License-Identifier: Apache-2.0
"""What the preflight finds in settings and corpora; what coqui-tts itself does is in ``test_stories.py``."""

import pytest
import torch
from coqui_samples import TINY, component, make_data
from synthkit_coqui import preflight
from synthkit_coqui.architectures import find
from synthkit_coqui.architectures.glowtts import GlowTTS, GlowTTSSettings
from synthkit_coqui.architectures.hifigan import CoquiHifigan
from synthkit_coqui.architectures.vits import Vits, VitsSettings
from synthkit_coqui.description import VoiceConfig
from synthkit_coqui.models import make
from synthkit_coqui.settings import VocoderSettings
from synthkit_coqui.specs import spec_of_audio
from synthkit_coqui.symbols import SymbolTable


def errors(findings):
    return {f.code: f for f in findings if f.severity == "error"}


def test_a_recogniser_that_there_is_not():
    """It would be found out at the first validation, hours later."""
    found = errors(preflight.of_settings(find("vits"), VitsSettings(recogniser="whispr", steps=1000)))
    assert found["unknown-recogniser"].mend == 'recogniser = "whisper"'
    assert not errors(preflight.of_settings(find("vits"), VitsSettings(recogniser="whisper", steps=1000)))


def test_findings_about_the_corpus(data):
    settings = GlowTTSSettings(**{**TINY, "batch_size": 64}, steps=10, max_seconds=0.5)
    assert set(errors(preflight.of_data(find("glowtts"), settings, data))) == {"nothing-to-train-on"}
    several = make_data(count=4, speakers=("a", "b"), languages=("ru", "en"))
    settings = GlowTTSSettings(**TINY, steps=10, speakers="none")
    codes = {f.code for f in preflight.of_data(find("glowtts"), settings, several)}
    assert {"speakers-mixed", "languages-unused", "rare-speaker"} <= codes


def test_how_much_a_limit_of_length_leaves_to_learn_from_is_told(monkeypatch):
    """A limit that looks harmless may leave a twentieth of a corpus."""
    data = make_data(4, 0, 2.0)
    lengths = dict(zip((i.utterance.id for i in data.items), (60, 90, 30, 600), strict=True))
    monkeypatch.setattr(preflight, "_seconds", lambda item: lengths[item.utterance.id])
    settings = GlowTTSSettings(**TINY, steps=10, max_seconds=60)
    found = {f.code: f for f in preflight.of_data(find("glowtts"), settings, data)}["too-long"]
    assert found.problem.startswith("2 recordings are longer than 60 s")
    assert found.consequence.endswith("; 1.5 min of 13.0 are learned from")


def test_a_segment_that_does_not_fit_the_hop(data):
    found = errors(CoquiHifigan(VocoderSettings(**TINY, steps=10, segment=5000)).check(data))
    assert found["segment-does-not-fit"].mend == "segment = 5120"


def test_a_gpu_that_is_not_there(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    settings = VitsSettings(**TINY, steps=10, device="cuda", gpus=2, precision="auto")
    assert {"no-gpu", "too-few-gpus"} <= set(errors(Vits(settings).check()))
    assert "half-on-cpu" in errors(Vits(VitsSettings(**TINY, steps=10, precision="fp16")).check())
    rehearsed = Vits(VitsSettings(**TINY, steps=10, precision="bf16", device="cpu", gpus=2)).check()
    assert not errors(rehearsed)
    assert {"half-on-cpu", "processes-on-cpu"} <= {f.code for f in rehearsed}


def test_an_unknown_model_argument_is_an_error_that_says_what_was_meant(data):
    from synthkit.errors import ConfigError

    model = GlowTTS(GlowTTSSettings(**TINY, steps=10, model={"hidden_channel_enc": 32}))
    with pytest.raises(ConfigError) as caught:
        model._describe(data)
    assert "hidden_channels_enc" in caught.value.hint


@pytest.mark.parametrize(
    ("kind", "preset", "batch", "seconds", "measured"),
    [
        ("glowtts", "tiny", 2, 5, 484),
        ("glowtts", "default", 4, 8, 1508),
        ("tacotron2", "default", 4, 8, 1504),
        ("tacotron2", "tiny", 4, 8, 460),
        ("vits", "tiny", 4, 8, 744),
        ("vits", "default", 4, 8, 3392),
        ("coqui-hifigan", "tiny", 4, 0, 536),
        ("coqui-mb-melgan", "default", 4, 0, 914),
    ],
)
def test_memory_is_what_was_measured(kind, preset, batch, seconds, measured):
    """Peaks of resident memory in MiB that ``benchmarks/coqui_memory.py`` printed (VmHWM, torch 2.13.0,
    CPU)."""
    settings = component(kind, preset=preset, batch_size=batch).config
    assert 1 / 1.25 < find(kind).needed(settings, seconds, 16000) / 2**20 / measured < 1.25
    assert find(kind).needed(settings, seconds, 22050) >= find(kind).needed(settings, seconds, 16000)


def test_a_batch_that_does_not_fit_the_machine(data):
    settings = VitsSettings(**{**TINY, "preset": "default", "batch_size": 100_000}, steps=10)
    found = {f.code: f for f in preflight.of_data(find("vits"), settings, data)}
    assert found["memory"].severity == "warning"
    smaller = int(found["memory"].mend.removeprefix("batch_size = "))
    assert smaller < 100_000
    fits = VitsSettings(**{**TINY, "preset": "default", "batch_size": smaller}, steps=10)
    assert "memory" not in {f.code for f in preflight.of_data(find("vits"), fits, data)}


def test_kinds_all_build():
    symbols = SymbolTable.of([["a"]], "ipa", blank=True)
    audio = {"sample_rate": 16000, "n_fft": 512, "hop_length": 200, "n_mels": 40, "fmin": 0.0, "fmax": None}
    make(
        VoiceConfig(
            "vits", spec_of_audio({}), find("vits").presets["tiny"], symbols, (), ("en",), audio=audio
        )
    )
