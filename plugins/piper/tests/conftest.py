# SPDX-License-Identifier: Apache-2.0
"""A small network shaped as a Piper voice is, so that voices of several speakers and odd ones are tried."""

import json
from pathlib import Path

import numpy as np
import pytest

HOP, CHANNELS = 16, 8
LETTERS = "_^$ ,.?ˈabcdeikmnoprstuvzəɐɪʃ"


def nodes(speakers, rng):
    """Nodes and initializers: embedding, durations by Ceil, a path, a latent, and a decoder."""
    from onnx import helper, numpy_helper

    made, fixed = [], []

    def keep(name, values):
        fixed.append(numpy_helper.from_array(np.asarray(values), name))
        return name

    def node(kind, inputs, output, **how):
        made.append(helper.make_node(kind, inputs, [output], name=f"n{len(made)}", **how))
        return output

    def weights(name, *shape):
        return keep(name, (rng.normal(size=shape) / np.sqrt(np.prod(shape[1:]))).astype(np.float32))

    node("Gather", [weights("w1", len(LETTERS), CHANNELS), "input"], "e")
    x = node("Transpose", ["e"], "x", perm=[0, 2, 1])
    voice = None
    if speakers:
        row = node("Gather", [weights("people", speakers, CHANNELS), "sid"], "who")
        voice = node("Unsqueeze", [row, keep("axis2", np.array([2]))], "voice")
        x = node("Add", [x, voice], "xv")
    for place, name in enumerate(("noise", "length", "noise_w")):
        node("Gather", ["scales", keep(f"k{place}", np.array(place))], name)
    d = node("Conv", [x, weights("w2", 1, CHANNELS, 1)], "d")
    drawn = node("RandomNormalLike", [d], "drawn")
    d = node("Add", [d, node("Mul", [drawn, "noise_w"], "shaken")], "dn")
    d = node("Mul", [node("Exp", [node("Add", [d, keep("one", np.float32(1))], "d1")], "d2"), "length"], "d3")
    frames = node("Ceil", [d], "frames")
    ends = node("CumSum", [frames, keep("last", np.array(2))], "ends")
    starts = node("Sub", [ends, frames], "starts")
    total = node("Cast", [node("ReduceSum", [frames], "sum", keepdims=0)], "total", to=7)
    at = node("Range", [keep("zero", np.array(0)), total, keep("step", np.array(1))], "range")
    at = node("Cast", [at], "at", to=1)
    at = node("Unsqueeze", [at, keep("axes", np.array([0, 1]))], "row")
    columns = [node("Transpose", [name], name + "t", perm=[0, 2, 1]) for name in (starts, ends)]
    inside = node(
        "And",
        [node("GreaterOrEqual", [at, columns[0]], "from"), node("Less", [at, columns[1]], "to")],
        "inside",
    )
    z = node("MatMul", [x, node("Cast", [inside], "path", to=1)], "mean")
    noise = node("Mul", [node("RandomNormalLike", [z], "drawn2"), "noise"], "noised")
    z = node("Add", [z, noise], "latent")
    h = node("Conv", [z, weights("w3", CHANNELS, CHANNELS, 7)], "pre", pads=[3, 3])
    if voice:
        h = node("Add", [h, node("Conv", [voice, weights("w4", CHANNELS, CHANNELS, 1)], "cond")], "both")
    h = node("LeakyRelu", [h], "leaky")
    h = node(
        "ConvTranspose", [h, weights("w5", CHANNELS, CHANNELS, 2 * HOP)], "up",
        strides=[HOP], pads=[HOP // 2, HOP // 2],
    )  # fmt: skip
    h = node("Conv", [node("LeakyRelu", [h], "leaky2"), weights("w6", 1, CHANNELS, 5)], "post", pads=[2, 2])
    node("Tanh", [h], "output")
    return made, fixed


def toy(folder, speakers=(), name="toy", change=None, seed=0):
    """The two files of a small voice; `change` is given the nodes to alter."""
    import onnx
    from onnx import TensorProto, helper

    made, fixed = nodes(len(speakers), np.random.default_rng(seed))
    if change is not None:
        change(made)
    inputs = [
        helper.make_tensor_value_info("input", TensorProto.INT64, [1, "ids"]),
        helper.make_tensor_value_info("input_lengths", TensorProto.INT64, [1]),
        helper.make_tensor_value_info("scales", TensorProto.FLOAT, [3]),
    ]
    if speakers:
        inputs.append(helper.make_tensor_value_info("sid", TensorProto.INT64, [1]))
    output = helper.make_tensor_value_info("output", TensorProto.FLOAT, [1, 1, "samples"])
    graph = helper.make_graph(made, "toy", inputs, [output], fixed)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)], ir_version=8)
    path = Path(folder) / f"{name}.onnx"
    onnx.save(model, str(path))
    description = {
        "audio": {"sample_rate": 16000},
        "espeak": {"voice": "en-us"},
        "language": {"code": "en_US"},
        "inference": {"noise_scale": 0.667, "length_scale": 1.0, "noise_w": 0.8},
        "phoneme_id_map": {c: [k] for k, c in enumerate(LETTERS)},
        "num_speakers": max(len(speakers), 1),
        "speaker_id_map": {who: k for k, who in enumerate(speakers)},
    }
    path.with_name(path.name + ".json").write_text(json.dumps(description), encoding="utf-8")
    return path


@pytest.fixture(name="toy")
def _toy():
    return toy
