# SPDX-License-Identifier: Apache-2.0
"""Two kinds of small discriminators: of short-time spectra at several resolutions, of samples folded by
periods.

As in UnivNet (Jang et al. 2021, arXiv:2106.07889) and HiFi-GAN (Kong et al. 2020, arXiv:2010.05646), a
fiftieth of their size, so that a CPU takes a step in a second.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.parametrizations import weight_norm

RESOLUTIONS = ((1024, 256), (512, 128), (256, 64))
PERIODS = (2, 3, 5, 7, 11)
SLOPE = 0.1

Judged = tuple[Tensor, list[Tensor]]
"""What a discriminator says of each place, and the layers before it."""


class OfSpectra(nn.Module):
    """Logarithmic magnitudes as a picture, narrowed along frequency."""

    def __init__(self, n_fft: int, hop: int, channels: int) -> None:
        super().__init__()
        self.n_fft, self.hop = n_fft, hop
        self.register_buffer("window", torch.hann_window(n_fft), persistent=False)
        c = channels
        sizes = [(1, c), (c, c), (c, c), (c, c)]
        self.layers = nn.ModuleList(
            weight_norm(nn.Conv2d(a, b, (5, 3), stride=(2, 1), padding=(2, 1))) for a, b in sizes
        )
        self.out = weight_norm(nn.Conv2d(c, 1, 3, padding=1))

    def forward(self, samples: Tensor) -> Judged:
        """(B, N) samples."""
        spectrum = torch.stft(samples, self.n_fft, self.hop, window=self.window, return_complex=True)
        x = (spectrum.abs() + 1e-3).log()[:, None]
        seen = []
        for layer in self.layers:
            x = F.leaky_relu(layer(x), SLOPE)
            seen.append(x)
        return self.out(x), seen


class OfPeriods(nn.Module):
    """Samples in rows of a period's length, looked at down the columns."""

    def __init__(self, period: int, channels: int) -> None:
        super().__init__()
        self.period = period
        c = channels
        sizes = [(1, c), (c, 2 * c), (2 * c, 4 * c), (4 * c, 4 * c)]
        self.layers = nn.ModuleList(
            weight_norm(nn.Conv2d(a, b, (5, 1), stride=(3, 1), padding=(2, 0))) for a, b in sizes
        )
        self.out = weight_norm(nn.Conv2d(4 * c, 1, (3, 1), padding=(1, 0)))

    def forward(self, samples: Tensor) -> Judged:
        """(B, N) samples."""
        count = samples.shape[1] // self.period
        x = samples[:, : count * self.period].reshape(len(samples), 1, count, self.period)
        seen = []
        for layer in self.layers:
            x = F.leaky_relu(layer(x), SLOPE)
            seen.append(x)
        return self.out(x), seen


class Discriminators(nn.Module):
    """All of them."""

    def __init__(self, channels: int = 16) -> None:
        super().__init__()
        self.spectra = nn.ModuleList(OfSpectra(n, hop, channels) for n, hop in RESOLUTIONS)
        self.periods = nn.ModuleList(OfPeriods(p, channels) for p in PERIODS)

    def forward(self, samples: Tensor) -> list[Judged]:
        """What each says of (B, N) samples."""
        return [d(samples) for d in (*self.spectra, *self.periods)]


def discrimination(real: list[Judged], fake: list[Judged]) -> Tensor:
    """Hinge loss of the discriminators."""
    each = [F.relu(1 - r).mean() + F.relu(1 + f).mean() for (r, _), (f, _) in zip(real, fake, strict=True)]
    return torch.stack(each).mean()


def deception(real: list[Judged], fake: list[Judged]) -> tuple[Tensor, Tensor]:
    """What the generator minimises: not to be told apart, and to be seen alike layer by layer."""
    adversarial = torch.stack([-f.mean() for f, _ in fake]).mean()
    alike = [
        F.l1_loss(f, r.detach()) / r.detach().abs().mean().clamp(min=1e-4)
        for (_, rs), (_, fs) in zip(real, fake, strict=True)
        for r, f in zip(rs, fs, strict=True)
    ]
    return adversarial, torch.stack(alike).mean()
