# SPDX-License-Identifier: Apache-2.0
"""DistillMOS (Stahl and Gamper 2025), whose weights come in its package."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from importlib.util import find_spec
from types import ModuleType
from typing import Any

from synthkit.errors import MissingDependency
from synthkit.eval import Definition, EvalSample, Measurement, Metric, Undefined

RATE = 16000
HINT = "pip install torch einops; pip install --no-deps distillmos==0.9.1 xls-r-sqa==0.1.0"


class DistillMos(Metric):
    """Predicted quality of one signal, no recording needed."""

    gives = (
        Definition(
            "predicted-mos", "distillmos", "", "higher", "Predicted quality (DistillMOS)",
            "Output of DistillMOS 0.9.1 (weights v7) for the signal at 16 kHz, on the 1-5 scale of the "
            "ratings it was trained on. A prediction, not a mean opinion score: compare voices of one "
            "language and speaker, beside the recordings' own figure. 20 recordings of msu-ru-nsh have 4.03, "
            "with white noise 20 dB below 2.80, 5 dB below 1.93 on average.",
            "Stahl and Gamper 2025", group="predicted quality", main=True, range=(1.0, 5.0),
        ),
    )  # fmt: skip
    packages = ("distillmos", "xls-r-sqa")
    _model: Any = None

    def prepare(self) -> None:
        """Load the model."""
        if self._model is not None:
            return
        for package in ("torch", "distillmos", "xls_r_sqa"):
            if find_spec(package) is None:
                raise MissingDependency(f"predicted quality needs the package {package!r}", hint=HINT)
        import torch

        # The package prints where its weights are; stdout belongs to results.
        with _torchaudio_stand_in(), redirect_stdout(sys.stderr):
            from distillmos import ConvTransformerSQAModel

            self._model = ConvTransformerSQAModel().eval()
        torch.set_num_threads(1)

    def measure(self, sample: EvalSample) -> list[Measurement]:
        """See the definition."""
        import torch

        self.prepare()
        samples = sample.test.samples(RATE)
        if len(samples) < RATE // 2:
            raise Undefined("shorter than half a second")
        with torch.no_grad():
            value = self._model(torch.from_numpy(samples).float()[None])
        return [self.value("predicted-mos", float(value.squeeze()), n=1)]


class _torchaudio_stand_in:
    """Lets ``distillmos`` import where torchaudio's wheel does not load; it uses it only in its own
    command."""

    def __enter__(self) -> None:
        self.placed: list[str] = []
        try:
            import torchaudio  # noqa: F401
        except (ImportError, OSError):
            for name in [n for n in sys.modules if n.split(".")[0] == "torchaudio"]:
                del sys.modules[name]
            package, transforms = ModuleType("torchaudio"), ModuleType("torchaudio.transforms")
            package.transforms = transforms  # type: ignore[attr-defined]
            transforms.MFCC = transforms.Resample = None  # type: ignore[attr-defined]
            for module in (package, transforms):
                sys.modules[module.__name__] = module
                self.placed.append(module.__name__)

    def __exit__(self, *_: object) -> None:
        for name in self.placed:
            del sys.modules[name]
