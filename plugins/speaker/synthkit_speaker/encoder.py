# SPDX-License-Identifier: Apache-2.0
"""Resemblyzer (Jemine 2019; GE2E of Wan et al. 2018)."""

from __future__ import annotations

from importlib.metadata import version
from importlib.util import find_spec
from typing import Any

import numpy as np

from synthkit.errors import AudioError, MissingDependency
from synthkit.stages import SpeakerEncoder
from synthkit.types import Waveform

HINT = "pip install torch librosa webrtcvad-wheels; pip install --no-deps resemblyzer==0.1.4"


class Resemblyzer(SpeakerEncoder):
    """Speaker embedding of 256 numbers, unit length."""

    alike = (0.85, 0.57)
    _model: Any = None

    def fingerprint(self) -> str:
        """The package's release: it carries the weights."""
        return version("resemblyzer")

    def load(self) -> None:
        """Load the model, or say how to get it."""
        if self._model is not None:
            return
        for package in ("torch", "librosa", "webrtcvad", "resemblyzer"):
            if find_spec(package) is None:
                raise MissingDependency(f"speaker embeddings need the package {package!r}", hint=HINT)
        import torch

        torch.set_num_threads(1)
        _mend_scipy()
        from resemblyzer import VoiceEncoder

        self._model = VoiceEncoder("cpu", verbose=False)

    def embed(self, waveform: Waveform) -> np.ndarray:
        """See `SpeakerEncoder.embed`. Volume is raised to -30 dBFS and long silences are cut first.

        Raises
        ------
        AudioError
            There is no speech to embed.
        """
        self.load()
        from resemblyzer import preprocess_wav

        if not waveform.samples.any():
            raise AudioError("there is no speech to embed (digital silence)")
        samples = preprocess_wav(waveform.samples.astype(np.float32), waveform.sample_rate)
        if len(samples) < 1600:
            raise AudioError("there is no speech to embed (less than 0.1 s)")
        return np.asarray(self._model.embed_utterance(samples), np.float32)


def _mend_scipy() -> None:
    """Resemblyzer imports ``scipy.ndimage.morphology``, which scipy 2 will not have."""
    import sys
    from types import ModuleType

    import scipy.ndimage

    name = "scipy.ndimage.morphology"
    if name not in sys.modules:
        stand_in = ModuleType(name)
        stand_in.binary_dilation = scipy.ndimage.binary_dilation  # type: ignore[attr-defined]
        sys.modules[name] = stand_in
