# SPDX-License-Identifier: Apache-2.0
"""A few bundled recordings as mel frames, and settings of a model that learns for seconds."""

from synthkit.plugins import registry
from synthkit.testing.samples import sample_training_data

SMALL = {
    "channels": 16,
    "encoder": 1,
    "before": 1,
    "after": 1,
    "converter": 1,
    "batch_frames": 400,
    "threads": 1,
    "steps": 5,
}


def mel(folder, count=4):
    """Training data of the shortest recordings of the bundled Russian corpus."""
    folder.mkdir(parents=True, exist_ok=True)
    kind = registry().load("features", "mel")
    return sample_training_data(count=count, features=kind(kind.Config(preset="htk-16k")), folder=folder)
