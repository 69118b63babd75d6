# SPDX-License-Identifier: Apache-2.0
"""How far spoken samples are from recorded ones: short-time spectra at several resolutions, mel spectra.

Phases do not count: pulses stand where F0 puts them, not where the speaker's glottis had them.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from synthkit.dsp.mel import triangles

RESOLUTIONS = ((2048, 512), (1024, 256), (512, 128), (256, 64))
BANDS = 80
FLOOR = 1e-3
"""Of magnitudes, under a Hann window: a little under the noise of a quiet recording."""


class Distance(nn.Module):
    """Sum of a multi-resolution distance of magnitudes and one of log mel spectra."""

    def __init__(self, sample_rate: int) -> None:
        super().__init__()
        for n_fft, _ in RESOLUTIONS:
            self.register_buffer(f"window{n_fft}", torch.hann_window(n_fft), persistent=False)
        filters = triangles(sample_rate, 1024, BANDS, 0.0, sample_rate / 2, "htk", "none").astype(np.float32)
        self.register_buffer("filters", torch.from_numpy(filters), persistent=False)

    def forward(self, spoken: Tensor, recorded: Tensor) -> tuple[Tensor, Tensor]:
        """Distances of magnitudes and of mel spectra of samples (B, N).

        That of magnitudes is, at each resolution, spectral convergence and the mean difference of logarithms
        (Yamamoto et al. 2020, arXiv:1910.11480).
        """
        spectral, mel = [], spoken.new_zeros(())
        for n_fft, hop in RESOLUTIONS:
            window = getattr(self, f"window{n_fft}")
            a, b = (
                torch.stft(x, n_fft, hop, window=window, return_complex=True).abs()
                for x in (spoken, recorded)
            )
            convergence = (a - b).norm(dim=(1, 2)) / b.norm(dim=(1, 2)).clamp(min=0.1)
            logarithmic = F.l1_loss((a + FLOOR).log(), (b + FLOOR).log())
            spectral.append(convergence.mean() + logarithmic)
            if n_fft == 1024:
                mel = F.l1_loss((self.filters @ a + FLOOR).log(), (self.filters @ b + FLOOR).log())
        return torch.stack(spectral).mean(), mel
