# SPDX-License-Identifier: Apache-2.0
"""Discriminators as narrow as a small generator needs them: coqui-tts's have a fixed width (15 and 70 million
weights)."""

from __future__ import annotations

from math import gcd
from typing import Any

DIVISOR = "discriminator_divisor"
"""The argument of a model that says by how much."""
LEAST = 4
"""Channels of a layer."""


def narrow_discriminators(module: Any, divisor: int) -> None:
    """Make every discriminator in `module` `divisor` times as narrow: its ``convs``, one after another, and
    ``conv_post``."""
    from torch import nn

    for part in list(module.modules()):
        convs = getattr(part, "convs", None)
        if not isinstance(convs, nn.ModuleList) or not hasattr(part, "conv_post"):
            continue
        width = 1
        for place, conv in enumerate(convs):
            out = max(LEAST, conv.out_channels // divisor)
            convs[place] = _again(conv, width, out)
            width = out
        part.conv_post = _again(part.conv_post, width, 1)


def _again(conv: Any, channels: int, out: int) -> Any:
    """A convolution like `conv` between other numbers of channels, under the same kind of normalisation."""
    from torch import nn

    kind = nn.Conv2d if isinstance(conv, nn.Conv2d) else nn.Conv1d
    groups = gcd(conv.groups, channels, out)
    new = kind(channels, out, conv.kernel_size, conv.stride, conv.padding, conv.dilation, groups)
    if hasattr(conv, "weight_orig"):
        return nn.utils.spectral_norm(new)
    return nn.utils.parametrizations.weight_norm(new)
