# SPDX-License-Identifier: Apache-2.0
"""Any recogniser that the package ``onnx-asr`` can load."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from synthkit.errors import MissingDependency
from synthkit.eval import EvalSample
from synthkit.settings import Field, Settings
from synthkit_asr.base import RATE, Recogniser, definitions

HINT = (
    "pip install 'onnx-asr[cpu]', then --metric-set onnx-asr.model=NAME and, for a folder of weights, "
    "--metric-set onnx-asr.path=FOLDER"
)


class OnnxSettings(Settings):
    """Which model."""

    model: str = Field(
        default="", description="onnx-asr's name of the model or of its kind, such as 'whisper'"
    )
    path: Path | None = Field(
        default=None, description="folder of the weights; fetched by name when not given"
    )
    quantization: str | None = Field(default=None, description="'int8' where the folder holds such weights")


class OnnxAsr(Recogniser):
    """WER and CER by an ONNX model."""

    Config = OnnxSettings
    gives = definitions(
        "onnx-asr", "Heard by the ONNX model that the metric's settings name, through onnx-asr at 16 kHz."
    )
    packages = (*Recogniser.packages, "onnx-asr", "onnxruntime")
    _model: Any = None

    def prepare(self) -> None:
        """Load the model."""
        if self._model is not None:
            return
        if find_spec("onnx_asr") is None:
            raise MissingDependency("this metric needs the package 'onnx-asr'", hint=HINT)
        if not self.config.model:
            raise MissingDependency("no model is named", hint=HINT)
        import onnx_asr

        try:
            self._model = onnx_asr.load_model(
                self.config.model, self.config.path, quantization=self.config.quantization
            )
        except Exception as error:  # the package raises what its loaders raise; all mean "not loadable here"
            first = str(error).split("\n")[0]
            raise MissingDependency(
                f"the model {self.config.model!r} cannot be loaded ({first})", hint=HINT
            ) from error

    def fingerprint(self) -> str:
        """Names and sizes of a local model's weights, so that another model is another result."""
        folder = self.config.path
        files = sorted(Path(folder).expanduser().rglob("*.onnx")) if folder else []
        return ", ".join(f"{p.name} {p.stat().st_size}" for p in files)

    def transcribe(self, sample: EvalSample) -> str:
        """See `Recogniser.transcribe`."""
        self.prepare()
        samples = sample.test.samples(RATE).astype(np.float32)
        options = {"language": sample.language.split("-")[0]} if "whisper" in self.config.model else {}
        return str(self._model.recognize(samples, sample_rate=RATE, **options))
