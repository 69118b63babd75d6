# SPDX-License-Identifier: Apache-2.0
"""How likely the network found what was said: the loss, in nats for each sample.

Both outputs are judged on the same scale, as the probability of a value of 16 bits, so that curves of
different forms can be laid over each other.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from synthkit_wavenet import companding
from synthkit_wavenet.shape import Shape

NARROWEST = -9.0
"""Least natural logarithm of a logistic distribution's scale."""


def of(shape: Shape, out: Tensor, wanted: Tensor, step: Tensor) -> Tensor:
    """Mean negative log-likelihood of `wanted` (B, N) under `out` (B, N, outputs), in nats."""
    if shape.output == "softmax":
        widths = torch.from_numpy(companding.widths(companding.LIMITS[shape.form])).to(out.device)
        finer = (widths[wanted] / step).log().mean()
        return F.cross_entropy(out.reshape(-1, out.shape[2]), wanted.reshape(-1)) + finer
    return -logistics(out, wanted, step).mean()


def logistics(out: Tensor, wanted: Tensor, step: Tensor) -> Tensor:
    """Log-probability (B, N) of the interval of width `step` around `wanted` under mixtures (B, N, 3 K).

    Salimans et al. 2017 (PixelCNN++, arXiv:1701.05517), equation 2. Of a difference of two sigmoids
    ``σ(u + h) - σ(u - h)``, ``u = (wanted - mean) / scale``, ``h = step / (2 scale)``, the logarithm is
    ``log(1 - exp(-2h)) - softplus(-(u + h)) - softplus(u - h)``, which is exact and loses nothing for small
    `h`.
    """
    weight, mean, scale = out.chunk(3, dim=2)
    narrow = torch.exp(-scale.clamp(min=NARROWEST))
    u = (wanted.unsqueeze(2) - mean) * narrow
    h = 0.5 * step.unsqueeze(2) * narrow
    inside = torch.log(-torch.expm1(-2 * h)) - F.softplus(-(u + h)) - F.softplus(u - h)
    return torch.logsumexp(inside + F.log_softmax(weight, dim=2), dim=2)
