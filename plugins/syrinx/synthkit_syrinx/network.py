# SPDX-License-Identifier: Apache-2.0
"""The network in torch, for learning. `speaking.py` is the same in numpy.

    frames, log F0, voicing ──► ConvNeXt blocks ──► a filter for the pulses (level and phase of every bin)
                                                    and one for the noise (level)
    pulses × filter + noise × filter ──► inverse short-time Fourier transform ──► samples

Convolutional blocks as in Liu et al. 2022 (arXiv:2201.03545), over time, with the inverse transform as the
last step as in Siuzdak 2023 (arXiv:2306.00814); that the network shapes an excitation instead of inventing
phases follows Wang et al. 2019 (arXiv:1810.11946) and Engel et al. 2020 (arXiv:2001.04643).

Shapes: B examples, L frames, C channels, F bins.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from synthkit_syrinx.stored import PITCH_BLOCKS, PITCH_CHANNELS, WIDTH, Shape

LOUDEST = 6.0
"""Greatest natural logarithm of a filter's level."""


class Block(nn.Module):
    """x + scale · narrow(gelu(widen(norm(depthwise(x)))))."""

    def __init__(self, channels: int, hidden: int, depth: int) -> None:
        super().__init__()
        self.depthwise = nn.Conv1d(channels, channels, WIDTH, padding=WIDTH // 2, groups=channels)
        self.norm = nn.LayerNorm(channels)
        self.widen = nn.Linear(channels, hidden)
        self.narrow = nn.Linear(hidden, channels)
        self.scale = nn.Parameter(torch.full((channels,), 1 / depth))

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, L) to the same."""
        y = self.norm(self.depthwise(x).transpose(1, 2))
        y = self.narrow(F.gelu(self.widen(y), approximate="tanh"))
        return x + (self.scale * y).transpose(1, 2)


class Trunk(nn.Module):
    """Frames in, frames out."""

    def __init__(self, inputs: int, channels: int, hidden: int, blocks: int, outputs: int) -> None:
        super().__init__()
        self.enter = nn.Conv1d(inputs, channels, WIDTH, padding=WIDTH // 2)
        self.first = nn.LayerNorm(channels)
        self.blocks = nn.ModuleList(Block(channels, hidden, blocks) for _ in range(blocks))
        self.last = nn.LayerNorm(channels)
        self.out = nn.Linear(channels, outputs)

    def forward(self, x: Tensor) -> Tensor:
        """(B, L, inputs) to (B, L, outputs)."""
        y = self.first(self.enter(x.transpose(1, 2)).transpose(1, 2)).transpose(1, 2)
        for block in self.blocks:
            y = block(y)
        return self.out(self.last(y.transpose(1, 2)))


class Generator(nn.Module):
    """The filters of pulses and noise; where frames state no pitch, a part that reads it from them."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.filter = Trunk(shape.inputs + 2, shape.channels, shape.hidden, shape.blocks, 3 * shape.bins)
        with torch.no_grad():  # speech is far quieter than the excitation, and its noise quieter still
            self.filter.out.weight *= 0.1
            self.filter.out.bias[: shape.bins] = -3.0
            self.filter.out.bias[shape.bins : 2 * shape.bins] = 0.0
            self.filter.out.bias[2 * shape.bins :] = -5.0
        if shape.reads_pitch:
            self.pitch = Trunk(shape.inputs, PITCH_CHANNELS, 3 * PITCH_CHANNELS, PITCH_BLOCKS, 2)

    def forward(self, inputs: Tensor, voiced: Tensor, noise: Tensor) -> Tensor:
        """Spectra (B, L, F) of normalised `inputs` (B, L, inputs + 2) and of the excitation's (B, L, F)."""
        level, phase, breath = self.filter(inputs).chunk(3, dim=2)
        filtered = voiced * torch.polar(level.clamp(max=LOUDEST).exp(), phase)
        return filtered + noise * breath.clamp(max=LOUDEST).exp()


def waveform(spectra: Tensor, hop: int, n_fft: int) -> Tensor:
    """Samples (B, (L - 1) · hop)."""
    window = torch.hann_window(n_fft, device=spectra.device)
    return torch.istft(spectra.transpose(1, 2), n_fft, hop, window=window)
