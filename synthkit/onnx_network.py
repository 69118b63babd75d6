# SPDX-License-Identifier: Apache-2.0
"""Networks in the ONNX format: opened for a CPU, and run, with errors that name the file.

onnxruntime has a class of its own for each of its errors, none of them public, so that whatever it raises is
caught here, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from synthkit.errors import MissingDependency, VoiceError


def open_network(network: Path | bytes, *, threads: int = 1) -> Any:
    """A network ready to run.

    Parameters
    ----------
    network : Path or bytes
        Its file, or what would stand in one.
    threads : int

    Returns
    -------
    onnxruntime.InferenceSession

    Raises
    ------
    MissingDependency
        onnxruntime is not installed.
    VoiceError
        It is missing, or no network.
    """
    try:
        import onnxruntime
    except ImportError as error:
        raise MissingDependency(
            "networks in the ONNX format need onnxruntime", hint="pip install onnxruntime"
        ) from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.log_severity_level = 4  # what is wrong is raised; warnings are about its own optimiser
    source = network if isinstance(network, bytes) else str(network)
    try:
        return onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise VoiceError(
            f"is no network that onnxruntime reads: {str(error)[:200]}",
            where="" if isinstance(network, bytes) else str(network),
        ) from error


def run_network(
    session: Any, path: Path, given: Mapping[str, np.ndarray], outputs: Sequence[str] | None = None
) -> list[np.ndarray]:
    """What a network gives.

    Parameters
    ----------
    session : onnxruntime.InferenceSession
        As `open_network` gave it.
    path : Path
        Its file, for messages.
    given : mapping of str to ndarray
        Its inputs.
    outputs : sequence of str, optional
        Of what it gives; all if left out.

    Returns
    -------
    list of ndarray

    Raises
    ------
    VoiceError
        It cannot be run on this: a voice's files do not belong together.
    """
    try:
        return list(session.run(None if outputs is None else list(outputs), dict(given)))
    except Exception as error:
        raise VoiceError(f"the network cannot be run: {str(error)[:200]}", where=str(path)) from error
