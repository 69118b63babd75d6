# SPDX-License-Identifier: Apache-2.0
"""The network in torch, for learning. `generation.py` is the same, one sample at a time.

    frames ──► two convolutions ──► straight lines between frames ──► c, at every sample
    samples before ──► enter ──► x
    each layer, dilation d:   a, b = W · [x(n - d), x(n), c(n)];   z = tanh(a) · σ(2b);   x = x + R z
    all z ──► skip ──► relu ──► middle ──► relu ──► out: the distribution of the sample at n

Gated dilated causal convolutions: van den Oord et al. 2016 (arXiv:1609.03499), equation 2 and figure 4; the
mixture of logistics: Shen et al. 2018 (arXiv:1712.05884) after Salimans et al. 2017. One matrix takes what
all layers give to the output, which is the sum of a matrix for each. Gates are ``σ(2b) = (1 + tanh(b)) / 2``,
so that one function makes both halves of a layer.

Shapes: B pieces, L frames, N samples of which `shape.before` come before the first that is to be said, C
channels. Nothing is padded: each layer drops the samples whose past it has not seen.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from synthkit_wavenet.shape import READ, WIDEN, Shape


class WaveNet(nn.Module):
    """Signals of the samples before, and frames, to the distribution of each sample."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        channels = shape.channels
        self.read = nn.Conv1d(shape.inputs, shape.hidden, READ)
        self.widen = nn.Conv1d(shape.hidden, shape.condition, WIDEN)
        self.enter = nn.Linear(shape.signals, channels)
        self.gates = nn.ModuleList(
            nn.Linear(2 * channels + shape.condition, 2 * channels) for _ in shape.dilations
        )
        self.residuals = nn.ModuleList(nn.Linear(channels, channels) for _ in shape.dilations[:-1])
        self.skip = nn.Linear(shape.layers * channels, shape.skip)
        self.middle = nn.Linear(shape.skip, shape.skip)
        self.out = nn.Linear(shape.skip, shape.outputs)
        with torch.no_grad():
            if shape.output == "logistics":  # around zero, of different breadths, at first
                self.out.weight *= 0.1
                kinds = self.out.bias.view(3, shape.mixtures)
                kinds[:2] = 0
                kinds[2] = torch.linspace(-2.0, 0.5, shape.mixtures)
                if shape.form == "waveform":
                    kinds[2] -= math.log(20)

    def forward(self, values: Tensor, spread: Tensor, signals: Tensor) -> Tensor:
        """Parameters (B, N - before, outputs) of distributions.

        Parameters
        ----------
        values : Tensor, shape (B, L + 2 * CONTEXT, inputs)
        spread : Tensor, shape (B, N, L)
        signals : Tensor, shape (B, N, signals)
        """
        c = self.conditioned(values, spread)
        count = signals.shape[1] - self.shape.before
        with exactly(signals):
            x = self.enter(signals)
        given = []
        for k, d in enumerate(self.shape.dilations):
            now = x[:, d:]
            seen = torch.cat([x[:, :-d], now, c[:, -now.shape[1] :]], dim=2)
            a, b = torch.tanh(self.gates[k](seen)).chunk(2, dim=2)
            z = a * (0.5 + 0.5 * b)
            given.append(z[:, -count:])
            if k < len(self.residuals):
                x = now + self.residuals[k](z)
        y = torch.relu(self.skip(torch.cat(given, dim=2)))
        with exactly(signals):
            return self.out(torch.relu(self.middle(y.float())))

    def conditioned(self, values: Tensor, spread: Tensor) -> Tensor:
        """What is read of the frames, at every sample (B, N, condition)."""
        frames = torch.tanh(self.widen(torch.relu(self.read(values.transpose(1, 2)))))
        return torch.bmm(spread, frames.transpose(1, 2))


def exactly(like: Tensor) -> torch.autocast:
    """Float32 where the rest is coarser: what goes in and what comes out are single samples."""
    return torch.autocast(like.device.type, enabled=False)
