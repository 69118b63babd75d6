# SPDX-License-Identifier: Apache-2.0
"""What ONNX Runtime gains over what speaks otherwise, network by network, on one thread.

    python benchmarks/onnx_speaking.py [--vits VOICE] [--runs 5]

CPU seconds a second of speech, the least of the runs, each way in turn: HiFi-GAN's universal generator by
torch, a `coqui` VITS voice's generator by numpy, the network of `syrinx` by numpy, each beside ONNX Runtime;
and the greatest difference of what they give.
"""

from __future__ import annotations

import argparse
import io
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from synthkit.onnx_network import open_network

FRAMES = 300


def timed(ways: dict[str, Callable[[], np.ndarray]], runs: int) -> tuple[dict[str, float], float]:
    """CPU seconds of each way, and the greatest difference of what the two give."""
    seconds, made = dict.fromkeys(ways, float("inf")), {}
    for _ in range(runs):
        for name, way in ways.items():
            began = time.process_time()
            made[name] = way()
            seconds[name] = min(seconds[name], time.process_time() - began)
    one, other = made.values()
    return seconds, float(np.abs(one - other).max())


def tell(what: str, seconds: dict[str, float], differ: float, speech: float) -> None:
    """A line of the table."""
    ways = ", ".join(f"{name} {s / speech:.4f}" for name, s in seconds.items())
    first, second = seconds.values()
    print(f"{what:40} {ways}; {first / second:.2f} times as quick; differs by {differ:.1e}")


def hifigan(runs: int) -> None:
    """The universal generator, 22.05 kHz."""
    from synthkit_hifigan.checkpoint import locate, read_weights
    from synthkit_hifigan.generator import Generator

    from synthkit.generator_graph import Rendering

    generator = Generator(read_weights(locate("universal")))
    graph = Rendering(generator.layers())
    mel = np.random.default_rng(0).normal(-4, 2, (FRAMES, 80)).astype(np.float32)
    ways = {"torch": lambda: generator(torch.from_numpy(mel)).numpy(), "ONNX Runtime": lambda: graph(mel.T)}
    tell("hifigan, universal", *timed(ways, runs), FRAMES * 256 / 22050)


def vits(folder: Path, runs: int) -> None:
    """The generator of a voice."""
    from synthkit.pipeline.voice import Voice

    voice = Voice.open(folder)
    numbers = voice.acoustic_model.speech.numbers
    channels = numbers._kernel("waveform_decoder.conv_pre").shape[1]
    z = np.random.default_rng(0).normal(size=(channels, FRAMES)).astype(np.float32)
    ways = {"numpy": lambda: numbers._samples(z), "ONNX Runtime": lambda: numbers._rendering(z)}
    tell(f"coqui, VITS {folder.name}", *timed(ways, runs), FRAMES * numbers.voice.period)


def syrinx(runs: int) -> None:
    """The trunk of the bundled weights, WORLD frames."""
    from synthkit_syrinx.network import Generator
    from synthkit_syrinx.stored import TrainedVocoder

    folder = Path(__import__("synthkit_syrinx").__file__).parent / "data" / "nsh"
    trained = TrainedVocoder.load(folder)
    network = Generator(trained.shape)
    network.load_state_dict({k: torch.from_numpy(np.array(v)) for k, v in trained.weights.items()})
    x = np.random.default_rng(0).normal(size=(FRAMES, trained.shape.inputs + 2)).astype(np.float32)
    file = io.BytesIO()
    torch.onnx.export(
        network.filter.eval(), (torch.from_numpy(x)[None],), file, dynamo=False,
        input_names=["x"], dynamic_axes={"x": {1: "frames"}},
    )  # fmt: skip
    session = open_network(file.getvalue())
    ways = {
        "numpy": lambda: trained.trunks["filter"](x),
        "ONNX Runtime": lambda: session.run(None, {"x": x[None]})[0][0],
    }
    tell("syrinx, nsh", *timed(ways, runs), FRAMES * trained.spec.frame_period)


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--vits", type=Path)
    parser.add_argument("--runs", type=int, default=5)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    hifigan(asked.runs)
    syrinx(asked.runs)
    if asked.vits is not None:
        vits(asked.vits, asked.runs)


if __name__ == "__main__":
    main()
