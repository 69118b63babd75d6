# SPDX-License-Identifier: Apache-2.0
"""HiFi-GAN's generator as a graph for ONNX Runtime: no torch is needed to render it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from synthkit.errors import MissingDependency
from synthkit.onnx_network import open_network

SLOPE, LAST_SLOPE = 0.1, 0.01
"""Of the leaky rectifiers, and of the one before the last convolution, which has torch's own."""
OPSET = 13

Layer = tuple[np.ndarray, np.ndarray]
"""Weight and bias of a convolution, float32."""


@dataclass(frozen=True)
class Layers:
    """A generator's weights in order.

    Attributes
    ----------
    first, last : Layer
        Weights (channels out, in, taps).
    ups : tuple of (Layer, int)
        Transposed convolutions, weights (in, out, taps), and how many times as long what they give is.
    stacks : tuple
        For each of those its residual stacks, each of them layers of one or two convolutions, the first of
        which is dilated, and that dilation.
    """

    first: Layer
    ups: tuple[tuple[Layer, int], ...]
    stacks: tuple[tuple[tuple[tuple[Layer, Layer | None, int], ...], ...], ...]
    last: Layer


class Rendering:
    """A generator, ready to render by ONNX Runtime on a CPU.

    Parameters
    ----------
    layers : Layers
    threads : int

    Raises
    ------
    MissingDependency
        onnx or onnxruntime is not installed.
    """

    def __init__(self, layers: Layers, threads: int = 1) -> None:
        self._session = open_network(model_of(layers), threads=threads)

    def __call__(self, frames: np.ndarray) -> np.ndarray:
        """Samples (N,) in [-1, 1] of frames (channels, T), both float32."""
        given = np.ascontiguousarray(frames[None], np.float32)
        samples: np.ndarray = self._session.run(None, {"frames": given})[0]
        return samples.reshape(-1)


def model_of(layers: Layers) -> bytes:
    """The graph with its weights, serialised: ``frames`` (1, channels, T) to ``samples`` (1, 1, N).

    Parameters
    ----------
    layers : Layers

    Returns
    -------
    bytes

    Raises
    ------
    MissingDependency
        onnx is not installed.
    """
    try:
        from onnx import TensorProto, helper, numpy_helper
    except ImportError as error:
        raise MissingDependency(
            "rendering by ONNX Runtime needs onnx", hint="pip install onnx onnxruntime"
        ) from error

    nodes: list[Any] = []
    fixed: list[Any] = []

    def put(kind: str, *inputs: str, **how: Any) -> str:
        nodes.append(helper.make_node(kind, list(inputs), [f"t{len(nodes)}"], **how))
        return f"t{len(nodes) - 1}"

    def convolved(x: str, layer: Layer, kind: str = "Conv", **how: Any) -> str:
        names = [f"w{len(fixed)}", f"w{len(fixed) + 1}"]
        for part, name in zip(layer, names, strict=True):
            fixed.append(numpy_helper.from_array(np.ascontiguousarray(part, np.float32), name))
        return put(kind, x, *names, **how)

    def same(x: str, layer: Layer, dilation: int = 1) -> str:
        reach = (layer[0].shape[2] - 1) // 2 * dilation
        return convolved(x, layer, pads=[reach, reach], dilations=[dilation])

    x = same("frames", layers.first)
    for (layer, rate), stacks in zip(layers.ups, layers.stacks, strict=True):
        edge = (layer[0].shape[2] - rate) // 2
        x = put("LeakyRelu", x, alpha=SLOPE)
        x = convolved(x, layer, "ConvTranspose", strides=[rate], pads=[edge, edge])
        summed = []
        for stack in stacks:
            y = x
            for one, two, dilation in stack:
                z = same(put("LeakyRelu", y, alpha=SLOPE), one, dilation)
                y = put("Add", z if two is None else same(put("LeakyRelu", z, alpha=SLOPE), two), y)
            summed.append(y)
        x = put("Mean", *summed)
    put("Tanh", same(put("LeakyRelu", x, alpha=LAST_SLOPE), layers.last))
    nodes[-1].output[0] = "samples"
    shapes: dict[str, list[str | int]] = {
        "frames": [1, layers.first[0].shape[1], "T"],
        "samples": [1, 1, "N"],
    }
    given, made = ([helper.make_tensor_value_info(k, TensorProto.FLOAT, v)] for k, v in shapes.items())
    graph = helper.make_graph(nodes, "generator", given, made, fixed)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)
    return bytes(model.SerializeToString())
