# SPDX-License-Identifier: Apache-2.0
"""A tiny network and a few real recordings."""

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
