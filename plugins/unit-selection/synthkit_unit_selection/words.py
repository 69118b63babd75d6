# SPDX-License-Identifier: Apache-2.0
"""What a recogniser hears of paths of units, beside what it hears of the recordings themselves.

A unit store knows no texts; what is heard of the recording stands for them, so that words are wrong which the
recogniser understands in the recording and not in the joined units. Transcripts are kept by the waveform's
hash: a sentence is recognised once, whatever is tuned and however often.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from synthkit.atomic import write_json
from synthkit.errors import PluginError, reason
from synthkit.eval import Clip, EvalSample
from synthkit.eval.intelligibility import normalise, word_errors
from synthkit.paths import read_json
from synthkit.places import default_root
from synthkit.plugins import registry
from synthkit.types import Waveform
from synthkit_unit_selection.figures import unit_path


class Words:
    """Hears paths of a voice; see `tune.Listens`.

    Parameters
    ----------
    voice : Voice
        Opened, of units.
    recogniser : str
        A metric that has ``transcribe``, such as ``"whisper"``.
    settings : mapping
        Of the metric: ``{"model": FOLDER}``.

    Raises
    ------
    PluginError
        The metric is no recogniser.
    """

    def __init__(self, voice: Any, recogniser: str, settings: Mapping[str, Any]) -> None:
        from synthkit.tables import validate

        kind = registry().load("metric", recogniser)
        if not hasattr(kind, "transcribe"):
            raise PluginError(f"metric {recogniser!r} is no recogniser", hint="such as whisper")
        self._metric = kind(validate(kind.Config, settings, where=f"metric {recogniser!r}"))
        self._metric.prepare()
        self._voice, self._language = voice, voice.language
        self._known: dict[tuple[int, bytes], float] = {}

    def wrong(self, recording: int, path: np.ndarray) -> float:
        """See `tune.Listens`."""
        key = recording, path.tobytes()
        if key not in self._known:
            low, high = self._voice.acoustic_model.store.span(recording)
            said = self._heard(recording, np.arange(low, high))
            heard = self._heard(recording, path)
            rate = word_errors(said, heard).rate if said else None
            self._known[key] = rate or 0.0
        return self._known[key]

    def _heard(self, recording: int, path: np.ndarray) -> str:
        wave: Waveform = self._voice.render(unit_path(self._voice.acoustic_model, recording, path))
        told = hashlib.sha256(f"{self._metric.fingerprint()} {self._language} {wave.sample_rate}".encode())
        told.update(np.ascontiguousarray(wave.samples).tobytes())
        kept = Path(default_root()) / "heard" / f"{told.hexdigest()[:40]}.json"
        heard = self._kept(kept)
        if heard is None:
            sample = EvalSample("", "", self._language, Clip(wave))
            kept.parent.mkdir(parents=True, exist_ok=True)
            heard = self._metric.transcribe(sample)
            write_json(kept, {"heard": heard})
        return normalise(heard, self._language)

    @staticmethod
    def _kept(path: Path) -> str | None:
        """What was heard before; None where there is none, or what is there is damaged: it is heard again."""
        try:
            heard = read_json(path, PluginError)["heard"] if path.exists() else None
        except (PluginError, TypeError, KeyError) as error:
            reason(error)
            return None
        return heard if isinstance(heard, str) else None
