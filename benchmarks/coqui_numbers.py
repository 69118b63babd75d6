# SPDX-License-Identifier: Apache-2.0
"""Voices of the plugin coqui spoken by numpy and by torch: how far apart, and what each takes.

    python benchmarks/coqui_numbers.py [--kinds glowtts tacotron2 vits] [--presets tiny small] [--sentences 4]

Weights are drawn (nothing is understood, and it costs what trained ones cost); the sentences are drawn tokens
of several lengths, spoken in turn by both on one thread, the number of each its seed. Printed are the largest
difference beside the largest value, whether all are of one length, and CPU seconds a second of speech.
"""

from __future__ import annotations

import argparse
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import torch
from synthkit_coqui.architectures import find
from synthkit_coqui.description import VoiceConfig
from synthkit_coqui.light import open_speech
from synthkit_coqui.models import make
from synthkit_coqui.speaking import Speaking
from synthkit_coqui.specs import spec_of_audio
from synthkit_coqui.speech import Speech, save_voice
from synthkit_coqui.symbols import SymbolTable

from synthkit.types import FeatureSpec

PHONES = [f"p{k}" for k in range(40)]
SLOWER = {
    "encoder.duration_predictor.proj.bias": 1.3, "duration_predictor.flows.0.translation": -1.5,
    "decoder.stopnet.1.linear_layer.bias": -9.0,
}  # fmt: skip
"""Added to weights, so that tokens last some frames each and speech does not stop at once."""
AUDIO = {"sample_rate": 16000, "n_fft": 1024, "hop_length": 200, "n_mels": 80, "fmin": 0.0, "fmax": None}


def voice(kind: str, preset: str, folder: Path) -> VoiceConfig:
    """A voice with drawn weights."""
    whole: dict[str, Any] = {"audio": AUDIO} if kind == "vits" else {}
    spec = FeatureSpec("waveform", AUDIO["sample_rate"]) if kind == "vits" else spec_of_audio({})
    symbols = SymbolTable.of([PHONES], "ipa", blank=kind != "tacotron2")
    made = VoiceConfig(
        kind,
        spec,
        symbols=symbols,
        speakers=("one",),
        languages=("ru",),
        model=find(kind).presets[preset],
        **whole,
    )
    torch.manual_seed(3)
    model = make(made)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            weight += 0.02 * torch.randn_like(weight) + SLOWER.get(name, 0.0)
    save_voice(folder, made, model.state_dict())
    return made


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kinds", nargs="+", default=["glowtts", "tacotron2", "vits"])
    parser.add_argument("--presets", nargs="+", default=["tiny", "small"])
    parser.add_argument("--sentences", type=int, default=4)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")  # that drawn weights do not find the end of a text
    for kind in asked.kinds:
        for preset in asked.presets:
            with tempfile.TemporaryDirectory(prefix="synthkit-numbers-") as name:
                spec = voice(kind, preset, Path(name)).spec
                both = (open_speech(Path(name), "cpu"), Speech.open(Path(name)))
                taken, apart, largest, seconds, alike = [0.0, 0.0], 0.0, 0.0, 0.0, True
                for number in range(asked.sentences):
                    ids = np.random.default_rng(number).integers(0, len(PHONES), 7 + 20 * number).tolist()
                    said = []
                    for k, speech in enumerate(both):
                        began = time.process_time()
                        said.append(speech.acoustic(ids, Speaking(seed=number)))
                        taken[k] += time.process_time() - began
                    ours, theirs = said
                    alike &= ours.shape == theirs.shape
                    if ours.shape == theirs.shape:
                        apart = max(apart, float(np.abs(ours - theirs).max()))
                    largest = max(largest, float(np.abs(theirs).max()))
                    rate = spec.sample_rate if kind == "vits" else 1 / spec.frame_period
                    seconds += len(theirs) / rate
            print(
                f"{kind:9} {preset:7} {'of one length' if alike else 'OF OTHER LENGTHS'}, "
                f"{apart:.1e} apart of {largest:.2g}; CPU s a second: numpy {taken[0] / seconds:.4f}, "
                f"torch {taken[1] / seconds:.4f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
