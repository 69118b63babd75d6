# SPDX-License-Identifier: Apache-2.0
"""Resampling as librosa does by default, for the figures of other tools, which depend on it.

`synthkit.audio.resample` is what everything else uses.
"""

from __future__ import annotations

import math
from importlib.util import find_spec

import numpy as np

from synthkit.eval.metric import Undefined


def librosa_resample(samples: np.ndarray, source: int, target: int) -> np.ndarray:
    """`samples` at `target` Hz, equal to ``librosa.resample``: soxr HQ, cut or zero-padded to its length.

    Parameters
    ----------
    samples : ndarray, shape (N,), float32 or float64
    source, target : int
        Hz.

    Returns
    -------
    ndarray, shape (ceil(N·target/source),)
        Of the same type.

    Raises
    ------
    Undefined
        The rates differ and the package ``soxr`` is not installed.
    """
    if source == target:
        return samples
    if find_spec("soxr") is None:
        raise Undefined(f"{source} Hz against {target} Hz needs the package 'soxr': pip install soxr")
    import soxr

    out = soxr.resample(samples, source, target, quality="HQ")
    length = math.ceil(len(samples) * (target / source))  # the ratio first, as librosa rounds it
    return np.pad(out, (0, max(0, length - len(out))))[:length]
