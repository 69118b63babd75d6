# SPDX-License-Identifier: Apache-2.0
"""Evaluation: metrics, statistics and comparison reports for any voice.

Pure functions of arrays, one file per kind (`mcep`, `dtw`, `spectral`, `pitch`, `prosody`, `duration`,
`intelligibility`, `concatenation`, `statistics`); `metric` and `sample` say what a metric plugin sees;
`metrics` holds the built-in ones; `systems`, `study`, `results` and `report` make a comparison of them.

Depends on `synthkit.types` and `synthkit.stages`, numpy and scipy; never imports a backend or a plugin.
"""

from synthkit.eval.hearing import Transcribes
from synthkit.eval.metric import Definition, Measurement, Metric, Undefined, measure
from synthkit.eval.sample import Clip, EvalSample, PathRecord, SpeechRecord

__all__ = [
    "Clip",
    "Definition",
    "EvalSample",
    "Measurement",
    "Metric",
    "PathRecord",
    "SpeechRecord",
    "Transcribes",
    "Undefined",
    "measure",
]
