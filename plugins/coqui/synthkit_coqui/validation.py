# SPDX-License-Identifier: Apache-2.0
"""Validation while training: speak held-out sentences, measure, keep audio and alignment plots.

A distance alone says little: an untrained model that drones can stand nearer to a recording than one that has
begun to speak at the wrong moments. So it is told between two others: the recording's own frames through
Griffin-Lim (nothing that speaks such frames comes nearer to the ear than that), and the model before its
first step.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from synthkit.atomic import write_json
from synthkit.audio import write as write_audio
from synthkit.dsp.mel import expand, mel_spectrum
from synthkit.errors import SynthkitError, VoiceError, reason
from synthkit.paths import output_path, read_json
from synthkit.plugins import registry
from synthkit.types import Frames, Waveform
from synthkit_coqui.architectures import find
from synthkit_coqui.architectures.base import Rendition
from synthkit_coqui.corpus import Corpus
from synthkit_coqui.description import VoiceConfig, described
from synthkit_coqui.settings import TrainSettings
from synthkit_coqui.speech import Speech

MEASURED = "delete it: it is measured again"
CEPSTRA = 13


def mel_cepstral_distance(a: np.ndarray, b: np.ndarray) -> float:
    """Distance of two sequences of natural-log mel frames, dB, along a dynamic time warping path.

    Cepstra 1 to 13 of the log mel spectrum (``ln|H| = c0 + Σ c_m cos(m ω)``, by a DCT-II); per frame pair
    ``10·√2 / ln 10 · ‖a − b‖`` (Kubichek 1993); mean over the path. It falls as speech comes nearer to the
    recording, and is not comparable with distances of WORLD mel-cepstra.
    """
    from scipy.fft import dct

    from synthkit.eval.dtw import dtw_path

    def cepstra(mel: np.ndarray) -> np.ndarray:
        return dct(mel.astype(np.float64), norm="ortho", axis=1)[:, 1 : CEPSTRA + 1] * np.sqrt(
            2 / mel.shape[1]
        )

    # The path takes room by the square of the first, and what has learned no durations speaks for minutes.
    x, y = sorted((cepstra(a), cepstra(b)), key=len)
    i, j = dtw_path(x, y)
    apart = np.linalg.norm(x[i] - y[j], axis=1)
    return float(10 * np.sqrt(2) / np.log(10) * apart.mean())


@dataclass(frozen=True)
class Heard:
    """What a validation found.

    Attributes
    ----------
    distance : float
        Mean mel-cepstral distance to the held-out recordings, dB.
    floor : float or None
        That of the recordings' own frames through Griffin-Lim; None where it is not installed.
    untrained : float
        That of the model before its first step.
    length : float
        Length spoken over length recorded, mean.
    cer : float or None
        Character error rate, %, where a recogniser was named.
    folder : Path
    audio : dict of str to ndarray
    unheard : str
        Why the recogniser that was named heard nothing.
    """

    distance: float
    floor: float | None
    untrained: float
    length: float
    cer: float | None
    folder: Path
    audio: dict[str, np.ndarray] = field(default_factory=dict)
    unheard: str = ""

    def figures(self) -> dict[str, float]:
        """By name, what there is."""
        found = {
            "held_out_distance_db": self.distance, "floor_db": self.floor, "untrained_db": self.untrained,
            "length_ratio": self.length, "cer_percent": self.cer,
        }  # fmt: skip
        return {name: round(value, 4) for name, value in found.items() if value is not None}

    def told(self) -> str:
        """For people."""
        floor = f"copied by Griffin-Lim {self.floor:.2f}, " if self.floor is not None else ""
        heard = f", character errors {self.cer:.0f} %" if self.cer is not None else ""
        return (
            f"held-out distance {self.distance:.2f} dB ({floor}untrained {self.untrained:.2f}), "
            f"{self.length:.2f} × as long as recorded{heard}"
        )


class Validator:
    """Speaks the first few held-out utterances with the model as it is.

    Parameters
    ----------
    folder : Path
        Audio and plots are written to ``folder/step-N/``.
    settings : TrainSettings
        Its `seed` makes the untrained model again, its `recogniser` listens.
    count : int
        Utterances per validation.
    """

    def __init__(
        self, voice: VoiceConfig, corpus: Corpus, folder: Path, settings: TrainSettings, count: int = 3
    ) -> None:
        self.voice, self.corpus, self.folder, self.settings = voice, corpus, folder, settings
        self.architecture = find(voice.kind)
        self.spec = self.architecture.compared_under(voice)
        self.examples = sorted(corpus.held_out or corpus.training, key=lambda e: (e.samples, e.id))[:count]
        self._recogniser: Any = None

    def run(self, model: Any, device: Any, step: int) -> Heard:
        """Figures and files at `step`; the model is left in training mode."""
        folder = self.folder / f"step-{step:09d}"
        folder.mkdir(parents=True, exist_ok=True)
        spoken = self._renditions(model, device)
        waves: dict[str, np.ndarray] = {}
        for example, found in zip(self.examples, spoken, strict=True):
            wave = found.samples if found.samples is not None else self._copied(found.spoken)
            if wave is not None:
                waves[example.id] = wave
                write_audio(output_path(folder, example.id, ".wav"), Waveform(wave, self.corpus.sample_rate))
        floor, untrained = self._anchors(device)
        cer, unheard = None, ""
        try:
            cer = self._character_errors(waves)
        except SynthkitError as error:  # a recogniser that is not there takes no other figure with it
            unheard = reason(error)
        return Heard(
            distance=self._distance(spoken),
            floor=floor,
            untrained=untrained,
            length=float(np.mean([len(r.spoken) / max(1, len(r.recorded)) for r in spoken])),
            cer=cer,
            folder=folder,
            audio=waves,
            unheard=unheard,
        )

    def _renditions(self, model: Any, device: Any) -> list[Rendition]:
        import torch

        model.eval()
        try:
            with torch.random.fork_rng(devices=[]):
                return [
                    self.architecture.rendition(Speech(self.voice, model, device), self.corpus, e)
                    for e in self.examples
                ]
        finally:
            model.train()

    def _anchors(self, device: Any) -> tuple[float | None, float]:
        """Floor and ceiling, measured once a training and kept."""
        import torch

        path = self.folder / "anchors.json"
        if path.exists():
            kept = read_json(path, VoiceError, hint=MEASURED)
            with described(str(path), "holds no two figures", hint=MEASURED):
                return kept["floor"], kept["untrained"]
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.settings.seed)
            fresh = self._renditions(self.architecture.make(self.voice).to(device), device)
        copies = [(r, self._copied(r.recorded)) for r in fresh]
        floor = None
        if all(wave is not None for _, wave in copies):
            again = [
                Rendition(mel_spectrum(wave, self.spec), r.recorded) for r, wave in copies if wave is not None
            ]
            floor = self._distance(again)
        untrained = self._distance(fresh)
        write_json(path, {"floor": floor, "untrained": untrained})
        return floor, untrained

    def _distance(self, renditions: list[Rendition]) -> float:
        def logarithm(mel: np.ndarray) -> np.ndarray:
            return np.log(np.maximum(expand(mel, self.spec), 1e-5))

        pairs = [(logarithm(r.spoken), logarithm(r.recorded)) for r in renditions]
        return float(np.mean([mel_cepstral_distance(a, b) for a, b in pairs]))

    def _copied(self, mel: np.ndarray) -> np.ndarray | None:
        """Through `griffin-lim`, when that vocoder is installed."""
        found = registry()
        if "griffin-lim" not in found.names("vocoder"):
            return None
        vocoder = found.load("vocoder", "griffin-lim")()
        samples: np.ndarray = vocoder.render(Frames({"mel": mel}, self.spec.spec)).samples
        return samples

    def _character_errors(self, waves: dict[str, np.ndarray]) -> float | None:
        """Pooled over the utterances, by the metric that `recogniser` names; None without one, or without
        sound."""
        name = self.settings.recogniser
        spoken = [e for e in self.examples if e.id in waves]
        if not name or not spoken or not self.architecture.reads_text:
            return None
        from synthkit.eval import Clip, EvalSample

        if self._recogniser is None:
            self._recogniser = registry().load("metric", name)()
            self._recogniser.prepare()
        wrong = total = 0.0
        for example in spoken:
            clip = Clip(Waveform(waves[example.id], self.corpus.sample_rate))
            language = self.corpus.languages[example.language]
            for found in self._recogniser.measure(EvalSample(example.id, example.text, language, clip)):
                if found.metric == "cer" and found.value is not None:
                    wrong, total = wrong + found.value * found.n, total + found.n
        return wrong / total if total else None


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
