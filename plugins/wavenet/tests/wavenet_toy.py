# SPDX-License-Identifier: Apache-2.0
"""A tiny network and a few real recordings."""

import numpy as np
from synthkit_wavenet.fitting import shape_of
from synthkit_wavenet.stored import Scales, TrainedVocoder
from synthkit_wavenet.vocoder import WaveNetSettings

from synthkit.plugins import registry
from synthkit.testing import sample_training_data

TINY = {
    "layers": 4,
    "cycle": 2,
    "channels": 8,
    "skip": 8,
    "condition": 4,
    "hidden": 8,
    "batch": 2,
    "piece": 800,
    "steps": 4,
    "threads": 1,
}


def world(folder, count=2):
    """WORLD frames of real recordings."""
    folder.mkdir(parents=True, exist_ok=True)
    return sample_training_data(count=count, folder=folder)


def mel(folder, count=2):
    """Mel frames at 16 kHz of the same."""
    folder.mkdir(parents=True, exist_ok=True)
    kind = registry().load("features", "mel")
    return sample_training_data(count=count, features=kind(kind.Config(preset="htk-16k")), folder=folder)


def random_vocoder(spec, seed=0, **sizes):
    """A network of random weights on frames under `spec`, as if it had been trained."""
    shape = shape_of(WaveNetSettings(**TINY | sizes), spec)
    random = np.random.default_rng(seed)
    weights = {k: random.normal(0, 0.2, v).astype(np.float32) for k, v in shape.tensors().items()}
    return TrainedVocoder(shape, spec, Scales.unit(shape.inputs), weights, {"steps": 0, "heard": []})
