# SPDX-License-Identifier: Apache-2.0
"""Tiny voices of several speakers and languages that were never trained, and what they say.

Apart from the tests: a module of tests whose name another folder has, too, cannot be imported for certain.
"""

import numpy as np
import torch
from synthkit_coqui.architectures import find
from synthkit_coqui.architectures.glowtts import GlowTTS
from synthkit_coqui.architectures.tacotron2 import Tacotron2
from synthkit_coqui.architectures.vits import Vits
from synthkit_coqui.description import VoiceConfig
from synthkit_coqui.models import make
from synthkit_coqui.specs import spec_of_audio
from synthkit_coqui.speech import save_voice
from synthkit_coqui.symbols import SymbolTable

from synthkit.stages import Request
from synthkit.types import FeatureSpec, Phone, Segmentation, Word

SPEAKERS = ("Аня", "борис", "c+d")
TEXT = Segmentation("да", "ru", "ipa", (Word("да", (Phone("d"), Phone("a", 1)), 3, "."),))
AUDIO = {"sample_rate": 16000, "n_fft": 1024, "hop_length": 256, "n_mels": 80, "fmin": 0.0, "fmax": None}
CLASSES = {"glowtts": GlowTTS, "vits": Vits, "tacotron2": Tacotron2}


def opened(folder, kind, seed=0, **how):
    symbols = SymbolTable.of([["d", "a1"]], "ipa", blank=kind != "tacotron2")
    spec = FeatureSpec("waveform", 16000) if kind == "vits" else spec_of_audio({})
    voice = VoiceConfig(
        kind,
        spec,
        find(kind).presets["tiny"],
        symbols,
        SPEAKERS,
        ("ru", "en"),
        audio=AUDIO if kind == "vits" else {},
        **how,
    )
    torch.manual_seed(seed)
    model = make(voice)
    vectors = None
    if voice.conditioning == "d-vector":
        rows = np.eye(3, voice.d_vector_dim)
        vectors = dict(zip(SPEAKERS, rows.tolist(), strict=True))
    with torch.no_grad():  # zero-initialised outputs would hide what goes in
        for p in model.parameters():
            p += 0.02 * torch.randn_like(p)
    save_voice(folder, voice, model.state_dict(), vectors=vectors)
    part = CLASSES[kind](CLASSES[kind].Config(device="cpu"))
    part.open(folder)
    part.speech.max_frames = 40
    return part


def spoken(part, **request):
    out = part.predict(
        Request(TEXT, options={} if part.kind == "tacotron2" else {"noise_scale": 0.0}, **request)
    )
    return out["mel"] if part.kind != "vits" else out.samples
