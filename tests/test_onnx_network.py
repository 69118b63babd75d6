# SPDX-License-Identifier: Apache-2.0
"""Networks in the ONNX format: from a file or from bytes, and what is no network, or is given what it cannot
take."""

import numpy as np
import pytest

from synthkit.errors import VoiceError
from synthkit.onnx_network import open_network, run_network

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")


@pytest.fixture
def doubling():
    helper, kind = onnx.helper, onnx.TensorProto.FLOAT
    ends = [[helper.make_tensor_value_info(name, kind, ["N"])] for name in ("x", "y")]
    graph = helper.make_graph([helper.make_node("Add", ["x", "x"], ["y"])], "doubling", *ends)
    opset = [helper.make_opsetid("", 13)]
    return helper.make_model(graph, opset_imports=opset, ir_version=8).SerializeToString()


def test_it_is_opened_from_a_file_and_from_bytes(doubling, tmp_path):
    path = tmp_path / "n.onnx"
    path.write_bytes(doubling)
    for source in (path, doubling):
        session = open_network(source)
        for outputs in (None, ["y"]):
            (y,) = run_network(session, path, {"x": np.ones(3, np.float32)}, outputs)
            assert y.tolist() == [2.0, 2.0, 2.0]


def test_a_file_that_is_none_is_named(tmp_path):
    (tmp_path / "n.onnx").write_bytes(b"nothing of the kind")
    for name in ("n.onnx", "missing.onnx"):
        with pytest.raises(VoiceError, match=rf"{name}: is no network"):
            open_network(tmp_path / name)
    with pytest.raises(VoiceError, match=r"^is no network"):
        open_network(b"nothing of the kind")


@pytest.mark.parametrize(
    ("given", "outputs"), [({"x": np.ones(3)}, None), ({}, None), ({"x": np.ones(3, np.float32)}, ["z"])]
)
def test_what_it_cannot_be_run_on_names_its_file(doubling, tmp_path, given, outputs):
    with pytest.raises(VoiceError, match=r"n\.onnx: the network cannot be run"):
        run_network(open_network(doubling), tmp_path / "n.onnx", given, outputs)
