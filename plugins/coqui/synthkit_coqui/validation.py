# SPDX-License-Identifier: Apache-2.0
"""Validation while training: speak held-out sentences, measure, keep audio and alignment plots."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from synthkit.audio import write as write_audio
from synthkit.dsp.mel import expand
from synthkit.dsp.specs import MelSpec
from synthkit.paths import output_path
from synthkit.plugins import registry
from synthkit.types import Frames, Waveform
from synthkit_coqui.architectures import find
from synthkit_coqui.corpus import Corpus, Example
from synthkit_coqui.description import VoiceConfig
from synthkit_coqui.speech import Speech

CEPSTRA = 13


def mel_cepstral_distance(a: np.ndarray, b: np.ndarray) -> float:
    """Distance of two sequences of natural-log mel frames, dB, along a dynamic time warping path.

    Cepstra 1 to 13 of the log mel spectrum (``ln|H| = c0 + Σ c_m cos(m ω)``, by a DCT-II); per frame pair
    ``10·√2 / ln 10 · ‖a − b‖`` (Kubichek 1993); mean over the path. It falls as speech comes nearer to the
    recording, and is not comparable with distances of WORLD mel-cepstra.
    """
    import librosa
    from scipy.fft import dct

    def cepstra(mel: np.ndarray) -> np.ndarray:
        return dct(mel.astype(np.float64), norm="ortho", axis=1)[:, 1 : CEPSTRA + 1] * np.sqrt(
            2 / mel.shape[1]
        )

    x, y = cepstra(a), cepstra(b)
    _, path = librosa.sequence.dtw(x.T, y.T, backtrack=True)
    apart = np.linalg.norm(x[path[:, 0]] - y[path[:, 1]], axis=1)
    return float(10 * np.sqrt(2) / np.log(10) * apart.mean())


class Validator:
    """Speaks the first few held-out utterances with the model as it is.

    Parameters
    ----------
    folder : Path
        Audio and plots are written to ``folder/step-N/``.
    count : int
        Utterances per validation.
    """

    def __init__(self, voice: VoiceConfig, corpus: Corpus, folder: Path, count: int = 3) -> None:
        self.voice, self.corpus, self.folder = voice, corpus, folder
        self.architecture = find(voice.kind)
        self.examples = sorted(corpus.held_out or corpus.training, key=lambda e: (e.samples, e.id))[:count]

    def run(self, model: Any, device: Any, step: int) -> dict[str, Any]:
        """Held-out distance (dB), and the files written, at `step`; the model is left in training mode."""
        import torch

        folder = self.folder / f"step-{step:09d}"
        folder.mkdir(parents=True, exist_ok=True)
        distances: list[float] = []
        waves: dict[str, np.ndarray] = {}
        model.eval()
        try:
            with torch.random.fork_rng(devices=[]):
                for example in self.examples:
                    distance, wave = self._one(Speech(self.voice, model, device), example)
                    distances.append(distance)
                    if wave is not None:
                        waves[example.id] = wave
                        write_audio(
                            output_path(folder, example.id, ".wav"), Waveform(wave, self.corpus.sample_rate)
                        )
        finally:
            model.train()
        return {"distance": float(np.mean(distances)), "audio": waves, "folder": str(folder)}

    def _one(self, speech: Speech, example: Example) -> tuple[float, np.ndarray | None]:
        spec = self.architecture.compared_under(self.voice)
        found = self.architecture.rendition(speech, self.corpus, example)
        heard = found.samples if found.samples is not None else self._heard(found.spoken, spec)
        return self._distance(found.spoken, found.recorded, spec), heard

    @staticmethod
    def _distance(spoken: np.ndarray, recorded: np.ndarray, spec: MelSpec) -> float:
        logs = [np.log(np.maximum(expand(m, spec), 1e-5)) for m in (spoken, recorded)]
        return mel_cepstral_distance(*logs)

    @staticmethod
    def _heard(mel: np.ndarray, spec: MelSpec) -> np.ndarray | None:
        """Through `griffin-lim`, when that vocoder is installed."""
        found = registry()
        if "griffin-lim" not in found.names("vocoder"):
            return None
        vocoder = found.load("vocoder", "griffin-lim")()
        return vocoder.render(Frames({"mel": mel}, spec.spec)).samples


def plot_alignment(attention: np.ndarray, path: Path, title: str) -> None:
    """Write an alignment as a PNG picture."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4), dpi=100)
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.imshow(attention.T, aspect="auto", origin="lower", interpolation="none", cmap="magma")
    axes.set_xlabel("frame")
    axes.set_ylabel("token")
    axes.set_title(title)
    figure.tight_layout()
    figure.savefig(path)
