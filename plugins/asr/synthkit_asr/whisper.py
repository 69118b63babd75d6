# SPDX-License-Identifier: Apache-2.0
"""faster-whisper."""

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
    "pip install faster-whisper, then --metric-set whisper.model=NAME (base, small, large-v3 …, fetched once "
    "from its hub) or --metric-set whisper.model=FOLDER of a CTranslate2 model"
)


class WhisperSettings(Settings):
    """Which model, and how it is run."""

    model: str = Field(default="base", description="a model's name, or the folder of a CTranslate2 model")
    compute_type: str = Field(default="int8", description="CTranslate2's arithmetic")
    beam: int = Field(default=5, ge=1, description="beam size")
    download: bool = Field(default=False, description="fetch a model by name where it is not on this machine")


class Whisper(Recogniser):
    """WER and CER by Whisper."""

    Config = WhisperSettings
    gives = definitions(
        "whisper",
        "Heard by Whisper through faster-whisper at 16 kHz, in the text's language, temperature 0, beam as "
        "set, without conditioning on previous text; the report's metric settings name the model.",
    )
    packages = (*Recogniser.packages, "faster-whisper", "ctranslate2")
    _model: Any = None

    def prepare(self) -> None:
        """Load the model."""
        if self._model is not None:
            return
        if find_spec("faster_whisper") is None:
            raise MissingDependency("WER needs the package 'faster-whisper'", hint=HINT)
        name = self.config.model
        local = Path(name).expanduser()
        where = str(local) if local.is_dir() else name
        if not local.is_dir() and (local.is_absolute() or name.startswith((".", "~")) or local.is_file()):
            raise MissingDependency(
                f"there is no folder with a Whisper model at {name!r}",
                where="whisper.model",
                hint="name the folder that holds model.bin (docs/evaluation.md says where one is)",
            )
        try:
            from faster_whisper import WhisperModel

            self._model = WhisperModel(
                where,
                device="cpu",
                compute_type=self.config.compute_type,
                cpu_threads=1,
                local_files_only=not self.config.download,
            )
        except (ImportError, ValueError, OSError, RuntimeError) as error:
            first = str(error).split("\n")[0]
            raise MissingDependency(
                f"the Whisper model {name!r} cannot be loaded ({first})",
                hint=f"{HINT}; whisper.download=true fetches it",
            ) from error

    def fingerprint(self) -> str:
        """The size of a local model's weights, so that another model is another result."""
        weights = Path(self.config.model).expanduser() / "model.bin"
        return f"{weights.stat().st_size}" if weights.is_file() else ""

    def transcribe(self, sample: EvalSample) -> str:
        """See `Recogniser.transcribe`."""
        self.prepare()
        samples = sample.test.samples(RATE).astype(np.float32)
        segments, _ = self._model.transcribe(
            samples,
            language=sample.language.split("-")[0],
            beam_size=self.config.beam,
            temperature=0.0,
            condition_on_previous_text=False,
        )
        return " ".join(segment.text.strip() for segment in segments)
