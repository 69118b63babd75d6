# SPDX-License-Identifier: Apache-2.0
"""The generator of HiFi-GAN, section 2.2 of the paper, as a plain function of its weights.

Transposed convolutions bring mel frames up to samples, step by step; after each, several residual stacks
with different reach run beside each other and are averaged (multi-receptive field fusion).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch.nn import functional as F

from synthkit.errors import PluginError
from synthkit.generator_graph import SLOPE, Layers

DILATIONS = (1, 3, 5)
"""Of the three layers of a residual stack, in all published configurations with stacks of type 1."""


class Generator:
    """Mel frames to samples.

    The architecture is read from the shapes of the weights, which have the names of the published
    checkpoints; weight normalisation is folded in.

    Parameters
    ----------
    weights : mapping of str to Tensor
    device : str
    dtype : torch.dtype

    Raises
    ------
    PluginError
        The weights are not a generator's.
    """

    def __init__(
        self, weights: Mapping[str, torch.Tensor], device: str = "cpu", dtype: torch.dtype = torch.float32
    ) -> None:
        self.device, self.dtype = device, dtype
        try:
            self.first = self._layer(weights, "conv_pre")
            self.last = self._layer(weights, "conv_post")
            count = len({k.split(".")[1] for k in weights if k.startswith("ups.")})
            stacks = len({k.split(".")[1] for k in weights if k.startswith("resblocks.")})
            self.ups = [self._layer(weights, f"ups.{i}") for i in range(count)]
            if not count or stacks % count:
                raise KeyError(f"{stacks} residual stacks for {count} upsamplings")
            self.stacks = [
                [
                    [
                        (
                            self._layer(weights, f"resblocks.{i * (stacks // count) + j}.convs1.{k}"),
                            self._layer(weights, f"resblocks.{i * (stacks // count) + j}.convs2.{k}"),
                            dilation,
                        )
                        for k, dilation in enumerate(DILATIONS)
                    ]
                    for j in range(stacks // count)
                ]
                for i in range(count)
            ]
        except (KeyError, AttributeError, RuntimeError) as error:
            raise PluginError(
                f"these weights are no HiFi-GAN generator with residual stacks of type 1: {error}",
                hint="configurations V1 and V2 are read; V3 (type 2) is not",
            ) from error
        self.n_mels = self.first[0].shape[1]
        self.hop = 1
        for weight, _ in self.ups:
            self.hop *= weight.shape[2] // 2  # kernels are twice the stride

    def layers(self) -> Layers:
        """The weights as arrays, for ONNX Runtime."""

        def array(layer: tuple[torch.Tensor, torch.Tensor]) -> tuple[np.ndarray, np.ndarray]:
            weight, bias = (part.float().cpu().numpy() for part in layer)
            return weight, bias

        return Layers(
            array(self.first),
            tuple((array(layer), layer[0].shape[2] // 2) for layer in self.ups),
            tuple(
                tuple(tuple((array(one), array(two), far) for one, two, far in stack) for stack in stacks)
                for stacks in self.stacks
            ),
            array(self.last),
        )

    def _layer(self, weights: Mapping[str, torch.Tensor], name: str) -> tuple[torch.Tensor, torch.Tensor]:
        """Weight and bias of a convolution; ``w = g v / |v|`` where it is stored in two parts."""
        if f"{name}.weight" in weights:
            weight = weights[f"{name}.weight"]
        else:
            v = weights[f"{name}.weight_v"].float()
            weight = weights[f"{name}.weight_g"].float() * v / v.norm(dim=(1, 2), keepdim=True)
        kind: dict[str, Any] = {"device": self.device, "dtype": self.dtype}
        return weight.to(**kind).contiguous(), weights[f"{name}.bias"].to(**kind)

    @torch.inference_mode()
    def __call__(self, mel: torch.Tensor) -> torch.Tensor:
        """Samples (T * hop,) in [-1, 1] of log mel frames (T, n_mels), both float32 on the CPU."""
        x = mel.T.unsqueeze(0).to(device=self.device, dtype=self.dtype)
        x = _convolve(x, self.first)
        for (weight, bias), stacks in zip(self.ups, self.stacks, strict=True):
            stride = weight.shape[2] // 2
            x = F.conv_transpose1d(F.leaky_relu(x, SLOPE), weight, bias, stride, padding=stride // 2)
            total = None
            for stack in stacks:
                y = x
                for one, two, dilation in stack:
                    z = _convolve(F.leaky_relu(y, SLOPE), one, dilation)
                    y = _convolve(F.leaky_relu_(z, SLOPE), two) + y
                total = y if total is None else total.add_(y)
            x = total / len(stacks)
        # The last rectifier has torch's own slope of 0.01, as the published generator was trained.
        x = _convolve(F.leaky_relu(x), self.last)
        return torch.tanh(x)[0, 0].float().cpu()


def _convolve(x: torch.Tensor, layer: tuple[torch.Tensor, torch.Tensor], dilation: int = 1) -> torch.Tensor:
    weight, bias = layer
    return F.conv1d(x, weight, bias, padding=(weight.shape[2] - 1) // 2 * dilation, dilation=dilation)
